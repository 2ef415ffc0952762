/** Hash of what a slot holds; a hypothesis' hash is the sum over its open slots. */
export const mix = (slot: number, state: number, last: number): number => {
  let h = Math.imul(slot + 1, 0x9e3779b1) ^ Math.imul(state + 7, 0x85ebca6b) ^ Math.imul(last + 3, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2d);
  return (h ^ (h >>> 13)) | 0;
};
/** Keeps slots of children apart from slots of parents in the hash. */
export const CHILD = 1 << 20;

/**
 * Memory of a beam: hypotheses, the list of the best successors, and the back pointers. Kept from run to run, grown when needed. Hypothesis h's
 * parent slot s is at row[h] * parentSlots + s, its child slot c at row[h] * childSlots + c.
 */
export class Hypotheses {
  width = 0;
  parentSlots = 0;
  childSlots = 0;
  // By slot.
  state = new Int32Array(0);
  last = new Int32Array(0);
  owner = new Int32Array(0);
  // By hypothesis.
  row = new Int32Array(0);
  score = new Float64Array(0);
  hash = new Int32Array(0);
  origin = new Int32Array(0);
  topScore = new Float64Array(0);
  topHash = new Int32Array(0);
  topFrom = new Int32Array(0);
  topSlot = new Int32Array(0);
  parentAt = new Int32Array(0);
  backFrom = new Int32Array(0);
  backParent = new Int32Array(0);
  #nextRow = new Int32Array(0);
  /** By row: 1 when it is some hypothesis' next one. */
  #taken = new Uint8Array(0);

  /** Makes room for `width` hypotheses with so many slots, and back pointers for so many children. */
  reserve(width: number, parentSlots: number, childSlots: number, children: number): void {
    if (width > this.width || parentSlots > this.parentSlots || childSlots > this.childSlots) {
      this.width = Math.max(this.width, width);
      this.parentSlots = Math.max(this.parentSlots, parentSlots);
      this.childSlots = Math.max(this.childSlots, childSlots);
      this.state = new Int32Array(this.width * this.parentSlots);
      this.last = new Int32Array(this.width * this.parentSlots);
      this.owner = new Int32Array(this.width * this.childSlots);
      this.row = new Int32Array(this.width);
      this.score = new Float64Array(this.width);
      this.hash = new Int32Array(this.width);
      this.#nextRow = new Int32Array(this.width);
      this.#taken = new Uint8Array(this.width);
      this.origin = new Int32Array(this.width);
      this.topScore = new Float64Array(this.width);
      this.topHash = new Int32Array(this.width);
      this.topFrom = new Int32Array(this.width);
      this.topSlot = new Int32Array(this.width);
      this.parentAt = new Int32Array(this.parentSlots);
    }
    if (this.backFrom.length < children * width) {
      this.backFrom = new Int32Array(children * width);
      this.backParent = new Int32Array(children * width);
    }
  }

  /**
   * Hypotheses topFrom[0 .. kept) are those that are left, with topScore and topHash. The first that follows a hypothesis takes over its row, further
   * ones get a copy of its open slots.
   */
  follow(kept: number, openParents: readonly number[], openChildren: readonly number[]): void {
    const { parentSlots, childSlots, state, last, owner, row, topFrom } = this;
    const next = this.#nextRow;
    const taken = this.#taken.fill(0);
    for (let k = 0; k < kept; k++) {
      const own = row[topFrom[k]!]!;
      next[k] = taken[own] === 1 ? -1 : own;
      taken[own] = 1;
    }
    let free = 0;
    for (let k = 0; k < kept; k++) {
      if (next[k]! >= 0) continue;
      while (taken[free] === 1) free++;
      const from = row[topFrom[k]!]!;
      const to = (next[k] = free++);
      for (let z = 0; z < openParents.length; z++) {
        const s = openParents[z]!;
        state[to * parentSlots + s] = state[from * parentSlots + s]!;
        last[to * parentSlots + s] = last[from * parentSlots + s]!;
      }
      for (let z = 0; z < openChildren.length; z++) {
        const c = openChildren[z]!;
        owner[to * childSlots + c] = owner[from * childSlots + c]!;
      }
    }
    for (let k = 0; k < kept; k++) {
      row[k] = next[k]!;
      this.score[k] = this.topScore[k]!;
      this.hash[k] = this.topHash[k]!;
    }
  }

  /** Lists, of the first `many`, the best of those with the same hash. @returns how many are listed */
  distinct(many: number): number {
    const { topScore, topHash, topFrom, score, hash } = this;
    let kept = 0;
    for (let h = 0; h < many; h++) {
      let same = 0;
      while (same < kept && topHash[same] !== hash[h]) same++;
      if (same < kept && topScore[same]! >= score[h]!) continue;
      topScore[same] = score[h]!;
      topHash[same] = hash[h]!;
      topFrom[same] = h;
      if (same === kept) kept++;
    }
    return kept;
  }

  /** Of the first `many`, the one with the highest score. */
  best(many: number): number {
    const { score } = this;
    let best = 0;
    for (let h = 1; h < many; h++) if (score[h]! > score[best]!) best = h;
    return best;
  }

  /** Follows the back pointers from a hypothesis, and writes the parent of each child placed. */
  trace(from: number, width: number, placed: readonly number[], out: Int32Array): void {
    for (let x = placed.length - 1, h = from; x >= 0; x--) {
      out[placed[x]!] = this.backParent[x * width + h]!;
      h = this.backFrom[x * width + h]!;
    }
  }
}
