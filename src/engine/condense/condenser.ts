/**
 * The memory rule: when the calls of a capture don't fit, what is over is settled. Its statistics are folded into a digest, some of its transactions
 * are kept in detail by rule, and the rows of the others are used again.
 */
import type { Analysis } from '../analysis.ts';
import type { Extraction } from '../calls/callTable.ts';
import type { Extractor } from '../extractor.ts';
import { PatternIndex } from '../traces/patterns.ts';
import { Digest } from './digest.ts';
import { keepByRule, sampleHash } from './keep.ts';
import { SettledLinks } from './settledLinks.ts';

/** A transaction may still grow this long after its last call; longer where transactions take longer. */
const MIN_GRACE_NS = 1e9;

/** What an analysis must know of what was condensed before. */
export interface Condensed {
  readonly digest: Digest;
  readonly settled: SettledLinks;
  /** Transactions with a `sampleHash` below are a uniform sample of all. */
  readonly sampleBelow: number;
}

export class Condenser implements Condensed {
  readonly digest = new Digest();
  settled = new SettledLinks();
  sampleBelow = 1;
  private readonly x: Extractor;
  private readonly budget: number;
  /** Flows for which no more packets are expected, marked 1. */
  private over: Uint8Array = new Uint8Array(0);
  /** Calls to give back, marked 1. */
  private gone: Uint8Array = new Uint8Array(0);

  /** `budget`: calls kept in detail. */
  constructor(x: Extractor, budget: number) {
    this.x = x;
    this.budget = budget;
  }

  /** First, before all that `x` holds is analysed: what no packet will come for any more is over. */
  begin(): void {
    this.over = this.x.endIdleFlows();
  }

  /** `a`: an analysis of all that `x` holds since `begin`. Returns how many calls `release` will give back. `over`: nothing more will come. */
  condense(a: Analysis, over = false): number {
    const settled = this.settledTraces(a, over);
    const hashes = Float64Array.from({ length: a.forest.traces }, (_, t) => (settled[t] === 1 ? sampleHash(a, t) : 1));
    const kept = keepByRule(a, settled, hashes, this.budget, this.sampleBelow);
    this.sampleBelow = kept.sampleBelow;
    const dropped = settled.map((is, t) => (is === 1 && kept.traces[t] === 0 ? 1 : 0));
    this.digest.fold(a, dropped, new PatternIndex(a));
    const gone = new Uint8Array(a.count);
    const held = new Uint8Array(a.count);
    const keptRows: number[] = [];
    let count = 0;
    for (let row = 0; row < a.count; row++) {
      const trace = a.forest.trace[row]!;
      if (dropped[trace] === 1) {
        gone[row] = 1;
        count++;
      } else held[row] = 1;
      if (kept.traces[trace] === 1 && !this.settled.has(row)) keptRows.push(row);
    }
    this.settled.settle(keptRows, a.nesting, held);
    this.settled.drop(gone);
    this.gone = gone;
    return count;
  }

  /**
   * Last, when nobody looks at `x` as it was: gives back the calls, and the flows that are over and carry no call any more.
   * Returns how many flows.
   */
  release(): number {
    const { x, digest } = this;
    if (this.gone.length > 0) x.release(this.gone);
    this.gone = new Uint8Array(0);
    const anchors = new Uint8Array(x.flows.count);
    for (const { flow } of digest.anchors()) anchors[flow] = 1;
    const gone = x.releasableFlows(this.over, anchors);
    digest.releaseFlows(x.flows, gone);
    x.releaseFlows(gone);
    return gone.reduce((sum, is) => sum + is, 0);
  }

  /** When no more packets come: the calls that are left move together. */
  compact(): void {
    this.settled = this.settled.renumbered(this.x.compact());
  }

  /** The calls held now, unmoved by what comes, and what an analysis of them must know. */
  excerpt(): { readonly extraction: Extraction; readonly condensed: Condensed } {
    const { x } = this;
    const free = this.gone.slice();
    x.markFree(free);
    const moved = new Int32Array(free.length).fill(-1);
    const rows: number[] = [];
    for (let row = 0; row < free.length; row++) if (free[row] === 0) moved[row] = rows.push(row) - 1;
    const digest = new Digest();
    digest.merge(this.digest);
    const condensed = { digest, settled: this.settled.renumbered(moved), sampleBelow: this.sampleBelow };
    return { extraction: x.excerpt(Int32Array.from(rows)), condensed };
  }

  /** 1: the transaction is complete and no packet to come can change it. */
  private settledTraces(a: Analysis, over: boolean): Uint8Array {
    const { forest, traces, nesting } = a;
    const settled = new Uint8Array(forest.traces).fill(1);
    if (over) return settled;
    const used = new Uint8Array(a.count);
    this.x.markInUse(used);
    const durations = traces.endNs.map((end, t) => end - a.times.outerStart(forest.order[forest.first[t]!]!)).sort();
    const usual = durations[Math.floor(durations.length * 0.999)] ?? 0;
    const first = forest.traces > 0 ? a.times.outerStart(forest.order[0]!) : 0;
    // Never so long that nothing is ever over.
    const graceNs = Math.min(Math.max(MIN_GRACE_NS, usual * 4), (this.x.endNs - first) / 2);
    for (let t = 0; t < forest.traces; t++) if (traces.endNs[t]! >= this.x.endNs - graceNs) settled[t] = 0;
    for (let row = 0; row < a.count; row++) if (used[row] === 1) settled[forest.trace[row]!] = 0;
    // What may belong to an open transaction waits with it.
    for (let row = 0; row < a.count; row++) {
      const t = forest.trace[row]!;
      if (settled[t] === 0 || this.settled.has(row) || nesting.confidence[row]! >= 1) continue;
      if (nesting.alternatives(row).some((other) => used[other.parent] === 1)) settled[t] = 0;
    }
    return settled;
  }
}
