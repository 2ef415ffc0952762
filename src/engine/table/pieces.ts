/** Disjoint intervals for several owners, as protocol columns: pairs for owner i at index[i] .. index[i + 1], counted in pairs. */
export class Pieces {
  private readonly starts: number[] = [0];
  private readonly values: number[] = [];
  private pairs = 0;

  /** Ends the owner's list; the next pairs belong to the next one. */
  close(): void {
    this.starts.push(this.pairs);
  }
  add(fromNs: number, toNs: number): void {
    this.values.push(fromNs, toNs);
    this.pairs++;
  }
  /** Adds to the current owner in order of start; what is nearer to the last piece than `gapNs` is joined to it, so that lists stay short. */
  join(fromNs: number, toNs: number, gapNs: number): void {
    const last = this.values.length - 1;
    if (this.pairs > this.starts[this.starts.length - 1]! && fromNs - this.values[last]! <= gapNs) {
      if (toNs > this.values[last]!) this.values[last] = toNs;
    } else if (toNs > fromNs) this.add(fromNs, toNs);
  }
  index(): Int32Array {
    return Int32Array.from(this.starts);
  }
  pieces(): Float64Array {
    return Float64Array.from(this.values);
  }
}
