/** The events of a place, or of a part of it, in the order in which the beam goes through them. */
import type { Scene } from './scene.ts';
import { sortedBy } from './sorted.ts';

export interface TimelinePart {
  /** Ascending. */
  readonly parents: ArrayLike<number> & Iterable<number>;
  readonly children: ArrayLike<number> & Iterable<number>;
}
export interface TimelineEvents {
  /** Number of the parent (kinds 0 and 3) or child (kinds 1 and 2). */
  readonly ids: Int32Array;
  /** 0 parent opens, 1 child ends, 2 child starts, 3 parent closes; at equal times in this order. */
  readonly kinds: Uint8Array;
  readonly children: number;
  /** Most parents and children open at one time. */
  readonly parentsOpen: number;
  readonly childrenOpen: number;
}

/** A scene's timeline is made once: several beams go through it. */
const known = new WeakMap<Scene, Timeline>();

export class Timeline {
  readonly #scene: Scene;
  #all: TimelineEvents | null = null;
  #component: Int32Array = new Int32Array(0);
  /** Calls whose possible parent, if they have one, has no rival for any of its possible calls. */
  #certain = new Int32Array(0);

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  static of(scene: Scene): Timeline {
    let timeline = known.get(scene);
    if (!timeline) known.set(scene, (timeline = new Timeline(scene)));
    return timeline;
  }

  events(part: TimelinePart | undefined): TimelineEvents {
    if (part) return this.#sorted(part, null);
    this.#all ??= this.#contested();
    return this.#all;
  }

  /** Everything, but for parents that don't compete, not even through others, with one for which `wanted` is 1. */
  eventsAround(wanted: Uint8Array): TimelineEvents {
    const all = this.events(undefined);
    const { offset, parent } = this.#scene.c;
    const component = this.#component;
    const near = new Uint8Array(wanted.length);
    for (let q = 0; q < wanted.length; q++) if (wanted[q] === 1) near[component[q]!] = 1;
    const isNear = (z: number) => {
      const id = all.ids[z]!;
      const ofParent = all.kinds[z] === 0 || all.kinds[z] === 3;
      return near[component[ofParent ? id : parent[offset[id]!]!]!] === 1;
    };
    const kept = upTo(all.ids.length).filter(isNear);
    return { ...all, ids: kept.map((z) => all.ids[z]!), kinds: Uint8Array.from(kept, (z) => all.kinds[z]!) };
  }

  /** Everything but what is certain. */
  #contested(): TimelineEvents {
    const { parents, children, c } = this.#scene;
    const component = (this.#component = components(this.#scene));
    const members = new Int32Array(parents);
    for (let q = 0; q < parents; q++) members[component[q]!]!++;
    const rivals = (q: number) => members[component[q]!]! > 1;
    const inDoubt = (i: number) => c.offset[i + 1]! > c.offset[i]! && rivals(c.parent[c.offset[i]!]!);
    this.#certain = upTo(children).filter((i) => !inDoubt(i));
    return this.#sorted({ parents: upTo(parents).filter(rivals), children: upTo(children).filter(inDoubt) }, component);
  }

  /** Gives the calls that `events` of everything leaves out their parents. */
  settle(out: Int32Array, contested: Uint8Array | null): void {
    const { offset, parent } = this.#scene.c;
    for (const i of this.#certain) {
      out[i] = offset[i + 1]! > offset[i]! ? parent[offset[i]!]! : -1;
      if (contested) contested[i] = 0;
    }
  }

  /** Component by component, so that hypotheses about independent stretches never multiply; inside one by time. */
  #sorted(part: TimelinePart, component: Int32Array | null): TimelineEvents {
    const { opens, closes, sent, ends } = this.#scene;
    const size = 2 * (part.parents.length + part.children.length);
    const times = new Float64Array(size);
    const ids = new Int32Array(size);
    const kinds = new Uint8Array(size);
    let n = 0;
    const put = (at: number, id: number, kind: number) => {
      times[n] = at;
      ids[n] = id;
      kinds[n++] = kind;
    };
    // By kind, then by number: events of equal time stay in this order.
    for (const q of part.parents) put(opens[q]!, q, 0);
    for (const i of part.children) if (ends[i]! > sent[i]!) put(ends[i]!, i, 1);
    for (const i of part.children) put(sent[i]!, i, 2);
    for (const q of part.parents) put(closes[q]!, q, 3);
    let order = sortedBy(times.subarray(0, n));
    if (component) order = this.#byComponent(order, ids, kinds, component);
    let parents = 0;
    let children = 0;
    let parentsOpen = 0;
    let childrenOpen = 0;
    for (const k of order) {
      if (kinds[k] === 0) parentsOpen = Math.max(parentsOpen, ++parents);
      else if (kinds[k] === 3) parents--;
      else if (kinds[k] === 1) children--;
      else if (ends[ids[k]!]! > sent[ids[k]!]!) childrenOpen = Math.max(childrenOpen, ++children);
    }
    const sortedKinds = new Uint8Array(n);
    for (let z = 0; z < n; z++) sortedKinds[z] = kinds[order[z]!]!;
    return {
      ids: order.map((k) => ids[k]!),
      kinds: sortedKinds,
      children: part.children.length,
      parentsOpen,
      childrenOpen,
    };
  }

  /** By component, calls without candidates first; in one component the order stays. */
  #byComponent(order: Int32Array, ids: Int32Array, kinds: Uint8Array, component: Int32Array): Int32Array {
    const { offset, parent } = this.#scene.c;
    const next = new Int32Array(this.#scene.parents + 2);
    const group = new Int32Array(order.length);
    for (const k of order) {
      const id = ids[k]!;
      let q = id;
      if (kinds[k] === 1 || kinds[k] === 2) q = offset[id + 1]! > offset[id]! ? parent[offset[id]!]! : -1;
      group[k] = q < 0 ? 0 : component[q]! + 1;
      next[group[k]! + 1]!++;
    }
    for (let g = 1; g < next.length; g++) next[g]! += next[g - 1]!;
    const result = new Int32Array(order.length);
    for (const k of order) result[next[group[k]!]!++] = k;
    return result;
  }
}

const upTo = (count: number) => new Int32Array(count).map((_, k) => k);

/** Parents that compete for some call, directly or through others, share a number: the smallest parent of the component. */
export function components(scene: Scene): Int32Array {
  const { offset, parent } = scene.c;
  const up = Int32Array.from({ length: scene.parents }, (_, q) => q);
  const find = (a: number) => {
    while (up[a] !== a) a = up[a] = up[up[a]!]!;
    return a;
  };
  for (let i = 0; i < scene.children; i++) {
    for (let k = offset[i]! + 1; k < offset[i + 1]!; k++) {
      const a = find(parent[offset[i]!]!);
      const b = find(parent[k]!);
      if (a < b) up[b] = a;
      else up[a] = b;
    }
  }
  return up.map((_, q) => find(q));
}
