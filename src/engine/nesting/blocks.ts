/** Re-solves small groups of parents that compete with each other by a wide beam, the rest fixed. */
import type { Assignment } from './assignment.ts';
import type { Beam } from './beam.ts';
import type { Order } from './order.ts';

const WIDTH = 40;
const PARENTS = 6;
/** Blocks with more children are left to the other moves. */
const CHILDREN = 60;

/** Around each parent flagged in `active`. @returns blocks improved */
export function solveBlocks(a: Assignment, beam: Beam, active: Uint8Array, order: Order | null): number {
  const { scene } = a;
  const { offset, parent: candidate } = scene.c;
  const out = new Int32Array(scene.children);
  // For each rival of a block: calls of the block that could be its.
  const shared = new Map<number, number>();
  const addRivals = (q: number, block: readonly number[]) => {
    for (const i of a.children[q]!) {
      for (let k = offset[i]!; k < offset[i + 1]!; k++) {
        const u = candidate[k]!;
        if (!block.includes(u)) shared.set(u, (shared.get(u) ?? 0) + 1);
      }
    }
  };
  // A parent that was in a block is no centre of another in the same round.
  const solved = new Uint8Array(scene.parents);
  let improved = 0;
  for (let q0 = 0; q0 < scene.parents; q0++) {
    if (active[q0] === 0 || solved[q0] === 1) continue;
    const block = [q0];
    shared.clear();
    addRivals(q0, block);
    while (block.length < PARENTS && shared.size > 0) {
      let best = -1;
      let most = 0;
      for (const [u, many] of shared) {
        if (many < most || (many === most && u > best)) continue;
        best = u;
        most = many;
      }
      shared.delete(best);
      block.push(best);
      addRivals(best, block);
    }
    if (block.length < 2) continue;
    for (const q of block) solved[q] = 1;
    const children: number[] = [];
    for (const q of block) for (const i of a.children[q]!) children.push(i);
    if (children.length === 0 || children.length > CHILDREN) continue;
    block.sort((x, y) => x - y);
    children.sort((x, y) => x - y);
    beam.run(a.model, WIDTH, out, { part: { parents: block, children }, order });
    if (children.every((i) => out[i] === a.parent[i]) || children.some((i) => out[i]! < 0)) continue;
    const split = block.map((q) => children.filter((i) => out[i] === q));
    const likelihood = block.map((q, z) => a.of(q, split[z]!));
    let gain = 0;
    block.forEach((q, z) => {
      gain += likelihood[z]! - a.likelihood[q]!;
    });
    if (a.toll) gain += a.toll.saved(block, split);
    if (gain <= 1e-6) continue;
    block.forEach((q, z) => {
      a.give(q, split[z]!, likelihood[z]!);
    });
    for (const i of children) a.parent[i] = out[i]!;
    improved++;
  }
  return improved;
}
