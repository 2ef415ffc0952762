import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
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

/** Writes pieces to a file, or to standard output for "-". Waits for slow readers, so memory stays bounded. */
export async function writePieces(path: string, pieces: Iterable<string | Uint8Array>): Promise<void> {
  const toFile = path !== '-';
  const stream: Writable = toFile ? createWriteStream(path) : process.stdout;
  try {
    if (toFile) await once(stream as WriteStream, 'open');
    for (const piece of pieces) {
      if (stream.destroyed) return;
      if (!stream.write(piece)) await once(stream, 'drain');
    }
    if (toFile) {
      stream.end();
      await once(stream, 'close');
    }
  } catch (e) {
    throw new CommandError(
      `${toFile ? path : 'Standard output'} could not be written: ${e instanceof Error ? e.message : String(e)}`,
      'Check the folder, its permissions and the free space.',
    );
  }
}

/** Someone who closes our output (head, less) has seen enough: that is no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code === 'EPIPE') process.exit(0);
    throw e;
  });
}
