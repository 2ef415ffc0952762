/** Ends of records remembered: an acknowledgement is rarely older. */
const MAX_RECORDS = 1024;

/** Where the records of a direction end, in the connection and in what they carry: translates acknowledgements. */
export class Positions {
  private outer: number[] = [];
  private inner: number[] = [];
  /** What the records no longer remembered carried. */
  private before: number | undefined;

  /** Sequence numbers behind a record, and behind its content. */
  add(outer: number, inner: number): void {
    if (this.outer.length === MAX_RECORDS) {
      this.before = this.inner[MAX_RECORDS / 2 - 1];
      this.outer = this.outer.slice(MAX_RECORDS / 2);
      this.inner = this.inner.slice(MAX_RECORDS / 2);
    }
    this.outer.push(outer);
    this.inner.push(inner);
  }

  /**
   * What a receiver of bytes up to `outer` could read: part of a record is nothing yet. `start`: before the first record.
   * NaN: records end there that were not seen yet.
   */
  innerOf(outer: number, start: number): number {
    const last = this.outer.length - 1;
    if (last < 0) return start;
    if (((outer - this.outer[last]!) | 0) > 0) return Number.NaN;
    let low = 0;
    let high = last + 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.outer[middle]! - outer) | 0) <= 0) low = middle + 1;
      else high = middle;
    }
    return low > 0 ? this.inner[low - 1]! : (this.before ?? start);
  }
}
