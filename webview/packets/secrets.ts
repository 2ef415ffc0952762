/** Where in a packet values of headers stand that are not for every eye: what is shown and copied leaves them out until asked for. */
export interface Hidden {
  readonly names: readonly string[];
  /** Whether the byte at this place of the frame belongs to a value. */
  has(at: number): boolean;
}
const LETTERS = /[^a-z0-9-]/gi;

/**
 * Looks for the headers by their text, in HTTP/1 heads: at the start of a line or of the payload (at `start`: a segment may begin with
 * a header), with the lines their values are folded into. Values that begin in an earlier packet, and those of HTTP/2, whose heads are
 * compressed, are not found.
 */
export function hiddenIn(bytes: Uint8Array, headers: readonly string[], start = 0): Hidden {
  const wanted = headers.map((h) => h.replaceAll(LETTERS, '')).filter((h) => h !== '');
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
