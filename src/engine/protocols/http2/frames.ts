import { MAYBE, NO, YES } from '../parser.ts';

/** Frame types (RFC 9113 section 6). */
export const DATA = 0;
export const HEADERS = 1;
export const PRIORITY = 2;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const PING = 6;
export const GOAWAY = 7;
export const WINDOW_UPDATE = 8;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const HAS_PRIORITY = 32;

export const FRAME_HEADER = 9;
/** Largest payload taken for real where a frame has to be recognised: the default SETTINGS_MAX_FRAME_SIZE. */
const USUAL_PAYLOAD = 16_384;

const PREFACE = Uint8Array.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', (c) => c.charCodeAt(0));
export const PREFACE_LENGTH = PREFACE.length;

export const payloadLength = (b: Uint8Array, at: number): number => (b[at]! << 16) | (b[at + 1]! << 8) | b[at + 2]!;
export const streamOf = (b: Uint8Array, at: number): number =>
  ((b[at + 5]! & 0x7f) << 24) | (b[at + 6]! << 16) | (b[at + 7]! << 8) | b[at + 8]!;

/** Is this the client's connection preface (RFC 9113 3.4)? */
export function prefaceVerdict(b: Uint8Array, start: number, end: number): number {
  const n = Math.min(PREFACE_LENGTH, end - start);
  for (let i = 0; i < n; i++) if (b[start + i] !== PREFACE[i]) return NO;
  return n === PREFACE_LENGTH ? YES : n >= 3 ? MAYBE : NO;
}

/** Could the 9 bytes at `at` be a frame's header? */
export function plausibleFrame(b: Uint8Array, at: number): boolean {
  const length = payloadLength(b, at);
  const type = b[at + 3]!;
  const flags = b[at + 4]!;
  const stream = streamOf(b, at);
  if (length > USUAL_PAYLOAD || type > CONTINUATION || b[at + 5]! > 127) return false;
  switch (type) {
    case DATA:
      return stream !== 0 && (flags & ~(END_STREAM | PADDED)) === 0;
    case HEADERS:
      return stream !== 0 && length > 0 && (flags & ~(END_STREAM | END_HEADERS | PADDED | HAS_PRIORITY)) === 0;
    case PRIORITY:
      return stream !== 0 && length === 5 && flags === 0;
    case RST_STREAM:
      return stream !== 0 && length === 4 && flags === 0;
    case SETTINGS:
      return stream === 0 && length % 6 === 0 && length <= 120 && (flags === 0 || (flags === 1 && length === 0));
    case PUSH_PROMISE:
      return stream !== 0 && length >= 5 && (flags & ~(END_HEADERS | PADDED)) === 0;
    case PING:
      return stream === 0 && length === 8 && flags <= 1;
    case GOAWAY:
      return stream === 0 && length >= 8 && flags === 0;
    case WINDOW_UPDATE:
      return length === 4 && flags === 0;
    default:
      return stream !== 0 && (flags & ~END_HEADERS) === 0;
  }
}

/** Do frames begin here? Those of the segment must fit together up to its end: MAYBE; YES when one is more than body. */
export function framesVerdict(b: Uint8Array, start: number, end: number): number {
  let telling = false;
  let at = start;
  while (at + FRAME_HEADER <= end) {
    if (!plausibleFrame(b, at)) return NO;
    const type = b[at + 3]!;
    if (type !== DATA && type !== CONTINUATION && at + FRAME_HEADER + payloadLength(b, at) <= end) telling = true;
    at += FRAME_HEADER + payloadLength(b, at);
  }
  return telling ? YES : at > start ? MAYBE : NO;
}
