import { openCapture } from '../sources/open.ts';
import { CommandError } from './command.ts';

/** A line longer than this is not one of ours; it bounds memory. */
const MAX_LINE_BYTES = 1 << 20;

export interface JsonLine {
  /** 1-based. */
  readonly line: number;
  readonly text: string;
  /** Undefined: not JSON, see `error`. */
  readonly value: unknown;
  readonly error: string;
}

/** The JSON values of a file of lines ("-": standard input), inflated where it is compressed. Blank lines are skipped. */
export async function* jsonLines(path: string): AsyncGenerator<JsonLine> {
  const opened = await openCapture(path === '-' ? { kind: 'stdin', name: 'standard input' } : { kind: 'file', path, name: path });
  if ('failure' in opened) throw new CommandError(`${opened.failure.what}: ${opened.failure.why}`, opened.failure.next);
  const { reader } = opened;
  const decoder = new TextDecoder();
  let rest = '';
  let line = 0;
  for (;;) {
    const bytes = await reader.next();
    const text = rest + (bytes ? decoder.decode(bytes, { stream: true }) : decoder.decode());
    const lines = text.split('\n');
    rest = bytes ? lines.pop()! : '';
    for (const each of lines) {
      line++;
      if (each.trim() !== '') yield parsed(line, each);
    }
    if (rest.length > MAX_LINE_BYTES)
      throw new CommandError(`${path}: line ${line + 1} is longer than 1 MB`, 'This is no file of JSON lines: each line holds one object.');
    if (bytes === null) break;
  }
  const { failure } = reader;
  await reader.close();
  if (failure) throw new CommandError(`${failure.what}: ${failure.why}`, failure.next);
}

function parsed(line: number, text: string): JsonLine {
  try {
    return { line, text, value: JSON.parse(text), error: '' };
  } catch (e) {
    return { line, text, value: undefined, error: e instanceof Error ? e.message : String(e) };
  }
}
