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
  /** The first two are those of a call that is looked at. */
  #used = 2;
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
    const { sent, ends, childType } = this.#scene;
    let changes = Number.POSITIVE_INFINITY;
    let many = 0;
    if (extra >= 0) {
      changes = sent[extra]!;
      this.#time[0] = changes;
      this.#code[0] = this.#types + childType[extra]!;
      this.#child[0] = extra;
      many = 1;
      if (ends[extra]! > changes) {
        this.#time[1] = ends[extra]!;
        this.#code[1] = childType[extra]!;
        this.#child[1] = extra;
        many = 2;
      }
    }
    if (except >= 0 && sent[except]! < changes) changes = sent[except]!;
    return this.#merged(q, changes, 0, 0, many, false, except, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, least);
  }

  /** Log-likelihood of q with its own calls sent before a time and those of u from then on; `least` as above. */
  spliced(q: number, u: number, cut: number, least: number): number {
    const first = this.#from[u]!;
    const alike = this.#model[q] === this.#model[u] && this.#scene.parentType[q] === this.#scene.parentType[u];
    return this.#merged(q, cut, first, first + this.#before(u, cut), first + this.#many[u]!, alike, -1, cut, cut, least);
  }

  /**
   * Log-likelihood of q with its own calls but `except` and those sent at `until` or later, and those of the events y .. toY that were sent at `since` or
   * later. Nothing differs before `changes`. `firstY`: where the path of these events begins; `alike`: its densities are those of q's model.
   */
  #merged(
    q: number,
    changes: number,
    firstY: number,
    y: number,
    toY: number,
    alike: boolean,
    except: number,
    until: number,
    since: number,
    least: number,
  ): number {
    const scene = this.#scene;
    const { sent, ends, burst } = scene;
    const times = this.#time;
    const codes = this.#code;
    const children = this.#child;
    const lasts = this.#last;
    const types = this.#types;
    const model = this.#model[q]!;
    const { states } = model;
    const parentType = scene.parentType[q]!;
    const start = scene.start[q]!;
    const from = this.#from[q]!;
    const to = from + this.#many[q]!;
    let z = from + this.#before(q, changes);
    let sum = this.#sum[z]!;
    let state = this.#state[z]!;
    let open = this.#open[z]!;
    let last = z > from ? lasts[z - 1]! : 0;
    let lastAt = z > from ? times[z - 1]! : start;
    while (sum >= least) {
      while (z < to && (children[z] === except || sent[children[z]!]! >= until)) z++;
      while (y < toY && sent[children[y]!]! < since) y++;
      const own = z < to && (y === toY || precedes(times[z]! - times[y]!, codes[z]! - codes[y]!, children[z]! - children[y]!));
      if (!own && y === toY) return sum + model.step(parentType, last, state, types, scene.end[q]! - lastAt, 0, 0);
      const e = own ? z++ : y++;
      const at = times[e]!;
      const c = codes[e]!;
      const i = children[e]!;
      if (c >= types) {
        // Its delay was judged where it comes from if the same event came before it there, unless the clock runs from another request's start.
        const known = own
          ? e > from
            ? last === lasts[e - 1] && lastAt === times[e - 1]
            : last === 0
          : alike && e > firstY && last === lasts[e - 1] && lastAt === times[e - 1] && !model.byStart(parentType, c - types);
        const density = known ? this.#density[e]! : model.logDelay(parentType, last, c - types, at - lastAt, at - start, burst[i]!);
        sum += model.logNext(parentType, last, state, c - types) + density;
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
