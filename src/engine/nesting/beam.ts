/**
 * Beam search over joint assignments in time order, scored by the full event model.
 *
 * A hypothesis holds, per open parent, (state, last event) and, per open child, its owner. Hypotheses that agree on everything open are one: the
 * likelier stays. O(children * (width * candidates + width * open)) time; back pointers of
 * 8 bytes a child and hypothesis.
 */
import { CHILD, Hypotheses, mix } from './hypotheses.ts';
import type { Lattice } from './lattice.ts';
import type { Model } from './model.ts';
import type { Order } from './order.ts';
import type { Scene } from './scene.ts';
import { type Rules, Successors } from './successors.ts';
import { Timeline, type TimelinePart } from './timeline.ts';

export interface BeamOptions {
  /** Which parents and children; everything when omitted. */
  readonly part?: TimelinePart;
  /** By parent: what has nothing to do with those that are 1 may be left out. */
  readonly wanted?: Uint8Array;
  /** Nats for starting a call right after another. */
  readonly block?: number;
  /** Prices of overtaking. */
  readonly order?: Order | null;
  /** Hypotheses this many nats below the best are dropped. */
  readonly window?: number;
  /** 1: hypotheses differed about a child's parent when it was placed; else 0. */
  readonly contested?: Uint8Array;
  /** Told of all that is kept. */
  readonly lattice?: Lattice;
}

/** Events between two ticks. */
const TICK = 4096;

/** Takes a slot out of a list; their order tells nothing. */
function remove(slots: number[], slot: number): void {
  slots[slots.indexOf(slot)] = slots[slots.length - 1]!;
  slots.length--;
}

export class Beam {
  readonly #scene: Scene;
  readonly #timeline: Timeline;
  readonly #slotOfParent: Int32Array;
  readonly #slotOfChild: Int32Array;
  readonly #memory = new Hypotheses();
  readonly #successors: Successors;
  /** Events so far, of all runs. */
  #events = 0;

  constructor(scene: Scene) {
    this.#scene = scene;
    this.#timeline = Timeline.of(scene);
    this.#slotOfParent = new Int32Array(scene.parents).fill(-1);
    this.#slotOfChild = new Int32Array(scene.children).fill(-1);
    this.#successors = new Successors(scene, this.#memory, this.#slotOfParent);
  }

  /** Writes the best parent (-1: none) of each child of the part into `out`. */
  run(model: Model, width: number, out: Int32Array, options: BeamOptions = {}): void {
    const { block = 0, window = 10, order = null, contested = null, lattice = null } = options;
    const scene = this.#scene;
    const { start, end, sent, ends, childType, parentType, root, burst } = scene;
    const { offset, parent: candidate } = scene.c;
    const rules: Rules = { model, width, window, block, order, lattice };
    const successors = this.#successors;
    const events = options.wanted ? this.#timeline.eventsAround(options.wanted) : this.#timeline.events(options.part);
    if (!options.part) this.#timeline.settle(out, contested);
    const { ids, kinds } = events;
    const memory = this.#memory;
    memory.reserve(width, events.parentsOpen, events.childrenOpen, events.children);
    const PS = memory.parentSlots;
    const CS = memory.childSlots;
    const slotOfParent = this.#slotOfParent;
    const slotOfChild = this.#slotOfChild;
    const parentAt = memory.parentAt;
    const { state, last, owner, row, score, hash, origin, topHash, topFrom, topSlot, backFrom, backParent } = memory;
    const types = model.types;
    const modelStates = model.states;
    let many = 1;
    row[0] = 0;
    score[0] = 0;
    hash[0] = 0;
    origin[0] = 0;
    const freeParents: number[] = [];
    const freeChildren: number[] = [];
    for (let s = events.parentsOpen - 1; s >= 0; s--) freeParents.push(s);
    for (let s = events.childrenOpen - 1; s >= 0; s--) freeChildren.push(s);
    const openParents: number[] = [];
    const openChildren: number[] = [];
    const placed: number[] = [];
    // A last event is stored as 4 * child + 0 started, 1 ended and none is open, 2 ended while others are open; -1: the parent's own start.
    const lastCode = (l: number) => (l < 0 ? 0 : 1 + (l & 3) + 3 * childType[l >> 2]!);
    const delay = (l: number, at: number, q: number) => at - (l < 0 ? start[q]! : l & 3 ? ends[l >> 2]! : sent[l >> 2]!);

    for (let z = 0; z < ids.length; z++) {
      if (++this.#events % TICK === 0) scene.tick();
      const id = ids[z]!;
      const kind = kinds[z]!;
      if (kind === 0) {
        const s = freeParents.pop()!;
        slotOfParent[id] = s;
        parentAt[s] = id;
        openParents.push(s);
        const add = mix(s, root[id]!, -1);
        for (let h = 0; h < many; h++) {
          state[row[h]! * PS + s] = root[id]!;
          last[row[h]! * PS + s] = -1;
          hash[h] = (hash[h]! + add) | 0;
        }
      } else if (kind === 1) {
        const c = slotOfChild[id]!;
        remove(openChildren, c);
        for (let h = 0; h < many; h++) {
          const o = owner[row[h]! * CS + c]!;
          hash[h] = (hash[h]! - mix(c + CHILD, o, 5)) | 0;
          if (o < 0) continue;
          let k = openChildren.length - 1;
          while (k >= 0 && owner[row[h]! * CS + openChildren[k]!] !== o) k--;
          const lastNow = id * 4 + (k >= 0 ? 2 : 1);
          const at = row[h]! * PS + o;
          hash[h] = (hash[h]! - mix(o, state[at]!, last[at]!) + mix(o, state[at]!, lastNow)) | 0;
          last[at] = lastNow;
        }
        slotOfChild[id] = -1;
        freeChildren.push(c);
      } else if (kind === 3) {
        const s = slotOfParent[id]!;
        for (let h = 0; h < many; h++) {
          const at = row[h]! * PS + s;
          const l = last[at]!;
          const gained = model.step(parentType[id]!, lastCode(l), state[at]!, types, delay(l, end[id]!, id), 0, 0);
          score[h]! += gained;
          lattice?.gain(h, gained);
          hash[h] = (hash[h]! - mix(s, state[at]!, l)) | 0;
        }
        slotOfParent[id] = -1;
        remove(openParents, s);
        freeParents.push(s);
        if (many > 1) {
          // Those that agree on all that is open are one.
          const kept = memory.distinct(many);
          if (kept < many) {
            for (let h = 0; h < many; h++) lattice?.edge(h, hash[h]!, 0, -1);
            lattice?.step(topHash, kept);
            for (let k = 0; k < kept; k++) topSlot[k] = origin[topFrom[k]!]!;
            for (let k = 0; k < kept; k++) origin[k] = topSlot[k]!;
            memory.follow(kept, openParents, openChildren);
            many = kept;
          }
        }
      } else {
        const x = placed.push(id) - 1;
        const at = sent[id]!;
        const type = childType[id]!;
        const waits = ends[id]! > sent[id]!;
        const c = waits ? freeChildren.pop()! : -1;
        if (waits) slotOfChild[id] = c;
        const from = offset[id]!;
        const to = offset[id + 1]!;
        let open = 0;
        let only = -1;
        for (let k = from; k < to; k++) {
          const s = slotOfParent[candidate[k]!]!;
          if (s < 0) continue;
          open++;
          only = s;
        }
        if (open <= 1) {
          if (contested) contested[id] = 0;
          for (let h = 0; h < many; h++) {
            backFrom[x * width + h] = origin[h]!;
            origin[h] = h;
            backParent[x * width + h] = open ? parentAt[only]! : -1;
            if (waits) {
              owner[row[h]! * CS + c] = only;
              hash[h] = (hash[h]! + mix(c + CHILD, only, 5)) | 0;
            }
            if (!open) continue;
            const q = parentAt[only]!;
            const a = row[h]! * PS + only;
            const l = last[a]!;
            const gained = model.step(parentType[q]!, lastCode(l), state[a]!, type, delay(l, at, q), at - start[q]!, burst[id]!);
            score[h]! += gained;
            lattice?.gain(h, gained);
            const next = modelStates.after(state[a]!, type);
            hash[h] = (hash[h]! - mix(only, state[a]!, l) + mix(only, next, id * 4)) | 0;
            state[a] = next;
            last[a] = id * 4;
          }
          if (waits) openChildren.push(c);
          continue;
        }
        const kept = successors.place(rules, many, id, c);
        if (contested) {
          let differ = 0;
          for (let h = 1; h < kept; h++) if (topSlot[h] !== topSlot[0]) differ = 1;
          contested[id] = differ;
        }
        memory.follow(kept, openParents, openChildren);
        for (let h = 0; h < kept; h++) {
          const s = topSlot[h]!;
          const a = row[h]! * PS + s;
          if (waits) owner[row[h]! * CS + c] = s;
          state[a] = modelStates.after(state[a]!, type);
          last[a] = id * 4;
          backFrom[x * width + h] = origin[topFrom[h]!]!;
          backParent[x * width + h] = parentAt[s]!;
        }
        for (let h = 0; h < kept; h++) origin[h] = h;
        many = kept;
        if (waits) openChildren.push(c);
      }
    }
    lattice?.end();
    memory.trace(origin[memory.best(many)]!, width, placed, out);
  }
}
