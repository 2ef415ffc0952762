/** Counts and mergeable latencies of calls that were dropped. */
import type { Protocol } from '../calls/callTable.ts';
import { LatencySketch } from '../stats/sketch.ts';

export class CallSums {
  calls = 0;
  errors = 0;
  readonly latency = new LatencySketch();

  add(latencyNs: number, failed: boolean): void {
    this.calls++;
    if (failed) this.errors++;
    this.latency.add(latencyNs);
  }
  merge(other: CallSums): void {
    this.calls += other.calls;
    this.errors += other.errors;
    this.latency.merge(other.latency);
  }
}

/** Calls of one caller to one server. */
export class EdgeSums extends CallSums {
  guesses = 0;
  /** Sum over the calls. */
  confidence = 0;
  /** Rows of the flows that carried them. */
  readonly flows = new Set<number>();

  override merge(other: EdgeSums): void {
    super.merge(other);
    this.guesses += other.guesses;
    this.confidence += other.confidence;
    for (const flow of other.flows) this.flows.add(flow);
  }
}

/** Parts of time, waiting by `Service`: a key, or a number of one analysis. */
export interface Split<Service> {
  calls: number;
  totalNs: number;
  selfNs: number;
  networkNs: number;
  unknownNs: number;
  readonly waitingNs: Map<Service, number>;
}
/** `key` undefined: who was waited for is not known any more. */
export function addSplit<From, To>(into: Split<To>, sums: Readonly<Split<From>>, key: (service: From) => To | undefined): void {
  into.calls += sums.calls;
  into.totalNs += sums.totalNs;
  into.selfNs += sums.selfNs;
  into.networkNs += sums.networkNs;
  into.unknownNs += sums.unknownNs;
  for (const [service, ns] of sums.waitingNs) {
    const to = key(service);
    if (to === undefined) into.unknownNs += ns;
    else into.waitingNs.set(to, (into.waitingNs.get(to) ?? 0) + ns);
  }
}

/** What answering calls took. */
export class ServerSums<Service> {
  selfNs = 0;
  criticalNs = 0;
  /** Sum over answered calls of (depth + 1). */
  depth = 0;
  /** Bit set of PROTOCOLS. */
  protocols = 0;
  readonly split: Split<Service> = { calls: 0, totalNs: 0, selfNs: 0, networkNs: 0, unknownNs: 0, waitingNs: new Map() };

  merge<From>(other: ServerSums<From>, key: (service: From) => Service | undefined): void {
    this.selfNs += other.selfNs;
    this.criticalNs += other.criticalNs;
    this.depth += other.depth;
    this.protocols |= other.protocols;
    addSplit(this.split, other.split, key);
  }
}

/** Calls to one endpoint; its text as it was when they were dropped. */
export interface EndpointSums {
  readonly text: string;
  readonly protocol: Protocol;
  /** A template that it fits stood beside it: they are different endpoints. */
  readonly apart: boolean;
  readonly sums: CallSums;
}

export function of<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) map.set(key, (value = make()));
  return value;
}
