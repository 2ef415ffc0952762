/** Latencies by edge and by service as a value that outlives its analysis: compared with another capture's, saved as a baseline. */
import type { LatencySample } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { CallFlag } from '../calls/callTable.ts';
import type { CallSums } from '../condense/sums.ts';
import { Dropped } from '../table/dropped.ts';

/** By names: ids mean nothing in another capture. */
export type { LatencySample };

/** Ranks kept: p95 of 4,000 kept values lies within 0.05 % of ranks of the exact one. */
export const MAX_KEPT = 4000;

/** Edges by tenant, caller, callee. `rows`: the calls to look at; all when omitted. */
export function edgeSamples(a: Analysis, rows?: Int32Array): LatencySample[] {
  return samples(
    a,
    rows,
    a.edges.length,
    (row) => a.edge[row]!,
    (edge, dropped) => dropped.edge(edge),
    (edge) => {
      const { from, to } = a.edges[edge]!;
      return { tenant: a.services[to]!.tenant, from: a.services[from]!.name, to: a.services[to]!.name };
    },
  );
}
/** Services that answer, over all callers. */
export function serviceSamples(a: Analysis, rows?: Int32Array): LatencySample[] {
  return samples(
    a,
    rows,
    a.services.length,
    (row) => a.callee[row]!,
    (service, dropped) => dropped.answered(service),
    (service) => ({ tenant: a.services[service]!.tenant, from: '', to: a.services[service]!.name }),
  );
}

type Names = Pick<LatencySample, 'tenant' | 'from' | 'to'>;
function samples(
  a: Analysis,
  rows: Int32Array | undefined,
  groups: number,
  groupOf: (row: number) => number,
  droppedOf: (group: number, dropped: Dropped) => CallSums | undefined,
  namesOf: (group: number) => Names,
): LatencySample[] {
  const count = rows?.length ?? a.count;
  const { flags } = a.extraction.calls;
  const calls = new Int32Array(groups);
  const errors = new Int32Array(groups);
  const measured = new Int32Array(groups + 1);
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    const group = groupOf(row);
    calls[group]!++;
    if (flags[row]! & CallFlag.failed) errors[group]!++;
    if (!Number.isNaN(a.times.latency(row))) measured[group + 1]!++;
  }
  for (let g = 0; g < groups; g++) measured[g + 1]! += measured[g]!;
  const next = measured.slice(0, groups);
  const all = new Float64Array(measured[groups]!);
  for (let i = 0; i < count; i++) {
    const row = rows ? rows[i]! : i;
    const latency = a.times.latency(row);
    if (!Number.isNaN(latency)) all[next[groupOf(row)]!++] = latency;
  }
  const found: LatencySample[] = [];
  const dropped = a.condensed && rows === undefined ? new Dropped(a, a.condensed.digest, undefined) : undefined;
  for (let g = 0; g < groups; g++) {
    const others = dropped && droppedOf(g, dropped);
    if (calls[g] === 0 && others === undefined) continue;
    const sorted = withDropped(all.subarray(measured[g]!, measured[g + 1]!), others).sort();

    found.push({
      ...namesOf(g),
      calls: calls[g]! + (others?.calls ?? 0),
      errors: errors[g]! + (others?.errors ?? 0),
      measured: sorted.length,
      sortedNs: thinned(sorted),
    });
  }
  const text = (x: string, y: string) => (x < y ? -1 : x > y ? 1 : 0);
  return found.sort((x, y) => text(x.tenant, y.tenant) || text(x.from, y.from) || text(x.to, y.to));
}

/** Latencies with those that the memory rule dropped, each as the value that stands for its bin of the sketch. */
function withDropped(held: Float64Array, dropped: CallSums | undefined): Float64Array {
  if (dropped === undefined) return held;
  const all = new Float64Array(held.length + dropped.latency.count);
  all.set(held);
  let at = held.length;
  dropped.latency.eachBin((ns, n) => all.fill(ns, at, (at += n)));
  return all;
}

/** An even selection of ranks, the extremes included; the values themselves when they are few. */
export function thinned(sorted: Float64Array, keep = MAX_KEPT): Float64Array {
  if (sorted.length <= keep) return sorted.slice();
  return Float64Array.from({ length: keep }, (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (keep - 1))]!);
}
