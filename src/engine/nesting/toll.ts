/** What an assignment pays for calls that overtake requests at the same stage (see order.ts): the part of its score that isn't a sum over parents. */
import type { Assignment } from './assignment.ts';
import { MAX_CANDIDATES } from './candidates.ts';
import { Events } from './events.ts';
import { chanceOf, type Order, stageOf } from './order.ts';

/** What a request goes through: when each of its events was, and the state and last event from then on. */
interface Steps {
  /** -1: not yet written. */
  many: number;
  readonly time: number[];
  readonly code: number[];
  readonly child: number[];
  readonly last: number[];
  /** Before each event, and at the end. */
  readonly state: number[];
}
const noSteps = (): Steps => ({ many: -1, time: [], code: [], child: [], last: [], state: [] });

/** No stage: it was not yet looked at. */
const UNKNOWN = -2;

/** When the first event was that only one of two has. */
function differsFrom(a: Steps, b: Steps): number {
  let e = 0;
  while (e < a.many && e < b.many && a.child[e] === b.child[e] && a.code[e] === b.code[e]) e++;
  return Math.min(e < a.many ? a.time[e]! : Number.POSITIVE_INFINITY, e < b.many ? b.time[e]! : Number.POSITIVE_INFINITY);
}

/** The time after which two look the same to whoever asks how far they are. */
function differsUntil(a: Steps, b: Steps): number {
  let x = a.many;
  let y = b.many;
  let until = Number.POSITIVE_INFINITY;
  while (x > 0 && y > 0) {
    if (
      a.child[x - 1] !== b.child[y - 1] ||
      a.code[x - 1] !== b.code[y - 1] ||
      a.last[x - 1] !== b.last[y - 1] ||
      a.state[x] !== b.state[y]
    )
      break;
    x--;
    y--;
    until = a.time[x]!;
  }
  return x === 0 && y === 0 ? Number.NEGATIVE_INFINITY : until;
}

export class Toll {
  readonly #a: Assignment;
  readonly order: Order;
  readonly #events: Events;
  /** Children that have parent q among their candidates: possible[offset[q] .. offset[q + 1]), and where it is among them. */
  readonly #offset: Int32Array;
  readonly #possible: Int32Array;
  readonly #position: Int32Array;
  /** Children counted, and children and parents whose side differs, in the present question. */
  readonly #stamp: Int32Array;
  readonly #given: Int32Array;
  readonly #changed: Int32Array;
  readonly #owner: Int32Array;
  readonly #place: Int32Array;
  #round = 0;
  /** Of each parent as it is, when first asked for; and of those that differ. */
  readonly #steps: (Steps | undefined)[];
  readonly #differing: Steps[] = [];
  // How far each candidate of each child (as in scene.c.parent) was just before the child was sent, as it is: stage (UNKNOWN: not asked for), since when it
  // waits, chance that it does; at the end room for the candidates of one child as they would be.
  readonly #stage: Int32Array;
  readonly #ready: Float64Array;
  readonly #chance: Float64Array;
  readonly #room: number;
  /** What each child pays as it is; NaN: not asked for. */
  readonly #paid: Float64Array;

  constructor(a: Assignment, order: Order) {
    this.#a = a;
    this.order = order;
    const { scene } = a;
    this.#events = new Events(scene);
    this.#stamp = new Int32Array(scene.children);
    this.#given = new Int32Array(scene.children);
    this.#owner = new Int32Array(scene.children);
    this.#changed = new Int32Array(scene.parents);
    this.#place = new Int32Array(scene.parents);
    this.#steps = new Array<undefined>(scene.parents);
    const { offset, parent } = scene.c;
    const counts = new Int32Array(scene.parents + 1);
    for (const q of parent) counts[q + 1]!++;
    for (let q = 0; q < scene.parents; q++) counts[q + 1]! += counts[q]!;
    this.#offset = counts.slice();
    this.#possible = new Int32Array(parent.length);
    this.#position = new Int32Array(parent.length);
    for (let i = 0; i < scene.children; i++) {
      for (let k = offset[i]!; k < offset[i + 1]!; k++) {
        const z = counts[parent[k]!]!++;
        this.#possible[z] = i;
        this.#position[z] = k;
      }
    }
    this.#room = parent.length;
    this.#stage = new Int32Array(this.#room + MAX_CANDIDATES).fill(UNKNOWN);
    this.#ready = new Float64Array(this.#stage.length);
    this.#chance = new Float64Array(this.#stage.length);
    this.#paid = new Float64Array(scene.children).fill(Number.NaN);
  }

  /** Its calls have changed. */
  forget(q: number): void {
    const steps = this.#steps[q];
    if (steps) steps.many = -1;
    for (let z = this.#offset[q]!; z < this.#offset[q + 1]!; z++) {
      this.#stage[this.#position[z]!] = UNKNOWN;
      this.#paid[this.#possible[z]!] = Number.NaN;
    }
  }

  forgetAll(): void {
    this.#steps.fill(undefined);
    this.#stage.fill(UNKNOWN);
    this.#paid.fill(Number.NaN);
  }

  /** Nats that all calls together pay less (or, negative, more) when `parents` have these children instead of their own. */
  saved(parents: readonly number[], divided: readonly (readonly number[])[]): number {
    const { scene, parent } = this.#a;
    const round = ++this.#round;
    parents.forEach((q, z) => {
      this.#changed[q] = round;
      this.#place[q] = z;
      this.#write((this.#differing[z] ??= noSteps()), q, divided[z]!);
      for (const i of divided[z]!) {
        this.#given[i] = round;
        this.#owner[i] = q;
      }
    });
    let fromNs = Number.POSITIVE_INFINITY;
    let toNs = Number.NEGATIVE_INFINITY;
    parents.forEach((q, z) => {
      const now = this.#stepsOf(q);
      const then = this.#differing[z]!;
      fromNs = Math.min(fromNs, differsFrom(now, then));
      toNs = Math.max(toNs, differsUntil(now, then));
    });
    let before = 0;
    let after = 0;
    for (const q of parents) {
      for (let z = this.#from(q, fromNs); z < this.#offset[q + 1]!; z++) {
        const i = this.#possible[z]!;
        if (scene.sent[i]! > toNs) break;
        if (this.#stamp[i] === round || this.order.price[scene.childType[i]!] === 0) continue;
        this.#stamp[i] = round;
        const owner = parent[i]!;
        before += this.#paidBy(i);
        after += this.#call(
          i,
          this.#given[i] === round ? this.#owner[i]! : owner >= 0 && this.#changed[owner] === round ? -1 : owner,
          round,
        );
      }
    }
    return before - after;
  }

  #paidBy(i: number): number {
    const known = this.#paid[i]!;
    return Number.isNaN(known) ? (this.#paid[i] = this.#call(i, this.#a.parent[i]!, 0)) : known;
  }

  /** What child i pays with that parent. `round`: that of the parents whose other children count; 0: none. */
  #call(i: number, owner: number, round: number): number {
    const { scene } = this.#a;
    const { offset, parent } = scene.c;
    const from = offset[i]!;
    const to = offset[i + 1]!;
    if (owner < 0 || to - from < 2) return 0;
    let own = from;
    while (own < to && parent[own] !== owner) own++;
    if (own === to) return 0;
    const stages = this.#stage;
    const ready = this.#ready;
    const at = this.#look(owner, i, own, round);
    const stage = stages[at]!;
    const since = ready[at]!;
    if (stage === -1) return 0;
    let overtaken = 0;
    for (let k = from; k < to; k++) {
      if (k === own) continue;
      const rival = this.#look(parent[k]!, i, k, round);
      if (stages[rival] === stage && (ready[rival]! < since || (ready[rival] === since && k < own))) overtaken += this.#chance[rival]!;
    }
    return this.order.price[scene.childType[i]!]! * overtaken;
  }

  /** @returns where it is noted how far parent q, candidate k, was just before child i was sent */
  #look(q: number, i: number, k: number, round: number): number {
    if (round > 0 && this.#changed[q] === round) {
      const at = this.#room + k - this.#a.scene.c.offset[i]!;
      this.#note(this.#differing[this.#place[q]!]!, q, i, at);
      return at;
    }
    if (this.#stage[k] === UNKNOWN) this.#note(this.#stepsOf(q), q, i, k);
    return k;
  }

  #note(steps: Steps, q: number, i: number, into: number): void {
    const { scene, model } = this.#a;
    const at = scene.sent[i]!;
    const { time, code, child } = steps;
    let e = steps.many;
    while (e > 0 && time[e - 1]! >= at) e--;
    while (e < steps.many && time[e] === at && (code[e]! < model.types || child[e]! < i)) e++;
    const last = e > 0 ? steps.last[e - 1]! : 0;
    const state = steps.state[e]!;
    const next = scene.childType[i]!;
    const parentType = scene.parentType[q]!;
    const byStart = this.order.byStart[next] === 1;
    const open = at >= scene.opens[q]! && at <= scene.closes[q]!;
    const stage = (this.#stage[into] = open ? stageOf(model, byStart, parentType, last, state, next) : -1);
    if (stage === -1) return;
    this.#ready[into] = byStart || e === 0 ? scene.start[q]! : time[e - 1]!;
    this.#chance[into] = chanceOf(this.order, model, parentType, last, state, next);
  }

  /** Where q's possible children sent at a time or later begin. */
  #from(q: number, fromNs: number): number {
    const { sent } = this.#a.scene;
    let low = this.#offset[q]!;
    let high = this.#offset[q + 1]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sent[this.#possible[middle]!]! < fromNs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #stepsOf(q: number): Steps {
    const steps = (this.#steps[q] ??= noSteps());
    if (steps.many < 0) this.#write(steps, q, this.#a.children[q]!);
    return steps;
  }

  #write(steps: Steps, q: number, children: readonly number[]): void {
    const { scene, model } = this.#a;
    const events = this.#events;
    const many = (steps.many = events.load(children));
    const { types } = model;
    let state = scene.root[q]!;
    for (let e = 0; e < many; e++) {
      const code = events.code[e]!;
      steps.time[e] = events.time[e]!;
      steps.code[e] = code;
      steps.child[e] = events.child[e]!;
      steps.last[e] = events.last[e]!;
      steps.state[e] = state;
      if (code >= types) state = model.states.after(state, code - types);
    }
    steps.state[many] = state;
  }
}
