import type { LatencySummary } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { CallFlag } from '../calls/callTable.ts';
import { MIN_FOR_P95, MIN_FOR_P99 } from './latency.ts';
import { LatencySketch } from './sketch.ts';

/** Calls of one edge in one time window; windows and parts merge. Names, not ids: it outlives the analysis. */
export interface EdgeRollup {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  /** Start of the window, ns since 1970. */
  readonly windowNs: bigint;
  calls: number;
  errors: number;
  readonly latency: LatencySketch;
}

const keyOf = (r: Pick<EdgeRollup, 'tenant' | 'from' | 'to' | 'windowNs'>): string => `${r.tenant}\n${r.from}\n${r.to}\n${r.windowNs}`;

/** One rollup per edge and window in which it has calls; windows are aligned to 1970. Ordered by window, then names. */
export function rollupEdges(a: Analysis, windowNs: bigint): EdgeRollup[] {
  const { epochNs, calls } = a.extraction;
  const out = new Map<string, EdgeRollup>();
  const recent = new Map<number, EdgeRollup>();
  for (let row = 0; row < a.count; row++) {
    const at = epochNs + BigInt(Math.floor(a.times.outerStart(row)));
    const window = at - (((at % windowNs) + windowNs) % windowNs);
    const edge = a.edge[row]!;
    let r = recent.get(edge);
    if (r?.windowNs !== window) {
      const pair = a.edges[edge]!;
      const to = a.services[pair.to]!;
      const fresh = { tenant: to.tenant, from: a.services[pair.from]!.name, to: to.name, windowNs: window };
      const key = keyOf(fresh);
      r = out.get(key) ?? { ...fresh, calls: 0, errors: 0, latency: new LatencySketch() };
      out.set(key, r);
      recent.set(edge, r);
    }
    r.calls++;
    if ((calls.flags[row]! & CallFlag.failed) !== 0) r.errors++;
    r.latency.add(a.times.latency(row));
  }
  return sorted(out);
}

/** Rollups of the same edge and window become one. With `windowNs` wider windows are made of narrow ones. */
export function mergeRollups(parts: Iterable<EdgeRollup>, windowNs?: bigint): EdgeRollup[] {
  const out = new Map<string, EdgeRollup>();
  for (const part of parts) {
    const window = windowNs === undefined ? part.windowNs : part.windowNs - (((part.windowNs % windowNs) + windowNs) % windowNs);
    const key = keyOf({ ...part, windowNs: window });
    const held = out.get(key) ?? { ...part, windowNs: window, calls: 0, errors: 0, latency: new LatencySketch() };
    out.set(key, held);
    held.calls += part.calls;
    held.errors += part.errors;
    held.latency.merge(part.latency);
  }
  return sorted(out);
}

function sorted(rollups: Map<string, EdgeRollup>): EdgeRollup[] {
  return [...rollups]
    .sort(([x, a], [y, b]) => (a.windowNs < b.windowNs ? -1 : a.windowNs > b.windowNs ? 1 : x < y ? -1 : 1))
    .map(([, rollup]) => rollup);
}

/** Percentiles within the sketch's error; the rules for small counts are those of exact summaries. */
export function summariseRollup(r: EdgeRollup): LatencySummary {
  const { latency: s } = r;
  const n = s.count;
  return {
    calls: r.calls,
    n,
    errors: r.errors,
    minNs: n > 0 ? s.minNs : Number.NaN,
    p50Ns: s.quantile(0.5),
    p95Ns: n >= MIN_FOR_P95 ? s.quantile(0.95) : Number.NaN,
    p99Ns: n >= MIN_FOR_P99 ? s.quantile(0.99) : Number.NaN,
    maxNs: n > 0 ? s.maxNs : Number.NaN,
    meanNs: n > 0 ? s.sumNs / n : Number.NaN,
  };
}
