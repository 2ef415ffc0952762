/**
 * What is known of transactions that were not kept: exact counts and mergeable latencies by edge, service and endpoint. Keyed by names, not
 * by the numbers of one analysis: services and endpoints are found anew each time.
 */
import { type Analysis, Mark } from '../analysis.ts';
import { CallFlag, PROTOCOLS, type Protocol } from '../calls/callTable.ts';
import { LatencySketch } from '../stats/sketch.ts';
import { rootOf, spansOf } from '../traces/forest.ts';
import type { PatternIndex } from '../traces/patterns.ts';
import { SplitSums, Splitter } from '../traces/split.ts';
import { LIKELY } from '../traces/summaries.ts';
import { edgeKey, endpointKey, serviceKey } from './keys.ts';
import { TimeCounts } from './timeCounts.ts';

export class CallSums {
  calls = 0;
  errors = 0;
  readonly latency = new LatencySketch();

  merge(other: CallSums): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.latency.merge(other.latency);
  }
}
export class EdgeDigest extends CallSums {
  guesses = 0;
  /** Sum over the calls. */
  confidence = 0;
  /** Rows of the flows that carried them. */
  readonly flows = new Set<number>();

  override merge(other: EdgeDigest): void {
    super.merge(other);
    this.guesses += other.guesses;
    this.confidence += other.confidence;
    for (const flow of other.flows) this.flows.add(flow);
  }
}
export class ServiceDigest {
  selfNs = 0;
  criticalNs = 0;
  /** Sum over answered calls of (depth + 1). */
  depth = 0;
  /** Bit set of PROTOCOLS. */
  protocols = 0;
  /** Waiting by the callee's key. */
  readonly split = { calls: 0, totalNs: 0, selfNs: 0, networkNs: 0, unknownNs: 0, waitingNs: new Map<string, number>() };

  merge(other: ServiceDigest): void {
    this.selfNs += other.selfNs;
    this.criticalNs += other.criticalNs;
    this.depth += other.depth;
    this.protocols |= other.protocols;
    addSplit(this.split, other.split, (key) => key);
  }
}
/** Calls of one caller to one endpoint; both services by their keys. */
export interface EndpointDigest {
  readonly caller: string;
  readonly service: string;
  readonly text: string;
  readonly protocol: Protocol;
  readonly sums: CallSums;
}
/** Shapes of transactions counted; further ones are not. */
const MAX_PATTERNS = 10_000;

export class Digest {
  transactions = 0;
  calls = 0;
  errors = 0;
  /** As in LinkCounts. */
  placed = 0;
  roots = 0;
  guesses = 0;
  orphans = 0;
  traceIdCalls = 0;
  /** Calls whose caller only their parent tells. */
  callerInferred = 0;
  readonly edges = new Map<string, EdgeDigest>();
  readonly services = new Map<string, ServiceDigest>();
  readonly endpoints = new Map<string, EndpointDigest>();
  /** Durations of transactions, by their entry's endpoint key. */
  readonly entries = new Map<string, LatencySketch>();
  readonly patterns = new Map<number, CallSums>();
  readonly times = new TimeCounts();

  /** Adds the transactions marked 1. */
  fold(a: Analysis, traces: Uint8Array, patterns: PatternIndex): void {
    const edges = a.edges.map((edge) => edgeKey(a.services, edge));
    const services = a.services.map(serviceKey);
    const endpoints = a.endpoints.list.map((endpoint) => endpointKey(a.services, endpoint));
    const splitter = new Splitter(a.extraction, a.times, a.forest, a.callee);
    const { forest } = a;
    for (let t = 0; t < forest.traces; t++) {
      if (traces[t] !== 1) continue;
      const root = rootOf(forest, t);
      this.transactions++;
      this.calls += spansOf(forest, t);
      of(this.entries, endpoints[a.endpoints.of[root]!]!, () => new LatencySketch()).add(a.traces.durationNs[t]!);
      const shape = patterns.shapeOf[t]!;
      if (this.patterns.has(shape) || this.patterns.size < MAX_PATTERNS)
        add(
          of(this.patterns, shape, () => new CallSums()),
          a.times.latency(root),
          a.traces.errors[t]! > 0,
        );
      for (let p = forest.first[t]!; p < forest.first[t + 1]!; p++) {
        const row = forest.order[p]!;
        const service = of(this.services, services[a.callee[row]!]!, () => new ServiceDigest());
        this.addCall(
          a,
          row,
          of(this.edges, edges[a.edge[row]!]!, () => new EdgeDigest()),
          service,
        );
        const endpoint = a.endpoints.of[row]!;
        const { service: owner, text, protocol } = a.endpoints.list[endpoint]!;
        const caller = services[a.caller[row]!]!;
        const make = () => ({ caller, service: services[owner]!, text, protocol: PROTOCOLS[protocol]!, sums: new CallSums() });
        add(of(this.endpoints, `${caller}\n${endpoints[endpoint]!}`, make).sums, a.times.latency(row), isFailed(a, row));
        const sums = new SplitSums();
        splitter.add(row, sums);
        addSplit(service.split, sums, (id) => services[id]!);
      }
    }
  }

  /** Adds what another digest holds. */
  merge(other: Digest): void {
    for (const name of TOTALS) this[name] += other[name];
    for (const [key, edge] of other.edges) of(this.edges, key, () => new EdgeDigest()).merge(edge);
    for (const [key, service] of other.services) of(this.services, key, () => new ServiceDigest()).merge(service);
    for (const [key, e] of other.endpoints) of(this.endpoints, key, () => ({ ...e, sums: new CallSums() })).sums.merge(e.sums);
    for (const [key, sketch] of other.entries) of(this.entries, key, () => new LatencySketch()).merge(sketch);
    for (const [shape, sums] of other.patterns) of(this.patterns, shape, () => new CallSums()).merge(sums);
    this.times.merge(other.times);
  }

  private addCall(a: Analysis, row: number, edge: EdgeDigest, service: ServiceDigest): void {
    const { calls } = a.extraction;
    const failed = isFailed(a, row);
    const root = a.forest.parent[row]! < 0;
    const outside = a.services[a.caller[row]!]!.isClients;
    const guess = !root && a.nesting.confidence[row]! < LIKELY;
    add(edge, a.times.latency(row), failed);
    edge.confidence += root && outside ? 1 : a.nesting.confidence[row]!;
    edge.guesses += guess ? 1 : 0;
    edge.flows.add(calls.flow[row]!);
    service.selfNs += a.selfNs[row]!;
    service.criticalNs += a.criticalNs[row]!;
    service.depth += a.forest.depth[row]! + 1;
    service.protocols |= 1 << calls.protocol[row]!;
    this.errors += failed ? 1 : 0;
    this.placed += root ? 0 : 1;
    this.guesses += guess ? 1 : 0;
    this.roots += root && outside ? 1 : 0;
    this.orphans += root && !outside ? 1 : 0;
    this.traceIdCalls += calls.traceKey[row] === 0 ? 0 : 1;
    this.callerInferred += (a.marks[row]! & Mark.callerInferred) === 0 ? 0 : 1;
    this.times.add(a.times.outerStart(row), a.services[a.callee[row]!]!.tenant, failed);
  }
}

const TOTALS = [
  'transactions',
  'calls',
  'errors',
  'placed',
  'roots',
  'guesses',
  'orphans',
  'traceIdCalls',
  'callerInferred',
] as const satisfies readonly (keyof Digest)[];

const isFailed = (a: Analysis, row: number): boolean => (a.extraction.calls.flags[row]! & CallFlag.failed) !== 0;

function add(sums: CallSums, latencyNs: number, failed: boolean): void {
  sums.calls++;
  if (failed) sums.errors++;
  sums.latency.add(latencyNs);
}

interface Split<Service> {
  readonly calls: number;
  readonly totalNs: number;
  readonly selfNs: number;
  readonly networkNs: number;
  readonly unknownNs: number;
  readonly waitingNs: ReadonlyMap<Service, number>;
}
function addSplit<Service>(into: ServiceDigest['split'], sums: Split<Service>, key: (service: Service) => string): void {
  into.calls += sums.calls;
  into.totalNs += sums.totalNs;
  into.selfNs += sums.selfNs;
  into.networkNs += sums.networkNs;
  into.unknownNs += sums.unknownNs;
  for (const [service, ns] of sums.waitingNs) into.waitingNs.set(key(service), (into.waitingNs.get(key(service)) ?? 0) + ns);
}

function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
