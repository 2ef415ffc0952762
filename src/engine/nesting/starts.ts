/** First assignments from which the search sets out. The model learned from one decides what it finds, so there are several. */
import { type Assignment, childrenOf, FLOOR, forced } from './assignment.ts';
import type { Beam } from './beam.ts';
import { localShares } from './localShare.ts';
import { auction } from './matching.ts';
import { capacity, type Pairwise } from './pairwise.ts';
import type { Scene } from './scene.ts';

export interface Start {
  readonly name: string;
  readonly parent: Int32Array;
  readonly likelihood: number;
  /** Free energy under its own model; higher is better. */
  energy: number;
}

const ROUNDS = 2;
const WIDTH_FIRST = 4;
const WIDTH_RECENT = 8;
/** A narrow beam that knows no delays yet loses the truth among those who make one call after another; what ranks first is looked at widely. */
const WIDTH_FINAL = 64;
/** Nats: nearly all make one call after another. */
const BLOCK = 12;
const FINALISTS = 1;
/** Nats for each call in doubt below which a round ends the training. */
const LEAST_GAIN = 0.01;
/** Share of the calls in doubt in which two starts may differ that agree. */
const AGREE = 0.01;
/** Nats for each call in doubt by which a start may be less likely than another and still have the higher free energy. */
const ENTROPY = 0.5;
/** Links looked at for the free energy. */
const LOOKED_AT = 1000;

/** Per type an auction on pairwise scores; a parent takes up to its learned number of calls, each further one 0.5 nats dearer. */
export function pairwiseStart(scene: Scene, pairs: Pairwise): Int32Array {
  const { offset, parent } = scene.c;
  const types = scene.childTypes.length;
  const result = new Int32Array(scene.children).fill(-1);
  const slot = new Int32Array(scene.parents);
  const stamp = new Int32Array(scene.parents).fill(-1);
  for (let t = 0; t < types; t++) {
    const list = scene.byType[t]!;
    const rows = new Int32Array(list.length + 1);
    const objects: number[] = [];
    const values: number[] = [];
    const owner: number[] = [];
    list.forEach((i, z) => {
      for (let k = offset[i]!; k < offset[i + 1]!; k++) {
        const q = parent[k]!;
        const places = capacity(pairs.rate[scene.parentType[q]! * types + t]!);
        if (stamp[q] !== t) {
          stamp[q] = t;
          slot[q] = owner.length;
          for (let u = 0; u < places; u++) owner.push(q);
        }
        for (let u = 0; u < places; u++) {
          objects.push(slot[q]! + u);
          values.push(pairs.score[k]! - 0.5 * u);
        }
      }
      rows[z + 1] = objects.length;
    });
    const assigned = auction(list.length, owner.length, rows, objects, values, 2 * FLOOR, 0.02);
    list.forEach((i, z) => {
      if (assigned[z]! >= 0) {
        result[i] = owner[assigned[z]!]!;
        return;
      }
      let best = -1;
      for (let k = offset[i]!; k < offset[i + 1]!; k++) if (best < 0 || pairs.share[k]! > pairs.share[best]!) best = k;
      if (best >= 0) result[i] = parent[best]!;
    });
  }
  return result;
}

/** Parents none of whose possible calls has another candidate: their children are certain, whatever the model. */
function cleanParents(scene: Scene): number[] {
  const { offset, parent } = scene.c;
  const contested = new Uint8Array(scene.parents);
  for (let i = 0; i < scene.children; i++)
    if (offset[i + 1]! - offset[i]! > 1) for (let k = offset[i]!; k < offset[i + 1]!; k++) contested[parent[k]!] = 1;
  return Array.from({ length: scene.parents }, (_, q) => q).filter((q) => contested[q] === 0);
}

interface Trained {
  readonly parent: Int32Array;
  readonly likelihood: number;
}
/** What a round made of the model of an assignment. */
interface Round extends Trained {
  readonly from: Int32Array;
  readonly width: number;
  readonly block: number;
}

const differing = (a: Int32Array, b: Int32Array): number => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) sum++;
  return sum;
};

const equal = (a: Int32Array, b: Int32Array): boolean => {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Viterbi training of one scene from several models; what was once computed isn't computed again. */
class Training {
  readonly #a: Assignment;
  readonly #beam: Beam;
  readonly #rounds: Round[] = [];

  constructor(a: Assignment, beam: Beam) {
    this.#a = a;
    this.#beam = beam;
  }

  /** From the current model, which was learned from `from` (null: from something else); the likeliest of the rounds. `block`: see BeamOptions. */
  run(from: Int32Array | null, rounds: number, width: number, block: number): Trained {
    const a = this.#a;
    let best: Trained = { parent: a.parent, likelihood: Number.NEGATIVE_INFINITY };
    let last = from;
    let learned = true;
    for (let round = 0; round < rounds; round++) {
      const known = last && this.#rounds.find((each) => each.width === width && each.block === block && equal(each.from, last!));
      let next: Trained;
      if (known) {
        next = known;
        learned = false;
      } else {
        if (!learned) a.learn(false, childrenOf(a.scene, last!));
        const parent = new Int32Array(a.scene.children).fill(-1);
        this.#beam.run(a.model, width, parent, { block });
        next = { parent, likelihood: this.#likelihood(parent) };
        learned = true;
        if (last) this.#rounds.push({ from: last, width, block, ...next });
      }
      const gain = next.likelihood - best.likelihood;
      if (gain > 0) best = next;
      // The same assignment again, so would all further rounds be; or hardly a better one.
      if (gain < LEAST_GAIN * a.scene.ambiguous || (last && equal(last, next.parent))) break;
      last = next.parent;
    }
    return best;
  }

  /** Under its own model, which is learned. */
  #likelihood(parent: Int32Array): number {
    const a = this.#a;
    const children = childrenOf(a.scene, parent);
    a.learn(false, children);
    return a.total(children);
  }
}

/**
 * Log-likelihood plus half the entropy of each link around it. A best assignment alone flatters narrow, wrong models: one that explains
 * the data in a single way can be likelier than the truth. At most about `links` links are looked at.
 */
export function freeEnergy(a: Assignment, links = LOOKED_AT): number {
  const step = Math.max(1, Math.floor(a.scene.ambiguous / links));
  const shares = localShares(a, 1, step);
  let energy = 0;
  for (const likelihood of a.likelihood) energy += likelihood;
  for (let i = 0; i < a.scene.children; i++) {
    if (a.parent[i]! < 0) energy += FLOOR;
    else if (i % step === 0) energy -= 0.5 * step * Math.log(shares[i]!);
  }
  return energy;
}

/** Best first; `energy` of those that have none yet (NaN) is computed, unless they are too unlikely. */
function rank(a: Assignment, runs: Start[]): void {
  const least = Math.max(...runs.map(({ likelihood }) => likelihood)) - ENTROPY * a.scene.ambiguous;
  for (const run of runs) {
    if (!Number.isNaN(run.energy)) continue;
    const twin = runs.find((other) => !Number.isNaN(other.energy) && equal(other.parent, run.parent));
    if (twin) {
      run.energy = twin.energy;
      continue;
    }
    if (run.likelihood < least) {
      run.energy = Number.NEGATIVE_INFINITY;
      continue;
    }
    a.adopt(run.parent);
    a.learn(false);
    a.evaluate();
    run.energy = freeEnergy(a);
  }
  runs.sort((x, y) => y.energy - x.energy);
}

/** All starts, best first. `a` is scratch. */
export function starts(a: Assignment, beam: Beam, pairs: Pairwise): Start[] {
  const { scene } = a;
  const runs: Start[] = [];
  const training = new Training(a, beam);
  const add = (name: string, { parent, likelihood }: Trained) => runs.push({ name, energy: Number.NaN, parent, likelihood });
  const first = pairwiseStart(scene, pairs);
  const firstChildren = childrenOf(scene, first);
  a.learn(false, firstChildren);
  add('pairs', { parent: first, likelihood: a.total(firstChildren) });
  add('pairs, beam', training.run(first, ROUNDS, WIDTH_FIRST, 0));
  const clean = cleanParents(scene);
  if (clean.length >= Math.max(15, 0.005 * scene.parents)) {
    a.learn(false, childrenOf(scene, forced(scene)), clean);
    add('clean parents', training.run(null, ROUNDS, WIDTH_FIRST, 0));
  }
  // Two that know nothing of each other came to the same: more would hardly come to another. Where requests gather, recency says little.
  const enough =
    scene.division === 'gather' || (runs.length === 3 && differing(runs[1]!.parent, runs[2]!.parent) <= AGREE * scene.ambiguous);
  for (const block of enough ? [] : [0, BLOCK]) {
    a.model.clear();
    a.model.freeze(false);
    add(`recency, block ${block}`, training.run(null, ROUNDS, WIDTH_RECENT, block));
  }
  rank(a, runs);
  for (let k = 0; k < FINALISTS && k < runs.length; k++) {
    const run = runs[k]!;
    if (run.name === 'pairs') continue;
    a.adopt(run.parent);
    a.learn(false);
    const { parent, likelihood } = training.run(run.parent, 1, WIDTH_FINAL, 0);
    if (likelihood > run.likelihood) runs[k] = { name: run.name, energy: Number.NaN, parent, likelihood };
  }
  rank(a, runs);
  return runs;
}
