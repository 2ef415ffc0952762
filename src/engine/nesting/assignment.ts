/** A complete choice of parents at one place, with each parent's likelihood under the current model. */
import { Events } from './events.ts';
import { Model } from './model.ts';
import { Paths } from './paths.ts';
import type { Scene } from './scene.ts';
import type { Toll } from './toll.ts';

/** Nats of a call that has no parent although it has candidates. */
export const FLOOR = -30;
/** Gains below this are rounding. */
const LEAST_GAIN = 1e-6;
/** Requests between two ticks. */
const TICK = 4096;

/** Parents and children that change together in a merge. */
interface Group {
  readonly parents: number[];
  readonly children: number[];
  gain: number;
}

/** children[q]: ascending children of parent q. */
export function childrenOf(scene: Scene, parent: Int32Array): number[][] {
  const children: number[][] = Array.from({ length: scene.parents }, () => []);
  for (let i = 0; i < scene.children; i++) if (parent[i]! >= 0) children[parent[i]!]!.push(i);
  return children;
}

/** The single candidate of each child that has just one, -1 elsewhere. */
export function forced(scene: Scene): Int32Array {
  const { offset, parent } = scene.c;
  return Int32Array.from({ length: scene.children }, (_, i) => (offset[i + 1]! - offset[i]! === 1 ? parent[offset[i]!]! : -1));
}

export interface Folds {
  readonly of: Uint8Array;
  readonly models: readonly Model[];
}

export class Assignment {
  readonly scene: Scene;
  readonly events: Events;
  model: Model;
  parent: Int32Array;
  children: number[][];
  readonly likelihood: Float64Array;
  readonly #paths: Paths;
  /** Parents whose children changed since the flags were last cleared. */
  dirty: Uint8Array;
  /** Children whose parent is in doubt; the others are left alone by everything that costs time. All, until a beam said otherwise. */
  readonly contested: Uint8Array;
  /** Price of overtaking, where the place serves in order. */
  toll: Toll | null = null;

  /** Instead of the model, for each parent the one that was learned without it. */
  folds: Folds | null = null;

  constructor(scene: Scene, parent: Int32Array, model = new Model(scene)) {
    this.scene = scene;
    this.model = model;
    this.events = new Events(scene);
    this.parent = parent;
    this.children = childrenOf(scene, parent);
    this.likelihood = new Float64Array(scene.parents);
    this.#paths = new Paths(scene);
    this.dirty = new Uint8Array(scene.parents).fill(1);
    this.contested = Uint8Array.from({ length: scene.children }, (_, i) => (scene.c.offset[i + 1]! - scene.c.offset[i]! > 1 ? 1 : 0));
  }

  adopt(parent: Int32Array): void {
    this.parent = parent;
    this.children = childrenOf(this.scene, parent);
    this.#paths.forgetAll();
    this.toll?.forgetAll();
  }

  /** Learns the model from all requests, or from some, with these children. */
  learn(chooseClock: boolean, children: readonly (readonly number[])[] = this.children, which?: readonly number[]): void {
    this.model.clear();
    if (which) for (const q of which) this.model.absorb(this.scene, this.events, q, children[q]!);
    else for (let q = 0; q < this.scene.parents; q++) this.model.absorb(this.scene, this.events, q, children[q]!);
    this.scene.tick();
    this.model.freeze(chooseClock);
    this.scene.tick();
  }

  #modelOf(q: number): Model {
    const { folds } = this;
    return folds === null ? this.model : folds.models[folds.of[q]!]!;
  }

  /** Likelihood of parent q with the given children, under the model. */
  of(q: number, children: readonly number[] = this.children[q]!): number {
    return this.#modelOf(q).likelihood(this.scene, this.events, q, children);
  }

  /**
   * Likelihood of parent q with its children and `extra`, and without `except`, where those are >= 0, under the model as last evaluated. What is
   * less than `least` may be any other value less than that.
   */
  variant(q: number, extra: number, except: number, least = Number.NEGATIVE_INFINITY): number {
    this.#know(q);
    return this.#paths.variant(q, extra, except, least);
  }

  /** As variant, of q with its own children sent before `cut` and those of u sent later. */
  spliced(q: number, u: number, cut: number, least: number): number {
    this.#know(q);
    this.#know(u);
    return this.#paths.spliced(q, u, cut, least);
  }

  #know(q: number): void {
    if (!this.#paths.knows(q)) this.#paths.learn(q, this.#modelOf(q), this.events, this.children[q]!);
  }

  /** Evaluates every parent anew. @returns the sum */
  evaluate(): number {
    let sum = 0;
    for (let q = 0; q < this.scene.parents; q++) {
      if (q % TICK === TICK - 1) this.scene.tick();
      sum += this.likelihood[q] = this.#paths.learn(q, this.#modelOf(q), this.events, this.children[q]!);
    }
    return sum;
  }

  total(children: readonly (readonly number[])[]): number {
    let sum = 0;
    for (let q = 0; q < this.scene.parents; q++) sum += this.of(q, children[q]!);
    return sum;
  }

  /**
   * Takes the better side of another choice, component by component (parents whose children differ, connected through those children).
   * Exact given the model, since a component's likelihood doesn't depend on the others. `only`: the children that may differ.
   * @returns children moved
   */
  merge(other: Int32Array, only?: readonly number[]): number {
    const { parent, children } = this;
    const up = new Map<number, number>();
    const find = (a: number): number => {
      let root = a;
      for (let next = up.get(root); next !== undefined && next !== root; next = up.get(root)) root = next;
      up.set(a, root);
      return root;
    };
    // A child without parent is a node of its own: -2 - child.
    const node = (i: number, q: number) => (q < 0 ? -2 - i : q);
    const differs: number[] = [];
    const size = only ? only.length : this.scene.children;
    for (let z = 0; z < size; z++) {
      const i = only ? only[z]! : z;
      if (parent[i] === other[i]) continue;
      differs.push(i);
      const a = find(node(i, parent[i]!));
      const b = find(node(i, other[i]!));
      if (a !== b) up.set(a, b);
    }
    if (differs.length === 0) return 0;
    const proposed = new Map<number, { children: number[]; likelihood: number }>();
    for (const q of up.keys()) if (q >= 0) proposed.set(q, { children: children[q]!.filter((i) => other[i] === q), likelihood: 0 });
    for (const i of differs) if (other[i]! >= 0) proposed.get(other[i]!)!.children.push(i);
    const groups = new Map<number, Group>();
    const groupOf = (at: number): Group => {
      const root = find(at);
      let group = groups.get(root);
      if (!group) groups.set(root, (group = { parents: [], children: [], gain: 0 }));
      return group;
    };
    for (const [q, side] of proposed) {
      side.children.sort((a, b) => a - b);
      side.likelihood = this.of(q, side.children);
      const group = groupOf(q);
      group.parents.push(q);
      group.gain += side.likelihood - this.likelihood[q]!;
    }
    for (const i of differs) {
      const group = groupOf(node(i, parent[i]!));
      group.children.push(i);
      if (parent[i]! < 0) group.gain -= FLOOR;
      else if (other[i]! < 0) group.gain += FLOOR;
    }
    let moved = 0;
    for (const group of groups.values()) {
      if (this.toll) {
        group.gain += this.toll.saved(
          group.parents,
          group.parents.map((q) => proposed.get(q)!.children),
        );
      }
      if (group.gain <= LEAST_GAIN) continue;
      for (const q of group.parents) this.give(q, proposed.get(q)!.children, proposed.get(q)!.likelihood);
      for (const i of group.children) parent[i] = other[i]!;
      moved += group.children.length;
    }
    return moved;
  }

  /** Sets a parent's children; `parent` is the caller's to keep in step. */
  give(q: number, children: number[], likelihood: number): void {
    this.children[q] = children;
    this.likelihood[q] = likelihood;
    this.#paths.forget(q);
    this.toll?.forget(q);
    this.dirty[q] = 1;
  }
}
