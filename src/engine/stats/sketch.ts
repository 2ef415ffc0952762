import { DDSketch } from '@datadog/sketches-js';

/** Relative error of a quantile (DDSketch, Masson, Rim and Lee, VLDB 2019). */
export const RELATIVE_ERROR = 0.01;

/** Latencies of any number of calls in a few kB; sketches of parts merge to the sketch of the whole, in any order. */
export class LatencySketch {
  private readonly sketch = new DDSketch({ relativeAccuracy: RELATIVE_ERROR });
  count = 0;
  sumNs = 0;
  minNs = Number.POSITIVE_INFINITY;
  maxNs = Number.NEGATIVE_INFINITY;

  add(ns: number): void {
    if (Number.isNaN(ns)) return;
    // Clocks of two taps can make a latency negative; the sketch keeps it as nothing.
    this.sketch.accept(Math.max(0, ns));
    this.count++;
    this.sumNs += ns;
    this.minNs = Math.min(this.minNs, ns);
    this.maxNs = Math.max(this.maxNs, ns);
  }

  merge(other: LatencySketch): void {
    if (other.count === 0) return;
    this.sketch.merge(other.sketch);
    this.count += other.count;
    this.sumNs += other.sumNs;
    this.minNs = Math.min(this.minNs, other.minNs);
    this.maxNs = Math.max(this.maxNs, other.maxNs);
  }

  copy(): LatencySketch {
    const copy = new LatencySketch();
    copy.merge(this);
    return copy;
  }

  /** Calls `visit` with the value that stands for a bin, and how many are in it, ascending. */
  eachBin(visit: (ns: number, count: number) => void): void {
    const { store, zeroCount, mapping } = this.sketch;
    if (zeroCount > 0) visit(Math.max(0, this.minNs), zeroCount);
    if (store.count === 0) return;
    for (let key = store.minKey; key <= store.maxKey; key++) {
      const count = store.bins[key - store.offset]!;
      if (count > 0) visit(Math.min(this.maxNs, Math.max(this.minNs, mapping.value(key))), count);
    }
  }

  /** How many values are smaller, within RELATIVE_ERROR of the value. */
  countBelow(ns: number): number {
    let below = 0;
    this.eachBin((value, count) => {
      if (value < ns) below += count;
    });
    return below;
  }

  /** Within RELATIVE_ERROR of the value at that rank; NaN for an empty sketch. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    return Math.min(this.maxNs, Math.max(this.minNs, this.sketch.getValueAtQuantile(q)));
  }

  /**
   * Count, sum, min and max (doubles), zero count, key of the first bin (int32), then the bins from there as LEB128. Not the library's
   * protobuf: reading that back changes gamma by a rounding error, and such a sketch refuses to merge.
   */
  toBytes(): Uint8Array {
    const { bins, offset, minKey, maxKey } = this.sketch.store;
    const out: number[] = [];
    if (this.sketch.store.count > 0) for (let key = minKey; key <= maxKey; key++) putVarint(out, bins[key - offset]!);
    const bytes = new Uint8Array(HEAD + out.length);
    const view = new DataView(bytes.buffer);
    [this.count, this.sumNs, this.minNs, this.maxNs, this.sketch.zeroCount].forEach((value, i) => {
      view.setFloat64(i * 8, value, true);
    });
    view.setInt32(40, this.sketch.store.count > 0 ? minKey : 0, true);
    bytes.set(out, HEAD);
    return bytes;
  }

  /** Undefined when the bytes are no sketch. */
  static fromBytes(bytes: Uint8Array): LatencySketch | undefined {
    if (bytes.length < HEAD) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const s = new LatencySketch();
    const [count, sumNs, minNs, maxNs, zeros] = [0, 8, 16, 24, 32].map((at) => view.getFloat64(at, true)) as [
      number,
      number,
      number,
      number,
      number,
    ];
    if (!Number.isSafeInteger(count) || count < 0 || !Number.isSafeInteger(zeros) || zeros < 0) return undefined;
    let key = view.getInt32(40, true);
    // Keys of doubles at this accuracy; beyond them the bytes are garbage and would cost memory.
    if (Math.abs(key) > MAX_KEY) return undefined;
    let held = zeros;
    for (let at = HEAD; at < bytes.length; key++) {
      let bin = 0;
      let scale = 1;
      for (let more = true; more; at++, scale *= 128) {
        if (at >= bytes.length || scale > 2 ** 49) return undefined;
        bin += (bytes[at]! & 127) * scale;
        more = bytes[at]! > 127;
      }
      if (bin > 0 && key <= MAX_KEY) s.sketch.store.add(key, bin);
      held += bin;
    }
    if (held !== count) return undefined;
    s.sketch.zeroCount = zeros;
    s.sketch.count = count;
    Object.assign(s, { count, sumNs, minNs, maxNs });
    return s;
  }
}

const HEAD = 44;
const MAX_KEY = 40_000;

function putVarint(out: number[], value: number): void {
  while (value > 127) {
    out.push((value % 128) | 128);
    value = Math.floor(value / 128);
  }
  out.push(value);
}
