/**
 * Each request's events under the assignment as it is, with what the model said up to each of them. What a request would be worth with one call more
 * or less, or with another's calls from some time on, is computed from the first event that differs: searching and sampling ask little else.
 */
import type { Events } from './events.ts';
import type { Model } from './model.ts';
import type { Scene } from './scene.ts';

/** Room for further events where a request gets its first or a longer path. */
const SPARE = 4;

export class Paths {
  readonly #scene: Scene;
  readonly #types: number;
  /** Where a parent's events begin, how many there are (-1: not known), and for how many there is room. */
  readonly #from: Int32Array;
  readonly #many: Int32Array;
  readonly #room: Int32Array;
  readonly #model: Model[];
  #used = 0;
  // Of each event: see Events; log-density of its delay (starts of calls only).
  #time = new Float64Array(1024);
  #code = new Int32Array(1024);
  #child = new Int32Array(1024);
  #last = new Int32Array(1024);
  #density = new Float64Array(1024);
  // Before each event, and at the end: log-likelihood so far, state, open calls.
  #sum = new Float64Array(1024);
  #state = new Int32Array(1024);
  #open = new Int32Array(1024);

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#types = scene.childTypes.length;
    this.#from = new Int32Array(scene.parents);
    this.#many = new Int32Array(scene.parents).fill(-1);
    this.#room = new Int32Array(scene.parents);
    this.#model = new Array<Model>(scene.parents);
  }

  knows(q: number): boolean {
    return this.#many[q]! >= 0;
  }

  /** Its calls, or the model, have changed. */
  forget(q: number): void {
    this.#many[q] = -1;
  }

  forgetAll(): void {
    this.#many.fill(-1);
  }

  #reserve(q: number, size: number): void {
    if (this.#room[q]! >= size) return;
    this.#from[q] = this.#used;
    this.#room[q] = size + SPARE;
    this.#used += size + SPARE;
    const length = this.#time.length;
    if (this.#used <= length) return;
    const longer = Math.max(2 * length, this.#used);
    const ints = (from: Int32Array) => {
      const to = new Int32Array(longer);
      to.set(from);
      return to;
    };
    const floats = (from: Float64Array) => {
      const to = new Float64Array(longer);
      to.set(from);
      return to;
    };
    this.#time = floats(this.#time);
    this.#density = floats(this.#density);
    this.#sum = floats(this.#sum);
    this.#code = ints(this.#code);
    this.#child = ints(this.#child);
    this.#last = ints(this.#last);
    this.#state = ints(this.#state);
    this.#open = ints(this.#open);
  }

  /** @returns the request's log-likelihood */
  learn(q: number, model: Model, events: Events, children: readonly number[]): number {
    const { scene, types } = { scene: this.#scene, types: this.#types };
    const { states } = model;
    const many = events.load(children);
    const { time, code, child, last: lasts } = events;
    this.#reserve(q, many + 1);
    this.#many[q] = many;
    this.#model[q] = model;
    const from = this.#from[q]!;
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    let last = 0;
    let lastAt = start;
    let state = scene.root[q]!;
    let sum = 0;
    let open = 0;
    for (let k = 0; k < many; k++) {
      const z = from + k;
      const c = code[k]!;
      const at = time[k]!;
      const i = child[k]!;
      this.#time[z] = at;
      this.#code[z] = c;
      this.#child[z] = i;
      this.#sum[z] = sum;
      this.#state[z] = state;
      this.#open[z] = open;
      if (c >= types) {
        const density = model.logDelay(parentType, last, c - types, at - lastAt, at - start, scene.burst[i]!);
        this.#density[z] = density;
        sum += model.logNext(parentType, last, state, c - types) + density;
        state = states.after(state, c - types);
        if (scene.ends[i]! > scene.sent[i]!) open++;
      } else open--;
      last = lasts[k]!;
      this.#last[z] = last;
      lastAt = at;
    }
    this.#sum[from + many] = sum;
    this.#state[from + many] = state;
    this.#open[from + many] = open;
    return sum + model.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
  }

  /** Number of q's events before a time. */
  #before(q: number, at: number): number {
    const from = this.#from[q]!;
    let low = from;
    let high = from + this.#many[q]!;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#time[middle]! < at) low = middle + 1;
      else high = middle;
    }
    return low - from;
  }

  /**
   * Log-likelihood of q with call `extra` and without `except`, where those are >= 0. No event adds to it, so what is below `least` on the way there
   * may be given back as it is.
   */
  variant(q: number, extra: number, except: number, least: number): number {
    const scene = this.#scene;
    const { sent, ends, childType, burst } = scene;
    const times = this.#time;
    const codes = this.#code;
    const types = this.#types;
    const model = this.#model[q]!;
    const { states } = model;
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    let changes = Number.POSITIVE_INFINITY;
    // The next event of the extra call: 2 its start, 1 its end, 0 none.
    let pending = 0;
    let extraAt = Number.POSITIVE_INFINITY;
    let extraCode = 0;
    if (extra >= 0) {
      pending = 2;
      extraAt = changes = sent[extra]!;
      extraCode = types + childType[extra]!;
    }
    if (except >= 0 && sent[except]! < changes) changes = sent[except]!;
    const from = this.#from[q]!;
    const to = from + this.#many[q]!;
    let z = from + this.#before(q, changes);
    let sum = this.#sum[z]!;
    let state = this.#state[z]!;
    let open = this.#open[z]!;
    let last = z > from ? this.#last[z - 1]! : 0;
    let lastAt = z > from ? times[z - 1]! : start;
    while (sum >= least) {
      let at: number;
      let c: number;
      let i: number;
      if (pending > 0 && (z === to || times[z]! > extraAt || (times[z] === extraAt && codes[z]! > extraCode))) {
        at = extraAt;
        c = extraCode;
        i = extra;
        if (pending === 2 && ends[extra]! > at) {
          pending = 1;
          extraAt = ends[extra]!;
          extraCode = c - types;
        } else pending = 0;
        if (c >= types) sum += model.step(parentType, last, state, c - types, at - lastAt, at - start, burst[i]!);
      } else if (z < to) {
        i = this.#child[z]!;
        if (i === except) {
          z++;
          continue;
        }
        at = times[z]!;
        c = codes[z]!;
        if (c >= types) {
          const known = z > from ? last === this.#last[z - 1] && lastAt === times[z - 1] : last === 0;
          const density = known ? this.#density[z]! : model.logDelay(parentType, last, c - types, at - lastAt, at - start, burst[i]!);
          sum += model.logNext(parentType, last, state, c - types) + density;
        }
        z++;
      } else return sum + model.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
      if (c >= types) {
        state = states.after(state, c - types);
        if (ends[i]! > at) open++;
        last = 1 + 3 * (c - types);
      } else last = (--open > 0 ? 3 : 2) + 3 * c;
      lastAt = at;
    }
    return sum;
  }

  /** Log-likelihood of q with its own calls sent before a time and those of u from then on; `least` as above. */
  spliced(q: number, u: number, cut: number, least: number): number {
    const scene = this.#scene;
    const { sent, ends, burst } = scene;
    const times = this.#time;
    const codes = this.#code;
    const children = this.#child;
    const types = this.#types;
    const model = this.#model[q]!;
    const { states } = model;
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    const alike = model === this.#model[u] && parentType === scene.parentType[u];
    const from = this.#from[q]!;
    const to = from + this.#many[q]!;
    const fromU = this.#from[u]!;
    const toU = fromU + this.#many[u]!;
    let z = from + this.#before(q, cut);
    let y = fromU + this.#before(u, cut);
    let sum = this.#sum[z]!;
    let state = this.#state[z]!;
    let open = this.#open[z]!;
    let last = z > from ? this.#last[z - 1]! : 0;
    let lastAt = z > from ? times[z - 1]! : start;
    while (sum >= least) {
      while (z < to && sent[children[z]!]! >= cut) z++;
      while (y < toU && sent[children[y]!]! < cut) y++;
      let at: number;
      let c: number;
      let i: number;
      if (z < to && (y === toU || precedes(times[z]! - times[y]!, codes[z]! - codes[y]!, children[z]! - children[y]!))) {
        at = times[z]!;
        c = codes[z]!;
        i = children[z++]!;
      } else if (y < toU) {
        at = times[y]!;
        c = codes[y]!;
        i = children[y]!;
        if (c >= types) {
          const known =
            alike && y > fromU && last === this.#last[y - 1] && lastAt === times[y - 1] && !model.byStart(parentType, c - types);
          const density = known ? this.#density[y]! : model.logDelay(parentType, last, c - types, at - lastAt, at - start, burst[i]!);
          sum += model.logNext(parentType, last, state, c - types) + density;
        }
        y++;
      } else return sum + model.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
      if (c >= types) {
        state = states.after(state, c - types);
        if (ends[i]! > at) open++;
        last = 1 + 3 * (c - types);
      } else last = (--open > 0 ? 3 : 2) + 3 * c;
      lastAt = at;
    }
    return sum;
  }
}

const precedes = (time: number, code: number, child: number): boolean =>
  time < 0 || (time === 0 && (code < 0 || (code === 0 && child < 0)));
