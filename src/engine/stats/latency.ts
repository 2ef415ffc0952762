import type { LatencySummary } from '../../shared/protocol.ts';

/** Fewest measured calls for a p95, and for a p99; below, the figure would be the largest value under another name. */
export const MIN_FOR_P95 = 20;
export const MIN_FOR_P99 = 100;

/** Quantile of ascending values by linear interpolation (type 7 of Hyndman and Fan 1996); NaN for none. */
export function quantile(sorted: ArrayLike<number>, q: number): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  const at = (n - 1) * q;
  const low = Math.floor(at);
  const a = sorted[low]!;
  return low + 1 < n ? a + (sorted[low + 1]! - a) * (at - low) : a;
}

/** Exact summary from ascending measured latencies. */
export function summarise(sorted: Float64Array, calls: number, errors: number): LatencySummary {
  const n = sorted.length;
  let sum = 0;
  for (let i = 0; i < n; i++) sum += sorted[i]!;
  return {
    calls,
    n,
    errors,
    minNs: n > 0 ? sorted[0]! : Number.NaN,
    p50Ns: quantile(sorted, 0.5),
    p95Ns: n >= MIN_FOR_P95 ? quantile(sorted, 0.95) : Number.NaN,
    p99Ns: n >= MIN_FOR_P99 ? quantile(sorted, 0.99) : Number.NaN,
    maxNs: n > 0 ? sorted[n - 1]! : Number.NaN,
    meanNs: n > 0 ? sum / n : Number.NaN,
  };
}

export const EMPTY_SUMMARY: LatencySummary = summarise(new Float64Array(0), 0, 0);
