/** Two analyses, edge by edge: what was added, what is gone, and what became slower or faster by more than chance explains. */
import type { Comparison, DifferenceRow } from '../../shared/protocol.ts';
import { isFailed, type Selection } from '../table/selection.ts';
import { MIN_FOR_P95, quantile, summarise } from './latency.ts';
import { normalTail, orderStatisticError } from './uncertainty.ts';

/** Latencies of an edge, named so that it is found again in another analysis. Structured-clone safe. */
export interface EdgeSample {
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly errors: number;
  /** Measured latencies, ascending, ns. */
  readonly latenciesNs: Float64Array;
}

/** Share of false alarms among the edges called slower or faster (Benjamini and Hochberg 1995). */
const Q = 0.05;
const Z95 = 1.959964;

export function edgeSamples(s: Selection): EdgeSample[] {
  const a = s.analysis;
  // With several tenants the name alone would mix them.
  const tenants = new Set(a.services.map((service) => service.tenant));
  const nameOf = (id: number) => (tenants.size > 1 ? `${a.services[id]!.tenant}/${a.services[id]!.name}` : a.services[id]!.name);
  const out: EdgeSample[] = [];
  a.edges.forEach((pair, edge) => {
    const rows = s.byEdge.of(edge);
    if (rows.length === 0) return;
    let errors = 0;
    for (let i = 0; i < rows.length; i++) if (isFailed(a, rows[i]!)) errors++;
    out.push({ from: nameOf(pair.from), to: nameOf(pair.to), calls: rows.length, errors, latenciesNs: s.latencyByEdge.of(edge).slice() });
  });
  return out;
}

export function compareSamples(before: string, x: readonly EdgeSample[], after: string, y: readonly EdgeSample[]): Comparison {
  const keyOf = (s: EdgeSample) => `${s.from}\n${s.to}`;
  const old = new Map(x.map((s) => [keyOf(s), s]));
  const fresh = new Map(y.map((s) => [keyOf(s), s]));
  const keys = [...new Set([...old.keys(), ...fresh.keys()])].sort();
  const drafts = keys.map((key) => ({ key, b: old.get(key), a: fresh.get(key), test: test(old.get(key), fresh.get(key)) }));
  const qs = benjaminiHochberg(drafts.map((d) => d.test?.p ?? Number.NaN));
  const rows = drafts.map(({ b, a, test: t }, i): DifferenceRow => {
    const named = (b ?? a)!;
    const verdict =
      b === undefined
        ? 'added'
        : a === undefined
          ? 'removed'
          : t === undefined
            ? 'too-few'
            : qs[i]! > Q
              ? 'same'
              : t.slower
                ? 'slower'
                : 'faster';
    return {
      from: named.from,
      to: named.to,
      ...(b && { before: summarise(b.latenciesNs, b.calls, b.errors) }),
      ...(a && { after: summarise(a.latenciesNs, a.calls, a.errors) }),
      shiftP50Ns: t?.p50.shift ?? Number.NaN,
      intervalP50Ns: t?.p50.interval ?? [Number.NaN, Number.NaN],
      shiftP95Ns: t?.p95.shift ?? Number.NaN,
      intervalP95Ns: t?.p95.interval ?? [Number.NaN, Number.NaN],
      q: qs[i]!,
      verdict,
    };
  });
  return { before, after, rows };
}

interface Shift {
  readonly shift: number;
  readonly interval: readonly [number, number];
  readonly p: number;
}

/** Shift of a quantile with a 95 % interval and a two-sided p, from the errors of order statistics on both sides. */
function shiftOf(b: Float64Array, a: Float64Array, q: number): Shift {
  const shift = quantile(a, q) - quantile(b, q);
  const error = Math.hypot(orderStatisticError(b, q), orderStatisticError(a, q));
  const p = shift === 0 ? 1 : error === 0 ? 0 : 2 * normalTail(Math.abs(shift) / error);
  return { shift, interval: [shift - Z95 * error, shift + Z95 * error], p };
}

/** Undefined: too few calls on a side. Two quantiles are looked at, so the smaller p counts twice (Bonferroni). */
function test(b: EdgeSample | undefined, a: EdgeSample | undefined): { p50: Shift; p95: Shift; p: number; slower: boolean } | undefined {
  if (b === undefined || a === undefined) return undefined;
  if (b.latenciesNs.length < MIN_FOR_P95 || a.latenciesNs.length < MIN_FOR_P95) return undefined;
  const p50 = shiftOf(b.latenciesNs, a.latenciesNs, 0.5);
  const p95 = shiftOf(b.latenciesNs, a.latenciesNs, 0.95);
  const clearer = p50.p <= p95.p ? p50 : p95;
  return { p50, p95, p: Math.min(1, 2 * clearer.p), slower: clearer.shift > 0 };
}

/** Adjusted p values (q values), NaN where there was no test. */
export function benjaminiHochberg(ps: readonly number[]): number[] {
  const order = ps.map((_, i) => i).filter((i) => !Number.isNaN(ps[i]!));
  order.sort((x, y) => ps[x]! - ps[y]!);
  const out = ps.map(() => Number.NaN);
  let least = 1;
  for (let k = order.length - 1; k >= 0; k--) {
    least = Math.min(least, (ps[order[k]!]! * order.length) / (k + 1));
    out[order[k]!] = least;
  }
  return out;
}
