/**
 * The event model of one place: what happens next inside a request, and after how long (a semi-Markov process).
 *
 *   LL(request) = sum over its events of  log P(next | state, last event)  +  log f(delay | parent type, last event, next)
 *
 * `next` is a child type that starts, or END. `state` is (root, multiset of children started); P backs off from the state to the last event with
 * two pseudo-observations. The delay runs from the last event or from the request's start, whichever explains that pair better.
 * Learning (absorb, freeze) and use (step, likelihood) are apart.
 */
import { Delays } from './delays.ts';
import type { Events } from './events.ts';
import { binOf } from './histogram.ts';
import type { Scene } from './scene.ts';
import { States } from './states.ts';

/** Pseudo-observations of the back-off from the state to the last event, and from there to uniform. */
const STATE_PRIOR = 2;
const LAST_PRIOR = 0.02;
/** A call that starts beside another in less than this share of cases is taken for an exception, and costs so many nats more. */
const OVERLAP_SHARE = 0.03;
const OVERLAP_PRICE = 8;
/** Memo tables above this many entries are not kept. */
const MEMO_LIMIT = 1 << 21;

export class Model {
  readonly types: number;
  /** Next events: child types, then END. Last events as in Events. */
  readonly nexts: number;
  readonly lasts: number;
  readonly #parentTypes: number;
  readonly #roots: number;
  states: States;
  /** Histogram of (parent type, last, next), and of (parent type, next) by the other clock, whose histograms are apart; 0: none. */
  readonly #gap: Int32Array;
  readonly #sinceStart: Int32Array;
  readonly #useStart: Uint8Array;
  readonly #overlapPrice: Float64Array;
  readonly #delays = new Delays();
  readonly #delaysSinceStart = new Delays();
  readonly #lastCount: Float64Array;
  readonly #lastTotal: Float64Array;
  #stateCount: Float64Array;
  #stateTotal: Float64Array;
  /** log P(next) by (state, last, next), filled when first asked for; 1: not yet known. */
  #memo: Float64Array | null = null;
  #memoBuffer = new Float64Array(0);
  /** The same without the logarithm, where it was asked for; -1: not yet known. */
  #chances: Float64Array | null = null;

  constructor(scene: { readonly parentTypes: readonly string[]; readonly childTypes: readonly string[]; readonly roots: number }) {
    this.types = scene.childTypes.length;
    this.nexts = this.types + 1;
    this.lasts = 3 * this.types + 1;
    this.#parentTypes = scene.parentTypes.length;
    this.#roots = scene.roots;
    this.states = new States(this.types, this.#roots);
    this.#gap = new Int32Array(this.#parentTypes * this.lasts * this.nexts);
    this.#sinceStart = new Int32Array(this.#parentTypes * this.nexts);
    this.#useStart = new Uint8Array(this.#parentTypes * this.nexts);
    this.#overlapPrice = new Float64Array(this.#parentTypes * this.nexts);
    this.#lastCount = new Float64Array(this.#parentTypes * this.lasts * this.nexts);
    this.#lastTotal = new Float64Array(this.#parentTypes * this.lasts);
    this.#stateCount = new Float64Array(256 * this.nexts);
    this.#stateTotal = new Float64Array(256);
    this.clear();
  }

  clear(): void {
    this.#delays.clear();
    this.#delaysSinceStart.clear();
    this.#gap.fill(0);
    this.#sinceStart.fill(0);
    this.#useStart.fill(0);
    this.#lastCount.fill(0);
    this.#lastTotal.fill(0);
    this.#stateCount.fill(0);
    this.#stateTotal.fill(0);
    this.states = new States(this.types, this.#roots);
    this.#memo = null;
    this.#chances = null;
  }

  /** One observed transition of weight `weight`; delays in ns. */
  #add(
    parentType: number,
    last: number,
    state: number,
    next: number,
    delay: number,
    sinceStart: number,
    burst: number,
    weight: number,
  ): void {
    const row = parentType * this.lasts + last;
    const at = row * this.nexts + next;
    const gap = this.#gap[at]! || (this.#gap[at] = this.#delays.histogram());
    this.#delays.observe(gap, binOf(delay), burst, weight);
    if (next < this.types) {
      const k = parentType * this.nexts + next;
      const start = this.#sinceStart[k]! || (this.#sinceStart[k] = this.#delaysSinceStart.histogram());
      this.#delaysSinceStart.observe(start, binOf(sinceStart), burst, weight);
    }
    this.#lastCount[at]! += weight;
    this.#lastTotal[row]! += weight;
    this.#count(state, next, weight);
  }

  #count(state: number, next: number, weight: number): void {
    if (state >= this.#stateTotal.length) {
      const total = new Float64Array(this.#stateTotal.length * 2);
      total.set(this.#stateTotal);
      this.#stateTotal = total;
      const count = new Float64Array(this.#stateCount.length * 2);
      count.set(this.#stateCount);
      this.#stateCount = count;
    }
    this.#stateCount[state * this.nexts + next]! += weight;
    this.#stateTotal[state]! += weight;
  }

  /** Learns one complete request. Call freeze afterwards. */
  absorb(scene: Scene, events: Events, q: number, children: readonly number[], weight = 1): void {
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    const many = events.load(children);
    const { time, code, child, last: lasts } = events;
    let last = 0;
    let lastAt = start;
    let state = scene.root[q]!;
    for (let k = 0; k < many; k++) {
      const c = code[k]!;
      const at = time[k]!;
      if (c >= this.types) {
        const next = c - this.types;
        this.#add(parentType, last, state, next, at - lastAt, at - start, scene.burst[child[k]!]!, weight);
        state = this.states.grow(state, next);
      }
      last = lasts[k]!;
      lastAt = at;
    }
    this.#add(parentType, last, state, this.types, scene.end[q]! - lastAt, 0, 0, weight);
  }

  /** Turns counts into densities. `chooseClock`: allow delays since the request's start where they explain better (Bayesian information criterion). */
  freeze(chooseClock: boolean): void {
    const likelihood = this.#delays.fit(chooseClock);
    this.#prepare();
    // The other clock's densities are asked for only where it may be chosen.
    if (chooseClock) this.#chooseClocks(likelihood, this.#delaysSinceStart.fit(true));
  }

  #prepare(): void {
    this.#chances = null;
    this.#measureOverlap();
    this.#useStart.fill(0);
    const size = this.states.count * this.lasts * this.nexts;
    if (size > MEMO_LIMIT) return;
    if (this.#memoBuffer.length < size) this.#memoBuffer = new Float64Array(Math.ceil(size * 1.25));
    this.#memo = this.#memoBuffer.fill(1, 0, size);
  }

  /** The request's start instead of the last event where that explains the delays better, by their log-likelihoods. */
  #chooseClocks(sinceLast: Float64Array, sinceStart: Float64Array): void {
    for (let k = 0; k < this.#sinceStart.length; k++) {
      const start = this.#sinceStart[k]!;
      if (start === 0 || this.#delaysSinceStart.weight[start]! < 30) continue;
      const parentType = Math.floor(k / this.nexts);
      let byLast = 0;
      let pairs = 0;
      for (let last = 0; last < this.lasts; last++) {
        const gap = this.#gap[(parentType * this.lasts + last) * this.nexts + (k % this.nexts)]!;
        if (gap === 0) continue;
        byLast += sinceLast[gap]!;
        pairs++;
      }
      if (sinceStart[start]! > byLast - 2.5 * (pairs - 1) * Math.log(this.#delaysSinceStart.weight[start]!)) this.#useStart[k] = 1;
    }
  }

  /** Whether requests of a type hardly ever start a call while another is open: then doing so has a price. */
  #measureOverlap(): void {
    for (let k = 0; k < this.#overlapPrice.length; k++) {
      const parentType = Math.floor(k / this.nexts);
      let starts = 0;
      let overlapping = 0;
      for (let last = 0; last < this.lasts; last++) {
        const calls = this.#lastCount[(parentType * this.lasts + last) * this.nexts + (k % this.nexts)]!;
        starts += calls;
        if (last > 0 && last % 3 !== 2) overlapping += calls;
      }
      this.#overlapPrice[k] = overlapping < OVERLAP_SHARE * starts ? OVERLAP_PRICE : 0;
    }
  }

  /** log P(next | state, last) of a parent type. */
  logNext(parentType: number, last: number, state: number, next: number): number {
    const memo = this.#memo;
    if (memo === null || state < 0) return this.#logNext(parentType, last, state, next);
    const at = (state * this.lasts + last) * this.nexts + next;
    const known = memo[at]!;
    return known === 1 ? (memo[at] = this.#logNext(parentType, last, state, next)) : known;
  }

  /** P(next | state, last) of a parent type. */
  chance(parentType: number, last: number, state: number, next: number): number {
    if (this.#memo === null || state < 0) return Math.exp(this.logNext(parentType, last, state, next));
    const chances = (this.#chances ??= new Float64Array(this.states.count * this.lasts * this.nexts).fill(-1));
    const at = (state * this.lasts + last) * this.nexts + next;
    const known = chances[at]!;
    return known < 0 ? (chances[at] = Math.exp(this.logNext(parentType, last, state, next))) : known;
  }

  #logNext(parentType: number, last: number, state: number, next: number): number {
    const price = next < this.types && last > 0 && last % 3 !== 2 ? this.#overlapPrice[parentType * this.nexts + next]! : 0;
    const row = parentType * this.lasts + last;
    const base = (this.#lastCount[row * this.nexts + next]! + LAST_PRIOR) / (this.#lastTotal[row]! + LAST_PRIOR * this.nexts);
    if (state < 0 || state >= this.#stateTotal.length) return Math.log(base) - price;
    return Math.log((this.#stateCount[state * this.nexts + next]! + STATE_PRIOR * base) / (this.#stateTotal[state]! + STATE_PRIOR)) - price;
  }

  /** log P(next) + log f(delay): one event of a request. Delays in ns since the last event and since the request's start. */
  step(parentType: number, last: number, state: number, next: number, delay: number, sinceStart: number, burst: number): number {
    return this.logNext(parentType, last, state, next) + this.logDelay(parentType, last, next, delay, sinceStart, burst);
  }

  /** log f(delay). */
  logDelay(parentType: number, last: number, next: number, delay: number, sinceStart: number, burst: number): number {
    const k = parentType * this.nexts + next;
    if (this.#useStart[k] === 1) return this.#delaysSinceStart.logDensity(this.#sinceStart[k]!, sinceStart, burst);
    return this.#delays.logDensity(this.#gap[(parentType * this.lasts + last) * this.nexts + next]!, delay, burst);
  }

  /** Whether the clock of such an event runs from the request's start. */
  byStart(parentType: number, next: number): boolean {
    return this.#useStart[parentType * this.nexts + next] === 1;
  }

  /** Share of the delays before such an event that are further out on the same side; NaN where too few were seen. */
  delayTail(parentType: number, last: number, next: number, delay: number, sinceStart: number): number {
    const k = parentType * this.nexts + next;
    if (this.#useStart[k] === 1) return this.#delaysSinceStart.tail(this.#sinceStart[k]!, sinceStart);
    return this.#delays.tail(this.#gap[(parentType * this.lasts + last) * this.nexts + next]!, delay);
  }

  /** Log-likelihood of request q with these children, with `extra` and without `except` where those are >= 0. */
  likelihood(scene: Scene, events: Events, q: number, children: readonly number[], extra = -1, except = -1): number {
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    const many = events.load(children, extra, except);
    const { time, code, child, last: lasts } = events;
    const { burst } = scene;
    const { types, states } = this;
    let last = 0;
    let lastAt = start;
    let state = scene.root[q]!;
    let sum = 0;
    for (let k = 0; k < many; k++) {
      const c = code[k]!;
      const at = time[k]!;
      if (c >= types) {
        sum += this.step(parentType, last, state, c - types, at - lastAt, at - start, burst[child[k]!]!);
        state = states.after(state, c - types);
      }
      last = lasts[k]!;
      lastAt = at;
    }
    return sum + this.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
  }

  /** Number of states: what a finer division of roots costs. */
  get size(): number {
    return this.states.count;
  }

  /** What save and restore read and write. */
  get tables() {
    const { states } = this;
    return {
      states,
      delays: this.#delays,
      delaysSinceStart: this.#delaysSinceStart,
      gap: this.#gap,
      sinceStart: this.#sinceStart,
      lastCount: this.#lastCount,
      lastTotal: this.#lastTotal,
      stateCount: this.#stateCount,
      count: (state: number, next: number, weight: number) => this.#count(state, next, weight),
    };
  }

  /** As freeze, from restored tables. */
  freezeRestored(sinceLast: Float64Array, sinceStart: Float64Array): void {
    this.#prepare();
    this.#chooseClocks(sinceLast, sinceStart);
  }
}
