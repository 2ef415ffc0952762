import type { PatternRow } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { rootOf, spansOf } from '../traces/forest.ts';
import type { PatternIndex, PatternInScope } from '../traces/patterns.ts';
import { summariseWith } from './dropped.ts';
import type { Selection } from './selection.ts';

const SAMPLED = 200;
const MAX_NODES = 400;
/** So many calls of one kind from one place are worth a mark: one query a list entry, most likely. */
const MIN_REPEATS = 3;

/** A node of the shape: children alike are one node. Sums run over the sampled transactions. */
interface Node extends Counted {
  readonly depth: number;
  readonly service: number;
  readonly endpoint: number;
  readonly children: Map<number, Node>;
  /** Calls of one endpoint from here, of whatever shape they are. */
  readonly kinds: Map<number, Counted>;
  offsetNs: number;
  durationNs: number;
}
interface Counted {
  calls: number;
  /** Calls that made at least one of them. */
  parents: number;
  /** Those that ran beside another one. */
  overlaps: number;
}

/** Figures of one shape; times of its nodes are means over at most 200 evenly spaced transactions, counts and latency are of all. */
export function patternRow(a: Analysis, index: PatternIndex, p: PatternInScope, s: Selection): PatternRow {
  const n = p.traces.length;
  const dropped = s.dropped?.digest.patterns.get(p.shape);
  // Times of the uniform sample; where none of the shape is in it, of those that were kept.
  const sample = p.traces.filter((t) => s.countedTraces[t] === 1);
  const drawn = sample.length > 0 ? sample : p.traces;
  const durations = Float64Array.from(p.traces, (t) => a.times.latency(rootOf(a.forest, t)))
    .filter((v) => !Number.isNaN(v))
    .sort();
  let errors = 0;
  for (const t of p.traces) if (a.traces.errors[t]! > 0) errors++;
  const example = p.traces[0]!;
  const root = rootOf(a.forest, example);
  const top = newNode(0, a.callee[root]!, a.endpoints.of[root]!);
  const sampled = Math.min(drawn.length, SAMPLED);
  let spans = 0;
  for (let i = 0; i < sampled; i++) {
    const t = drawn[Math.floor((i * drawn.length) / sampled)]!;
    spans += spansOf(a.forest, t);
    addTrace(a, index, t, top);
  }
  const nodes: PatternRow['nodes'][number][] = [];
  const repeats: PatternRow['repeats'][number][] = [];
  const stack: Node[] = [top];
  while (stack.length > 0 && nodes.length < MAX_NODES) {
    const node = stack.pop()!;
    const text = a.endpoints.list[node.endpoint]!.text;
    nodes.push({
      depth: node.depth,
      service: node.service,
      endpoint: text,
      times: node.calls / node.parents,
      meanOffsetNs: node.offsetNs / node.calls,
      meanNs: node.durationNs / node.calls,
      parallel: isParallel(node),
    });
    for (const [endpoint, kind] of node.kinds) {
      const { service, text } = a.endpoints.list[endpoint]!;
      const times = kind.calls / kind.parents;
      if (times >= MIN_REPEATS) repeats.push({ text: `${a.services[service]!.name} ${text}`, times, sequential: !isParallel(kind) });
    }
    const children = [...node.children.values()].sort((x, y) => y.offsetNs / y.calls - x.offsetNs / x.calls || y.endpoint - x.endpoint);
    for (const child of children) stack.push(child);
  }
  return {
    id: p.shape.toString(16).padStart(14, '0'),
    entry: `${a.services[a.callee[root]!]!.name} ${a.endpoints.list[a.endpoints.of[root]!]!.text}`,
    count: n + (dropped?.calls ?? 0),
    spans: Math.round(spans / sampled),
    latency: summariseWith(durations, n, errors, dropped),
    repeats,
    nodes,
    exampleTrace: example,
  };
}

const isParallel = ({ calls, overlaps }: Counted): boolean => overlaps * 2 > calls;

/** Counts, among calls that come by start, those that run beside another one: starting before an earlier one has ended, or ending after a later one began. */
class Beside {
  private latestNs = Number.NEGATIVE_INFINITY;
  private last: Counted | undefined;
  private lastCounted = false;

  see(startNs: number, endNs: number, as: Counted): void {
    const beside = startNs < this.latestNs;
    if (beside) {
      as.overlaps++;
      if (!this.lastCounted) this.last!.overlaps++;
      this.lastCounted = true;
    }
    if (endNs <= this.latestNs) return;
    this.latestNs = endNs;
    this.last = as;
    this.lastCounted = beside;
  }
}

const newNode = (depth: number, service: number, endpoint: number): Node => ({
  depth,
  service,
  endpoint,
  children: new Map(),
  kinds: new Map(),
  calls: 0,
  parents: 0,
  offsetNs: 0,
  durationNs: 0,
  overlaps: 0,
});

function addTrace(a: Analysis, index: PatternIndex, trace: number, top: Node): void {
  const { forest, times } = a;
  const from = forest.first[trace]!;
  const hashes = new Float64Array(spansOf(forest, trace));
  index.hashTrace(trace, hashes);
  const start = times.innerStart(forest.order[from]!);
  const stack: { p: number; node: Node }[] = [{ p: from, node: top }];
  count(top, 0, times.innerEnd(forest.order[from]!) - start);
  top.parents++;
  while (stack.length > 0) {
    const { p, node } = stack.pop()!;
    const stop = p + forest.size[p]!;
    const seen = new Set<Counted>();
    const siblings = new Beside();
    const alike = new Map<number, Beside>();
    for (let k = p + 1; k < stop; k += forest.size[k]!) {
      const row = forest.order[k]!;
      const endpoint = a.endpoints.of[row]!;
      let child = node.children.get(hashes[k - from]!);
      if (child === undefined) {
        child = newNode(node.depth + 1, a.callee[row]!, endpoint);
        node.children.set(hashes[k - from]!, child);
      }
      let kind = node.kinds.get(endpoint);
      if (kind === undefined) node.kinds.set(endpoint, (kind = { calls: 0, parents: 0, overlaps: 0 }));
      let others = alike.get(endpoint);
      if (others === undefined) alike.set(endpoint, (others = new Beside()));
      for (const each of [child, kind]) {
        if (!seen.has(each)) each.parents++;
        seen.add(each);
      }
      const at = times.outerStart(row);
      const end = times.outerEnd(row);
      kind.calls++;
      count(child, at - start, end - at);
      siblings.see(at, end, child);
      others.see(at, end, kind);
      stack.push({ p: k, node: child });
    }
  }
}
function count(node: Node, offsetNs: number, durationNs: number): void {
  node.calls++;
  node.offsetNs += offsetNs;
  node.durationNs += durationNs;
}
