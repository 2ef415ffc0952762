/** Bytes as lines of hex and text. Text is ASCII only: every other byte is a middle dot, so nothing in a packet can draw itself. */
export interface HexLine {
  readonly offset: string;
  /** One cell a byte; empty outside the bytes shown. */
  readonly hex: readonly string[];
  readonly text: readonly string[];
  /** Index in the frame of the line's first cell. */
  readonly at: number;
}
export const SHOWN_BYTES = 4096;

const HEX = Array.from({ length: 256 }, (_, b) => b.toString(16).padStart(2, '0'));
const TEXT = Array.from({ length: 256 }, (_, b) => (b >= 0x20 && b < 0x7f ? String.fromCharCode(b) : '·'));

/** Lines of `perLine` bytes from `from` (rounded down to a line, cells before it empty), at most SHOWN_BYTES. */
export function hexLines(bytes: Uint8Array, from: number, perLine: number, hidden: (at: number) => boolean = () => false): HexLine[] {
  const out: HexLine[] = [];
  const start = Math.max(0, Math.min(from, bytes.length));
  const end = Math.min(bytes.length, start + SHOWN_BYTES);
  const digits = Math.max(4, (end - 1).toString(16).length);
  for (let at = start - (start % perLine); at < end; at += perLine) {
    const hex: string[] = [];
    const text: string[] = [];
    for (let k = at; k < at + perLine; k++) {
      const inside = k >= start && k < end;
      const secret = inside && hidden(k);
      hex.push(secret ? '··' : inside ? HEX[bytes[k]!]! : '');
      text.push(secret ? '•' : inside ? TEXT[bytes[k]!]! : '');
    }
    out.push({ offset: at.toString(16).padStart(digits, '0'), hex, text, at });
  }
  return out;
}

/** What "Copy" puts on the clipboard: the classic dump, fixed columns. */
export function hexDump(bytes: Uint8Array, from = 0, perLine = 16, hidden?: (at: number) => boolean): string {
  return hexLines(bytes, from, perLine, hidden)
    .map((l) => `${l.offset}  ${l.hex.map((h) => h || '  ').join(' ')}  ${l.text.map((t) => t || ' ').join('')}`)
    .join('\n');
}
