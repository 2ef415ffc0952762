/** What the memory rule took out of the tables, within one scope. Only answers about everything include it. */
import type { LatencySummary, Subject } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import type { Digest } from '../condense/digest.ts';
import type { DroppedEndpoint } from '../condense/resolve.ts';
import { CallSums, type EdgeSums, type ServerSums } from '../condense/sums.ts';
import { EMPTY_SUMMARY, MIN_FOR_P95, MIN_FOR_P99, summarise } from '../stats/latency.ts';
import type { LatencySketch } from '../stats/sketch.ts';
import type { SplitSums } from '../traces/split.ts';

export class Dropped {
  readonly digest: Digest;
  private readonly a: Analysis;
  private readonly tenant: string | undefined;

  constructor(a: Analysis, digest: Digest, tenant: string | undefined) {
    this.a = a;
    this.digest = digest;
    this.tenant = tenant;
  }

  edge(id: number): EdgeSums | undefined {
    return this.isMine(this.a.edges[id]!.to) ? this.a.dropped?.edges.get(id) : undefined;
  }
  service(id: number): ServerSums<number> | undefined {
    return this.isMine(id) ? this.a.dropped?.services.get(id) : undefined;
  }
  /** Calls that the service answered. */
  answered(id: number): CallSums | undefined {
    return this.isMine(id) ? this.a.dropped?.answered.get(id) : undefined;
  }
  latenciesOf(of: Subject): LatencySketch | undefined {
    return ('service' in of ? this.answered(of.service) : this.edge(of.edge))?.latency;
  }

  /** Of one service or edge, or of all in the scope; callers together. */
  endpointsOf(of?: Subject): Omit<DroppedEndpoint, 'from'>[] {
    const out = new Map<string, Omit<DroppedEndpoint, 'from'>>();
    for (const { from, service, text, protocol, sums } of this.a.dropped?.endpoints ?? []) {
      if (!this.isMine(service)) continue;
      if (of && 'service' in of && of.service !== service) continue;
      if (of && 'edge' in of && !this.isEdge(of.edge, from, service)) continue;
      const key = `${service}\n${protocol}\n${text}`;
      const held = out.get(key) ?? { service, text, protocol, sums: new CallSums() };
      held.sums.merge(sums);
      out.set(key, held);
    }
    return [...out.values()];
  }

  /** Adds the times of the service's dropped calls. */
  addSplit(service: number, into: SplitSums): void {
    const sums = this.service(service);
    if (sums) into.merge(sums.split, (id) => id);
  }

  private isMine(service: number): boolean {
    return this.tenant === undefined || this.a.services[service]!.tenant === this.tenant;
  }
  private isEdge(edge: number, from: number, to: number): boolean {
    const pair = this.a.edges[edge]!;
    return pair.from === from && pair.to === to;
  }
}

/** Calls held (`sorted`: their measured latencies, ascending) and calls dropped as one: counts, extremes and mean exact, quantiles within the sketch's error. */
export function summariseAll(sorted: Float64Array, calls: number, errors: number, dropped: LatencySketch | undefined): LatencySummary {
  if (dropped === undefined || dropped.count === 0) return summarise(sorted, calls, errors);
  const all = dropped.copy();
  for (const ns of sorted) all.add(ns);
  return {
    ...EMPTY_SUMMARY,
    calls,
    errors,
    n: all.count,
    minNs: all.minNs,
    p50Ns: all.quantile(0.5),
    p95Ns: all.count >= MIN_FOR_P95 ? all.quantile(0.95) : Number.NaN,
    p99Ns: all.count >= MIN_FOR_P99 ? all.quantile(0.99) : Number.NaN,
    maxNs: all.maxNs,
    meanNs: all.sumNs / all.count,
  };
}

/** The same, where calls and errors of the dropped are not in the counts yet. */
export const summariseWith = (sorted: Float64Array, calls: number, errors: number, dropped: CallSums | undefined): LatencySummary =>
  summariseAll(sorted, calls + (dropped?.calls ?? 0), errors + (dropped?.errors ?? 0), dropped?.latency);
