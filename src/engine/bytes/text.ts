/** Bytes -> text without TextDecoder: the engine runs where no platform library is declared. */

/** Characters per String.fromCharCode call: well below any engine's argument limit. */
const PIECE = 4096;

/** bytes[start, end) as ISO 8859-1: one character a byte, so nothing is lost and nothing can fail. */
export function latin1(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += PIECE) {
    text += String.fromCharCode.apply(null, bytes.subarray(at, Math.min(at + PIECE, end)) as unknown as number[]);
  }
  return text;
}

/** bytes[start, end) as UTF-8 (RFC 3629); U+FFFD for every byte that doesn't fit. */
export function utf8(bytes: Uint8Array, start: number, end: number): string {
  let ascii = true;
  for (let at = start; at < end && ascii; at++) ascii = bytes[at]! < 0x80;
  if (ascii) return latin1(bytes, start, end);
  const parts: string[] = [];
  let units: number[] = [];
  for (let at = start; at < end; ) {
    const first = bytes[at]!;
    const length =
      first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    let code = length === 0 ? -1 : length === 1 ? first : first & (0xff >> (length + 1));
    if (at + length > end) code = -1;
    for (let k = 1; k < length && code >= 0; k++) {
      const next = bytes[at + k]!;
      code = (next & 0xc0) === 0x80 ? (code << 6) | (next & 0x3f) : -1;
    }
    // Overlong forms, surrogates and values past U+10FFFF aren't text.
    if ((length === 3 && code < 0x800) || (length === 4 && (code < 0x10000 || code > 0x10ffff)) || (code >= 0xd800 && code < 0xe000))
      code = -1;
    if (code < 0) units.push(0xfffd);
    else if (code < 0x10000) units.push(code);
    else units.push(0xd7c0 + (code >> 10), 0xdc00 | (code & 0x3ff));
    at += code < 0 ? 1 : length;
    if (units.length >= PIECE) {
      parts.push(String.fromCharCode.apply(null, units));
      units = [];
    }
  }
  parts.push(String.fromCharCode.apply(null, units));
  return parts.join('');
}

/** Text -> UTF-8 bytes. */
export function utf8Bytes(text: string): Uint8Array {
  const out: number[] = [];
  for (const character of text.toWellFormed()) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) out.push(code);
    else if (code < 0x800) out.push(0xc0 | (code >> 6), 0x80 | (code & 0x3f));
    else if (code < 0x10000) out.push(0xe0 | (code >> 12), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
    else out.push(0xf0 | (code >> 18), 0x80 | ((code >> 12) & 0x3f), 0x80 | ((code >> 6) & 0x3f), 0x80 | (code & 0x3f));
  }
  return Uint8Array.from(out);
}
