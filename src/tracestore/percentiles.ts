import type { EdgeLatency } from './api.ts';

/** Linear interpolation between the two ranks around p, as SQL's percentile_cont and numpy's default. NaN of none. `sorted`: ascending. */
export function percentileCont(sorted: Float64Array, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const at = (sorted.length - 1) * p;
  const low = Math.floor(at);
  const a = sorted[low] ?? Number.NaN;
  const b = sorted[Math.min(low + 1, sorted.length - 1)] ?? a;
  return a + (b - a) * (at - low);
}

/** @param sortedNs measured durations of the edge, ascending */
export function edgeLatency(
  [tenant, caller, callee]: readonly [string, string, string],
  calls: number,
  errors: number,
  sortedNs: Float64Array,
): EdgeLatency {
  const ns = (p: number) => Math.round(percentileCont(sortedNs, p));
  return { tenant, caller, callee, calls, errors, measured: sortedNs.length, p50Ns: ns(0.5), p95Ns: ns(0.95), p99Ns: ns(0.99) };
}
