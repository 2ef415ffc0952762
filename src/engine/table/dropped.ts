/** What the memory rule took out of the tables, by the numbers of one analysis. Only answers about everything include it. */
import type { LatencySummary, Subject } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import type { Protocol } from '../calls/callTable.ts';
import { CallSums, type Digest, type EdgeDigest, type ServiceDigest } from '../condense/digest.ts';
import { edgeKey, serviceKey } from '../condense/keys.ts';
import { EMPTY_SUMMARY, MIN_FOR_P95, MIN_FOR_P99, summarise } from '../stats/latency.ts';
import type { LatencySketch } from '../stats/sketch.ts';
import type { SplitSums } from '../traces/split.ts';

export interface DroppedEndpoint {
  readonly service: number;
  readonly text: string;
  readonly protocol: Protocol;
  readonly sums: CallSums;
}

export class Dropped {
  readonly digest: Digest;
  /** By edge and service id; undefined: nothing of it was dropped, or it is another tenant's. */
  readonly edges: readonly (EdgeDigest | undefined)[];
  readonly services: readonly (ServiceDigest | undefined)[];
  /** Calls answered, by service id. */
  readonly answered: readonly (CallSums | undefined)[];
  private readonly a: Analysis;
  private readonly ids: ReadonlyMap<string, number>;

  constructor(a: Analysis, digest: Digest, tenant: string | undefined) {
    this.a = a;
    this.digest = digest;
    const mine = (service: number) => tenant === undefined || a.services[service]!.tenant === tenant;
    this.edges = a.edges.map((edge) => (mine(edge.to) ? digest.edges.get(edgeKey(a.services, edge)) : undefined));
    this.services = a.services.map((service, id) => (mine(id) ? digest.services.get(serviceKey(service)) : undefined));
    this.ids = new Map(a.services.map((service, id) => [serviceKey(service), id]));
    const answered: (CallSums | undefined)[] = new Array(a.services.length);
    a.edges.forEach(({ to }, edge) => {
      const sums = this.edges[edge];
      if (sums === undefined) return;
      answered[to] ??= new CallSums();
      answered[to].merge(sums);
    });
    this.answered = answered;
  }

  /** Of one service or edge, or of all in the scope. */
  endpointsOf(of?: Subject): DroppedEndpoint[] {
    const out = new Map<string, DroppedEndpoint>();
    for (const { caller, service: callee, text, protocol, sums } of this.digest.endpoints.values()) {
      const service = this.ids.get(callee);
      if (service === undefined || this.services[service] === undefined) continue;
      if (of && 'service' in of && of.service !== service) continue;
      if (of && 'edge' in of && !this.isEdge(of.edge, caller, service)) continue;
      const key = `${service}\n${protocol}\n${text}`;
      const held = out.get(key) ?? { service, text, protocol, sums: new CallSums() };
      held.sums.merge(sums);
      out.set(key, held);
    }
    return [...out.values()];
  }
  private isEdge(edge: number, caller: string, callee: number): boolean {
    const { from, to } = this.a.edges[edge]!;
    return to === callee && this.ids.get(caller) === from;
  }

  /** Adds the times of the service's dropped calls. */
  addSplit(service: number, into: SplitSums): void {
    const split = this.services[service]?.split;
    if (split === undefined) return;
    into.calls += split.calls;
    into.totalNs += split.totalNs;
    into.selfNs += split.selfNs;
    into.networkNs += split.networkNs;
    into.unknownNs += split.unknownNs;
    for (const [key, ns] of split.waitingNs) {
      const id = this.ids.get(key);
      if (id === undefined) into.unknownNs += ns;
      else into.waitingNs.set(id, (into.waitingNs.get(id) ?? 0) + ns);
    }
  }
}

export const droppedLatencies = (dropped: Dropped, of: Subject): LatencySketch | undefined =>
  ('service' in of ? dropped.answered[of.service] : dropped.edges[of.edge])?.latency;

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
