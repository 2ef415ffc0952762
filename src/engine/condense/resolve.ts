/** A digest in the numbers of one analysis: which service stands at a place, which edge is between two, which endpoint a text belongs to. */
import type { EdgePair } from '../analysis.ts';
import type { AnchoredServices } from '../identity/anchors.ts';
import type { Protocol } from '../protocols/names.ts';
import { LatencySketch } from '../stats/sketch.ts';
import type { Digest, PlaceEdge } from './digest.ts';
import { CallSums, EdgeSums, of, ServerSums } from './sums.ts';
import type { Templates } from './templates.ts';

export interface DroppedEndpoint {
  readonly from: number;
  readonly service: number;
  readonly text: string;
  readonly protocol: Protocol;
  readonly sums: CallSums;
}
/** By the ids of the analysis. */
export interface Resolved {
  readonly edges: ReadonlyMap<number, EdgeSums>;
  readonly services: ReadonlyMap<number, ServerSums<number>>;
  /** Calls answered, by service. */
  readonly answered: ReadonlyMap<number, CallSums>;
  readonly endpoints: readonly DroppedEndpoint[];
  /** Durations of transactions by entry: service, protocol and text of the endpoint, see `entryKey`. */
  readonly entries: ReadonlyMap<string, LatencySketch>;
}

export const entryKey = (service: number, protocol: number, text: string): string => `${service}\n${protocol}\n${text}`;

const fromOf = (e: PlaceEdge, at: AnchoredServices): number => (e.parentFlow < 0 ? at.caller[e.flow]! : at.callee[e.parentFlow]!);

/** Edges that only dropped calls took, with those that the rows show. */
export function placePairs(digest: Digest, at: AnchoredServices): EdgePair[] {
  return [...digest.edges.values()].map((e) => ({ from: fromOf(e, at), to: at.callee[e.flow]! }));
}

/** Texts of the digest's endpoints, by the services that answer them now. */
export const droppedTexts = (digest: Digest, at: AnchoredServices): { service: number; text: string }[] =>
  [...digest.edges.values()].flatMap((e) => [...e.endpoints.values()].map(({ text }) => ({ service: at.callee[e.flow]!, text })));

export function resolve(
  digest: Digest,
  at: AnchoredServices,
  edges: readonly EdgePair[],
  services: number,
  templates: Templates,
): Resolved {
  const ids = new Map(edges.map(({ from, to }, id) => [from * services + to, id]));
  const ofServer = new Map<string, number>();
  for (const [key, e] of digest.edges) ofServer.set(key.slice(0, key.indexOf('\n')), at.callee[e.flow]!);
  const byEdge = new Map<number, EdgeSums>();
  const answered = new Map<number, CallSums>();
  const endpoints = new Map<string, DroppedEndpoint>();
  for (const e of digest.edges.values()) {
    const from = fromOf(e, at);
    const service = at.callee[e.flow]!;
    of(byEdge, ids.get(from * services + service)!, () => new EdgeSums()).merge(e.sums);
    of(answered, service, () => new CallSums()).merge(e.sums);
    for (const { text: was, protocol, apart, sums } of e.endpoints.values()) {
      const text = apart ? was : templates.of(service, was);
      const make = () => ({ from, service, text, protocol, sums: new CallSums() });
      of(endpoints, `${from}\n${service}\n${protocol}\n${text}`, make).sums.merge(sums);
    }
  }
  const byService = new Map<number, ServerSums<number>>();
  for (const [key, sums] of digest.servers)
    of(byService, ofServer.get(key)!, () => new ServerSums<number>()).merge(sums, (server: string) => ofServer.get(server));
  const entries = new Map<string, LatencySketch>();
  for (const { server, text, protocol, durations } of digest.entries.values()) {
    const service = ofServer.get(server)!;
    of(entries, entryKey(service, protocol, templates.of(service, text)), () => new LatencySketch()).merge(durations);
  }
  return { edges: byEdge, services: byService, answered, endpoints: [...endpoints.values()], entries };
}
