import { latin1 } from '../../bytes/text.ts';

const HANDSHAKE = 22;
const APPLICATION_DATA = 23;
const MAX_RECORD = 16_384 + 2048;
const CLIENT_HELLO = 1;
const SERVER_HELLO = 2;
const SERVER_NAME = 0;

/** Length of the TLS record body whose header (RFC 8446 5.1) is at `start`, -1: this is none. Needs 5 bytes. */
export function recordLength(b: Uint8Array, start: number): number {
  const type = b[start]!;
  if (type < 20 || type > APPLICATION_DATA || b[start + 1] !== 3 || b[start + 2]! > 4) return -1;
  const length = (b[start + 3]! << 8) | b[start + 4]!;
  return length === 0 || length > MAX_RECORD ? -1 : length;
}

/** Does a handshake message (ClientHello or ServerHello) begin here? */
export function isHello(b: Uint8Array, start: number): boolean {
  return b[start] === HANDSHAKE && (b[start + 5] === CLIENT_HELLO || b[start + 5] === 2);
}

/**
 * The server name (RFC 6066 3) of the ClientHello whose record is at `start`, from what there is of it; '' when it names
 * none.
 */
export function serverName(b: Uint8Array, start: number, end: number): string {
  if (end - start < 44 || b[start] !== HANDSHAKE || b[start + 5] !== CLIENT_HELLO) return '';
  const u16 = (at: number): number => (at + 2 <= end ? (b[at]! << 8) | b[at + 1]! : 0);
  let at = start + 5 + 4 + 2 + 32;
  at += 1 + b[at]!;
  if (at + 2 > end) return '';
  at += 2 + u16(at);
  if (at >= end) return '';
  at += 1 + b[at]!;
  const stop = Math.min(end, at + 2 + u16(at));
  at += 2;
  while (at + 4 <= stop) {
    const type = u16(at);
    const length = u16(at + 2);
    at += 4;
    if (type === SERVER_NAME && at + 5 <= stop && b[at + 2] === 0) {
      const size = u16(at + 3);
      if (at + 5 + size > stop) return '';
      const name = latin1(b, at + 5, at + 5 + size).toLowerCase();
      return /^[a-z0-9._-]{1,253}$/.test(name) ? name : '';
    }
    at += length;
  }
  return '';
}

export interface ServerHello {
  readonly random: Uint8Array;
  readonly suite: number;
  /** Agreed version: 0x0303, 0x0304. */
  readonly version: number;
  /** A HelloRetryRequest: the client says hello once more. */
  readonly retry: boolean;
}

/** The random of the ClientHello in a record; undefined: it holds none. */
export function clientHello(record: Uint8Array): Uint8Array | undefined {
  return record.length >= 43 && record[5] === CLIENT_HELLO ? record.subarray(11, 43) : undefined;
}

/** First bytes of the random that marks a HelloRetryRequest (RFC 8446 4.1.3). */
const RETRY = [0xcf, 0x21, 0xad, 0x74];
const SUPPORTED_VERSIONS = 43;

/** The ServerHello in a record; undefined: it holds none. */
export function serverHello(b: Uint8Array): ServerHello | undefined {
  if (b.length < 47 || b[5] !== SERVER_HELLO || b[9] !== 3) return undefined;
  const u16 = (at: number): number => (at + 2 <= b.length ? (b[at]! << 8) | b[at + 1]! : 0);
  const random = b.slice(11, 43);
  const suiteAt = 44 + b[43]!;
  let version = u16(9);
  let at = suiteAt + 5;
  const stop = Math.min(b.length, at + u16(suiteAt + 3));
  for (; at + 4 <= stop; at += 4 + u16(at + 2)) if (u16(at) === SUPPORTED_VERSIONS) version = u16(at + 4);
  return { random, suite: u16(suiteAt), version, retry: RETRY.every((byte, i) => random[i] === byte) };
}
