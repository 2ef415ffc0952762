/** Files that appear once they are whole: half a result must not be taken for one, and what was there before stays until then. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants, createWriteStream } from 'node:fs';
import { access, chmod, lstat, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';

export type Write = (pieces: Iterable<string | Uint8Array>) => Promise<void>;
export type Fill<T> = (write: Write) => Promise<T>;

/** `fill` writes the content, in parts if it likes. A link stays, its target is replaced. Rejects with what the file system says. */
export async function toFile<T>(path: string, fill: Fill<T>): Promise<T> {
  const target = await replaceable(path);
  if (target === null) return filled(path, 'w', fill);
  const temporary = join(dirname(target.path), `.tracenest-${randomUUID()}.tmp`);
  try {
    const made = await filled(temporary, 'wx', fill, target.mode);
    // What the umask took.
    if (target.mode !== undefined) await chmod(temporary, target.mode);
    await rename(temporary, target.path);
    return made;
  } catch (e) {
    await rm(temporary, { force: true });
    if (e instanceof Error) e.message = e.message.replaceAll(temporary, path);
    throw e;
  }
}

/** Where a finished file takes the place of what is there; null for what can only be written as it is: pipes, devices, links to nothing. */
async function replaceable(path: string): Promise<{ path: string; mode?: number } | null> {
  // Standard output may be a regular file, which the shell holds open.
  if (/^\/(dev|proc)\//.test(resolve(path))) return null;
  if ((await lstat(path).catch(() => null)) === null) return { path };
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) return null;
  // A file that is write-protected stays so.
  await access(path, constants.W_OK);
  const real = await realpath(path);
  const folderTakesFiles = await access(dirname(real), constants.W_OK).then(
    () => true,
    () => false,
  );
  return folderTakesFiles ? { path: real, mode: found.mode & 0o777 } : null;
}

async function filled<T>(path: string, flags: string, fill: Fill<T>, mode = 0o666): Promise<T> {
  const stream = createWriteStream(path, { flags, mode });
  await once(stream, 'open');
  try {
    const made = await fill(pourer(stream));
    stream.end();
    await once(stream, 'close');
    return made;
  } catch (e) {
    stream.destroy();
    throw e;
  }
}

/** Waits for slow readers, so memory stays bounded. */
export function pourer(stream: Writable): Write {
  let failure: unknown = null;
  // Stays: an error may come once more when the stream closes.
  stream.on('error', (e) => (failure ??= e));
  return async (pieces) => {
    for (const piece of pieces) {
      if (failure !== null) throw failure;
      if (stream.destroyed) return;
      if (!stream.write(piece)) await once(stream, 'drain');
    }
    // What was handed over last may fail as well.
    await new Promise<void>((resolve, reject) => stream.write('', (e) => (e ? reject(e) : resolve())));
  };
}
