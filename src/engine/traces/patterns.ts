/** Call paths of one shape (FindCallPaths of Aguilera et al., SOSP 2003, with repeats merged). */
import type { Analysis } from '../analysis.ts';
import { contentHash } from '../bytes/contentHash.ts';

/** Repeats of one child are told apart up to this many; more is "many". Else every list of another length would be a shape of its own. */
const MANY = 4;

export interface PatternInScope {
  /** 53-bit hash of the shape: services, endpoints and repeats, the same in every capture. */
  readonly shape: number;
  /** Transactions of this shape in the scope, by start. */
  readonly traces: readonly number[];
}

/** Shape of every transaction; 8 bytes a transaction. */
export class PatternIndex {
  readonly shapeOf: Float64Array;
  private readonly kind: Float64Array;
  private readonly a: Analysis;
  private scratch = new Float64Array(64);

  constructor(a: Analysis) {
    this.a = a;
    this.kind = Float64Array.from(a.endpoints.list, (e) => contentHash(`${a.services[e.service]!.name}\n${e.text}`));
    this.shapeOf = new Float64Array(a.forest.traces);
    let hashes = new Float64Array(256);
    for (let t = 0; t < a.forest.traces; t++) {
      const n = a.forest.first[t + 1]! - a.forest.first[t]!;
      if (n > hashes.length) hashes = new Float64Array(n * 2);
      this.hashTrace(t, hashes);
      this.shapeOf[t] = hashes[0]!;
    }
  }

  /** Fills hashes[i] with the shape of the subtree at position first + i. Bottom up: children stand behind their parent. */
  hashTrace(trace: number, hashes: Float64Array): void {
    const { forest, endpoints } = this.a;
    const from = forest.first[trace]!;
    for (let p = forest.first[trace + 1]! - 1; p >= from; p--) {
      let n = 0;
      const stop = p + forest.size[p]!;
      for (let k = p + 1; k < stop; k += forest.size[k]!) {
        if (n === this.scratch.length) {
          const wider = new Float64Array(n * 2);
          wider.set(this.scratch);
          this.scratch = wider;
        }
        this.scratch[n++] = hashes[k - from]!;
      }
      let hash = this.kind[endpoints.of[forest.order[p]!]!]!;
      if (n > 1) this.scratch.subarray(0, n).sort();
      for (let i = 0; i < n; ) {
        let to = i + 1;
        while (to < n && this.scratch[to] === this.scratch[i]) to++;
        hash = mix(hash, this.scratch[i]!, Math.min(MANY, to - i));
        i = to;
      }
      hashes[p - from] = hash;
    }
  }

  /** Shapes among the given transactions, the most frequent first. */
  inScope(traces: Uint8Array, dropped?: { readonly patterns: ReadonlyMap<number, { readonly calls: number }> }): PatternInScope[] {
    const byShape = new Map<number, number[]>();
    const all = (p: PatternInScope) => p.traces.length + (dropped?.patterns.get(p.shape)?.calls ?? 0);
    for (let t = 0; t < traces.length; t++) {
      if (traces[t] === 0) continue;
      const held = byShape.get(this.shapeOf[t]!);
      if (held) held.push(t);
      else byShape.set(this.shapeOf[t]!, [t]);
    }
    return [...byShape].map(([shape, list]) => ({ shape, traces: list })).sort((x, y) => all(y) - all(x) || x.shape - y.shape);
  }
}

/** Combines 53-bit hashes; order matters. */
function mix(hash: number, child: number, times: number): number {
  let low = (hash % 2 ** 32) | 0;
  let high = Math.floor(hash / 2 ** 32) | 0;
  const childLow = (child % 2 ** 32) | 0;
  const childHigh = Math.floor(child / 2 ** 32) | 0;
  low = Math.imul(low ^ childLow, 0x9e3779b1) + Math.imul(times, 0x7feb352d);
  high = Math.imul(high ^ childHigh ^ (low >>> 15), 0x85ebca6b);
  low = Math.imul(low ^ (low >>> 13) ^ high, 0xc2b2ae35);
  high ^= low >>> 11;
  return ((high >>> 0) & 0x1fffff) * 2 ** 32 + (low >>> 0);
}
