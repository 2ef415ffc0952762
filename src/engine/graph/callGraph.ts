import { DirectedGraph } from 'graphology';
import type { Analysis } from '../analysis.ts';
import type { Tally } from './tally.ts';

export interface ServiceAttributes {
  /** Mean observed depth; clients stand at 0. */
  depth: number;
  /** Column in the picture. */
  rank: number;
}
export interface EdgeAttributes {
  edge: number;
  calls: number;
  /** Closes a cycle. */
  back: boolean;
}
export type CallGraph = DirectedGraph<ServiceAttributes, EdgeAttributes>;

/** The services and edges that occur in a tally, with ranks and back edges. Node keys are service ids as text. */
export function callGraph(a: Analysis, t: Tally): CallGraph {
  const graph: CallGraph = new DirectedGraph({ allowSelfLoops: true });
  a.services.forEach((_, id) => {
    if (t.seen[id]! === 0) return;
    graph.addNode(String(id), { depth: t.calls[id]! > 0 ? t.depth[id]! / t.calls[id]! : 0, rank: 0 });
  });
  a.edges.forEach((pair, edge) => {
    const calls = t.edgeCalls[edge]!;
    if (calls > 0) graph.addDirectedEdgeWithKey(String(edge), String(pair.from), String(pair.to), { edge, calls, back: false });
  });
  markBackEdges(a, graph);
  rank(graph);
  return graph;
}

/** Depth first from the services nearest to the outside, the busiest callee first: an edge to a service on the way there closes a cycle. */
function markBackEdges(a: Analysis, graph: CallGraph): void {
  const name = (node: string) => a.services[Number(node)]!.name;
  const depth = (node: string) => graph.getNodeAttribute(node, 'depth');
  const starts = graph.nodes().sort((x, y) => depth(x) - depth(y) || compareText(name(x), name(y)) || Number(x) - Number(y));
  const state = new Map<string, 1 | 2>(); // 1: on the way, 2: done
  for (const start of starts) {
    if (state.has(start)) continue;
    const stack: { node: string; edges: string[]; next: number }[] = [];
    const enter = (node: string) => {
      state.set(node, 1);
      const edges = graph
        .outEdges(node)
        .sort((x, y) => graph.getEdgeAttribute(y, 'calls') - graph.getEdgeAttribute(x, 'calls') || Number(x) - Number(y));
      stack.push({ node, edges, next: 0 });
    };
    enter(start);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!;
      const edge = top.edges[top.next++];
      if (edge === undefined) {
        state.set(top.node, 2);
        stack.pop();
        continue;
      }
      const to = graph.target(edge);
      if (state.get(to) === 1) graph.setEdgeAttribute(edge, 'back', true);
      else if (!state.has(to)) enter(to);
    }
  }
}

/** Rounded mean observed depth; then every forward edge pushes its callee at least one column right of its caller. */
function rank(graph: CallGraph): void {
  const waiting = new Map<string, number>();
  const ready: string[] = [];
  graph.forEachNode((node, { depth }) => {
    graph.setNodeAttribute(node, 'rank', Math.round(depth));
    let callers = 0;
    graph.forEachInEdge(node, (_, { back }) => {
      if (!back) callers++;
    });
    waiting.set(node, callers);
    if (callers === 0) ready.push(node);
  });
  for (let i = 0; i < ready.length; i++) {
    const node = ready[i]!;
    const right = graph.getNodeAttribute(node, 'rank') + 1;
    graph.forEachOutEdge(node, (_, { back }, __, to) => {
      if (back) return;
      if (graph.getNodeAttribute(to, 'rank') < right) graph.setNodeAttribute(to, 'rank', right);
      const left = waiting.get(to)! - 1;
      waiting.set(to, left);
      if (left === 0) ready.push(to);
    });
  }
  closeGaps(graph);
}

/** Columns are numbered without gaps. */
function closeGaps(graph: CallGraph): void {
  const used = [...new Set(graph.mapNodes((_, { rank }) => rank))].sort((x, y) => x - y);
  const place = new Map(used.map((rank, i) => [rank, i]));
  graph.updateEachNodeAttributes((_, attributes) => ({ ...attributes, rank: place.get(attributes.rank)! }));
}

/** Services within `hops` calls of one, callers and callees. */
export function neighbourhood(graph: CallGraph, focus: number, hops: number): Set<string> {
  const start = String(focus);
  const near = new Set<string>();
  if (!graph.hasNode(start)) return near;
  near.add(start);
  let ring = [start];
  for (let hop = 0; hop < hops && ring.length > 0; hop++) {
    const next: string[] = [];
    for (const node of ring)
      graph.forEachNeighbor(node, (other) => {
        if (near.has(other)) return;
        near.add(other);
        next.push(other);
      });
    ring = next;
  }
  return near;
}

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
