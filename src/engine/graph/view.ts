/** The call graph as views get it: nodes and edges with figures, folded to what can be drawn. */
import type { Edge, Graph, ServiceNode } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { PROTOCOLS } from '../protocols/names.ts';
import { summariseAll } from '../table/dropped.ts';
import { isFailed, type Selection } from '../table/selection.ts';
import { type CallGraph, callGraph, compareText, neighbourhood } from './callGraph.ts';
import { median, type Tally, tally } from './tally.ts';

const MAX_DRAWN = 400;
const MAX_ADDRESSES = 8;
const SWATCHES = 12;

export interface GraphFacts {
  readonly tally: Tally;
  readonly graph: CallGraph;
  /** Occurring services and edges by id; undefined: not in this scope. */
  readonly services: readonly (ServiceNode | undefined)[];
  readonly edges: readonly (Edge | undefined)[];
}

/** Swatch by service: place by self time over everything within its tenant, ties by name; -1 beyond the colours there are. */
export function swatches(a: Analysis, whole: Tally): Int32Array {
  const out = new Int32Array(a.services.length).fill(-1);
  const next = new Map<string, number>();
  const order = a.services.map((_, id) => id).filter((id) => whole.calls[id]! > 0 && !a.services[id]!.isClients);
  order.sort((x, y) => whole.selfNs[y]! - whole.selfNs[x]! || compareText(a.services[x]!.name, a.services[y]!.name));
  for (const id of order) {
    const { tenant } = a.services[id]!;
    const place = next.get(tenant) ?? 0;
    if (place < SWATCHES) out[id] = place;
    next.set(tenant, place + 1);
  }
  return out;
}

export function graphFacts(selection: Selection, swatch: Int32Array): GraphFacts {
  const a = selection.analysis;
  const { dropped } = selection;
  const t = tally(a, selection.counted, (row) => isFailed(a, row), dropped);
  const graph = callGraph(a, t);
  let self = 0;
  for (const ns of t.selfNs) self += ns;
  const services = a.services.map((service, id): ServiceNode | undefined => {
    if (!graph.hasNode(String(id))) return undefined;
    return {
      id,
      name: service.name,
      tenant: service.tenant,
      namedBy: service.namedBy,
      addresses: service.addresses.slice(0, MAX_ADDRESSES),
      instances: service.instances,
      protocols: PROTOCOLS.filter((_, p) => (t.protocols[id]! & (1 << p)) !== 0),
      isClients: service.isClients,
      rank: graph.getNodeAttribute(String(id), 'rank'),
      inbound: summariseAll(selection.latencyByService.of(id), t.calls[id]!, t.errors[id]!, dropped?.answered(id)?.latency),
      selfShare: self > 0 ? t.selfNs[id]! / self : 0,
      swatch: swatch[id]!,
    };
  });
  const edges = a.edges.map((pair, id): Edge | undefined => {
    const calls = t.edgeCalls[id]!;
    if (calls === 0) return undefined;
    return {
      id,
      from: pair.from,
      to: pair.to,
      latency: summariseAll(selection.latencyByEdge.of(id), calls, t.edgeErrors[id]!, dropped?.edge(id)?.latency),
      rttP50Ns: median(t.edgeRtts[id], t.edgeReleasedRtts[id]),
      retransmissions: t.edgeRetransmissions[id]!,
      guessedShare: t.edgeGuesses[id]! / calls,
      confidence: t.edgeConfidence[id]! / calls,
      back: graph.getEdgeAttribute(String(id), 'back'),
    };
  });
  return { tally: t, graph, services, edges };
}

export interface GraphQuestion {
  readonly maxServices: number;
  readonly focus?: number;
  readonly hops?: number;
  readonly hidden?: readonly number[];
}

/** What to draw: the neighbourhood of the focus, without what is hidden, and of the rest those with most time on critical paths. */
export function graphView(facts: GraphFacts, q: GraphQuestion): Graph {
  const { tally: t } = facts;
  const present = facts.services.filter((s) => s !== undefined);
  const hidden = new Set(q.hidden);
  const near = q.focus === undefined ? undefined : neighbourhood(facts.graph, q.focus, Math.min(20, Math.max(0, Math.trunc(q.hops ?? 1))));
  const limit = Math.min(MAX_DRAWN, Math.max(1, Math.trunc(q.maxServices) || 1));
  // Who calls from outside is no service and no load of its own but where the picture begins: it stays if any it calls does, uncounted.
  const weight = (s: ServiceNode) => (s.id === q.focus ? Number.POSITIVE_INFINITY : t.criticalNs[s.id]!);
  const candidates = present.filter((s) => !hidden.has(s.id) && (near === undefined || near.has(String(s.id))));
  const working = candidates
    .filter((s) => !s.isClients)
    .sort((x, y) => weight(y) - weight(x) || compareText(x.name, y.name) || x.id - y.id);
  const outside = candidates.filter((s) => s.isClients);
  const kept = new Set(working.slice(0, Math.max(1, Math.min(limit, MAX_DRAWN - outside.length))).map((s) => s.id));
  for (const s of outside.slice(0, limit)) if (facts.edges.some((e) => e?.from === s.id && kept.has(e.to))) kept.add(s.id);
  const services = withoutGaps(present.filter((s) => kept.has(s.id)));
  const edges = facts.edges.filter((e) => e !== undefined && kept.has(e.from) && kept.has(e.to)) as Edge[];
  let hiddenCalls = 0;
  let hiddenEdges = 0;
  for (const e of facts.edges) {
    if (e === undefined || (kept.has(e.from) && kept.has(e.to))) continue;
    hiddenEdges++;
    hiddenCalls += e.latency.calls;
  }
  return { services, edges, hiddenServices: present.length - services.length, hiddenEdges, hiddenCalls };
}

/** Folding empties columns: what is left moves together. */
function withoutGaps(services: readonly ServiceNode[]): ServiceNode[] {
  const used = [...new Set(services.map((s) => s.rank))].sort((x, y) => x - y);
  const place = new Map(used.map((rank, i) => [rank, i]));
  return services.map((s) => ({ ...s, rank: place.get(s.rank)! }));
}
