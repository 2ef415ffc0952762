/** Where in a packet values of headers stand that are not for every eye: what is shown and copied leaves them out until asked for. */
export interface Hidden {
  readonly names: readonly string[];
  /** Whether the byte at this place of the frame belongs to a value. */
  has(at: number): boolean;
}
/** A field name (RFC 9110 section 5.1: a token). */
const FIELD_NAME = /^[!#$%&'*+\-.^_`|~0-9a-z]+$/i;
const escaped = (name: string): string => name.replaceAll(/[$*+.^|-]/g, '\\$&');

/**
 * Looks for the headers by their text, in HTTP/1 heads: at the start of a line or of the payload (at `start`: a segment may begin with
 * a header), with the lines their values are folded into. Values that begin in an earlier packet are not found.
 */
export function hiddenIn(bytes: Uint8Array, headers: readonly string[], start = 0): Hidden {
  const wanted = headers
    .map((h) => h.trim())
    .filter((h) => FIELD_NAME.test(h))
    .map(escaped);
  const ranges: (readonly [number, number])[] = [];
  const names = new Set<string>();
  if (wanted.length > 0) {
    // One character a byte, so that places in the text are places in the payload.
    const text = Array.from(bytes.subarray(start), (b) => String.fromCharCode(b)).join('');
    const pattern = new RegExp(`(?:^|\\n)(${wanted.join('|')})[ \\t]*:[ \\t]*([^\\r\\n]*(?:\\r?\\n[ \\t][^\\r\\n]*)*)`, 'gi');
    for (const m of text.matchAll(pattern)) {
      if (m[2] === '') continue;
      const end = start + m.index + m[0].length;
      ranges.push([end - m[2]!.length, end]);
      names.add(m[1]!.toLowerCase());
    }
  }
  return { names: [...names], has: (at) => ranges.some(([from, to]) => at >= from && at < to) };
}

/** Frames of HTTP/2 (RFC 9113) that carry compressed heads: HEADERS, PUSH_PROMISE, CONTINUATION. */
const HEAD_FRAMES = new Set([1, 5, 9]);
const LAST_KNOWN_TYPE = 16;
const FRAME_HEAD = 9;
/** Frames larger than this are allowed only by agreement, and hardly ever agreed on. */
const MOST_FRAME = 1 << 20;
const PREFACE = 'PRI * HTTP/2.0';
const PREFACE_BYTES = 24;

/**
 * The same for a packet of an HTTP/2 or gRPC call. Its heads are compressed (HPACK), with tables that began with the connection: which of
 * their bytes are a named header can not be told from one packet. So every head is hidden whole; and where a packet does not begin with a
 * frame, it is hidden from there on, since it may be the rest of a head.
 */
export function hiddenHeads(bytes: Uint8Array, headers: readonly string[], start: number): Hidden {
  if (headers.length === 0 || start >= bytes.length) return { names: [], has: () => false };
  const ranges: (readonly [number, number])[] = [];
  let at = start;
  if (String.fromCharCode(...bytes.subarray(at, at + PREFACE.length)) === PREFACE) at += PREFACE_BYTES;
  while (at < bytes.length) {
    const frame = frameAt(bytes, at);
    // Not a frame: the rest of an earlier one, or none of HTTP/2. What can't be told apart from a head is treated as one.
    if (frame === null) {
      ranges.push([at, bytes.length]);
      break;
    }
    const end = at + FRAME_HEAD + frame.length;
    if (HEAD_FRAMES.has(frame.type)) ranges.push([at + FRAME_HEAD, end]);
    at = end;
  }
  return { names: ranges.length > 0 ? ['HTTP/2'] : [], has: (at) => ranges.some(([from, to]) => at >= from && at < to) };
}

function frameAt(bytes: Uint8Array, at: number): { readonly length: number; readonly type: number } | null {
  if (bytes.length - at < FRAME_HEAD) return null;
  const length = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
  const type = bytes[at + 3]!;
  // The first bit of the stream is reserved and zero; a frame of settings or a ping belongs to no stream, one with a head to some.
  const stream = bytes[at + 5]! * 2 ** 24 + ((bytes[at + 6]! << 16) | (bytes[at + 7]! << 8) | bytes[at + 8]!);
  const ofConnection = type === 4 || type === 6 || type === 7;
  const ofStream = HEAD_FRAMES.has(type) || type === 0 || type === 2 || type === 3;
  const odd = stream >= 2 ** 31 || (ofConnection && stream !== 0) || (ofStream && stream === 0);
  return length > MOST_FRAME || type > LAST_KNOWN_TYPE || odd ? null : { length, type };
}
