/** Counts and mergeable latencies of calls that were dropped. */
import type { FlowTable } from '../calls/callTable.ts';
import type { Protocol } from '../protocols/names.ts';
import { LatencySketch } from '../stats/sketch.ts';
import { SplitSums } from '../traces/split.ts';

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
  /** Rows of the flows that carried them and are still held. */
  readonly flows = new Set<number>();
  /** Of the flows given back: handshake round trips, segments sent again. */
  readonly rtt = new LatencySketch();
  retransmissions = 0;

  /** The rows marked 1 are given back. */
  releaseFlows(table: FlowTable, gone: Uint8Array): void {
    for (const flow of this.flows) {
      if (gone[flow] !== 1) continue;
      this.rtt.add(table.rttNs[flow]!);
      this.retransmissions += table.retransmissions[flow]!;
      this.flows.delete(flow);
    }
  }

  override merge(other: EdgeSums): void {
    super.merge(other);
    this.guesses += other.guesses;
    this.confidence += other.confidence;
    for (const flow of other.flows) this.flows.add(flow);
    this.rtt.merge(other.rtt);
    this.retransmissions += other.retransmissions;
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
  /** Waiting by `Service`: a key, or a number of one analysis. */
  readonly split = new SplitSums<Service>();

  merge<From>(other: ServerSums<From>, key: (service: From) => Service | undefined): void {
    this.selfNs += other.selfNs;
    this.criticalNs += other.criticalNs;
    this.depth += other.depth;
    this.protocols |= other.protocols;
    this.split.merge(other.split, key);
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
