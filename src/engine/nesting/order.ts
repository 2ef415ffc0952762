/**
 * Does a service serve calls in the order in which requests became ready? Event loops and queues do, thread pools less so.
 *
 * Two requests at the same stage both wait to make a call of the same type; the first such call is the one's or the other's.
 * Strength lambda = log of how many times likelier than by their delays alone calls are in order, counted over pairs whose exchange nesting forbids:
 * those say what the service does without a choice having been made. It is used as a price: lambda nats for each request at the same stage that a call
 * overtakes (a Mallows model of the order).
 */
import type { Assignment } from './assignment.ts';
import type { Counters } from './counters.ts';
import { isCandidate } from './localShare.ts';
import type { Model } from './model.ts';
import type { Scene } from './scene.ts';

/** Prices of overtaking, per child type. */
export interface Order {
  /** Nats; 0: calls of the type may overtake freely. */
  readonly price: Float64Array;
  /** 1: requests are ready from their start, and at the same stage when they have made as many calls of the type; 0: since, and at, their last event. */
  readonly byStart: Uint8Array;
  /** Share of requests that make a further call, at (parentType * types + type) * MADE + calls of the type made so far. */
  readonly more: Float64Array;
  /** Pairs by start that this place showed. */
  readonly shown: Evidence;
}

/** Calls of one type of a request that are told apart. */
export const MADE = 16;

/** Chance that a request waits to make a call of type `next`: what it costs to overtake it is taken in this proportion. */
export function chanceOf(order: Order, model: Model, parentType: number, last: number, state: number, next: number): number {
  if (order.byStart[next] === 0) return model.chance(parentType, last, state, next);
  return order.more[(parentType * model.types + next) * MADE + Math.min(MADE - 1, model.states.many(state, next))]!;
}

/** Requests that made some calls of a type, and those of them that made a further one; indexed as Order.more. */
interface Further {
  readonly reached: Float64Array;
  readonly more: Float64Array;
}

export function furtherCalls({ scene, children }: Assignment): Further {
  const types = scene.childTypes.length;
  const size = scene.parentTypes.length * types * MADE;
  const reached = new Float64Array(size);
  const more = new Float64Array(size);
  const made = new Int32Array(types);
  for (let q = 0; q < scene.parents; q++) {
    made.fill(0);
    for (const i of children[q]!) made[scene.childType[i]!]!++;
    for (let t = 0; t < types; t++) {
      for (let k = 0; k < MADE && k <= made[t]!; k++) {
        reached[(scene.parentType[q]! * types + t) * MADE + k]!++;
        if (k < made[t]!) more[(scene.parentType[q]! * types + t) * MADE + k]!++;
      }
    }
  }
  return { reached, more };
}

/** Requests with equal numbers (other than -1) wait for the same thing when a call of type `next` is sent. */
export function stageOf(model: Model, byStart: boolean, parentType: number, last: number, state: number, next: number): number {
  if (state < 0) return -1;
  return byStart ? model.states.many(state, next) + 64 * parentType : state * 4096 + last;
}

/** How many later calls of the type each call is compared with. */
const REACH = 40;
/** Strength below this is taken for chance. */
const LEAST = 0.5;
const MOST = 6;
/** Pairs' worth of evidence that a place lends to each of its types. */
const LENT = 10;

/** Pairs with which order is presumed half as much as with many. */
const FEW = 0.5;

/** In order at least this many times as often as crossing, by start, on this much evidence: first come, first served. */
const STRICT_RATIO = 20;
const STRICT_EVIDENCE = 8;
/** With fewer exceptions than this share nobody overtakes; else the price is what they show. */
const EXCEPTIONS = 0.005;
const STRICT_PRICE = 20;

/** Pairs of calls of one type in order and crossing, and how many would cross if requests knew nothing of each other. */
export class Pairs {
  readonly inOrder: Float64Array;
  readonly crossing: Float64Array;
  readonly expected: Float64Array;
  constructor(types: number) {
    this.inOrder = new Float64Array(types);
    this.crossing = new Float64Array(types);
    this.expected = new Float64Array(types);
  }
  sum(): { inOrder: number; crossing: number; expected: number } {
    const total = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0);
    return { inOrder: total(this.inOrder), crossing: total(this.crossing), expected: total(this.expected) };
  }
}

/** What all places of a system showed so far, by start: lent to places with little evidence of their own. */
export interface Evidence {
  inOrder: number;
  crossing: number;
}

const lent = ({ inOrder, crossing }: Evidence) => Math.min(1, LENT / (inOrder + crossing + 1));

/**
 * How much likelier calls are in order than their delays alone have it: the log of the odds less the log of the expected odds, and one standard error
 * above that where there are any pairs. Wrong links cross as often as not; who believes a few of them loses the order, and with it the links. Without
 * pairs nothing is presumed: what can always be exchanged would be taken for certain.
 */
function strength(pairs: Pairs, type: number): number {
  const all = pairs.sum();
  const inOrder = pairs.inOrder[type]! + lent(all) * all.inOrder + 1;
  const crossing = pairs.crossing[type]! + lent(all) * all.crossing + 1;
  const expected = pairs.expected[type]! + lent(all) * all.expected + 1;
  const expectedOdds = (inOrder + crossing - expected) / expected;
  const seen = inOrder + crossing - 2;
  const presumed = Math.sqrt(1 / inOrder + 1 / crossing) * (seen / (seen + FEW));
  return Math.log(inOrder / crossing / expectedOdds) + presumed;
}

/** 0: not strict. */
function strictPrice(pairs: Pairs, type: number, system: Evidence): number {
  const all = pairs.sum();
  const inOrder = pairs.inOrder[type]! + lent(all) * all.inOrder + lent(system) * system.inOrder;
  const crossing = pairs.crossing[type]! + lent(all) * all.crossing + lent(system) * system.crossing;
  const ratio = (inOrder + 0.3) / (crossing + 0.3);
  if (inOrder + crossing < STRICT_EVIDENCE || ratio <= STRICT_RATIO) return 0;
  return crossing < EXCEPTIONS * inOrder ? STRICT_PRICE : Math.log(ratio);
}

/** What calls showed of the order in which they were served. All of it adds up. */
interface Shown extends Further {
  readonly byReady: Pairs;
  readonly byStart: Pairs;
}

/** O(children * REACH). */
function showsOf(a: Assignment): Shown {
  const { scene, events, model } = a;
  const { byType, sent, end, start } = scene;
  const types = byType.length;
  // When each child's parent became ready to send it, by which event, and at which stage.
  const ready = new Float64Array(scene.children);
  const after = new Int32Array(scene.children);
  const stage = new Int32Array(scene.children);
  for (let q = 0; q < scene.parents; q++) {
    const many = events.load(a.children[q]!);
    const parentType = scene.parentType[q]!;
    let at = start[q]!;
    let last = 0;
    let state = scene.root[q]!;
    for (let k = 0; k < many; k++) {
      const code = events.code[k]!;
      if (code >= types) {
        const i = events.child[k]!;
        ready[i] = at;
        after[i] = last;
        stage[i] = stageOf(model, false, parentType, last, state, code - types);
        state = model.states.after(state, code - types);
      }
      last = events.last[k]!;
      at = events.time[k]!;
    }
  }
  const byReady = new Pairs(types);
  const byStart = new Pairs(types);
  /** Log-density of the delay if the request of child `own` had sent `other`. */
  const logDelay = (own: number, other: number) => {
    const q = a.parent[own]!;
    const at = sent[other]!;
    return model.logDelay(scene.parentType[q]!, after[own]!, scene.childType[own]!, at - ready[own]!, at - start[q]!, scene.burst[other]!);
  };
  for (let t = 0; t < types; t++) {
    const list = byType[t]!;
    for (let x = 0; x < list.length; x++) {
      const i = list[x]!;
      const q = a.parent[i]!;
      if (q < 0) continue;
      for (let y = x + 1; y < list.length && y < x + REACH; y++) {
        const j = list[y]!;
        const u = a.parent[j]!;
        if (sent[j]! > end[q]!) break;
        // Both were open when the first was sent.
        if (u < 0 || u === q || sent[i] === sent[j] || start[u]! > sent[i]! || (isCandidate(a, i, u) && isCandidate(a, j, q))) continue;
        if (start[q] !== start[u]) (q < u ? byStart.inOrder : byStart.crossing)[t]!++;
        if (stage[i] !== stage[j] || ready[j]! >= sent[i]!) continue;
        const inOrder = ready[i]! < ready[j]! || (ready[i] === ready[j] && q < u);
        const exchanged = 1 / (1 + Math.exp(logDelay(i, i) + logDelay(j, j) - logDelay(i, j) - logDelay(j, i)));
        (inOrder ? byReady.inOrder : byReady.crossing)[t]!++;
        byReady.expected[t]! += inOrder ? exchanged : 1 - exchanged;
      }
    }
  }
  return { byReady, byStart, ...furtherCalls(a) };
}

/** `system`: what the other places showed. */
export const orderOf = (a: Assignment, system: Evidence): Order => orderFrom(showsOf(a), system);

function orderFrom({ byReady, byStart, reached, more }: Shown, system: Evidence): Order {
  const types = byStart.inOrder.length;
  const shown = byStart.sum();
  const whole = { inOrder: system.inOrder + shown.inOrder, crossing: system.crossing + shown.crossing };
  const order: Order = {
    price: new Float64Array(types),
    byStart: new Uint8Array(types),
    more: more.map((value, k) => value / Math.max(1, reached[k]!)),
    shown,
  };
  for (let t = 0; t < types; t++) {
    const strict = strictPrice(byStart, t, whole);
    if (strict > 0) {
      order.price[t] = strict;
      order.byStart[t] = 1;
      continue;
    }
    const value = strength(byReady, t);
    order.price[t] = value < LEAST ? 0 : Math.min(MOST, value);
  }
  return order;
}

export const pays = (order: Order): boolean => order.price.some((price) => price > 0);

/** Nats of a price that make no difference to who was left alone. */
const SAME_PRICE = 0.25;

/** Whether what was settled under one order (null: none) is settled under the other. */
export function alike(a: Order | null, b: Order | null): boolean {
  if (a === null || b === null) return a === b;
  return a.price.every((price, t) => a.byStart[t] === b.byStart[t] && Math.abs(price - b.price[t]!) <= SAME_PRICE);
}

/** As counters number them. */
const tallies = (byReady: Pairs, byStart: Pairs) => [
  byReady.inOrder,
  byReady.crossing,
  byStart.inOrder,
  byStart.crossing,
  byReady.expected,
];

/** Adds what an assignment shows of the order to counters: per type the pairs by readiness and by start, per parent type the further calls. */
export function saveOrder(a: Assignment, into: Counters): void {
  const { childTypes, parentTypes } = a.scene;
  const { byReady, byStart, reached, more } = showsOf(a);
  childTypes.forEach((type, t) => {
    tallies(byReady, byStart).forEach((list, k) => {
      into.add(['order', type], k, list[t]!);
    });
    parentTypes.forEach((parent, p) => {
      for (let k = 0; k < MADE; k++) {
        into.add(['further', parent, type], 2 * k, reached[(p * childTypes.length + t) * MADE + k]!);
        into.add(['further', parent, type], 2 * k + 1, more[(p * childTypes.length + t) * MADE + k]!);
      }
    });
  });
}

/** What a place showed by start, of all types. */
export function savedEvidence(from: Counters): Evidence {
  const sum: Evidence = { inOrder: 0, crossing: 0 };
  for (const [, cell] of from.of('order')) {
    sum.inOrder += cell.get(2) ?? 0;
    sum.crossing += cell.get(3) ?? 0;
  }
  return sum;
}

/** The order as saved, for the types of a scene. */
export function restoreOrder(from: Counters, scene: Scene, system: Evidence): Order {
  const { childTypes, parentTypes } = scene;
  const size = parentTypes.length * childTypes.length * MADE;
  const shown: Shown = {
    byReady: new Pairs(childTypes.length),
    byStart: new Pairs(childTypes.length),
    reached: new Float64Array(size),
    more: new Float64Array(size),
  };
  const { byReady, byStart, reached, more } = shown;
  for (const [[type = ''], cell] of from.of('order')) {
    const t = childTypes.indexOf(type);
    tallies(byReady, byStart).forEach((list, k) => {
      if (t >= 0) list[t] = cell.get(k) ?? 0;
    });
  }
  for (const [[parent = '', type = ''], cell] of from.of('further')) {
    const p = parentTypes.indexOf(parent);
    const t = childTypes.indexOf(type);
    for (let k = 0; k < MADE && p >= 0 && t >= 0; k++) {
      reached[(p * childTypes.length + t) * MADE + k] = cell.get(2 * k) ?? 0;
      more[(p * childTypes.length + t) * MADE + k] = cell.get(2 * k + 1) ?? 0;
    }
  }
  return orderFrom(shown, system);
}
