/**
 * Shares of the possible parents of each call among all assignments that a beam kept, not only in its best one: forward and backward over the lattice
 * of its hypotheses. Each step of the beam (a call placed, or hypotheses that became one) leaves, for each edge, the part of its end's mass that came
 * by it. As soon as one hypothesis is left, what is known goes back along the edges. O(edges) time; memory for one contested stretch at a time.
 */

/** Edges held; a longer contested stretch is judged piece by piece, without what comes after each. */
const MOST_EDGES = 1 << 18;

function grown<T extends Float64Array | Float32Array | Int32Array | Uint8Array>(array: T, size: number): T {
  if (size <= array.length) return array;
  const larger = new (array.constructor as new (size: number) => T)(2 * size);
  larger.set(array);
  return larger;
}

export class Lattice {
  /** Of each candidate, aligned with scene.c.parent; nothing for calls that were never contested. */
  readonly shares: Float64Array;
  /** One by the temperature: above 1 it flattens, since models are too sure. */
  readonly #coldness: number;
  /** Log mass of each hypothesis. */
  #mass = new Float64Array(256);
  #nextMass = new Float64Array(256);
  // Edges of the step that is being made.
  #many = 0;
  #edgeMass = new Float64Array(256);
  #edgeHash = new Int32Array(256);
  #edgeFrom = new Uint8Array(256);
  #edgeCandidate = new Int32Array(256);
  // Edges of all steps since one hypothesis was left, and where each step's begin.
  #steps = 0;
  #stepStart = new Int32Array(1024);
  #edges = 0;
  #from = new Uint8Array(4096);
  #to = new Uint8Array(4096);
  #candidate = new Int32Array(4096);
  #part = new Float32Array(4096);
  // Going back.
  #share = new Float64Array(256);
  #shareBefore = new Float64Array(256);

  constructor(candidates: number, temperature: number) {
    this.shares = new Float64Array(candidates);
    this.#coldness = 1 / temperature;
  }

  /** What a hypothesis gains between two steps. */
  gain(hypothesis: number, gain: number): void {
    this.#mass[hypothesis]! += gain * this.#coldness;
  }

  /** A way from hypothesis `from`, gaining so many nats, to the one with this hash. `candidate`: the parent chosen, as a number into scene.c.parent, or -1. */
  edge(from: number, hash: number, gain: number, candidate: number): void {
    const k = this.#many++;
    if (k >= this.#edgeMass.length) {
      this.#edgeMass = grown(this.#edgeMass, k + 1);
      this.#edgeHash = grown(this.#edgeHash, k + 1);
      this.#edgeFrom = grown(this.#edgeFrom, k + 1);
      this.#edgeCandidate = grown(this.#edgeCandidate, k + 1);
    }
    this.#edgeMass[k] = this.#mass[from]! + gain * this.#coldness;
    this.#edgeHash[k] = hash;
    this.#edgeFrom[k] = from;
    this.#edgeCandidate[k] = candidate;
  }

  /** Ends a step: hypotheses hash[0 .. kept) are left, edges to others are forgotten. */
  step(hash: Int32Array, kept: number): void {
    if (this.#edges + this.#many > MOST_EDGES) this.#goBack(this.#hypotheses);
    const next = this.#nextMass;
    for (let h = 0; h < kept; h++) next[h] = 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < this.#many; k++) if (this.#edgeMass[k]! > most) most = this.#edgeMass[k]!;
    const start = this.#edges;
    const size = start + this.#many;
    if (size > this.#part.length) {
      this.#from = grown(this.#from, size);
      this.#to = grown(this.#to, size);
      this.#candidate = grown(this.#candidate, size);
      this.#part = grown(this.#part, size);
    }
    let at = start;
    for (let k = 0; k < this.#many; k++) {
      let to = 0;
      while (to < kept && hash[to] !== this.#edgeHash[k]) to++;
      if (to === kept) continue;
      const mass = Math.exp(this.#edgeMass[k]! - most);
      next[to]! += mass;
      this.#from[at] = this.#edgeFrom[k]!;
      this.#to[at] = to;
      this.#candidate[at] = this.#edgeCandidate[k]!;
      this.#part[at++] = mass;
    }
    for (let e = start; e < at; e++) this.#part[e]! /= next[this.#to[e]!]!;
    for (let h = 0; h < kept; h++) next[h] = most + Math.log(next[h]!);
    this.#nextMass = this.#mass;
    this.#mass = next;
    this.#edges = at;
    if (this.#steps + 1 >= this.#stepStart.length) this.#stepStart = grown(this.#stepStart, this.#steps + 2);
    this.#stepStart[++this.#steps] = at;
    this.#many = 0;
    this.#hypotheses = kept;
    if (kept === 1) this.#goBack(1);
  }
  #hypotheses = 1;

  /** To be called when the beam has ended. */
  end(): void {
    this.#goBack(this.#hypotheses);
    this.#mass[0] = 0;
  }

  #goBack(hypotheses: number): void {
    const { shares } = this;
    const mass = this.#mass;
    let share = this.#share;
    let before = this.#shareBefore;
    let most = Number.NEGATIVE_INFINITY;
    for (let h = 0; h < hypotheses; h++) if (mass[h]! > most) most = mass[h]!;
    let sum = 0;
    for (let h = 0; h < hypotheses; h++) sum += share[h] = Math.exp(mass[h]! - most);
    for (let h = 0; h < hypotheses; h++) share[h]! /= sum;
    for (let step = this.#steps; step > 0; step--) {
      before.fill(0);
      for (let e = this.#stepStart[step - 1]!; e < this.#stepStart[step]!; e++) {
        const part = share[this.#to[e]!]! * this.#part[e]!;
        before[this.#from[e]!]! += part;
        if (this.#candidate[e]! >= 0) shares[this.#candidate[e]!]! += part;
      }
      [share, before] = [before, share];
    }
    this.#steps = 0;
    this.#edges = 0;
  }
}
