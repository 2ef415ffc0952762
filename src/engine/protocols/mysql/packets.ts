import { latin1 } from '../../bytes/text.ts';
import { MAYBE, NO, YES } from '../parser.ts';
import { beginsStatement } from '../sql.ts';

/** Commands (MySQL 8.4 client/server protocol, "Command Phase"). */
export const QUIT = 1;
export const INIT_DB = 2;
export const QUERY = 3;
export const FIELD_LIST = 4;
export const STATISTICS = 9;
export const PING = 14;
export const CHANGE_USER = 17;
export const BINLOG_DUMP = 18;
export const PREPARE = 22;
export const EXECUTE = 23;
export const SEND_LONG_DATA = 24;
export const CLOSE = 25;
export const FETCH = 28;
export const BINLOG_DUMP_GTID = 30;

export const COMMANDS: readonly string[] = [
  'SLEEP',
  'QUIT',
  'INIT_DB',
  'QUERY',
  'FIELD_LIST',
  'CREATE_DB',
  'DROP_DB',
  'REFRESH',
  'SHUTDOWN',
  'STATISTICS',
  'PROCESS_INFO',
  'CONNECT',
  'PROCESS_KILL',
  'DEBUG',
  'PING',
  'TIME',
  'DELAYED_INSERT',
  'CHANGE_USER',
  'BINLOG_DUMP',
  'TABLE_DUMP',
  'CONNECT_OUT',
  'REGISTER_SLAVE',
  'PREPARE',
  'EXECUTE',
  'SEND_LONG_DATA',
  'CLOSE',
  'RESET',
  'SET_OPTION',
  'FETCH',
  'DAEMON',
  'BINLOG_DUMP_GTID',
  'RESET_CONNECTION',
];

// Capabilities
export const CONNECT_WITH_DB = 1 << 3;
export const COMPRESS = 1 << 5;
export const SSL = 1 << 11;
export const AUTH_LENENC = 1 << 21;
export const DEPRECATE_EOF = 1 << 24;
export const ZSTD = 1 << 26;

// Status flags
export const MORE_RESULTS = 8;
export const CURSOR_EXISTS = 64;
export const NO_BACKSLASH_ESCAPES = 512;

export const HEADER = 4;
/** A packet of this length continues in the next one. */
export const FULL = 0xffffff;

export const packetLength = (b: Uint8Array, at: number): number => b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16);
export const u16 = (b: Uint8Array, at: number): number => b[at]! | (b[at + 1]! << 8);
export const u32 = (b: Uint8Array, at: number): number => (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0;

/** Offset behind the length-encoded integer at `at`. */
export const behindInteger = (b: Uint8Array, at: number): number => at + (b[at]! < 0xfb ? 1 : b[at] === 0xfc ? 3 : b[at] === 0xfd ? 4 : 9);

/** Status flags of the OK packet whose payload is at `at` (header 0x00, or 0xfe in place of EOF) or of the EOF packet; 0: not there. */
export function statusOf(b: Uint8Array, at: number, length: number, end: number): number {
  if (length === 5 && b[at] === 0xfe) return at + 5 <= end ? u16(b, at + 3) : 0;
  const status = behindInteger(b, behindInteger(b, at + 1));
  return status + 2 <= Math.min(end, at + length) ? u16(b, status) : 0;
}

/** MariaDB's report on the progress of a long statement: an error packet in form, with a number that is no error's. */
export const isProgress = (b: Uint8Array, at: number): boolean => b[at] === 0xff && u16(b, at + 1) === 0xffff;

/** Is this a server's greeting (protocol version 10)? */
export function greetingVerdict(b: Uint8Array, start: number, end: number): number {
  const n = end - start;
  if ((n > 1 && b[start + 1]! > 1) || (n > 2 && b[start + 2] !== 0) || (n > 3 && b[start + 3] !== 0) || (n > 4 && b[start + 4] !== 10))
    return NO;
  if (n < 5) return MAYBE;
  if (packetLength(b, start) < 30) return NO;
  const text = latin1(b, start + 5, Math.min(end, start + 85));
  if (/^[0-9][0-9a-zA-Z.+~_:-]{2,}\0/.test(text)) return YES;
  return n < 85 && /^(?:[0-9][0-9a-zA-Z.+~_:-]*)?$/.test(text) ? MAYBE : NO;
}

/** Bytes of a value of a binary type; -1: its length comes first, in one byte; -2: a length-encoded text. */
function valueSize(type: number): number {
  if (type === 1) return 1;
  if (type === 2 || type === 13) return 2;
  if (type === 3 || type === 4 || type === 9) return 4;
  if (type === 5 || type === 8) return 8;
  if (type === 6) return 0;
  return type === 7 || (type >= 10 && type <= 12) ? -1 : -2;
}

/** Offset behind the length-encoded text at `at`. */
function behindText(b: Uint8Array, at: number): number {
  const length = b[at]! < 0xfb ? b[at]! : b[at] === 0xfc ? u16(b, at + 1) : Number.POSITIVE_INFINITY;
  return behindInteger(b, at) + length;
}

/**
 * Where the statement of a COM_QUERY payload [at, end) begins: behind its query attributes (CLIENT_QUERY_ATTRIBUTES), which
 * are values. -1: that can't be told.
 */
export function statementStart(b: Uint8Array, at: number, end: number): number {
  if (at + 2 > end || b[at]! >= 32 || (b[at]! >= 9 && b[at]! <= 13 && b[at + 1] !== 1)) return at;
  const count = b[at]!;
  if (b[at + 1] !== 1) return -1;
  if (count === 0) return at + 2;
  const nulls = at + 2;
  let i = nulls + ((count + 7) >> 3) + 1;
  const types: number[] = [];
  for (let k = 0; k < count; k++) {
    if (i + 3 > end) return -1;
    types.push(b[i]!);
    i = behindText(b, i + 2);
  }
  for (const [k, type] of types.entries()) {
    if (i >= end) return -1;
    if ((b[nulls + (k >> 3)]! & (1 << (k & 7))) !== 0) continue;
    const size = valueSize(type);
    i = size >= 0 ? i + size : size === -1 ? i + 1 + b[i]! : behindText(b, i);
  }
  return i < end ? i : -1;
}

/** Could a command of the middle of a connection begin here? It must fill the segment, and be more than a number. */
export function isCommand(b: Uint8Array, start: number, end: number): boolean {
  if (end - start < 5 || b[start + 3] !== 0) return false;
  const length = packetLength(b, start);
  const command = b[start + HEADER]!;
  const whole = start + HEADER + length === end;
  if (command === QUERY || command === PREPARE) {
    // Of a packet that is cut, or goes on in the next segment, the beginning of the statement is enough.
    if (!(whole || start + HEADER + length > end)) return false;
    const at = command === QUERY ? statementStart(b, start + 5, Math.min(end, start + 512)) : start + 5;
    if (at < 0) return false;
    return beginsStatement(latin1(b, at, Math.min(end, at + 64)));
  }
  if (command === INIT_DB) return whole && length > 1 && length < 66;
  if (command === EXECUTE) return whole && length >= 10 && u32(b, start + 10) === 1 && b[start + 9]! <= 15;
  return whole && length === 1 && (command === PING || command === QUIT || command === STATISTICS);
}

/** Header of a packet of the compressed protocol: length, sequence number, length when inflated (0: not deflated). */
export const COMPRESSED_HEADER = 7;

/** Is this a command in a packet that the compressed protocol left as it is? */
export function isCompressedCommand(b: Uint8Array, start: number, end: number): boolean {
  if (end - start < COMPRESSED_HEADER + 5 || b[start + 3] !== 0 || packetLength(b, start + 4) !== 0) return false;
  return start + COMPRESSED_HEADER + packetLength(b, start) === end && isCommand(b, start + COMPRESSED_HEADER, end);
}

/** Could the first packet of a response begin here, in the middle of a connection? */
export function isResponse(b: Uint8Array, start: number, end: number): boolean {
  if (end - start < 7 || b[start + 3] !== 1) return false;
  const length = packetLength(b, start);
  const behind = start + HEADER + length;
  const first = b[start + HEADER]!;
  if (first === 0) return length >= 7 && length < 1024 && behind <= end;
  if (first === 0xff) return length > 9 && length < 1024 && b[start + 7] === 35;
  // A column count, then the first column, whose catalogue is "def".
  return length === 1 && behind + 8 <= end && b[behind + 3] === 2 && latin1(b, behind + 4, behind + 8) === '\x03def';
}
