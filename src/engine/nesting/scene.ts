/** What choosing needs of one place, in the event model's terms. */
import type { Candidates } from './candidates.ts';
import { BINS, binOf, density } from './histogram.ts';
import type { Problem } from './problem.ts';

/** '': by type alone; by the position among the in-calls of a transaction, in order of start or of end; or the last to end, which acts when all have come. */
export type Division = '' | 'start' | 'end' | 'gather';

export interface Scene extends Problem {
  readonly c: Candidates;
  /** When the child's end counts as an event: at least 10 ns after its start (so that it sorts after it), -Infinity when nobody waits for it. */
  readonly ends: Float64Array;
  /** Where a parent's signature starts: its type, or (type, position in the transaction) at fan-in services. Below `roots`. */
  readonly root: Int32Array;
  readonly roots: number;
  /** How roots were divided by position: not at all, or by order of start or end. */
  readonly division: Division;
  /** Stable names of the roots. */
  readonly rootNames: readonly string[];
  /** The interval in which a parent may get children; wider than the parent where slack is used. */
  readonly opens: Float64Array;
  readonly closes: Float64Array;
  /** Children with more than one candidate. */
  readonly ambiguous: number;
  readonly byType: readonly Int32Array[];
  /** Density (per ns) of the time since the previous call of the type here, whoever sent it: high inside bursts. */
  readonly burst: Float64Array;
  /** Called after bounded pieces of work; throws when the run is cancelled. */
  readonly tick: () => void;
}

/** The children of each type, ascending. */
export function listByType(childType: Int32Array, types: number): Int32Array[] {
  const lists: number[][] = Array.from({ length: types }, () => []);
  childType.forEach((t, i) => {
    lists[t]!.push(i);
  });
  return lists.map((list) => Int32Array.from(list));
}

/** What `burst` says; it depends on no assignment. */
function bursts(p: Problem, byType: readonly Int32Array[]): Float64Array {
  const result = new Float64Array(p.children);
  const counts = new Float64Array(BINS);
  const densities = new Float64Array(BINS);
  for (const list of byType) {
    counts.fill(0);
    for (let k = 1; k < list.length; k++) counts[binOf(p.sent[list[k]!]! - p.sent[list[k - 1]!]!)]!++;
    density(counts, 0, Math.max(0, list.length - 1), densities, true);
    for (let k = 1; k < list.length; k++) result[list[k]!] = densities[binOf(p.sent[list[k]!]! - p.sent[list[k - 1]!]!)]!;
  }
  return result;
}

export function makeScene(p: Problem, c: Candidates, tick: () => void = () => {}): Scene {
  const { offset, parent, slack } = c;
  const opens = p.start.slice();
  const closes = p.end.slice();
  const ends = new Float64Array(p.children);
  let ambiguous = 0;
  for (let i = 0; i < p.children; i++) {
    const from = offset[i]!;
    const to = offset[i + 1]!;
    if (to - from > 1) ambiguous++;
    const t = p.childType[i]!;
    let inside = from === to;
    for (let k = from; k < to && !inside; k++) inside = p.done[i]! <= p.end[parent[k]!]! + slack.after[t]! + 20e6;
    const waited = inside && slack.detached[t] === 0 && p.unanswered[i] === 0;
    ends[i] = waited ? Math.max(p.done[i]!, p.sent[i]! + 10) : Number.NEGATIVE_INFINITY;
    for (let k = from; k < to; k++) {
      const q = parent[k]!;
      opens[q] = Math.min(opens[q]!, p.sent[i]!);
      closes[q] = Math.max(closes[q]!, waited ? ends[i]! : p.sent[i]!);
    }
  }
  const byType = listByType(p.childType, p.childTypes.length);
  return {
    ...p,
    c,
    ends,
    root: p.parentType,
    roots: p.parentTypes.length,
    division: '',
    rootNames: p.parentTypes,
    opens,
    closes,
    ambiguous,
    byType,
    burst: bursts(p, byType),
    tick,
  };
}
