/** Optimal reassignment of one (child type, ordinal among its parent's calls of that type) at a time, the rest fixed. */
import { type Assignment, FLOOR } from './assignment.ts';
import { auction } from './matching.ts';

const EPSILON = 0.02;

/** Parents flagged in `active` and their rivals only, when given. Types flagged in `frozen` are left alone. @returns children moved */
export function rematch(a: Assignment, active: Uint8Array | null, frozen: Uint8Array | null): number {
  const { scene } = a;
  const { offset, parent: candidate } = scene.c;
  const proposal = a.parent.slice();
  const object = new Int32Array(scene.parents);
  const base = new Float64Array(scene.parents);
  const stamp = new Int32Array(scene.parents);
  const member = new Int32Array(scene.parents);
  const rank = new Int32Array(scene.children);
  let round = 0;
  let moved = 0;
  for (let t = 0; t < scene.byType.length; t++) {
    if (frozen?.[t]) continue;
    const groups = groupsOf(a, t, active, rank);
    for (const group of groups) {
      round++;
      for (const i of group) {
        const q = a.parent[i]!;
        if (q < 0) continue;
        stamp[q] = -round;
        member[q] = i;
      }
      scene.tick();
      const rows = new Int32Array(group.length + 1);
      const objects: number[] = [];
      const values: number[] = [];
      const parents: number[] = [];
      group.forEach((i, z) => {
        for (let k = offset[i]!; k < offset[i + 1]!; k++) {
          const q = candidate[k]!;
          if (stamp[q] !== round) {
            // First seen in this group: likelihood without the group's own call.
            if (stamp[q] === -round) base[q] = a.variant(q, -1, member[q]!);
            else {
              base[q] = a.likelihood[q]!;
              member[q] = -1;
            }
            stamp[q] = round;
            object[q] = parents.push(q) - 1;
          }
          objects.push(object[q]!);
          const kept = member[q]! === i ? a.likelihood[q]! : a.variant(q, i, member[q]!);
          values.push(kept - base[q]!);
        }
        rows[z + 1] = objects.length;
      });
      const assigned = auction(group.length, parents.length, rows, objects, values, FLOOR, EPSILON);
      let changed = false;
      group.forEach((i, z) => {
        const q = assigned[z]! >= 0 ? parents[assigned[z]!]! : -1;
        if (q === a.parent[i]) return;
        proposal[i] = q;
        changed = true;
      });
      if (changed) moved += a.merge(proposal, group);
      for (const i of group) proposal[i] = a.parent[i]!;
    }
  }
  return moved;
}

/** The children of type t that may move, by their ordinal at their parent. */
function groupsOf(a: Assignment, t: number, active: Uint8Array | null, rank: Int32Array): number[][] {
  const { byType, childType, c } = a.scene;
  const groups: number[][] = [];
  const seen = new Uint8Array(a.scene.parents);
  for (const i of byType[t]!) {
    const q = a.parent[i]!;
    if (q < 0) rank[i] = 0;
    else if (seen[q] === 0) {
      seen[q] = 1;
      let ordinal = 0;
      for (const j of a.children[q]!) if (childType[j] === t) rank[j] = ordinal++;
    }
  }
  for (const i of byType[t]!) {
    const from = c.offset[i]!;
    const to = c.offset[i + 1]!;
    if (to === from || (a.contested[i] === 0 && a.parent[i]! >= 0)) continue;
    let wanted = active === null;
    for (let k = from; k < to && !wanted; k++) wanted = active![c.parent[k]!] === 1;
    if (!wanted) continue;
    while (groups.length <= rank[i]!) groups.push([]);
    groups[rank[i]!]!.push(i);
  }
  return groups.filter((group) => group.length > 0);
}
