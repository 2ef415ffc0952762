import { statSync } from 'node:fs';
import { type ParseArgsConfig, parseArgs } from 'node:util';

/** Exit codes of every command. */
export const Exit = {
  ok: 0,
  /** Nothing usable came out: no capture, no calls, a file that can't be read or written. */
  nothing: 1,
  usage: 2,
  /** `check`: a limit is broken. */
  broken: 3,
} as const;

export interface Command {
  readonly name: string;
  /** Shown by `tracenest help NAME` and after a wrong call. */
  readonly usage: string;
  /** Resolves to the exit code. Throws UsageError or CommandError; anything else is a defect. */
  run(args: readonly string[]): Promise<number>;
}

/** A wrong call: exit code 2, the message and the usage are shown. */
export class UsageError extends Error {}
/** What went wrong and what to do next, one line each; exit code 1. */
export class CommandError extends Error {
  readonly next: string;
  constructor(what: string, next = '') {
    super(what);
    this.next = next;
  }
}

type Options = NonNullable<ParseArgsConfig['options']>;
/** node:util's parseArgs, with its errors as UsageError. A lone "-" counts as a file. An output that is an input is refused. */
export function parse<const O extends Options>(args: readonly string[], options: O) {
  const parsed = parsedArgs(args, options);
  refuseOwnInput(parsed.values, parsed.positionals);
  return parsed;
}
function parsedArgs<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: joined(args), options, allowPositionals: true, strict: true });
  } catch (e) {
    // Node adds a hint about "--" that helps nobody who mistyped an option.
    throw new UsageError((e instanceof Error ? e.message : String(e)).split('. To specify')[0]!);
  }
}

/** Options of all commands that name a file to write, and those that name one to read (as do the positionals). */
const OUTPUTS = ['out', 'save-model', 'save-baseline', 'junit', 'json', 'markdown'];
const INPUTS = ['model', 'names', 'key-log', 'limits', 'baseline', 'store', 'config'];

/** A capture often exists only once: what is read is never written over, by whatever path or link it is named. */
function refuseOwnInput(values: Readonly<Record<string, unknown>>, positionals: readonly string[]): void {
  const read = new Map<string, string>();
  for (const input of [...positionals, ...INPUTS.flatMap((name) => values[name])]) {
    const file = identity(input);
    if (file !== null) read.set(file, String(input));
  }
  for (const name of OUTPUTS) {
    const input = read.get(identity(values[name]) ?? '');
    if (input !== undefined) throw new UsageError(`--${name} ${values[name]} would overwrite ${input}, which is read; name another file`);
  }
}
/** What tells a regular file from all others; null for what is none. */
function identity(path: unknown): string | null {
  if (typeof path !== 'string' || path === '-') return null;
  try {
    const found = statSync(path, { bigint: true, throwIfNoEntry: false });
    return found?.isFile() ? `${found.dev}:${found.ino}` : null;
  } catch {
    return null;
  }
}

/** "--from -30m" as "--from=-30m": no option of ours begins with a digit, so it can mean nothing else. */
function joined(args: readonly string[]): string[] {
  const out: string[] = [];
  for (const [i, arg] of args.entries()) {
    const before = args[i - 1] ?? '';
    if (/^-\d/.test(arg) && /^--[a-z][a-z-]*$/.test(before)) out[out.length - 1] = `${before}=${arg}`;
    else out.push(arg);
  }
  return out;
}

/** A whole number of at least `least`. */
export function wholeNumber(text: string, option: string, least = 0): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`${option} takes a whole number of at least ${least}, not "${text}"`);
  return value;
}
export function oneOf<T extends string>(text: string, choices: readonly T[], option: string): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new UsageError(`${option} takes one of ${choices.join(', ')}, not "${text}"`);
  return found;
}
