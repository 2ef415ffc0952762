import { utf8, utf8Bytes } from '../bytes/text.ts';
import { FIRST_CAPACITY } from './columns.ts';

const LIMIT = 2 ** 32 - 65_536;
const RECENT = 4096;

/**
 * Targets of calls as bytes in one arena. A target equal to a recent one shares its bytes: most traffic asks for the
 * same few things, and a JavaScript string per call would cost more than all other columns together.
 */
export class Targets {
  private arena = new Uint8Array(FIRST_CAPACITY);
  private used = 0;
  private readonly recentStart = new Uint32Array(RECENT);
  private readonly texts: ({ readonly start: number; readonly length: number; readonly text: string } | undefined)[] = new Array(RECENT);
  private scratch = new Uint8Array(1024);
  private readonly recentLength = new Uint16Array(RECENT);

  /** Where the last target put lies. */
  start = 0;
  length = 0;

  /** Sets `start` and `length` for bytes[from, to), at most 65,535 of them. */
  put(bytes: Uint8Array, from: number, to: number): void {
    const length = Math.min(to - from, 65_535);
    const end = from + length;
    let hash = length;
    for (let i = from; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193);
    const slot = (hash ^ (hash >>> 15)) & (RECENT - 1);
    const seen = this.recentStart[slot]!;
    this.length = length;
    this.start = seen;
    if (this.recentLength[slot] === length && this.holds(seen, bytes, from, end)) return;
    if (this.used + length > LIMIT) {
      this.length = 0;
      return;
    }
    if (this.used + length > this.arena.length) {
      const wider = new Uint8Array(Math.max(this.used + length, Math.floor(this.arena.length * 1.5)));
      wider.set(this.arena.subarray(0, this.used));
      this.arena = wider;
    }
    const arena = this.arena;
    let at = this.used;
    this.start = at;
    for (let i = from; i < end; i++) arena[at++] = bytes[i]!;
    this.used = at;
    this.recentStart[slot] = this.start;
    this.recentLength[slot] = length;
  }

  putText(text: string): void {
    if (this.scratch.length < text.length) this.scratch = new Uint8Array(text.length * 2);
    const scratch = this.scratch;
    let all = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      scratch[i] = code;
      all |= code;
    }
    const bytes = all < 128 ? scratch : utf8Bytes(text);
    this.put(bytes, 0, all < 128 ? text.length : bytes.length);
  }

  /** `put` of a target that another arena holds. */
  copy(from: Targets, start: number, length: number): void {
    this.put(from.arena, start, start + length);
  }

  text(start: number, length: number): string {
    if (length === 0) return '';
    // Calls that share their bytes share the string: decoding was half the time of listing them.
    const slot = (start ^ (start >>> 12)) & (RECENT - 1);
    const seen = this.texts[slot];
    if (seen !== undefined && seen.start === start && seen.length === length) return seen.text;
    const text = utf8(this.arena, start, start + length);
    this.texts[slot] = { start, length, text };
    return text;
  }

  private holds(seen: number, bytes: Uint8Array, from: number, end: number): boolean {
    const arena = this.arena;
    for (let i = from; i < end; i++) if (arena[seen++] !== bytes[i]) return false;
    return true;
  }
}
