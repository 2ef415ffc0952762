/** How sure each link is when everything else stays: the chosen parent against every rival, alone or in exchange for a call of the same type. */
import type { Assignment } from './assignment.ts';

/** Share of a link with a single candidate. */
export const SURE = 0.9995;

/** An alternative that is so many nats worse (times the temperature) has no mass. */
const LEAST = -20;
/** Calls between two ticks. */
const TICK = 1024;

/** Whether q is among the candidates of child i. */
export function isCandidate(a: Assignment, i: number, q: number): boolean {
  const { offset, parent } = a.scene.c;
  for (let k = offset[i]!; k < offset[i + 1]!; k++) if (parent[k] === q) return true;
  return false;
}

/**
 * Masses of child i's candidates relative to the chosen one (which has 1), into out[0 .. candidates). Temperature above 1 flattens.
 * @returns their sum; something above `enough` as soon as it is known to be above
 */
export function masses(a: Assignment, i: number, temperature: number, out: Float64Array, enough = Number.POSITIVE_INFINITY): number {
  const { childType, c } = a.scene;
  const q = a.parent[i]!;
  const least = LEAST * temperature;
  const without = a.variant(q, -1, i) - a.likelihood[q]!;
  let sum = 1;
  for (let k = c.offset[i]!, z = 0; k < c.offset[i + 1]!; k++, z++) {
    const u = c.parent[k]!;
    if (u === q) {
      out[z] = 1;
      continue;
    }
    const theirs = a.children[u]!;
    const before = a.likelihood[u]!;
    let mass = Math.exp((without + a.variant(u, i, -1, least + before - without) - before) / temperature);
    for (const j of theirs) {
      if (childType[j] !== childType[i] || !isCandidate(a, j, q)) continue;
      const gain = a.variant(q, j, i) - a.likelihood[q]!;
      mass += Math.exp((gain + a.variant(u, i, j, least + before - gain) - before) / temperature);
    }
    out[z] = mass;
    sum += mass;
    if (sum > enough) break;
  }
  return sum;
}

/** Share of the chosen parent of every `step`-th child; 1 for the others, 0 where there is no parent. */
export function localShares(a: Assignment, temperature: number, step = 1): Float64Array {
  const { children } = a.scene;
  const shares = new Float64Array(children).fill(1);
  const scratch = new Float64Array(256);
  for (let i = 0, done = 1; i < children; i += step, done++) {
    if (done % TICK === 0) a.scene.tick();
    if (a.parent[i]! < 0) shares[i] = 0;
    else shares[i] = a.contested[i] === 0 ? SURE : 1 / masses(a, i, temperature, scratch);
  }
  return shares;
}
