/** The events of a place, or of a part of it, in the order in which the beam goes through them. */
import type { Scene } from './scene.ts';

export interface TimelinePart {
  readonly parents: readonly number[];
  readonly children: readonly number[];
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

export class Timeline {
  readonly #scene: Scene;
  #all: TimelineEvents | null = null;

  constructor(scene: Scene) {
    this.#scene = scene;
  }

  events(part: TimelinePart | undefined): TimelineEvents {
    if (part) return this.#sorted(part, null);
    this.#all ??= this.#sorted(everything(this.#scene), components(this.#scene));
    return this.#all;
  }

  /** Component by component, so that hypotheses about independent stretches never multiply; inside one by time. */
  #sorted(part: TimelinePart, component: Int32Array | null): TimelineEvents {
    const { opens, closes, sent, ends, c } = this.#scene;
    const size = 2 * (part.parents.length + part.children.length);
    const time = new Float64Array(size);
    const ids = new Int32Array(size);
    const kinds = new Uint8Array(size);
    const group = new Int32Array(size);
    let n = 0;
    const put = (at: number, id: number, kind: number, parent: number) => {
      time[n] = at;
      ids[n] = id;
      kinds[n] = kind;
      group[n++] = component && parent >= 0 ? component[parent]! : -1;
    };
    for (const q of part.parents) {
      put(opens[q]!, q, 0, q);
      put(closes[q]!, q, 3, q);
    }
    for (const i of part.children) {
      const parent = c.offset[i + 1]! > c.offset[i]! ? c.parent[c.offset[i]!]! : -1;
      put(sent[i]!, i, 2, parent);
      if (ends[i]! > sent[i]!) put(ends[i]!, i, 1, parent);
    }
    const order = Uint32Array.from({ length: n }, (_, k) => k).sort(
      (a, b) => group[a]! - group[b]! || time[a]! - time[b]! || kinds[a]! - kinds[b]! || ids[a]! - ids[b]!,
    );
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
    return {
      ids: Int32Array.from(order, (k) => ids[k]!),
      kinds: Uint8Array.from(order, (k) => kinds[k]!),
      children: part.children.length,
      parentsOpen,
      childrenOpen,
    };
  }
}

function everything(scene: Scene): TimelinePart {
  return { parents: Array.from({ length: scene.parents }, (_, q) => q), children: Array.from({ length: scene.children }, (_, i) => i) };
}

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
