import { DDSketch } from '@datadog/sketches-js';

/** Relative error of a quantile (DDSketch, Masson, Rim and Lee, VLDB 2019). */
export const RELATIVE_ERROR = 0.01;

/** Latencies of any number of calls in a few kB; sketches of parts merge to the sketch of the whole, in any order. */
export class LatencySketch {
  private sketch = new DDSketch({ relativeAccuracy: RELATIVE_ERROR });
  count = 0;
  sumNs = 0;
  minNs = Number.POSITIVE_INFINITY;
  maxNs = Number.NEGATIVE_INFINITY;

  add(ns: number): void {
    if (Number.isNaN(ns)) return;
    this.sketch.accept(ns);
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

  /** Within RELATIVE_ERROR of the value at that rank; NaN for an empty sketch. */
  quantile(q: number): number {
    if (this.count === 0) return Number.NaN;
    return Math.min(this.maxNs, Math.max(this.minNs, this.sketch.getValueAtQuantile(q)));
  }

  /** Protobuf of DDSketch behind four doubles (count, sum, min, max), which the protobuf doesn't keep. */
  toBytes(): Uint8Array {
    const proto = this.count === 0 ? new Uint8Array(0) : this.sketch.toProto();
    const bytes = new Uint8Array(32 + proto.length);
    const view = new DataView(bytes.buffer);
    [this.count, this.sumNs, this.minNs, this.maxNs].forEach((value, i) => {
      view.setFloat64(i * 8, value, true);
    });
    bytes.set(proto, 32);
    return bytes;
  }

  /** Undefined when the bytes are no sketch. */
  static fromBytes(bytes: Uint8Array): LatencySketch | undefined {
    if (bytes.length < 32) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const s = new LatencySketch();
    s.count = view.getFloat64(0, true);
    s.sumNs = view.getFloat64(8, true);
    s.minNs = view.getFloat64(16, true);
    s.maxNs = view.getFloat64(24, true);
    if (!Number.isSafeInteger(s.count) || s.count < 0) return undefined;
    if (s.count === 0) return s;
    try {
      s.sketch = DDSketch.fromProto(bytes.subarray(32)) as DDSketch;
    } catch {
      return undefined;
    }
    return Math.abs(s.sketch.count - s.count) < 0.5 ? s : undefined;
  }
}
