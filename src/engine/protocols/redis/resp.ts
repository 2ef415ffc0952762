import { latin1 } from '../../bytes/text.ts';

export const LF = 10;
export const CR = 13;
/** A first line longer than this is none. */
const MAX_LINE = 64 << 10;

/** A line that could not be read. */
export const INCOMPLETE = -1;
export const INVALID = -2;

/** Offset behind the line end (CR LF) of the line at `start`; INCOMPLETE or INVALID. */
export function lineEnd(b: Uint8Array, start: number, end: number): number {
  let i = start;
  while (i < end && b[i] !== LF) i++;
  if (i < end) return i > start && b[i - 1] === CR ? i + 1 : INVALID;
  return end - start > MAX_LINE ? INVALID : INCOMPLETE;
}

/** The number between `start` and the CR before `behind`; NaN: none. -1 stands for null. */
export function lineNumber(b: Uint8Array, start: number, behind: number): number {
  if (behind - 2 - start === 2 && b[start] === 45 && b[start + 1] === 49) return -1;
  let value = 0;
  if (behind - 2 <= start || behind - 2 - start > 12) return Number.NaN;
  for (let i = start; i < behind - 2; i++) {
    const digit = b[i]! - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/** First bytes of replies (RESP2, RESP3), by what follows: 1 a line, 2 a length and bytes, 3 a count of values. */
export const REPLY_KIND = new Uint8Array(256);
for (const c of '+-:_,#(') REPLY_KIND[c.charCodeAt(0)] = 1;
for (const c of '$!=') REPLY_KIND[c.charCodeAt(0)] = 2;
for (const c of '*~>%|') REPLY_KIND[c.charCodeAt(0)] = 3;

/** A short bulk string: where its text lies and what is behind it. */
export interface Bulk {
  readonly text: string;
  readonly behind: number;
}

/** The bulk string at `start` if it has at most `longest` bytes; INCOMPLETE, or INVALID (also when it is longer). */
export function shortBulk(b: Uint8Array, start: number, end: number, longest: number): Bulk | number {
  if (start >= end) return INCOMPLETE;
  if (b[start] !== 36) return INVALID;
  const line = lineEnd(b, start, Math.min(end, start + 16));
  if (line < 0) return line === INCOMPLETE && end - start < 16 ? INCOMPLETE : INVALID;
  const length = lineNumber(b, start + 1, line);
  if (!(length >= 0 && length <= longest)) return INVALID;
  const behind = line + length + 2;
  if (behind > end) return INCOMPLETE;
  return { text: latin1(b, line, line + length), behind };
}
