import type { Analysis } from '../analysis.ts';
import type { LatencySketch } from '../stats/sketch.ts';
import type { Dropped } from '../table/dropped.ts';
import { LIKELY } from '../traces/summaries.ts';

/** Sums over calls, by edge and by service: what the graph and its tables are made from. */
export interface Tally {
  readonly edgeCalls: Int32Array;
  readonly edgeErrors: Int32Array;
  readonly edgeGuesses: Int32Array;
  readonly edgeConfidence: Float64Array;
  readonly edgeRetransmissions: Float64Array;
  /** Handshake round trips of the edge's flows, ns; and of those given back. */
  readonly edgeRtts: readonly (readonly number[] | undefined)[];
  readonly edgeReleasedRtts: readonly (LatencySketch | undefined)[];
  /** Calls answered. */
  readonly calls: Int32Array;
  readonly errors: Int32Array;
  readonly selfNs: Float64Array;
  readonly criticalNs: Float64Array;
  /** Sum over answered calls of (depth + 1); a caller outside stands at 0. */
  readonly depth: Float64Array;
  /** Bit set of PROTOCOLS. */
  readonly protocols: Int32Array;
  /** Calls answered or made: 0 means that the service doesn't appear. */
  readonly seen: Int32Array;
}

export function tally(a: Analysis, rows: Int32Array, failed: (row: number) => boolean, dropped?: Dropped): Tally {
  const services = a.services.length;
  const edges = a.edges.length;
  const { calls, flows } = a.extraction;
  const rtts: (number[] | undefined)[] = new Array(edges);
  const releasedRtts: (LatencySketch | undefined)[] = new Array(edges);
  const t = {
    edgeCalls: new Int32Array(edges),
    edgeErrors: new Int32Array(edges),
    edgeGuesses: new Int32Array(edges),
    edgeConfidence: new Float64Array(edges),
    edgeRetransmissions: new Float64Array(edges),
    edgeRtts: rtts,
    edgeReleasedRtts: releasedRtts,
    calls: new Int32Array(services),
    errors: new Int32Array(services),
    selfNs: new Float64Array(services),
    criticalNs: new Float64Array(services),
    depth: new Float64Array(services),
    protocols: new Int32Array(services),
    seen: new Int32Array(services),
  };
  const fromClients = Uint8Array.from(a.edges, (e) => (a.services[e.from]!.isClients ? 1 : 0));
  const edgeOfFlow = new Int32Array(flows.count).fill(-1);
  // A flow whose calls have different callers (several services at one address) belongs to several edges, but once to each.
  const others = new Set<number>();
  /** Counts a flow once for each of its edges. */
  const addFlow = (flow: number, edge: number): void => {
    if (edgeOfFlow[flow] === edge) return;
    if (edgeOfFlow[flow] === -1) edgeOfFlow[flow] = edge;
    else {
      const key = edge * flows.count + flow;
      if (others.has(key)) return;
      others.add(key);
    }
    if (calls.retransmissions === undefined) t.edgeRetransmissions[edge]! += flows.retransmissions[flow]!;
    const rtt = flows.rttNs[flow]!;
    if (Number.isNaN(rtt)) return;
    const held = rtts[edge];
    if (held) held.push(rtt);
    else rtts[edge] = [rtt];
  };
  for (let i = 0; i < rows.length; i++) {
    const row = rows[i]!;
    const edge = a.edge[row]!;
    const service = a.callee[row]!;
    const error = failed(row) ? 1 : 0;
    const root = a.forest.parent[row]! < 0;
    const confidence = fromClients[edge] === 1 && root ? 1 : a.nesting.confidence[row]!;
    t.edgeCalls[edge]!++;
    t.edgeErrors[edge]! += error;
    t.edgeConfidence[edge]! += confidence;
    if (!root && confidence < LIKELY) t.edgeGuesses[edge]!++;
    t.calls[service]!++;
    t.errors[service]! += error;
    t.selfNs[service]! += a.selfNs[row]!;
    t.criticalNs[service]! += a.criticalNs[row]!;
    t.depth[service]! += a.forest.depth[row]! + 1;
    t.protocols[service]! |= 1 << calls.protocol[row]!;
    t.seen[service]!++;
    t.seen[a.caller[row]!]!++;
    if (calls.retransmissions !== undefined) t.edgeRetransmissions[edge]! += calls.retransmissions[row]!;
    addFlow(calls.flow[row]!, edge);
  }
  if (dropped) addDropped(a, t, dropped, addFlow, releasedRtts);
  return t;
}

function addDropped(
  a: Analysis,
  t: Tally,
  dropped: Dropped,
  addFlow: (flow: number, edge: number) => void,
  releasedRtts: (LatencySketch | undefined)[],
): void {
  a.edges.forEach(({ from, to }, edge) => {
    const d = dropped.edge(edge);
    if (d === undefined) return;
    t.edgeCalls[edge]! += d.calls;
    t.edgeErrors[edge]! += d.errors;
    t.edgeGuesses[edge]! += d.guesses;
    t.edgeConfidence[edge]! += d.confidence;
    t.calls[to]! += d.calls;
    t.errors[to]! += d.errors;
    t.seen[to]! += d.calls;
    t.seen[from]! += d.calls;
    for (const flow of d.flows) addFlow(flow, edge);
    t.edgeRetransmissions[edge]! += d.retransmissions;
    if (d.rtt.count > 0) releasedRtts[edge] = d.rtt;
  });
  a.services.forEach((_, service) => {
    const d = dropped.service(service);
    if (d === undefined) return;
    t.selfNs[service]! += d.selfNs;
    t.criticalNs[service]! += d.criticalNs;
    t.depth[service]! += d.depth;
    t.protocols[service]! |= d.protocols;
  });
}

/** Median of a few values, NaN for none; within RELATIVE_ERROR where there are `more`. */
export function median(values: readonly number[] | undefined, more?: LatencySketch): number {
  if (more !== undefined) {
    const all = more.copy();
    for (const value of values ?? []) all.add(value);
    return all.quantile(0.5);
  }
  if (values === undefined || values.length === 0) return Number.NaN;
  const sorted = Float64Array.from(values).sort();
  return sorted[(sorted.length - 1) >> 1]!;
}
