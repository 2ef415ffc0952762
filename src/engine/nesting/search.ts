/** Local search and stochastic refinement of one place's assignment. */
import { type Assignment, childrenOf } from './assignment.ts';
import type { Beam } from './beam.ts';
import { solveBlocks } from './blocks.ts';
import { localShares } from './localShare.ts';
import { type Evidence, type Order, orderOf, pays } from './order.ts';
import { rematch } from './rematch.ts';
import { Sampler } from './sampler.ts';
import type { Start } from './starts.ts';
import { Toll } from './toll.ts';

const ROUNDS = 8;
const WIDTH = 16;
const SWEEPS = 2;
const REFINE_ROUNDS = 12;
/** Most proposals of the sampler per place. */
const REFINE_BUDGET = 200_000;

/** Parents with a link whose local share is below 0.9. */
export function unsureParents(a: Assignment): Uint8Array {
  const shares = localShares(a, 1.5);
  const flags = new Uint8Array(a.scene.parents);
  for (let i = 0; i < a.scene.children; i++) if (a.parent[i]! >= 0 && shares[i]! < 0.9) flags[a.parent[i]!] = 1;
  return flags;
}

function improve(
  a: Assignment,
  beam: Beam,
  others: readonly Start[],
  frozen: Uint8Array | null,
  active: Uint8Array | null,
  order: Order | null = null,
): number {
  let moved = 0;
  a.dirty.fill(0);
  const touched = () => a.dirty.map((flag, q) => flag | active![q]!);
  if (!frozen) {
    const proposal = new Int32Array(a.scene.children).fill(-1);
    beam.run(a.model, WIDTH, proposal, { order });
    moved += a.merge(proposal);
    for (const other of others) moved += a.merge(other.parent);
  }
  moved += rematch(a, active ? touched() : null, frozen);
  if (!frozen) moved += solveBlocks(a, beam, active ? touched() : unsureParents(a), order);
  return moved;
}

/** Learn and choose in turn until hardly anything moves. */
export function search(a: Assignment, beam: Beam, runs: readonly Start[], frozen: Uint8Array | null, system: Evidence | null = null): void {
  let order: Order | null = null;
  let active: Uint8Array | null = null;
  for (let round = 0; round < ROUNDS; round++) {
    a.learn(true);
    a.evaluate();
    if (system) {
      const was = order;
      const now = orderOf(a, system);
      order = pays(now) ? now : null;
      a.toll = order && new Toll(a, order);
      if (order || was) active = null;
    }
    const moved = improve(a, beam, round < 3 ? runs : [], frozen, active, order);
    active = a.dirty.slice();
    if (moved <= a.scene.children * 0.0005) break;
  }
  a.learn(true);
  a.evaluate();
}

/** Stochastic EM: the model is learned from sampled assignments (the best one flatters itself), late samples are averaged; then choose again. */
export function refine(a: Assignment, beam: Beam): void {
  const best = a.parent.slice();
  const sampler = new Sampler(a, 7);
  const rounds = Math.min(REFINE_ROUNDS, Math.floor(REFINE_BUDGET / SWEEPS / Math.max(1, sampler.movable.length)));
  if (rounds < 3) return;
  const kept: number[][][] = [];
  for (let round = 0; round < rounds; round++) {
    for (let k = 0; k < SWEEPS; k++) sampler.sweep(1);
    if (round >= rounds / 2) kept.push(a.children.slice());
    a.learn(true);
    a.evaluate();
  }
  a.model.clear();
  for (const children of kept)
    for (let q = 0; q < a.scene.parents; q++) a.model.absorb(a.scene, a.events, q, children[q]!, 1 / kept.length);
  a.model.freeze(true);
  a.adopt(best);
  a.children = childrenOf(a.scene, best);
  a.evaluate();
  let active: Uint8Array | null = null;
  for (let round = 0; round < 3; round++) {
    const moved = improve(a, beam, [], null, active);
    active = a.dirty.slice();
    if (moved < 3) break;
  }
}
