/** Which rows a waterfall shows, in display order: depth first, children by start, with collapsing, folding and restrictions. */
import { type Analysis, Mark } from '../analysis.ts';
import { quantile } from '../stats/latency.ts';
import { isFailed } from './selection.ts';

/** More children of one kind under one span than this are one group row. */
export const MAX_SAME_KIND = 2000;

export interface Group {
  /** Its first call stands for it. */
  readonly call: number;
  readonly members: readonly number[];
  readonly startNs: number;
  readonly endNs: number;
  readonly medianNs: number;
  readonly errors: number;
}
export interface Layout {
  /** Call row, or ~index of a group. */
  readonly items: Int32Array;
  readonly groups: readonly Group[];
}
export interface LayoutOptions {
  /** Calls whose children are not shown; of a group's first call: the group is opened. */
  readonly collapsed: ReadonlySet<number>;
  /** By position within the trace: 1 for calls on the critical path and those above them. */
  readonly only?: Uint8Array;
  readonly measuredOnly?: boolean;
}

export function layoutOf(a: Analysis, trace: number, options: LayoutOptions): Layout {
  const { forest } = a;
  const from = forest.first[trace]!;
  const to = forest.first[trace + 1]!;
  const items = new Int32Array(to - from);
  const groups: Group[] = [];
  const folded = new Map<number, Map<number, { group: Group; index: number; shown: boolean }>>();
  const allowed = (p: number): boolean => {
    if (options.only !== undefined && options.only[p - from] === 0) return false;
    const row = forest.order[p]!;
    return !options.measuredOnly || forest.parent[row]! < 0 || (a.marks[row]! & Mark.proven) !== 0;
  };
  let n = 0;
  for (let p = from; p < to; ) {
    if (!allowed(p)) {
      p += forest.size[p]!;
      continue;
    }
    const row = forest.order[p]!;
    const fold = folded.size === 0 ? undefined : folded.get(forest.parent[row]!)?.get(a.endpoints.of[row]!);
    if (fold !== undefined && !options.collapsed.has(fold.group.call)) {
      if (!fold.shown) items[n++] = ~fold.index;
      fold.shown = true;
      p += forest.size[p]!;
      continue;
    }
    items[n++] = row;
    if (fold === undefined && options.collapsed.has(row)) {
      p += forest.size[p]!;
      continue;
    }
    if (forest.size[p]! > MAX_SAME_KIND) foldChildren(a, p, allowed, groups, folded);
    p++;
  }
  return { items: items.slice(0, n), groups };
}

function foldChildren(
  a: Analysis,
  p: number,
  allowed: (p: number) => boolean,
  groups: Group[],
  folded: Map<number, Map<number, { group: Group; index: number; shown: boolean }>>,
): void {
  const { forest } = a;
  const kinds = new Map<number, number[]>();
  const end = p + forest.size[p]!;
  for (let k = p + 1; k < end; k += forest.size[k]!) {
    if (!allowed(k)) continue;
    const child = forest.order[k]!;
    const held = kinds.get(a.endpoints.of[child]!);
    if (held) held.push(child);
    else kinds.set(a.endpoints.of[child]!, [child]);
  }
  for (const [kind, members] of kinds) {
    if (members.length <= MAX_SAME_KIND) continue;
    const group = groupOf(a, members);
    const row = forest.order[p]!;
    const held = folded.get(row) ?? new Map();
    folded.set(row, held);
    held.set(kind, { group, index: groups.length, shown: false });
    groups.push(group);
  }
}

function groupOf(a: Analysis, members: readonly number[]): Group {
  let endNs = Number.NEGATIVE_INFINITY;
  let errors = 0;
  const latencies = new Float64Array(members.length);
  members.forEach((row, i) => {
    endNs = Math.max(endNs, a.times.outerEnd(row));
    latencies[i] = a.times.outerEnd(row) - a.times.outerStart(row);
    if (isFailed(a, row)) errors++;
  });
  const call = members[0]!;
  return { call, members, startNs: a.times.outerStart(call), endNs, medianNs: quantile(latencies.sort(), 0.5), errors };
}
