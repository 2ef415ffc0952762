/** Hash of what a slot holds; a hypothesis' hash is the sum over its open slots. */
export const mix = (slot: number, state: number, last: number): number => {
  let h = Math.imul(slot + 1, 0x9e3779b1) ^ Math.imul(state + 7, 0x85ebca6b) ^ Math.imul(last + 3, 0xc2b2ae35);
  h = Math.imul(h ^ (h >>> 15), 0x27d4eb2d);
  return (h ^ (h >>> 13)) | 0;
};
/** Keeps slots of children apart from slots of parents in the hash. */
export const CHILD = 1 << 20;

/**
 * Memory of a beam: two generations of hypotheses, the list of the best successors, and the back pointers. Kept from run to run, grown when
 * needed. Hypothesis h's parent slot s is at h * parentSlots + s, its child slot c at h * childSlots + c.
 */
export class Hypotheses {
  width = 0;
  parentSlots = 0;
  childSlots = 0;
  states = [new Int32Array(0), new Int32Array(0)];
  lasts = [new Int32Array(0), new Int32Array(0)];
  owners = [new Int32Array(0), new Int32Array(0)];
  scores = [new Float64Array(0), new Float64Array(0)];
  hashes = [new Int32Array(0), new Int32Array(0)];
  origin = new Int32Array(0);
  topScore = new Float64Array(0);
  topHash = new Int32Array(0);
  topFrom = new Int32Array(0);
  topSlot = new Int32Array(0);
  parentAt = new Int32Array(0);
  backFrom = new Int32Array(0);
  backParent = new Int32Array(0);

  /** Makes room for `width` hypotheses with so many slots, and back pointers for so many children. */
  reserve(width: number, parentSlots: number, childSlots: number, children: number): void {
    if (width > this.width || parentSlots > this.parentSlots || childSlots > this.childSlots) {
      this.width = Math.max(this.width, width);
      this.parentSlots = Math.max(this.parentSlots, parentSlots);
      this.childSlots = Math.max(this.childSlots, childSlots);
      const ints = (size: number) => [new Int32Array(size), new Int32Array(size)];
      this.states = ints(this.width * this.parentSlots);
      this.lasts = ints(this.width * this.parentSlots);
      this.owners = ints(this.width * this.childSlots);
      this.hashes = ints(this.width);
      this.scores = [new Float64Array(this.width), new Float64Array(this.width)];
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

  /** Copies hypotheses topFrom[0 .. many) into the other generation, open slots only. */
  copy(from: number, to: number, many: number, openParents: readonly number[], openChildren: readonly number[]): void {
    const PS = this.parentSlots;
    const CS = this.childSlots;
    const topFrom = this.topFrom;
    const [state, nextState] = [this.states[from]!, this.states[to]!];
    const [last, nextLast] = [this.lasts[from]!, this.lasts[to]!];
    const [owner, nextOwner] = [this.owners[from]!, this.owners[to]!];
    for (let h = 0; h < many; h++) {
      const source = topFrom[h]!;
      for (let k = 0; k < openParents.length; k++) {
        const s = openParents[k]!;
        nextState[h * PS + s] = state[source * PS + s]!;
        nextLast[h * PS + s] = last[source * PS + s]!;
      }
      for (let k = 0; k < openChildren.length; k++) {
        const s = openChildren[k]!;
        nextOwner[h * CS + s] = owner[source * CS + s]!;
      }
    }
  }

  /** Lists, of the first `many`, the best of those with the same hash. @returns how many are listed, in topFrom and topHash */
  distinct(generation: number, many: number): number {
    const { topHash, topFrom } = this;
    const hash = this.hashes[generation]!;
    const score = this.scores[generation]!;
    let kept = 0;
    for (let h = 0; h < many; h++) {
      let same = 0;
      while (same < kept && topHash[same] !== hash[h]) same++;
      if (same < kept && score[topFrom[same]!]! >= score[h]!) continue;
      topHash[same] = hash[h]!;
      topFrom[same] = h;
      if (same === kept) kept++;
    }
    return kept;
  }

  /** Of the first `many`, the one with the highest score. */
  best(generation: number, many: number): number {
    const score = this.scores[generation]!;
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
