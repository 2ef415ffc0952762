import type { EdgeLatency } from './api.ts';

/**
 * Linear interpolation between the two ranks around each p, as SQL's percentile_cont and numpy's default; NaN of none. The values are moved about: only what
 * lies around the ranks is put in order.
 */
export function percentilesCont(values: Float64Array, ps: readonly number[]): number[] {
  return ps.map((p) => {
    if (values.length === 0) return Number.NaN;
    const at = (values.length - 1) * p;
    const low = Math.floor(at);
    select(values, low);
    const a = values[low]!;
    if (at === low) return a;
    let b = values[low + 1]!;
    for (let i = low + 2; i < values.length; i++) if (values[i]! < b) b = values[i]!;
    return a + (b - a) * (at - low);
  });
}

/** Hoare's selection: the value of this rank comes to its place, smaller ones before it. */
function select(values: Float64Array, rank: number): void {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const [first, middle, last] = [values[from]!, values[(from + to) >> 1]!, values[to]!];
    const pivot = Math.max(Math.min(first, middle), Math.min(Math.max(first, middle), last));
    let i = from;
    let j = to;
    while (i <= j) {
      while (values[i]! < pivot) i++;
      while (values[j]! > pivot) j--;
      if (i > j) break;
      const swapped = values[i]!;
      values[i++] = values[j]!;
      values[j--] = swapped;
    }
    if (rank <= j) to = j;
    else if (rank >= i) from = i;
    else return;
  }
}

/** @param measured durations of the edge, in any order; they are moved about */
export function edgeLatency(
  [tenant, caller, callee]: readonly [string, string, string],
  calls: number,
  errors: number,
  measured: Float64Array,
): EdgeLatency {
  const [p50Ns = 0, p95Ns = 0, p99Ns = 0] = percentilesCont(measured, [0.5, 0.95, 0.99]).map(Math.round);
  return { tenant, caller, callee, calls, errors, measured: measured.length, p50Ns, p95Ns, p99Ns };
}
