/**
 * The event model of one place: what happens next inside a request, and after how long (a semi-Markov process).
 *
 *   LL(request) = sum over its events of  log P(next | state, last event)  +  log f(delay | parent type, last event, next)
 *
 * `next` is a child type that starts, or END. `state` is (root, multiset of children started); P backs off from the state to the last event with
 * two pseudo-observations. The delay runs from the last event or from the request's start, whichever explains that pair better.
 * Learning (absorb, freeze) and use (step, likelihood) are apart.
 */
import type { Events } from './events.ts';
import { BINS, BROAD, binOf, density } from './histogram.ts';
import type { Scene } from './scene.ts';
import { States } from './states.ts';

/** Pseudo-observations of the back-off from the state to the last event, and from there to uniform. */
const STATE_PRIOR = 2;
const LAST_PRIOR = 0.02;
/** Below this weight a density counts half, the broad one the other half (geometric mean). */
const THIN = 5;
/** Factor on the broad density for a transition whose delay was never seen. */
const UNSEEN = Math.exp(-2);
/** Fewest observations for which bursts are considered, their share to begin with, and rounds of its estimation. */
const BURST_LEAST = 30;
const BURST_FIRST = 0.3;
const BURST_ROUNDS = 2;
/** Memo tables above this many entries are not kept. */
const MEMO_LIMIT = 1 << 21;

export class Model {
  readonly types: number;
  /** Next events: child types, then END. Last events: 0 request start, 1 + 2c child of type c started, 2 + 2c it ended. */
  readonly nexts: number;
  readonly lasts: number;
  readonly #parentTypes: number;
  readonly #roots: number;
  states: States;
  /** Histogram of (parent type, last, next), and of (parent type, next) by the other clock; 0: none. */
  readonly #gap: Int32Array;
  readonly #sinceStart: Int32Array;
  readonly #useStart: Uint8Array;
  #histograms = 1;
  #counts = new Float64Array(64 * BINS);
  #density = new Float64Array(64 * BINS);
  #weight = new Float64Array(64);
  /** Share of a histogram's events whose time the burst explains rather than the delay. */
  #burstShare = new Float64Array(64);
  /** Observations since clear: histogram, bin, burst density, weight. */
  #observed = 0;
  #ofHistogram = new Int32Array(1024);
  #ofBin = new Int16Array(1024);
  #ofBurst = new Float64Array(1024);
  #ofWeight = new Float64Array(1024);
  readonly #lastCount: Float64Array;
  readonly #lastTotal: Float64Array;
  #stateCount: Float64Array;
  #stateTotal: Float64Array;
  /** log P(next) by (state, last, next), filled when first asked for; 1: not yet known. */
  #memo: Float64Array | null = null;
  #memoBuffer = new Float64Array(0);

  constructor(scene: { readonly parentTypes: readonly string[]; readonly childTypes: readonly string[]; readonly roots: number }) {
    this.types = scene.childTypes.length;
    this.nexts = this.types + 1;
    this.lasts = 2 * this.types + 1;
    this.#parentTypes = scene.parentTypes.length;
    this.#roots = scene.roots;
    this.states = new States(this.types, this.#roots);
    this.#gap = new Int32Array(this.#parentTypes * this.lasts * this.nexts);
    this.#sinceStart = new Int32Array(this.#parentTypes * this.nexts);
    this.#useStart = new Uint8Array(this.#parentTypes * this.nexts);
    this.#lastCount = new Float64Array(this.#parentTypes * this.lasts * this.nexts);
    this.#lastTotal = new Float64Array(this.#parentTypes * this.lasts);
    this.#stateCount = new Float64Array(256 * this.nexts);
    this.#stateTotal = new Float64Array(256);
    this.clear();
  }

  clear(): void {
    this.#histograms = 1;
    this.#gap.fill(0);
    this.#sinceStart.fill(0);
    this.#useStart.fill(0);
    this.#lastCount.fill(0);
    this.#lastTotal.fill(0);
    this.#stateCount.fill(0);
    this.#stateTotal.fill(0);
    this.states = new States(this.types, this.#roots);
    this.#observed = 0;
    for (let b = 0; b < BINS; b++) this.#density[b] = BROAD[b]! * UNSEEN;
    this.#memo = null;
  }

  #histogram(): number {
    const h = this.#histograms++;
    if (h >= this.#weight.length) {
      const twice = (values: Float64Array) => {
        const grown = new Float64Array(values.length * 2);
        grown.set(values);
        return grown;
      };
      this.#counts = twice(this.#counts);
      this.#density = twice(this.#density);
      this.#burstShare = twice(this.#burstShare);
      this.#weight = twice(this.#weight);
    }
    this.#counts.fill(0, h * BINS, (h + 1) * BINS);
    this.#weight[h] = 0;
    return h;
  }

  #observe(histogram: number, bin: number, burst: number, weight: number): void {
    this.#counts[histogram * BINS + bin]! += weight;
    this.#weight[histogram]! += weight;
    if (burst === 0) return;
    if (this.#observed === this.#ofBin.length) {
      const grown = <T extends Int32Array | Int16Array | Float64Array>(from: T, to: T): T => {
        to.set(from);
        return to;
      };
      const size = 2 * this.#observed;
      this.#ofHistogram = grown(this.#ofHistogram, new Int32Array(size));
      this.#ofBin = grown(this.#ofBin, new Int16Array(size));
      this.#ofBurst = grown(this.#ofBurst, new Float64Array(size));
      this.#ofWeight = grown(this.#ofWeight, new Float64Array(size));
    }
    const at = this.#observed++;
    this.#ofHistogram[at] = histogram;
    this.#ofBin[at] = bin;
    this.#ofBurst[at] = burst;
    this.#ofWeight[at] = weight;
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
    const gap = this.#gap[at]! || (this.#gap[at] = this.#histogram());
    this.#observe(gap, binOf(delay), burst, weight);
    if (next < this.types) {
      const k = parentType * this.nexts + next;
      const start = this.#sinceStart[k]! || (this.#sinceStart[k] = this.#histogram());
      this.#observe(start, binOf(sinceStart), burst, weight);
    }
    this.#lastCount[at]! += weight;
    this.#lastTotal[row]! += weight;
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
    const { time, code, child } = events;
    let last = 0;
    let lastAt = start;
    let state = scene.root[q]!;
    for (let k = 0; k < many; k++) {
      const c = code[k]!;
      const at = time[k]!;
      if (c >= this.types) {
        const next = c - this.types;
        this.#add(parentType, last, state, next, at - lastAt, at - start, scene.burst[child[k]!]!, weight);
        last = 1 + 2 * next;
        state = this.states.grow(state, next);
      } else last = 2 + 2 * c;
      lastAt = at;
    }
    this.#add(parentType, last, state, this.types, scene.end[q]! - lastAt, 0, 0, weight);
  }

  /** Turns counts into densities. `chooseClock`: allow delays since the request's start where they explain better (Bayesian information criterion). */
  freeze(chooseClock: boolean): void {
    const likelihood = this.#fit();
    this.#useStart.fill(0);
    for (let k = 0; chooseClock && k < this.#sinceStart.length; k++) {
      const start = this.#sinceStart[k]!;
      if (start === 0 || this.#weight[start]! < 30) continue;
      const parentType = Math.floor(k / this.nexts);
      let byLast = 0;
      let pairs = 0;
      for (let last = 0; last < this.lasts; last++) {
        const gap = this.#gap[(parentType * this.lasts + last) * this.nexts + (k % this.nexts)]!;
        if (gap === 0) continue;
        byLast += likelihood[gap]!;
        pairs++;
      }
      if (likelihood[start]! > byLast - 2.5 * (pairs - 1) * Math.log(this.#weight[start]!)) this.#useStart[k] = 1;
    }
    const size = this.states.count * this.lasts * this.nexts;
    if (size > MEMO_LIMIT) return;
    if (this.#memoBuffer.length < size) this.#memoBuffer = new Float64Array(Math.ceil(size * 1.25));
    this.#memo = this.#memoBuffer.fill(1, 0, size);
  }

  /**
   * Densities, and the shares of bursts by expectation-maximisation: an event's time comes from its request (share 1 - b, density f of the delay)
   * or from a burst that hits several requests at once (share b, density of the time since the previous such call of any request).
   * @returns log-likelihood of each histogram's observations
   */
  #fit(): Float64Array {
    const size = this.#histograms;
    const likelihood = new Float64Array(size);
    const share = this.#burstShare.fill(0, 0, size);
    const own = this.#counts.slice(0, size * BINS);
    const bursts = new Float64Array(size);
    const seen = new Uint8Array(size);
    for (let h = 1; h < size; h++) {
      likelihood[h] = density(own, h * BINS, this.#weight[h]!, this.#density, true);
      if (this.#weight[h]! < THIN)
        for (let b = 0; b < BINS; b++) this.#density[h * BINS + b] = Math.sqrt(this.#density[h * BINS + b]! * BROAD[b]!);
    }
    for (let k = 0; k < this.#observed; k++) seen[this.#ofHistogram[k]!] = 1;
    for (let h = 1; h < size; h++) if (seen[h] === 1 && this.#weight[h]! >= BURST_LEAST) share[h] = BURST_FIRST;
    for (let round = 0; round < BURST_ROUNDS; round++) {
      own.set(this.#counts.subarray(0, size * BINS));
      bursts.fill(0);
      for (let k = 0; k < this.#observed; k++) {
        const h = this.#ofHistogram[k]!;
        if (share[h] === 0) continue;
        const at = h * BINS + this.#ofBin[k]!;
        const byBurst = share[h]! * this.#ofBurst[k]!;
        const part = (this.#ofWeight[k]! * byBurst) / (byBurst + (1 - share[h]!) * this.#density[at]!);
        bursts[h]! += part;
        own[at]! -= part;
      }
      for (let h = 1; h < size; h++) {
        if (share[h] === 0) continue;
        share[h] = bursts[h]! / (this.#weight[h]! + 1);
        density(own, h * BINS, this.#weight[h]! - bursts[h]!, this.#density, true);
      }
    }
    for (let h = 1; h < size; h++) {
      if (share[h] === 0) continue;
      likelihood[h] = 0;
      for (let b = h * BINS; b < (h + 1) * BINS; b++) this.#density[b]! *= 1 - share[h]!;
    }
    for (let k = 0; k < this.#observed; k++) {
      const h = this.#ofHistogram[k]!;
      if (share[h] === 0) continue;
      const value = this.#density[h * BINS + this.#ofBin[k]!]! + share[h]! * this.#ofBurst[k]!;
      likelihood[h]! += this.#ofWeight[k]! * Math.log(value);
    }
    return likelihood;
  }

  /** log P(next | state, last) of a parent type. */
  logNext(parentType: number, last: number, state: number, next: number): number {
    const row = parentType * this.lasts + last;
    const base = (this.#lastCount[row * this.nexts + next]! + LAST_PRIOR) / (this.#lastTotal[row]! + LAST_PRIOR * this.nexts);
    if (state < 0 || state >= this.#stateTotal.length) return Math.log(base);
    return Math.log((this.#stateCount[state * this.nexts + next]! + STATE_PRIOR * base) / (this.#stateTotal[state]! + STATE_PRIOR));
  }

  /** log P(next) + log f(delay): one event of a request. Delays in ns since the last event and since the request's start. */
  step(parentType: number, last: number, state: number, next: number, delay: number, sinceStart: number, burst: number): number {
    let log = 1;
    const memo = this.#memo;
    if (memo !== null && state >= 0) {
      const at = (state * this.lasts + last) * this.nexts + next;
      log = memo[at]!;
      if (log === 1) log = memo[at] = this.logNext(parentType, last, state, next);
    } else log = this.logNext(parentType, last, state, next);
    const k = parentType * this.nexts + next;
    const since = this.#useStart[k] === 1;
    const h = since ? this.#sinceStart[k]! : this.#gap[(parentType * this.lasts + last) * this.nexts + next]!;
    return log + Math.log(this.#density[h * BINS + binOf(since ? sinceStart : delay)]! + this.#burstShare[h]! * burst);
  }

  /** Log-likelihood of request q with these children, with `extra` and without `except` where those are >= 0. */
  likelihood(scene: Scene, events: Events, q: number, children: readonly number[], extra = -1, except = -1): number {
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    const many = events.load(children, extra, except);
    const { time, code, child } = events;
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
        last = 1 + 2 * (c - types);
        state = states.after(state, c - types);
      } else last = 2 + 2 * c;
      lastAt = at;
    }
    return sum + this.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
  }

  /** Number of states: what a finer division of roots costs. */
  get size(): number {
    return this.states.count;
  }
}
