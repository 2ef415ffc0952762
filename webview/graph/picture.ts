/**
 * What of the call graph is drawn: services, the folded rest as one node, and the edges that matter among them. The structure comes from
 * the whole analysis and not from the filter, so that services keep their places while filter and time range change.
 */
import type { Edge, Graph, ServiceId, ServiceNode } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import type { LayoutEdge, LayoutNode } from './layers.ts';

/** The node that stands for all services that are not drawn. Not an id of any service. */
export const OTHERS = -2;
/** Up to this many services every edge is drawn. */
export const FOLD_ABOVE = 60;
const FOLD_BELOW_SHARE = 0.005;
const EDGES_INTO_OTHERS = 2;

/** An edge of the picture; those from or to the folded rest stand for several and have no details. */
export interface DrawnEdge extends LayoutEdge {
  readonly edge: Edge | null;
  readonly calls: number;
}
export interface Picture {
  readonly services: readonly ServiceNode[];
  readonly nodes: readonly LayoutNode[];
  readonly edges: readonly DrawnEdge[];
  /** Edges of a service that are not drawn, by their caller. */
  readonly folded: ReadonlyMap<ServiceId, number>;
  readonly hidden: number;
}

/**
 * `scoped` are edges of the present filter; an edge without a call in it is laid out all the same but has 0 calls. `folding` off: the
 * missing services are left out by wish (focus, hidden), not folded.
 */
export function picture(
  graph: Graph,
  scoped: readonly Edge[],
  directory: Directory,
  selected: ServiceId | undefined,
  folding: boolean,
): Picture {
  const shown = new Map(graph.services.map((s) => [s.id, s]));
  const now = new Map(scoped.map((e) => [e.id, e]));
  const nodes: LayoutNode[] = graph.services.map((s) => ({ id: s.id, name: s.name, rank: directory.service(s.id)?.rank ?? s.rank }));
  const inner = directory.edges.filter((e) => shown.has(e.from) && shown.has(e.to));
  const folded = new Map<ServiceId, number>();
  const fold = (e: Edge) => folded.set(e.from, (folded.get(e.from) ?? 0) + 1);
  const kept = graph.services.length > FOLD_ABOVE ? important(inner, selected, fold) : inner;
  const edges: DrawnEdge[] = kept.map((e) => drawn(e, now.get(e.id)));
  if (folding && graph.hiddenServices > 0) {
    for (const e of directory.edges) if (shown.has(e.from) && !shown.has(e.to)) fold(e);
    addOthers(nodes, edges, shown, directory, scoped, graph.hiddenServices);
  }
  return { services: graph.services, nodes, edges, folded, hidden: graph.hiddenServices };
}

const drawn = (e: Edge, now: Edge | undefined): DrawnEdge => ({
  id: e.id,
  from: e.from,
  to: e.to,
  weight: e.latency.calls,
  back: e.back,
  edge: now ?? null,
  calls: now?.latency.calls ?? 0,
});

/** Edges with enough calls, those of the selection, and the busiest one into each service: none stands alone. */
function important(edges: readonly Edge[], selected: ServiceId | undefined, fold: (e: Edge) => void): Edge[] {
  let total = 0;
  const busiest = new Map<ServiceId, Edge>();
  for (const e of edges) {
    total += e.latency.calls;
    const known = busiest.get(e.to);
    if (!known || e.latency.calls > known.latency.calls) busiest.set(e.to, e);
  }
  return edges.filter((e) => {
    const keep = e.latency.calls >= total * FOLD_BELOW_SHARE || e.from === selected || e.to === selected || busiest.get(e.to) === e;
    if (!keep) fold(e);
    return keep;
  });
}

function addOthers(
  nodes: LayoutNode[],
  edges: DrawnEdge[],
  shown: ReadonlyMap<ServiceId, ServiceNode>,
  directory: Directory,
  scoped: readonly Edge[],
  hidden: number,
): void {
  const called = new Set(edges.map((e) => e.to));
  const into = new Map<ServiceId, { weight: number; calls: number }>();
  const from = new Map<ServiceId, { weight: number; calls: number }>();
  const add = (map: typeof into, id: ServiceId, weight: number, calls: number) => {
    const sum = map.get(id) ?? { weight: 0, calls: 0 };
    map.set(id, { weight: sum.weight + weight, calls: sum.calls + calls });
  };
  const now = new Map(scoped.map((e) => [e.id, e.latency.calls]));
  for (const e of directory.edges) {
    if (shown.has(e.from) && !shown.has(e.to)) add(into, e.from, e.latency.calls, now.get(e.id) ?? 0);
    // A drawn service never floats: callers that are folded stand in this node.
    if (!shown.has(e.from) && shown.has(e.to) && !called.has(e.to)) add(from, e.to, e.latency.calls, now.get(e.id) ?? 0);
  }
  const rankOf = (id: ServiceId) => directory.service(id)?.rank ?? 0;
  const right = Math.min(...[...from.keys()].map(rankOf));
  const callers = [...into].sort((a, b) => b[1].weight - a[1].weight || a[0] - b[0]);
  const rank = Number.isFinite(right)
    ? Math.max(1, right - 1)
    : Math.max(1, 1 + Math.min(...callers.slice(0, EDGES_INTO_OTHERS).map(([id]) => rankOf(id))));
  nodes.push({ id: OTHERS, name: `+${hidden}`, rank });
  // Ids of real edges are not negative.
  let id = -1;
  for (const [caller, sum] of callers.filter(([c]) => rankOf(c) < rank).slice(0, EDGES_INTO_OTHERS))
    edges.push({ id: id--, from: caller, to: OTHERS, weight: sum.weight, back: false, edge: null, calls: sum.calls });
  for (const [callee, sum] of from)
    if (rankOf(callee) > rank)
      edges.push({ id: id--, from: OTHERS, to: callee, weight: sum.weight, back: false, edge: null, calls: sum.calls });
}

/** Everything upstream and downstream of a service, itself included, and the edges on the way. */
export function path(
  edges: readonly DrawnEdge[],
  start: number,
): { readonly nodes: ReadonlySet<number>; readonly edges: ReadonlySet<number> } {
  const nodes = new Set([start]);
  const marked = new Set<number>();
  for (const way of ['from', 'to'] as const) {
    const seen = new Set([start]);
    const todo = [start];
    for (let id = todo.pop(); id !== undefined; id = todo.pop())
      for (const e of edges) {
        if (e.calls === 0 || e[way] !== id) continue;
        marked.add(e.id);
        const other = way === 'from' ? e.to : e.from;
        if (seen.has(other)) continue;
        seen.add(other);
        nodes.add(other);
        todo.push(other);
      }
  }
  return { nodes, edges: marked };
}

/** The service an arrow key leads to from `at`: right the busiest callee, left the busiest caller, up and down in the same column. */
export function neighbour(
  key: string,
  at: number,
  edges: readonly DrawnEdge[],
  places: ReadonlyMap<number, { readonly id: number; readonly column: number; readonly y: number }>,
): number | undefined {
  const busiest = (list: readonly DrawnEdge[]) =>
    list.filter((e) => e.calls > 0 && e.from !== e.to).sort((a, b) => b.calls - a.calls || a.id - b.id)[0];
  if (key === 'ArrowRight') return busiest(edges.filter((e) => e.from === at))?.to;
  if (key === 'ArrowLeft') return busiest(edges.filter((e) => e.to === at))?.from;
  if (key !== 'ArrowUp' && key !== 'ArrowDown') return undefined;
  const me = places.get(at);
  const column = [...places.values()].filter((p) => p.column === me?.column).sort((a, b) => a.y - b.y);
  return column[column.findIndex((p) => p.id === at) + (key === 'ArrowDown' ? 1 : -1)]?.id;
}
