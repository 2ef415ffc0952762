/** Groups of services that call one another more than others. */
import { UndirectedGraph } from 'graphology';
import louvain from 'graphology-communities-louvain';
import { compareText } from './callGraph.ts';

/** `calls` from one service to another, by name. */
export interface WeightedEdge {
  readonly caller: string;
  readonly callee: string;
  readonly calls: number;
}

/**
 * Community of each service, named after its busiest member, in order of service. By modularity (Louvain method: Blondel et al. 2008, J.
 * Stat. Mech. P10008) over calls in either direction; calls of a service to itself say nothing about others. The same edges give the same
 * answer in whatever order they come: nodes are visited in order of name.
 */
export function communities(edges: Iterable<WeightedEdge>): Map<string, string> {
  const weights = new Map<string, Map<string, number>>();
  const busy = new Map<string, number>();
  for (const { caller, callee, calls } of edges) {
    for (const name of [caller, callee]) busy.set(name, (busy.get(name) ?? 0) + calls);
    if (caller === callee) continue;
    const [a, b] = caller < callee ? [caller, callee] : [callee, caller];
    const of = weights.get(a) ?? new Map<string, number>();
    weights.set(a, of);
    of.set(b, (of.get(b) ?? 0) + calls);
  }
  const graph = new UndirectedGraph<object, { weight: number }>();
  const names = [...busy.keys()].sort(compareText);
  for (const name of names) graph.addNode(name);
  for (const a of [...weights.keys()].sort(compareText))
    for (const [b, weight] of [...weights.get(a)!].sort(([x], [y]) => compareText(x, y))) graph.addEdge(a, b, { weight });
  // Without a call between two services there is nothing to group, and the method divides by the sum of weights.
  const group = graph.size === 0 ? Object.fromEntries(names.map((name, i) => [name, i])) : louvain(graph, { randomWalk: false });
  const busiest = new Map<number, string>();
  for (const name of names) {
    const best = busiest.get(group[name]!);
    if (best === undefined || busy.get(name)! > busy.get(best)!) busiest.set(group[name]!, name);
  }
  return new Map(names.map((name) => [name, busiest.get(group[name]!)!]));
}
