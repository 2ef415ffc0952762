/** Two captures, edge by edge: what got slower, beyond what chance would do. */
import type { DifferenceRow, LatencySummary } from '../../shared/protocol.ts';
import { summarise } from '../stats/latency.ts';
import { difference, type Estimate, pValue, quantileInterval, qValues } from './intervals.ts';
import type { LatencySample } from './samples.ts';

/** Fewest measured calls on either side; p95 of fewer is the largest value. */
export const MIN_CALLS = 20;
/** Changes called so are false alarms in at most this share. */
const ALARM_SHARE = 0.05;
/** What is smaller than both is nobody's slowness, however sure. */
const LEAST_SHIFT_NS = 50_000;
const LEAST_RATIO = 0.02;

/** "before" and "after" by tenant, caller and callee; sorted like their inputs. */
export function compareSamples(before: readonly LatencySample[], after: readonly LatencySample[]): DifferenceRow[] {
  const pairs = new Map<string, { before?: LatencySample; after?: LatencySample }>();
  for (const s of before) pairs.set(key(s), { before: s });
  for (const s of after) pairs.set(key(s), { ...pairs.get(key(s)), after: s });
  const rows = [...pairs.keys()].sort().map((k) => measure(pairs.get(k)!));
  const tested = rows.filter((row) => row.p !== undefined);
  const q = qValues(tested.map((row) => row.p!));
  const qOf = new Map(tested.map((row, i) => [row, q[i]!]));
  return rows.map((row) => judged(row, qOf.get(row) ?? Number.NaN));
}

interface Measured {
  readonly before?: LatencySample;
  readonly after?: LatencySample;
  readonly p50: Estimate;
  readonly p95: Estimate;
  /** Undefined: nothing to test (one side missing, too few). */
  readonly p?: number;
  /** Change of the quantile that changed most surely, and what it was. */
  readonly surest: Estimate;
  readonly wasNs: number;
}

const key = (s: LatencySample): string => `${s.tenant}\u0000${s.from}\u0000${s.to}`;
const UNKNOWN: Estimate = { value: Number.NaN, low: Number.NaN, high: Number.NaN };

function measure({ before, after }: { before?: LatencySample; after?: LatencySample }): Measured {
  if (!before || !after || before.measured === 0 || after.measured === 0)
    return { before, after, p50: UNKNOWN, p95: UNKNOWN, surest: UNKNOWN, wasNs: Number.NaN };
  const at = (q: number) => {
    const was = quantileInterval(before.sortedNs, q, before.measured);
    return { was: was.value, by: difference(was, quantileInterval(after.sortedNs, q, after.measured)) };
  };
  const p50 = at(0.5);
  const enough = Math.min(before.measured, after.measured) >= MIN_CALLS;
  const p95 = enough ? at(0.95) : { was: Number.NaN, by: UNKNOWN };
  if (!enough) return { before, after, p50: p50.by, p95: p95.by, surest: p50.by, wasNs: p50.was };
  const surest = pValue(p95.by) < pValue(p50.by) ? p95 : p50;
  // Two looks at one edge: Bonferroni between them, the false discovery rate over all edges.
  return { before, after, p50: p50.by, p95: p95.by, p: Math.min(1, 2 * pValue(surest.by)), surest: surest.by, wasNs: surest.was };
}

function judged(row: Measured, q: number): DifferenceRow {
  const one = (row.after ?? row.before)!;
  return {
    from: one.from,
    to: one.to,
    ...(row.before && { before: summaryOf(row.before) }),
    ...(row.after && { after: summaryOf(row.after) }),
    shiftP50Ns: row.p50.value,
    intervalP50Ns: [row.p50.low, row.p50.high],
    shiftP95Ns: row.p95.value,
    intervalP95Ns: [row.p95.low, row.p95.high],
    q,
    verdict: verdictOf(row, q),
  };
}

function verdictOf(row: Measured, q: number): DifferenceRow['verdict'] {
  if (!row.before) return 'added';
  if (!row.after) return 'removed';
  if (row.p === undefined) return 'too-few';
  const by = row.surest.value;
  if (q > ALARM_SHARE || Math.abs(by) < LEAST_SHIFT_NS || Math.abs(by) < LEAST_RATIO * row.wasNs) return 'same';
  return by > 0 ? 'slower' : 'faster';
}

/** Percentiles of a selection of ranks; counts are of all calls. */
export function summaryOf(s: LatencySample): LatencySummary {
  const kept = summarise(s.sortedNs, s.calls, s.errors);
  return s.measured === s.sortedNs.length ? kept : { ...kept, n: s.measured };
}
