import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { lstat, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
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

/**
 * Writes pieces to a file, or to standard output for "-". Waits for slow readers, so memory stays bounded. A file that could not be
 * written whole is removed: half a result must not be taken for one.
 */
export async function writePieces(path: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  try {
    if (path === '-') await pour(process.stdout, pieces);
    else await toFile(path, pieces);
  } catch (e) {
    throw unwritten(path === '-' ? 'Standard output' : path, e);
  }
}

export const unwritten = (what: string, e: unknown): CommandError =>
  new CommandError(
    `${what} could not be written: ${e instanceof Error ? e.message : String(e)}`,
    'Check the folder, its permissions and the free space.',
  );

async function toFile(path: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const stream = createWriteStream(path);
  await once(stream, 'open');
  try {
    await pour(stream, pieces);
    stream.end();
    await once(stream, 'close');
  } catch (e) {
    stream.destroy();
    // Not pipes, devices and links to elsewhere.
    if ((await lstat(path).catch(() => null))?.isFile()) await rm(path, { force: true });
    throw e;
  }
}

async function pour(stream: Writable, pieces: Iterable<string | Uint8Array>): Promise<void> {
  let failure: unknown = null;
  // Stays: an error may come once more when the stream closes.
  stream.on('error', (e) => (failure ??= e));
  for (const piece of pieces) {
    if (failure !== null) throw failure;
    if (stream.destroyed) return;
    if (!stream.write(piece)) await once(stream, 'drain');
  }
  // What was handed over last may fail as well.
  await new Promise<void>((resolve, reject) => stream.write('', (e) => (e ? reject(e) : resolve())));
}

/** Someone who closes our output (head, less) has seen enough: that is no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code === 'EPIPE') process.exit(0);
    // All else is told by who writes.
  });
}
