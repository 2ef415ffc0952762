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
interface Node {
  readonly depth: number;
  readonly service: number;
  readonly endpoint: number;
  readonly children: Map<number, Node>;
  calls: number;
  parents: number;
  offsetNs: number;
  durationNs: number;
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
    const times = node.calls / node.parents;
    const parallel = node.overlaps * 2 > node.calls;
    nodes.push({
      depth: node.depth,
      service: node.service,
      endpoint: text,
      times,
      meanOffsetNs: node.offsetNs / node.calls,
      meanNs: node.durationNs / node.calls,
      parallel,
    });
    if (times >= MIN_REPEATS) repeats.push({ text: `${a.services[node.service]!.name} ${text}`, times, sequential: !parallel });
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

const newNode = (depth: number, service: number, endpoint: number): Node => ({
  depth,
  service,
  endpoint,
  children: new Map(),
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
    const seen = new Set<Node>();
    let latest = Number.NEGATIVE_INFINITY;
    let last: Node | undefined;
    for (let k = p + 1; k < stop; k += forest.size[k]!) {
      const row = forest.order[k]!;
      let child = node.children.get(hashes[k - from]!);
      if (child === undefined) {
        child = newNode(node.depth + 1, a.callee[row]!, a.endpoints.of[row]!);
        node.children.set(hashes[k - from]!, child);
      }
      if (!seen.has(child)) child.parents++;
      seen.add(child);
      const at = times.outerStart(row);
      const end = times.outerEnd(row);
      count(child, at - start, end - at);
      // Starting before a sibling has ended makes both of them parallel.
      if (at < latest) {
        child.overlaps++;
        if (last !== undefined && last !== child) last.overlaps++;
      }
      if (end > latest) {
        latest = end;
        last = child;
      }
      stack.push({ p: k, node: child });
    }
  }
}
function count(node: Node, offsetNs: number, durationNs: number): void {
  node.calls++;
  node.offsetNs += offsetNs;
  node.durationNs += durationNs;
}
