/** Words of raw bytes that look like ids, as 32-bit hashes: the same as `valuesOf` (nesting/values.ts) gives for a text. No byte is kept. */

/** 1 for letters and digits, 2 for digits of hexadecimal numbers among them. */
const KIND = new Uint8Array(256);
for (const c of 'ghijklmnopqrstuvwxyzGHIJKLMNOPQRSTUVWXYZ') KIND[c.charCodeAt(0)] = 1;
for (const c of '0123456789abcdefABCDEF') KIND[c.charCodeAt(0)] = 2;

const LEAST_LENGTH = 4;
const DASH = 45;
const UUID_LENGTH = 36;
/** Where the groups of a UUID begin. */
const UUID_GROUPS = [0, 9, 14, 19, 24];

function isUuid(b: Uint8Array, at: number, from: number, to: number): boolean {
  if (at < from || at + UUID_LENGTH > to) return false;
  for (let k = 0; k < UUID_LENGTH; k++) {
    const dash = k === 8 || k === 13 || k === 18 || k === 23;
    if (dash ? b[at + k] !== DASH : KIND[b[at + k]!] !== 2) return false;
  }
  return true;
}

/** Where the UUID begins to which the word at `start` belongs; -1: to none. */
function uuidAround(b: Uint8Array, start: number, stop: number, from: number, to: number): number {
  if (b[stop] !== DASH && (start === from || b[start - 1] !== DASH)) return -1;
  for (const group of UUID_GROUPS) if (isUuid(b, start - group, from, to)) return start - group;
  return -1;
}

/** FNV-1a of bytes[start, stop) in lower case. */
function hashOf(b: Uint8Array, start: number, stop: number): number {
  let hash = 0x811c9dc5;
  for (let i = start | 0; i < stop; i++) {
    const c = b[i]!;
    hash = Math.imul(hash ^ (c >= 65 && c <= 90 ? c | 32 : c), 0x01000193);
  }
  return hash;
}

/**
 * Puts the hashes of the words in bytes[from, to) into `out`, from `count` on until it is full: letters and digits, at least four, a digit among them;
 * UUIDs whole. `cut`: more bytes follow, so that a word which touches the end is none. Returns how many are in `out`.
 */
export function idWords(b: Uint8Array, from: number, to: number, cut: boolean, out: Int32Array, count: number): number {
  // `| 0`: see lineEnd (protocols/http1/fields.ts).
  let passed = from | 0;
  for (let i = passed; i < to && count < out.length; i++) {
    // Few bytes are digits: all else is passed over with one look.
    const c = b[i]!;
    if (c > 57 || c < 48) continue;
    let start = i;
    while (start > passed && KIND[b[start - 1]!] !== 0) start--;
    let stop = i + 1;
    while (stop < to && KIND[b[stop]!] !== 0) stop++;
    const uuid = uuidAround(b, start, stop, passed, to);
    if (uuid >= 0) {
      start = uuid;
      stop = uuid + UUID_LENGTH;
    }
    i = stop;
    passed = stop;
    if (stop - start >= LEAST_LENGTH && !(cut && stop === to)) out[count++] = hashOf(b, start, stop);
  }
  return count;
}
