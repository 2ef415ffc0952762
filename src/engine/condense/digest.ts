/**
 * What is known of transactions that were not kept: exact counts and mergeable latencies by edge, server and endpoint. Keyed by addresses,
 * because services and endpoints are found and named anew in each analysis: see `resolve`.
 */
import type { Analysis } from '../analysis.ts';
import { CallFlag, type FlowTable } from '../calls/callTable.ts';
import type { Anchor } from '../identity/anchors.ts';
import { SPEAKS_HOSTS } from '../identity/names.ts';
import { PROTOCOLS } from '../protocols/names.ts';
import { LatencySketch } from '../stats/sketch.ts';
import { rootOf, spansOf } from '../traces/forest.ts';
import type { PatternIndex } from '../traces/patterns.ts';
import { SplitSums, Splitter } from '../traces/split.ts';
import { LIKELY } from '../traces/summaries.ts';
import { CallerKeys, serverKey } from './keys.ts';
import { CallSums, EdgeSums, type EndpointSums, of, ServerSums } from './sums.ts';
import { Templates } from './templates.ts';
import { TimeCounts } from './timeCounts.ts';

/** Shapes of transactions counted, and host names per edge; further ones are not. */
const MAX_PATTERNS = 10_000;
const MAX_HOSTS = 64;

/** Calls between two places. */
export class PlaceEdge implements Anchor {
  /** A flow between them; where the parent tells the caller, also one to the parent's server, else -1. */
  readonly flow: number;
  readonly parentFlow: number;
  readonly sums = new EdgeSums();
  readonly hosts = new Map<number, number>();
  readonly endpoints = new Map<string, EndpointSums>();

  constructor(flow: number, parentFlow: number) {
    this.flow = flow;
    this.parentFlow = parentFlow;
  }
  merge(other: PlaceEdge): void {
    this.sums.merge(other.sums);
    for (const [host, calls] of other.hosts) this.vote(host, calls);
    for (const [key, e] of other.endpoints) of(this.endpoints, key, () => ({ ...e, sums: new CallSums() })).sums.merge(e.sums);
  }
  vote(host: number, calls: number): void {
    const held = this.hosts.get(host);
    if (held !== undefined || this.hosts.size < MAX_HOSTS) this.hosts.set(host, (held ?? 0) + calls);
  }
}
/** Durations of transactions that enter at one endpoint of one server. */
export interface Entry {
  readonly server: string;
  readonly text: string;
  readonly protocol: number;
  readonly durations: LatencySketch;
}

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
  /** By server key and caller key. */
  readonly edges = new Map<string, PlaceEdge>();
  /** By server key. */
  readonly servers = new Map<string, ServerSums<string>>();
  readonly entries = new Map<string, Entry>();
  readonly patterns = new Map<number, CallSums>();
  readonly times = new TimeCounts();
  private readonly callers = new CallerKeys();

  /** Adds the transactions marked 1. */
  fold(a: Analysis, traces: Uint8Array, patterns: PatternIndex): void {
    const { forest } = a;
    const x = a.extraction;
    const splitter = new Splitter(x, a.times, forest, a.callee);
    const serverOf = (row: number) => serverKey(x, x.calls.flow[row]!);
    const templates = new Templates(a.endpoints.list);
    const apart = a.endpoints.list.map((e) => templates.of(e.service, e.text) !== e.text);
    // A service may have several servers; for who was waited for, any of them leads back to it.
    const anyServer = new Map<number, string>();
    for (let row = 0; row < a.count; row++) if (!anyServer.has(a.callee[row]!)) anyServer.set(a.callee[row]!, serverOf(row));
    for (let t = 0; t < forest.traces; t++) {
      if (traces[t] !== 1) continue;
      this.addTransaction(a, t, serverOf(rootOf(forest, t)), patterns.shapeOf[t]!);
      for (let p = forest.first[t]!; p < forest.first[t + 1]!; p++) {
        const row = forest.order[p]!;
        const server = serverOf(row);
        this.addCall(a, row, server, apart);
        const sums = new SplitSums();
        splitter.add(row, sums);
        of(this.servers, server, () => new ServerSums<string>()).split.merge(sums, (service) => anyServer.get(service));
      }
    }
  }

  /** Adds what another digest of the same capture holds. */
  merge(other: Digest): void {
    for (const name of TOTALS) this[name] += other[name];
    for (const [key, edge] of other.edges) of(this.edges, key, () => new PlaceEdge(edge.flow, edge.parentFlow)).merge(edge);
    for (const [key, server] of other.servers) of(this.servers, key, () => new ServerSums()).merge(server, (to: string) => to);
    for (const [key, e] of other.entries)
      of(this.entries, key, () => ({ ...e, durations: new LatencySketch() })).durations.merge(e.durations);
    for (const [shape, sums] of other.patterns) of(this.patterns, shape, () => new CallSums()).merge(sums);
    this.times.merge(other.times);
  }

  /** Connections whose ends must be known for `resolve`. */
  anchors(): Anchor[] {
    const none = new Map<number, number>();
    return [...this.edges.values()].flatMap((e) => (e.parentFlow < 0 ? [e] : [e, { flow: e.parentFlow, hosts: none }]));
  }

  /** The flows marked 1 are given back; none of them is an anchor. */
  releaseFlows(flows: FlowTable, gone: Uint8Array): void {
    for (const edge of this.edges.values()) edge.sums.releaseFlows(flows, gone);
  }

  private addTransaction(a: Analysis, t: number, server: string, shape: number): void {
    const root = rootOf(a.forest, t);
    this.transactions++;
    this.calls += spansOf(a.forest, t);
    const { text, protocol } = a.endpoints.list[a.endpoints.of[root]!]!;
    const entry = of(this.entries, `${server}\n${protocol}\n${text}`, () => ({ server, text, protocol, durations: new LatencySketch() }));
    // Others are ranked among these: only what was measured.
    if (!Number.isNaN(a.times.latency(root))) entry.durations.add(a.traces.durationNs[t]!);
    if (!this.patterns.has(shape) && this.patterns.size >= MAX_PATTERNS) return;
    of(this.patterns, shape, () => new CallSums()).add(a.times.latency(root), a.traces.errors[t]! > 0);
  }

  private addCall(a: Analysis, row: number, server: string, apart: readonly boolean[]): void {
    const { calls } = a.extraction;
    const flow = calls.flow[row]!;
    const failed = (calls.flags[row]! & CallFlag.failed) !== 0;
    const root = a.forest.parent[row]! < 0;
    const outside = a.services[a.caller[row]!]!.isClients;
    const guess = !root && a.nesting.confidence[row]! < LIKELY;
    const latency = a.times.latency(row);
    const { key, parentFlow } = this.callers.of(a, row, server);
    const edge = of(this.edges, `${server}\n${key}`, () => new PlaceEdge(flow, parentFlow));
    edge.sums.add(latency, failed);
    edge.sums.confidence += root && outside ? 1 : a.nesting.confidence[row]!;
    edge.sums.guesses += guess ? 1 : 0;
    edge.sums.flows.add(flow);
    if (SPEAKS_HOSTS.has(calls.protocol[row]!)) edge.vote(calls.host[row]!, 1);
    const endpoint = a.endpoints.of[row]!;
    const { text, protocol } = a.endpoints.list[endpoint]!;
    const make = () => ({ text, protocol: PROTOCOLS[protocol]!, apart: apart[endpoint]!, sums: new CallSums() });
    of(edge.endpoints, `${protocol}\n${text}`, make).sums.add(latency, failed);
    const sums = of(this.servers, server, () => new ServerSums<string>());
    sums.selfNs += a.selfNs[row]!;
    sums.criticalNs += a.criticalNs[row]!;
    sums.depth += a.forest.depth[row]! + 1;
    sums.protocols |= 1 << calls.protocol[row]!;
    this.errors += failed ? 1 : 0;
    this.placed += root ? 0 : 1;
    this.guesses += guess ? 1 : 0;
    this.roots += root && outside ? 1 : 0;
    this.orphans += root && !outside ? 1 : 0;
    this.traceIdCalls += calls.traceKey[row] === 0 ? 0 : 1;
    this.callerInferred += key.startsWith('server') ? 1 : 0;
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
