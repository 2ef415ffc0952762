/**
 * Does a service answer in order of arrival? Decided by pairs of calls of one type whose exchange nesting forbids: if they hardly ever cross,
 * crossing is not what this service does, and calls that could be exchanged don't cross either.
 */
import type { Assignment } from './assignment.ts';
import { fits } from './candidates.ts';
import type { Pairwise } from './pairwise.ts';

/** Pairs that cross and pairs in order of arrival. */
export interface Order {
  crossing: number;
  inOrder: number;
}

/** How many later calls of the type each call is compared with. */
const REACH = 40;
/** In order this many times as often as crossing, on this much evidence. */
const RATIO = 20;
const EVIDENCE = 8;
/** Weight with which a place and the whole system lend evidence to a type. */
const LENT = 10;

/** Per child type. O(children * REACH). */
export function hardPairs(a: Assignment): Order[] {
  const { start, end, sent, byType, c } = a.scene;
  return byType.map((list) => {
    const order: Order = { crossing: 0, inOrder: 0 };
    for (let x = 0; x < list.length; x++) {
      const i = list[x]!;
      const q = a.parent[i]!;
      if (q < 0) continue;
      for (let y = x + 1; y < list.length && y < x + REACH; y++) {
        const j = list[y]!;
        const u = a.parent[j]!;
        if (sent[j]! > end[q]!) break;
        if (u < 0 || u === q || sent[j] === sent[i] || start[u] === start[q] || start[u]! > sent[i]!) continue;
        if (fits(a.scene, c.slack, q, j) && fits(a.scene, c.slack, u, i)) continue;
        if (start[u]! < start[q]!) order.crossing++;
        else order.inOrder++;
      }
    }
    return order;
  });
}

const sum = (orders: readonly Order[]): Order =>
  orders.reduce((all, { crossing, inOrder }) => ({ crossing: all.crossing + crossing, inOrder: all.inOrder + inOrder }), {
    crossing: 0,
    inOrder: 0,
  });

/** Flags of the types served in order; null when there are none. `system`: what was counted at places so far, this one included. */
export function fifoTypes(orders: readonly Order[], system: Order): Uint8Array | null {
  const place = sum(orders);
  const lend = (from: Order) => Math.min(1, LENT / (from.crossing + from.inOrder + 1));
  const flags = Uint8Array.from(orders, (own) => {
    const crossing = own.crossing + lend(place) * place.crossing + lend(system) * system.crossing;
    const inOrder = own.inOrder + lend(place) * place.inOrder + lend(system) * system.inOrder;
    return crossing + inOrder >= EVIDENCE && (inOrder + 0.3) / (crossing + 0.3) > RATIO ? 1 : 0;
  });
  return flags.some(Boolean) ? flags : null;
}

export function addTo(system: Order, orders: readonly Order[]): void {
  const { crossing, inOrder } = sum(orders);
  system.crossing += crossing;
  system.inOrder += inOrder;
}

/** Gives the calls of the flagged types first come, first served: to the earliest parent that still expects one. */
export function applyFifo(a: Assignment, flags: Uint8Array, pairs: Pairwise): void {
  const { byType, parentType, c } = a.scene;
  const types = byType.length;
  const parent = a.parent.slice();
  for (let t = 0; t < types; t++) {
    if (flags[t] === 0) continue;
    const used = new Int32Array(a.scene.parents);
    for (const i of byType[t]!) {
      for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) {
        const q = c.parent[k]!;
        const rate = pairs.rate[parentType[q]! * types + t]!;
        if (rate < 0.3 || used[q]! >= Math.max(1, Math.round(rate))) continue;
        parent[i] = q;
        used[q]!++;
        break;
      }
    }
  }
  a.adopt(parent);
}
