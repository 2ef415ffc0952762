import { pourer, toFile, type Write } from '../files/wholeFile.ts';
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

export type { Write };

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

/** Someone who closes our output (head, less) has seen enough: that is no error. */
export function endQuietlyOnClosedOutput(): void {
  process.stdout.on('error', (e: NodeJS.ErrnoException) => {
    if (e.code === 'EPIPE') process.exit(0);
    // All else is told by who writes.
  });
}
