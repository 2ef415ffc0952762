/**
 * Fan-in: a service that is called several times in a transaction may make its own calls only on one of them (the last to arrive, say). What callers'
 * places already decided tells which in-calls share a transaction, hence their position in it: 0 middle, 1 first, 2 last, 3 only.
 */
import type { Candidates } from './candidates.ts';
import { type Division, makeScene, type Scene } from './scene.ts';

export interface Positions {
  readonly byStart: Int32Array;
  readonly byEnd: Int32Array;
  /** When the last in-call of the parent's transaction began. */
  readonly complete: Float64Array;
  /** Mean in-calls of a transaction at this place. */
  readonly mean: number;
}

/** `trace`: number of each in-call's transaction as inferred so far. */
export function positionsOf(scene: Scene, trace: (row: number) => number): Positions {
  const groups = new Map<number, number[]>();
  for (let q = 0; q < scene.parents; q++) {
    const of = trace(scene.parentRow[q]!);
    const group = groups.get(of);
    if (group) group.push(q);
    else groups.set(of, [q]);
  }
  const byStart = new Int32Array(scene.parents);
  const byEnd = new Int32Array(scene.parents);
  const complete = new Float64Array(scene.parents);
  const mark = (into: Int32Array, group: readonly number[]) => {
    into[group[0]!]! |= 1;
    into[group[group.length - 1]!]! |= 2;
  };
  for (const group of groups.values()) {
    mark(byStart, group);
    for (const q of group) complete[q] = scene.start[group[group.length - 1]!]!;
    mark(
      byEnd,
      group.sort((a, b) => scene.end[a]! - scene.end[b]! || a - b),
    );
  }
  return { byStart, byEnd, complete, mean: scene.parents / Math.max(1, groups.size) };
}

const NAMES = ['middle', 'first', 'last', 'only'];

/** Share of calls that must have a possible parent that gathers, for a place to be taken for one where only those make calls. */
const GATHERING = 0.97;
const LAST = 2;

/**
 * The place as one that acts when all in-calls of a transaction have come: only the last to end makes calls, and its clock runs from the start of the
 * last to begin. Null where calls have no such parent, unless the place is known to be one: at the borders of a window many lack theirs.
 */
function gathered(scene: Scene, { byEnd, complete }: Positions, known: boolean): Scene | null {
  const { offset, parent } = scene.c;
  const rows = new Int32Array(scene.children + 1);
  const kept: number[] = [];
  let others = 0;
  for (let i = 0; i < scene.children; i++) {
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const q = parent[k]!;
      if (byEnd[q]! >= LAST && complete[q]! <= scene.sent[i]!) kept.push(q);
    }
    if (kept.length === rows[i] && offset[i + 1]! > offset[i]!) {
      others++;
      for (let k = offset[i]!; k < offset[i + 1]!; k++) kept.push(parent[k]!);
    }
    rows[i + 1] = kept.length;
  }
  if (!known && others > (1 - GATHERING) * scene.children) return null;
  const c: Candidates = { ...scene.c, offset: rows, parent: Int32Array.from(kept) };
  const start = scene.start.map((at, q) => (byEnd[q]! >= LAST && complete[q]! <= scene.end[q]! ? complete[q]! : at));
  return { ...makeScene(scene, c, scene.tick), start };
}

/** The same scene with roots divided by each parent's position; delay densities stay shared by type (by all types, where it gathers). Null where that makes no sense. */
export function divided(scene: Scene, positions: Positions, by: Division, known = false): Scene | null {
  if (by === '') return scene;
  const base = by === 'gather' ? gathered(scene, positions, known) : scene;
  if (base === null) return null;
  // Where only the last matters, the only one is the last: a window may have seen the others go.
  const label = by === 'start' ? positions.byStart : by === 'end' ? positions.byEnd : positions.byEnd.map((position) => position & LAST);
  const roots = scene.parentTypes.length * 4;
  return {
    ...base,
    // What comes after all have come doesn't depend on which came last.
    ...(by === 'gather' && { parentType: new Int32Array(scene.parents), parentTypes: ['*'] }),
    root: scene.parentType.map((type, q) => type * 4 + label[q]!),
    roots,
    division: by,
    rootNames: Array.from({ length: roots }, (_, root) => `${scene.parentTypes[root >> 2]}\u0001${by} ${NAMES[root & 3]}`),
  };
}
