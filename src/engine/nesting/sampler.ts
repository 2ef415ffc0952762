/**
 * Metropolis sampling of complete assignments under a frozen model. Moves: give a call away, swap two calls of one type,
 * swap everything two parents have after a cut. A fixed number of proposals, its own seeded generator: deterministic.
 */
import type { Assignment } from './assignment.ts';
import { isCandidate } from './localShare.ts';
import { Random } from './random.ts';

/** Share of proposals that swap two tails, and share of the others that swap two calls where they can. */
const CROSSOVER = 0.4;
const SWAP = 0.8;
/** A proposal that loses so many nats is not weighed against the order of service. */
const NOT_WEIGHED = 15;
/** Nats (times the temperature) from which on a proposal isn't evaluated to the end: its chance is nothing. */
const HOPELESS = -20;

/** Proposals between two ticks. */
const TICK = 1024;

/** An ascending list with one number more and without another, where those are >= 0. */
function exchanged(list: readonly number[], extra: number, except: number): number[] {
  const result: number[] = [];
  let waiting = extra >= 0;
  for (const each of list) {
    if (each === except) continue;
    if (waiting && extra < each) {
      result.push(extra);
      waiting = false;
    }
    result.push(each);
  }
  if (waiting) result.push(extra);
  return result;
}

/** `a` is changed in place: parent, children and likelihood follow the chain. */
export class Sampler {
  readonly #a: Assignment;
  readonly #random: Random;
  /** With which the last proposal was taken. */
  #chance = 0;
  constructor(a: Assignment, seed: number) {
    this.#a = a;
    this.#random = new Random(seed * 2654435761 + a.scene.children);
  }

  /**
   * One proposal per child of a list. `tally`, aligned with the candidates, gets what the proposal leaves each child's parent to be on average: less
   * noise than counting what it came to (waste recycling).
   */
  sweep(movable: Int32Array, temperature: number, tally: Float64Array): void {
    const random = this.#random;
    const { offset, parent } = this.#a.scene.c;
    for (let z = 0; z < movable.length; z++) {
      if (z % TICK === TICK - 1) this.#a.scene.tick();
      const i = movable[z]!;
      const from = offset[i]!;
      const to = from + random.below(offset[i + 1]! - from);
      const u = parent[to]!;
      const q = this.#a.parent[i]!;
      this.#chance = 0;
      if (u !== q) {
        if (random.next() < CROSSOVER) this.#crossover(i, u, temperature);
        else this.#exchange(i, u, temperature);
      }
      let own = from;
      while (parent[own] !== q) own++;
      tally[own]! += 1 - this.#chance;
      tally[to]! += this.#chance;
    }
  }

  /** Everything that parent of i and u have from i's start on changes hands. */
  #crossover(i: number, u: number, temperature: number): void {
    const a = this.#a;
    const { sent } = a.scene;
    const q = a.parent[i]!;
    const cut = sent[i]!;
    const own = a.children[q]!;
    const theirs = a.children[u]!;
    for (let k = own.length - 1; k >= 0 && sent[own[k]!]! >= cut; k--) if (!isCandidate(a, own[k]!, u)) return;
    for (let k = theirs.length - 1; k >= 0 && sent[theirs[k]!]! >= cut; k--) if (!isCandidate(a, theirs[k]!, q)) return;
    const least = HOPELESS * temperature;
    const before = a.likelihood[q]! + a.likelihood[u]!;
    const likelihoodQ = a.spliced(q, u, cut, before + least);
    const likelihoodU = likelihoodQ < before + least ? likelihoodQ : a.spliced(u, q, cut, before - likelihoodQ + least);
    this.#propose(q, u, likelihoodQ, likelihoodU, 0, temperature, () => {
      const early = (j: number) => sent[j]! < cut;
      const late = (j: number) => sent[j]! >= cut;
      return [own.filter(early).concat(theirs.filter(late)), theirs.filter(early).concat(own.filter(late))];
    });
  }

  /** i goes to u, alone or in exchange for one of u's calls of its type. Proposal probabilities are corrected for. */
  #exchange(i: number, u: number, temperature: number): void {
    const a = this.#a;
    const { childType } = a.scene;
    const q = a.parent[i]!;
    const theirs = a.children[u]!;
    const own = a.children[q]!;
    let swaps = 0;
    for (const j of theirs) if (childType[j] === childType[i] && isCandidate(a, j, q)) swaps++;
    let back = 0;
    for (const j of own) if (j !== i && childType[j] === childType[i] && isCandidate(a, j, u)) back++;
    let other = -1;
    let correction = Math.log((back ? 1 - SWAP : 1) / (swaps ? 1 - SWAP : 1));
    if (swaps > 0 && this.#random.next() < SWAP) {
      let pick = this.#random.below(swaps);
      for (const j of theirs) {
        if (childType[j] !== childType[i] || !isCandidate(a, j, q) || pick-- > 0) continue;
        other = j;
        break;
      }
      correction = Math.log(swaps / (back + 1));
    }
    const least = (HOPELESS - Math.abs(correction)) * temperature;
    const before = a.likelihood[q]! + a.likelihood[u]!;
    const likelihoodQ = a.variant(q, other, i, before + least);
    const likelihoodU = likelihoodQ < before + least ? likelihoodQ : a.variant(u, i, other, before - likelihoodQ + least);
    this.#propose(q, u, likelihoodQ, likelihoodU, correction, temperature, () => [exchanged(own, other, i), exchanged(theirs, i, other)]);
  }

  /** `divided`: the children that q and u would have. */
  #propose(
    q: number,
    u: number,
    likelihoodQ: number,
    likelihoodU: number,
    correction: number,
    temperature: number,
    divided: () => [ofQ: number[], ofU: number[]],
  ): void {
    const a = this.#a;
    let gain = likelihoodQ + likelihoodU - a.likelihood[q]! - a.likelihood[u]!;
    let both: [ofQ: number[], ofU: number[]] | null = null;
    if (a.toll && gain > -NOT_WEIGHED) {
      both = divided();
      gain += a.toll.saved([q, u], both);
    }
    gain = gain / temperature + correction;
    this.#chance = gain < 0 ? Math.exp(gain) : 1;
    if (this.#chance < 1 && this.#random.next() >= this.#chance) return;
    const [ofQ, ofU] = both ?? divided();
    a.give(q, ofQ, likelihoodQ);
    a.give(u, ofU, likelihoodU);
    for (const j of ofQ) a.parent[j] = q;
    for (const j of ofU) a.parent[j] = u;
  }
}
