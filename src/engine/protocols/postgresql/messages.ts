import { latin1 } from '../../bytes/text.ts';
import { NO, YES } from '../parser.ts';
import { beginsStatement } from '../sql.ts';

/** Codes in place of a version number in the first message (PostgreSQL 17, 53.2.1). */
export const VERSION_3 = 0x00030000;
export const CANCEL = 80877102;
export const SSL = 80877103;
export const GSS = 80877104;

const types = (letters: string): Uint8Array => {
  const table = new Uint8Array(256);
  for (const letter of letters) table[letter.charCodeAt(0)] = 1;
  return table;
};
/** Types of messages (53.7). */
export const FROM_CLIENT = types('BCdcfDEHFpPQSX');
export const FROM_SERVER = types('KRE2CdcGHWD3InNVtSs1TZAv');

const MAX_MESSAGE = 1 << 30;

export const u32 = (b: Uint8Array, at: number): number => ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0;

/** Is this the first message of a client? Needs 8 bytes. */
export function isStartup(b: Uint8Array, start: number): boolean {
  const length = u32(b, start);
  const code = u32(b, start + 4);
  if (code === SSL || code === GSS) return length === 8;
  if (code === CANCEL) return length >= 16 && length <= 280;
  return (code & 0xffff0000) === VERSION_3 && length >= 9 && length <= 10_000;
}

/** Length of the message at `start`, its type byte included; -1: no message. Needs 5 bytes. */
export function messageLength(b: Uint8Array, start: number, from: Uint8Array): number {
  const length = u32(b, start + 1);
  return from[b[start]!] === 0 || length < 4 || length > MAX_MESSAGE ? -1 : length + 1;
}

/**
 * Do messages of one side begin here, in the middle of a connection? They must fill the segment exactly, and one must be
 * more than a letter and a length: a query that ends in a zero byte, Sync, or ReadyForQuery. A statement may reach further.
 */
export function messagesVerdict(b: Uint8Array, start: number, end: number, from: Uint8Array): number {
  let at = start;
  let telling = false;
  while (at + 5 <= end) {
    const length = messageLength(b, at, from);
    if (length < 0) return NO;
    const behind = at + length;
    const type = b[at];
    if (behind <= end) {
      if (from === FROM_CLIENT && ((type === 81 && length > 6 && b[behind - 1] === 0) || (type === 83 && length === 5))) telling = true;
      if (from === FROM_SERVER && type === 90 && length === 6 && (b[at + 5] === 73 || b[at + 5] === 84 || b[at + 5] === 69)) telling = true;
      if (from === FROM_SERVER && type === 84 && length > 7 && behind + 5 <= end && b[behind] === 68) telling = true;
    } else if (from === FROM_CLIENT && beginsHere(b, at, end)) return YES;
    at = behind;
  }
  return telling && at <= end ? YES : NO;
}

/** Does the message at `at`, of which [at, end) is there, run or prepare a statement? */
function beginsHere(b: Uint8Array, at: number, end: number): boolean {
  const type = b[at];
  if (type !== 81 && type !== 80) return false;
  // Of Parse, behind the name it is prepared under.
  const name = type === 80 ? b.indexOf(0, at + 5) : at + 4;
  return name >= 0 && name - at < 80 && beginsStatement(latin1(b, Math.min(name + 1, end), Math.min(end, name + 65)));
}
