/** How sure each link is: its share among sampled assignments, blended with the local share so that few samples don't read as certainty. */
import type { Assignment } from './assignment.ts';
import { masses, SURE } from './localShare.ts';
import { Sampler } from './sampler.ts';

const SWEEPS = 20;
const BUDGET = 150_000;
const TEMPERATURE = 1.5;
/** Sweeps' worth of the local share. */
const LOCAL_WEIGHT = 2;
const MOST = 0.9985;

/** Share of each candidate, aligned with scene.c.parent. */
export function candidateShares(a: Assignment, sample: boolean): Float32Array {
  const { scene } = a;
  const { offset, parent } = scene.c;
  const shares = new Float32Array(parent.length);
  const scratch = new Float64Array(256);
  for (let i = 0; i < scene.children; i++) {
    const from = offset[i]!;
    const many = offset[i + 1]! - from;
    if (many === 1) shares[from] = SURE;
    if (many < 2 || a.parent[i]! < 0) continue;
    if (a.contested[i] === 0) {
      for (let z = 0; z < many; z++) shares[from + z] = parent[from + z] === a.parent[i] ? MOST : (1 - MOST) / (many - 1);
      continue;
    }
    const sum = masses(a, i, TEMPERATURE, scratch);
    for (let z = 0; z < many; z++) shares[from + z] = scratch[z]! / sum;
  }
  if (!sample || scene.ambiguous === 0) return shares;
  const chosen = a.parent.slice();
  const sampler = new Sampler(a, 11);
  const sweeps = Math.max(4, Math.min(SWEEPS, Math.floor(BUDGET / Math.max(1, sampler.movable.length))));
  const hits = new Float32Array(parent.length);
  let counted = 0;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    sampler.sweep(1);
    if (sweep < sweeps / 4) continue;
    counted++;
    for (const i of sampler.movable) {
      let k = offset[i]!;
      while (parent[k] !== a.parent[i]) k++;
      hits[k]!++;
    }
  }
  for (const i of sampler.movable)
    for (let k = offset[i]!; k < offset[i + 1]!; k++)
      shares[k] = Math.min(MOST, (hits[k]! + LOCAL_WEIGHT * shares[k]!) / (counted + LOCAL_WEIGHT));
  a.adopt(chosen);
  a.evaluate();
  return shares;
}
