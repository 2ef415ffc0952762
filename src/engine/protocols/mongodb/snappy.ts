/**
 * The first bytes of what Snappy compressed (google/snappy, format_description.txt), as far as bytes[at, end) reach and
 * into[from, ...) has room. Returns where they end; `from` when it is no Snappy.
 */
export function snappyStart(bytes: Uint8Array, at: number, end: number, into: Uint8Array, from: number): number {
  // The length when decompressed, which the room bounds anyway.
  while (at < end && bytes[at]! > 127) at++;
  at++;
  let to = from;
  while (at < end && to < into.length) {
    const tag = bytes[at++]!;
    const kind = tag & 3;
    if (kind === 0) {
      let length = (tag >> 2) + 1;
      const more = length - 60;
      if (more > 0) {
        if (more > 3 || at + more > end) return to;
        length = 1;
        for (let i = 0; i < more; i++) length += bytes[at + i]! * 2 ** (8 * i);
        at += more;
      }
      const there = Math.min(length, end - at, into.length - to);
      into.set(bytes.subarray(at, at + there), to);
      at += length;
      to += there;
      continue;
    }
    const size = kind === 1 ? 1 : kind === 2 ? 2 : 4;
    if (at + size > end) return to;
    const length = kind === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    let back = kind === 1 ? (tag >> 5) << 8 : 0;
    for (let i = 0; i < size; i++) back += bytes[at + i]! * 2 ** (8 * i);
    at += size;
    if (back === 0 || back > to - from) return to;
    // Byte by byte: what is copied may be what has just been written.
    for (const stop = Math.min(to + length, into.length); to < stop; to++) into[to] = into[to - back]!;
  }
  return to;
}
