/** A bounded part of a place, to learn from: stretches of consecutive requests, evenly spread over the capture. */
import { listByType, type Scene } from './scene.ts';

export interface Sample {
  readonly scene: Scene;
  /** Parents of the sample all of whose possible children are in it: only they may be learned from. */
  readonly whole: readonly number[];
}

/** Stretches; fewer would see less of a capture's changes, more would have more borders. */
export const STRETCHES = 4;

/** The sample has about `children` children; the scene itself when it has hardly more. Another `offsetShare` in 0..1 gives other stretches. */
export function sampleOf(scene: Scene, children: number, offsetShare = 0.5): Sample {
  if (scene.children <= 1.25 * children) return { scene, whole: Array.from({ length: scene.parents }, (_, q) => q) };
  const { offset, parent } = scene.c;
  const each = Math.ceil((scene.parents * children) / scene.children / STRETCHES);
  // New number of each parent, -1: not in the sample.
  const parentNumber = new Int32Array(scene.parents).fill(-1);
  const parents: number[] = [];
  for (let stretch = 0; stretch < STRETCHES; stretch++) {
    const from = Math.floor(((scene.parents - each) * (stretch + offsetShare)) / STRETCHES);
    for (let q = from; q < from + each; q++) if (parentNumber[q]! < 0) parentNumber[q] = parents.push(q) - 1;
  }
  const cut = new Uint8Array(parents.length);
  const chosen: number[] = [];
  const rows = [0];
  const candidates: number[] = [];
  for (let i = 0; i < scene.children; i++) {
    let inside = 0;
    const many = offset[i + 1]! - offset[i]!;
    for (let k = offset[i]!; k < offset[i + 1]!; k++) if (parentNumber[parent[k]!]! >= 0) inside++;
    if (inside === 0) continue;
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const q = parentNumber[parent[k]!]!;
      if (q < 0) continue;
      if (inside < many) cut[q] = 1;
      else candidates.push(q);
    }
    if (inside < many) continue;
    chosen.push(i);
    rows.push(candidates.length);
  }
  const pick = <T extends Float64Array | Int32Array | Uint8Array>(column: T, numbers: readonly number[]): T => {
    const copy = column.slice(0, numbers.length) as T;
    for (let z = 0; z < numbers.length; z++) copy[z] = column[numbers[z]!]!;
    return copy;
  };
  const c = { ...scene.c, offset: Int32Array.from(rows), parent: Int32Array.from(candidates) };
  const childType = pick(scene.childType, chosen);
  let ambiguous = 0;
  for (let i = 0; i < chosen.length; i++) if (rows[i + 1]! - rows[i]! > 1) ambiguous++;
  const sample: Scene = {
    ...scene,
    parents: parents.length,
    children: chosen.length,
    parentRow: pick(scene.parentRow, parents),
    childRow: pick(scene.childRow, chosen),
    start: pick(scene.start, parents),
    end: pick(scene.end, parents),
    answered: pick(scene.answered, parents),
    sent: pick(scene.sent, chosen),
    done: pick(scene.done, chosen),
    unanswered: pick(scene.unanswered, chosen),
    parentType: pick(scene.parentType, parents),
    childType,
    parentGroup: pick(scene.parentGroup, parents),
    childGroup: pick(scene.childGroup, chosen),
    parentKey: scene.parentKey && pick(scene.parentKey, parents),
    childKey: scene.childKey && pick(scene.childKey, chosen),
    c,
    ends: pick(scene.ends, chosen),
    root: pick(scene.root, parents),
    opens: pick(scene.opens, parents),
    closes: pick(scene.closes, parents),
    ambiguous,
    byType: listByType(childType, scene.byType.length),
    burst: pick(scene.burst, chosen),
  };
  return { scene: sample, whole: parents.map((_, q) => q).filter((q) => cut[q] === 0) };
}
