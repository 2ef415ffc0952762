import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { constants, createWriteStream } from 'node:fs';
import { access, chmod, lstat, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { visibleLines } from '../shared/format.ts';
import { CommandError } from './command.ts';

/** One line on a terminal that is written over; nothing where stderr is no terminal. */
export class Progress {
  private shown = false;
  private readonly out = process.stderr;
  say(text: string): void {
    if (!this.out.isTTY) return;
    const width = this.out.columns || 80;
    this.out.write(`\r\x1b[K${text.slice(0, width - 1)}`);
    this.shown = true;
  }
  end(): void {
    if (this.shown) this.out.write('\r\x1b[K');
    this.shown = false;
  }
}

/** Lines on standard error. Names of files and text from packets are in them: what hides is shown. */
export const tell = (text: string): boolean => process.stderr.write(`${visibleLines(text)}\n`);

/**
 * Writes pieces to a file, or to standard output for "-". Waits for slow readers, so memory stays bounded. A file appears once it is
 * whole: half a result must not be taken for one, and what was there before stays until then.
 */
export const writePieces = (path: string, pieces: Iterable<string | Uint8Array>): Promise<void> =>
  writeParts(path, (write) => write(pieces));

export type Write = (pieces: Iterable<string | Uint8Array>) => Promise<void>;

/** The same for what comes in parts; `make` writes them. Its own errors stay what they are. */
export async function writeParts<T>(path: string, make: (write: Write) => Promise<T>): Promise<T> {
  let own: { readonly error: unknown } | undefined;
  const fill = (write: Write) =>
    make((pieces) =>
      write(pieces).catch((e) => {
        throw unwritten(path === '-' ? 'Standard output' : path, e);
      }),
    ).catch((error) => {
      own = { error };
      throw error;
    });
  try {
    return await (path === '-' ? fill(pourer(process.stdout)) : toFile(path, fill));
  } catch (e) {
    throw own?.error ?? unwritten(path, e);
  }
}

export const unwritten = (what: string, e: unknown): CommandError =>
  new CommandError(
    `${what} could not be written: ${e instanceof Error ? e.message : String(e)}`,
    'Check the folder, its permissions and the free space.',
  );

type Fill<T> = (write: Write) => Promise<T>;

async function toFile<T>(path: string, fill: Fill<T>): Promise<T> {
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

function pourer(stream: Writable): Write {
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

/** Someone who closes our output (head, less) has seen enough: that is no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code === 'EPIPE') process.exit(0);
    // All else is told by who writes.
  });
}
