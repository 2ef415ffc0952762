/** Learning and choosing in turn, until hardly anything moves. */
import type { Assignment } from './assignment.ts';
import type { Beam } from './beam.ts';
import { solveBlocks } from './blocks.ts';
import { MAX_CANDIDATES } from './candidates.ts';
import { masses } from './localShare.ts';
import { alike, type Evidence, type Order, orderOf, pays } from './order.ts';
import { rematch } from './rematch.ts';
import { Toll } from './toll.ts';

const WIDTH = 16;
/** The search ends when a round moves at most this share of the calls. */
const SETTLED = 0.002;
const UNSURE = 0.9;
const TEMPERATURE = 1.5;
/** Calls between two ticks. */
const TICK = 1024;

/** Parents with a link whose local share is below UNSURE. */
export function unsureParents(a: Assignment): Uint8Array {
  const flags = new Uint8Array(a.scene.parents);
  const scratch = new Float64Array(MAX_CANDIDATES);
  for (let i = 0; i < a.scene.children; i++) {
    if (i % TICK === TICK - 1) a.scene.tick();
    const q = a.parent[i]!;
    if (q < 0 || a.contested[i] === 0 || flags[q] === 1) continue;
    if (1 / masses(a, i, TEMPERATURE, scratch, 1.01 / UNSURE) < UNSURE) flags[q] = 1;
  }
  return flags;
}

/** Better choices under the model as it is: a beam over everything, matching by type, wide beams on small blocks. @returns children or blocks moved */
export function improve(a: Assignment, beam: Beam, order: Order | null, active: Uint8Array | null): number {
  a.dirty.fill(0);
  const touched = () => a.dirty.map((flag, q) => flag | active![q]!);
  const proposal = new Int32Array(a.scene.children).fill(-1);
  beam.run(a.model, WIDTH, proposal, { order, contested: a.contested });
  let moved = a.merge(proposal);
  moved += rematch(a, active ? touched() : null, null);
  moved += solveBlocks(a, beam, active ? touched() : unsureParents(a), order);
  return moved;
}

/** At most `rounds` rounds from the current assignment. `which`: parents to learn from. `system`: what other places showed of their order of service. */
export function search(a: Assignment, beam: Beam, rounds: number, system: Evidence, which?: readonly number[]): Order | null {
  let order: Order | null = null;
  let active: Uint8Array | null = null;
  for (let round = 0; round <= rounds; round++) {
    a.learn(true, a.children, which);
    const was = order;
    const now = orderOf(a, system);
    order = pays(now) ? now : null;
    a.toll = order && new Toll(a, order);
    if (!alike(was, order)) active = null;
    a.evaluate();
    if (round === rounds) break;
    const moved = improve(a, beam, order, active);
    active = a.dirty.slice();
    if (moved <= a.scene.children * SETTLED) break;
  }
  return order;
}

/** As search, under a model and an order that stay as they are. */
export function settle(a: Assignment, beam: Beam, rounds: number, order: Order): void {
  const charged = pays(order) ? order : null;
  a.toll = charged && new Toll(a, charged);
  a.evaluate();
  let active: Uint8Array | null = null;
  for (let round = 0; round < rounds; round++) {
    const moved = improve(a, beam, charged, active);
    active = a.dirty.slice();
    if (moved <= a.scene.children * SETTLED) break;
  }
}
