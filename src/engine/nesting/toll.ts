/** What an assignment pays for calls that overtake requests at the same stage (see order.ts): the part of its score that isn't a sum over parents. */
import type { Assignment } from './assignment.ts';
import { MAX_CANDIDATES } from './candidates.ts';
import { Events } from './events.ts';
import { chanceOf, type Order, stageOf } from './order.ts';

export class Toll {
  readonly #a: Assignment;
  readonly order: Order;
  readonly #events: Events;
  /** Children that have parent q among their candidates: possible[offset[q] .. offset[q + 1]). */
  readonly #offset: Int32Array;
  readonly #possible: Int32Array;
  readonly #stamp: Int32Array;
  #round = 0;
  readonly #stage = new Int32Array(MAX_CANDIDATES);
  readonly #ready = new Float64Array(MAX_CANDIDATES);
  readonly #chance = new Float64Array(MAX_CANDIDATES);

  constructor(a: Assignment, order: Order) {
    this.#a = a;
    this.order = order;
    const { scene } = a;
    this.#events = new Events(scene);
    this.#stamp = new Int32Array(scene.children);
    const { offset, parent } = scene.c;
    const counts = new Int32Array(scene.parents + 1);
    for (const q of parent) counts[q + 1]!++;
    for (let q = 0; q < scene.parents; q++) counts[q + 1]! += counts[q]!;
    this.#offset = counts.slice();
    this.#possible = new Int32Array(parent.length);
    for (let i = 0; i < scene.children; i++) for (let k = offset[i]!; k < offset[i + 1]!; k++) this.#possible[counts[parent[k]!]!++] = i;
  }

  /** Nats paid by the calls, sent at `fromNs` or later, whose toll depends on the children of `parents`: those that `children` gives, else the assignment's own. */
  of(
    parents: Iterable<number>,
    children: (q: number) => readonly number[] = (q) => this.#a.children[q]!,
    ownerOf = (i: number) => this.#a.parent[i]!,
    fromNs = Number.NEGATIVE_INFINITY,
  ): number {
    const { scene } = this.#a;
    this.#round++;
    let sum = 0;
    for (const q of parents) {
      for (let z = this.#offset[q]!; z < this.#offset[q + 1]!; z++) {
        const i = this.#possible[z]!;
        if (this.#stamp[i] === this.#round || this.order.price[scene.childType[i]!] === 0 || scene.sent[i]! < fromNs) continue;
        this.#stamp[i] = this.#round;
        sum += this.#call(i, ownerOf(i), children);
      }
    }
    return sum;
  }

  #call(i: number, owner: number, children: (q: number) => readonly number[]): number {
    const { scene } = this.#a;
    const { offset, parent } = scene.c;
    const from = offset[i]!;
    const many = offset[i + 1]! - from;
    if (owner < 0 || many < 2) return 0;
    let own = -1;
    for (let k = 0; k < many; k++) {
      const q = parent[from + k]!;
      if (q === owner) own = k;
      this.#replay(q, i, children(q), k);
    }
    if (own < 0 || this.#stage[own] === -1) return 0;
    let overtaken = 0;
    for (let k = 0; k < many; k++) {
      if (this.#stage[k] !== this.#stage[own]) continue;
      if (this.#ready[k]! < this.#ready[own]! || (this.#ready[k] === this.#ready[own] && k < own)) overtaken += this.#chance[k]!;
    }
    return this.order.price[scene.childType[i]!]! * overtaken;
  }

  /** Stage and ready time of parent q just before child i was sent. */
  #replay(q: number, i: number, children: readonly number[], k: number): void {
    const { scene, model } = this.#a;
    const at = scene.sent[i]!;
    const types = model.types;
    let state = scene.root[q]!;
    let last = 0;
    let ready = scene.start[q]!;
    const many = this.#events.load(children);
    const { time, code, child } = this.#events;
    for (let e = 0; e < many; e++) {
      const c = code[e]!;
      if (time[e]! > at || (time[e] === at && c >= types && child[e]! >= i)) break;
      last = this.#events.last[e]!;
      if (c >= types) state = model.states.after(state, c - types);
      ready = time[e]!;
    }
    const parentType = scene.parentType[q]!;
    const next = scene.childType[i]!;
    const byStart = this.order.byStart[next] === 1;
    this.#stage[k] = at < scene.opens[q]! || at > scene.closes[q]! ? -1 : stageOf(model, byStart, parentType, last, state, next);
    this.#ready[k] = byStart ? scene.start[q]! : ready;
    this.#chance[k] = chanceOf(this.order, model, parentType, last, state, next);
  }
}
