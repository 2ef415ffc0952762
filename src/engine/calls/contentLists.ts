import { FIRST_CAPACITY } from './columns.ts';

/** Hashes of a few values of each request (protocols/contents.ts) in one arena: 4 bytes each, none for most calls. */
export class ContentLists {
  private arena = new Int32Array(FIRST_CAPACITY);
  private used = 0;

  /** Where the last list put lies. */
  start = 0;

  put(list: Int32Array, count: number): void {
    if (this.used + count > this.arena.length) {
      const wider = new Int32Array(Math.max(this.used + count, Math.floor(this.arena.length * 1.5)));
      wider.set(this.arena.subarray(0, this.used));
      this.arena = wider;
    }
    this.start = this.used;
    for (let k = 0; k < count; k++) this.arena[this.used++] = list[k]!;
  }

  /** `put` of a list that another arena holds. */
  copy(from: ContentLists, start: number, count: number): void {
    this.put(from.list(start, count), count);
  }

  /** Valid until the next `put`. */
  list(start: number, count: number): Int32Array {
    return this.arena.subarray(start, start + count);
  }
}
