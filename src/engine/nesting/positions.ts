/**
 * Fan-in: a service that is called several times in a transaction may make its own calls only on one of them (the last to arrive, say). What callers'
 * places already decided tells which in-calls share a transaction, hence their position in it: 0 middle, 1 first, 2 last, 3 only.
 */
import type { Scene } from './scene.ts';

export interface Positions {
  readonly byStart: Int32Array;
  readonly byEnd: Int32Array;
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
  const mark = (into: Int32Array, group: readonly number[]) => {
    into[group[0]!]! |= 1;
    into[group[group.length - 1]!]! |= 2;
  };
  for (const group of groups.values()) {
    mark(byStart, group);
    mark(
      byEnd,
      group.sort((a, b) => scene.end[a]! - scene.end[b]! || a - b),
    );
  }
  return { byStart, byEnd, mean: scene.parents / Math.max(1, groups.size) };
}

const NAMES = ['middle', 'first', 'last', 'only'];

/** The same scene with roots divided by a label of each parent. Delay densities stay shared by type. */
export function divideRoots(scene: Scene, label: Int32Array, by: 'start' | 'end'): Scene {
  const roots = scene.parentTypes.length * 4;
  return {
    ...scene,
    root: scene.parentType.map((type, q) => type * 4 + label[q]!),
    roots,
    division: by,
    rootNames: Array.from({ length: roots }, (_, root) => `${scene.parentTypes[root >> 2]}\u0001${by} ${NAMES[root & 3]}`),
  };
}
