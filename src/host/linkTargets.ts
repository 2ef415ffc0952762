/** Where a file would really be written. Without vscode, so that it can be tested on real links. */
import { lstat, realpath } from 'node:fs/promises';
import path from 'node:path';

const isThere = (file: string): Promise<boolean> =>
  lstat(file).then(
    () => true,
    () => false,
  );

/** Whether writing `file` would go through a link: it is one itself, or a link among its folders leads out of `folder`. */
export async function writesThroughLink(folder: string, file: string): Promise<boolean> {
  if (
    await lstat(file).then(
      (s) => s.isSymbolicLink(),
      () => false,
    )
  )
    return true;
  // What is not there yet would be made below its nearest parent that is. A link to nowhere is there, and has no real path.
  let parent = path.dirname(file);
  while (!(await isThere(parent)) && parent !== path.dirname(parent)) parent = path.dirname(parent);
  try {
    const from = path.relative(await realpath(folder), await realpath(parent));
    return from === '..' || from.startsWith(`..${path.sep}`) || path.isAbsolute(from);
  } catch {
    return true;
  }
}
