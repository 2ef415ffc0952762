/**
 * The ways on from a beam's hypotheses when a call is placed: each open candidate in each hypothesis. What a way is worth and where it leads depends
 * on the candidate's state and last event alone; hypotheses that agree on them share the answer (a case). Only what may stay is hashed and listed.
 */
import { CHILD, type Hypotheses, mix } from './hypotheses.ts';
import type { Lattice } from './lattice.ts';
import type { Model } from './model.ts';
import { chanceOf, type Order, stageOf } from './order.ts';
import type { Scene } from './scene.ts';

/** What holds for a whole run of a beam. */
export interface Rules {
  readonly model: Model;
  readonly width: number;
  /** See BeamOptions. */
  readonly window: number;
  readonly block: number;
  readonly order: Order | null;
  readonly lattice: Lattice | null;
}

/** Bits of a set of hashes. */
const SEEN = 256;

/** What a sum of chances may be off by. */
const ROUNDING = 1e-9;

export class Successors {
  readonly #scene: Scene;
  readonly #memory: Hypotheses;
  readonly #slotOfParent: Int32Array;
  // Open candidates of the call: numbers into scene.c.parent, and slots.
  #candidate = new Int32Array(0);
  #slot = new Int32Array(0);
  // Of each case: state and last event; gain, what the way adds to the hash; stage, since when it is ready, and the chance that it waits (-1: not asked for).
  #state = new Int32Array(0);
  #last = new Int32Array(0);
  #gain = new Float64Array(0);
  #hash = new Int32Array(0);
  #stage = new Int32Array(0);
  #ready = new Float64Array(0);
  #chance = new Float64Array(0);
  // Of each way, at open candidate * hypotheses + hypothesis: its case, and its score but for what overtaking costs.
  #case = new Int32Array(0);
  #value = new Float64Array(0);
  /** Places of the list, best first. */
  #rank = new Int32Array(0);
  // Of each place of the list.
  #score = new Float64Array(0);
  #hashOf = new Int32Array(0);
  #way = new Int32Array(0);
  /** Which hashes are listed, by their last bits: what isn't noted here isn't in the list. */
  readonly #seen = new Int32Array(SEEN / 32);

  constructor(scene: Scene, memory: Hypotheses, slotOfParent: Int32Array) {
    this.#scene = scene;
    this.#memory = memory;
    this.#slotOfParent = slotOfParent;
  }

  #reserve(width: number, ways: number, candidates: number): void {
    if (this.#rank.length < width) {
      this.#rank = new Int32Array(width);
      this.#score = new Float64Array(width);
      this.#hashOf = new Int32Array(width);
      this.#way = new Int32Array(width);
    }
    if (this.#candidate.length < candidates) {
      this.#candidate = new Int32Array(2 * candidates);
      this.#slot = new Int32Array(2 * candidates);
    }
    if (this.#case.length >= ways) return;
    const size = 2 * ways;
    this.#state = new Int32Array(size);
    this.#last = new Int32Array(size);
    this.#gain = new Float64Array(size);
    this.#hash = new Int32Array(size);
    this.#stage = new Int32Array(size);
    this.#ready = new Float64Array(size);
    this.#chance = new Float64Array(size);
    this.#case = new Int32Array(size);
    this.#value = new Float64Array(size);
  }

  /**
   * Lists the best ways on for child i from hypotheses 0 .. many, in memory's topScore, topHash, topFrom and topSlot, best first.
   * `childSlot`: -1 when nobody waits for it. @returns how many there are
   */
  place(rules: Rules, many: number, i: number, childSlot: number): number {
    const { offset, parent } = this.#scene.c;
    const from = offset[i]!;
    this.#reserve(rules.width, many * (offset[i + 1]! - from), offset[i + 1]! - from);
    let open = 0;
    for (let k = from; k < offset[i + 1]!; k++) {
      const s = this.#slotOfParent[parent[k]!]!;
      if (s < 0) continue;
      this.#candidate[open] = k;
      this.#slot[open++] = s;
    }
    const best = this.#weigh(rules, many, open, i, childSlot);
    return this.#list(rules, many, open, i, best);
  }

  /** Finds the cases, and what each is worth. @returns the best way */
  #weigh({ model, block, order }: Rules, many: number, open: number, i: number, childSlot: number): number {
    const { start, sent, ends, childType, parentType, burst, c } = this.#scene;
    const { parentSlots, state: states, last: lasts, row, score: scores } = this.#memory;
    const gains = this.#gain;
    const values = this.#value;
    const caseState = this.#state;
    const caseLast = this.#last;
    const cases = this.#case;
    const at = sent[i]!;
    const type = childType[i]!;
    const pays = order !== null && order.price[type]! > 0;
    const byStart = pays && order.byStart[type] === 1;
    let next = 0;
    let best = 0;
    for (let z = 0, way = 0; z < open; z++) {
      const s = this.#slot[z]!;
      const q = c.parent[this.#candidate[z]!]!;
      const kind = parentType[q]!;
      const sinceStart = at - start[q]!;
      const owned = childSlot < 0 ? 0 : mix(childSlot + CHILD, s, 5);
      const first = next;
      for (let h = 0; h < many; h++, way++) {
        const state = states[row[h]! * parentSlots + s]!;
        const last = lasts[row[h]! * parentSlots + s]!;
        let same = first;
        while (same < next && (caseState[same] !== state || caseLast[same] !== last)) same++;
        cases[way] = same;
        if (same === next) {
          next++;
          caseState[same] = state;
          caseLast[same] = last;
          const code = last < 0 ? 0 : 1 + (last & 3) + 3 * childType[last >> 2]!;
          const lastAt = last < 0 ? start[q]! : last & 3 ? ends[last >> 2]! : sent[last >> 2]!;
          const gain = model.step(kind, code, state, type, at - lastAt, sinceStart, burst[i]!);
          gains[same] = block > 0 && last >= 0 && (last & 3) === 0 ? gain - block : gain;
          this.#hash[same] = (mix(s, model.states.after(state, type), i * 4) - mix(s, state, last) + owned) | 0;
          if (pays) {
            this.#stage[same] = stageOf(model, byStart, kind, code, state, type);
            this.#ready[same] = byStart ? start[q]! : lastAt;
            this.#chance[same] = -1;
          }
        }
        values[way] = scores[h]! + gains[same]!;
        if (values[way]! > values[best]!) best = way;
      }
    }
    return best;
  }

  #list({ model, width, window, order, lattice }: Rules, many: number, open: number, i: number, best: number): number {
    const { score: scores, hash: hashes, topScore, topHash, topFrom, topSlot } = this.#memory;
    const cases = this.#case;
    const values = this.#value;
    const rank = this.#rank;
    const score = this.#score;
    const hashOf = this.#hashOf;
    const seen = this.#seen.fill(0);
    const price = order === null ? 0 : order.price[this.#scene.childType[i]!]!;
    // The best way bounds what may stay, and so does the worst of a full list.
    let most = values[best]!;
    if (price > 0) most -= price * this.#overtaken(model, order!, best, many, open, i, Number.POSITIVE_INFINITY);
    let worst = Number.NEGATIVE_INFINITY;
    let kept = 0;
    for (let z = 0, way = 0; z < open; z++) {
      for (let h = 0; h < many; h++, way++) {
        let value = values[way]!;
        if (value < most - window || value <= worst) continue;
        if (price > 0) {
          const spare = value - Math.max(most - window, worst);
          value -= price * this.#overtaken(model, order!, way, many, open, i, spare / price + ROUNDING);
          if (value < most - window || value <= worst) continue;
          if (value > most) most = value;
        }
        const hash = (hashes[h]! + this.#hash[cases[way]!]!) | 0;
        lattice?.edge(h, hash, value - scores[h]!, this.#candidate[z]!);
        const bit = 1 << hash;
        const word = (hash >>> 5) % seen.length;
        let entry = kept;
        if (seen[word]! & bit) for (entry = 0; entry < kept && hashOf[entry] !== hash; ) entry++;
        seen[word]! |= bit;
        let place = kept;
        if (entry < kept) {
          if (score[entry]! >= value) continue;
          place = 0;
          while (rank[place] !== entry) place++;
        } else if (kept < width) kept++;
        else {
          place = width - 1;
          entry = rank[place]!;
        }
        while (place > 0 && score[rank[place - 1]!]! < value) {
          rank[place] = rank[place - 1]!;
          place--;
        }
        rank[place] = entry;
        score[entry] = value;
        hashOf[entry] = hash;
        this.#way[entry] = way;
        if (kept === width) worst = score[rank[width - 1]!]!;
      }
    }
    while (kept > 1 && score[rank[kept - 1]!]! < score[rank[0]!]! - window) kept--;
    for (let k = 0; k < kept; k++) {
      const entry = rank[k]!;
      const way = this.#way[entry]!;
      topScore[k] = score[entry]!;
      topHash[k] = hashOf[entry]!;
      topFrom[k] = way % many;
      topSlot[k] = this.#slot[Math.floor(way / many)]!;
    }
    lattice?.step(topHash, kept);
    return kept;
  }

  /** Chances of the candidates that are at the same stage in this way's hypothesis, and were ready earlier; where they are more than `limit`, any part that is. */
  #overtaken(model: Model, order: Order, way: number, many: number, open: number, i: number, limit: number): number {
    const stages = this.#stage;
    const ready = this.#ready;
    const cases = this.#case;
    const one = cases[way]!;
    const stage = stages[one]!;
    if (stage === -1) return 0;
    const own = Math.floor(way / many);
    const since = ready[one]!;
    let sum = 0;
    for (let z = 0, at = way % many; z < open; z++, at += many) {
      const other = cases[at]!;
      if (stages[other] !== stage || !(ready[other]! < since || (ready[other] === since && z < own))) continue;
      if (this.#chance[other]! < 0) this.#chance[other] = this.#chanceOf(model, order, other, z, i);
      sum += this.#chance[other]!;
      if (sum > limit) return sum;
    }
    return sum;
  }

  #chanceOf(model: Model, order: Order, one: number, z: number, i: number): number {
    const { childType, parentType, c } = this.#scene;
    const last = this.#last[one]!;
    const code = last < 0 ? 0 : 1 + (last & 3) + 3 * childType[last >> 2]!;
    return chanceOf(order, model, parentType[c.parent[this.#candidate[z]!]!]!, code, this.#state[one]!, childType[i]!);
  }
}
