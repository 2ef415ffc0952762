/** One axis for a column of shifts with intervals (a forest plot): symmetric about nothing, zero always on it, outliers cut. */
export interface Interval {
  readonly shiftNs: number;
  readonly fromNs: number;
  readonly toNs: number;
}
export interface ForestAxis {
  readonly fromNs: number;
  readonly toNs: number;
}

/**
 * Wide enough for every shift and for most ends of intervals: a single wide interval must not squeeze all others into the zero line,
 * so ends beyond three times the largest shift or the 90th percentile of ends are cut (drawn to the edge with an arrow).
 */
export function forestAxis(rows: readonly Interval[]): ForestAxis {
  const shifts = rows.filter((r) => Number.isFinite(r.shiftNs));
  if (shifts.length === 0) return { fromNs: -1e6, toNs: 1e6 };
  const ends = shifts.flatMap((r) => [Math.abs(r.fromNs), Math.abs(r.toNs)]).filter(Number.isFinite);
  ends.sort((a, b) => a - b);
  const most = ends[Math.floor((ends.length - 1) * 0.9)] ?? 0;
  const largest = Math.max(...shifts.map((r) => Math.abs(r.shiftNs)));
  const limit = Math.max(largest * 1.2, Math.min(Math.max(most, largest * 1.2), largest * 3), 1000);
  let from = 0;
  let to = 0;
  for (const r of shifts) {
    from = Math.min(from, r.shiftNs, Number.isFinite(r.fromNs) ? Math.max(r.fromNs, -limit) : 0);
    to = Math.max(to, r.shiftNs, Number.isFinite(r.toNs) ? Math.min(r.toNs, limit) : 0);
  }
  const margin = Math.max((to - from) * 0.08, 500);
  return { fromNs: from - margin, toNs: to + margin };
}

export interface ForestMark {
  readonly x: number;
  readonly from: number;
  readonly to: number;
  /** The interval goes on beyond the axis on this side. */
  readonly cutLeft: boolean;
  readonly cutRight: boolean;
}
export function forestMark(row: Interval, x: (ns: number) => number, axis: ForestAxis): ForestMark {
  return {
    x: x(Math.min(axis.toNs, Math.max(axis.fromNs, row.shiftNs))),
    from: x(Math.max(axis.fromNs, row.fromNs)),
    to: x(Math.min(axis.toNs, row.toNs)),
    cutLeft: row.fromNs < axis.fromNs,
    cutRight: row.toNs > axis.toNs,
  };
}
