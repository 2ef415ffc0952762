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
const ROUNDS_LONG = 4;
const WIDTH_FIRST = 4;
const WIDTH_RECENT = 8;
/** A narrow beam that knows no delays yet loses the truth among those who make one call after another; what ranks first is looked at widely. */
const WIDTH_FINAL = 64;
/** Nats: nearly all make one call after another. */
const BLOCK = 12;
const FINALISTS = 1;

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

/** Viterbi training from the current model; the likeliest of the rounds. `block`: see BeamOptions. */
function train(a: Assignment, beam: Beam, rounds: number, width: number, block: number): { parent: Int32Array; likelihood: number } {
  let best = a.parent;
  let most = Number.NEGATIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const parent = new Int32Array(a.scene.children).fill(-1);
    beam.run(a.model, width, parent, { block });
    const children = childrenOf(a.scene, parent);
    a.learn(false, children);
    const likelihood = a.total(children);
    if (likelihood <= most) continue;
    most = likelihood;
    best = parent;
  }
  return { parent: best, likelihood: most };
}

/**
 * Log-likelihood plus half the entropy of each link around it. A best assignment alone flatters narrow, wrong models: one that explains
 * the data in a single way can be likelier than the truth. At most about 3000 links are looked at.
 */
export function freeEnergy(a: Assignment): number {
  const step = Math.max(1, Math.floor(a.scene.ambiguous / 3000));
  const shares = localShares(a, 1, step);
  let energy = 0;
  for (const likelihood of a.likelihood) energy += likelihood;
  for (let i = 0; i < a.scene.children; i++) {
    if (a.parent[i]! < 0) energy += FLOOR;
    else if (i % step === 0) energy -= 0.5 * step * Math.log(shares[i]!);
  }
  return energy;
}

function rank(a: Assignment, runs: Start[]): void {
  for (const run of runs) {
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
  const add = (name: string, run: { parent: Int32Array; likelihood: number }) => runs.push({ name, energy: 0, ...run });
  const first = pairwiseStart(scene, pairs);
  const firstChildren = childrenOf(scene, first);
  a.learn(false, firstChildren);
  add('pairs', { parent: first, likelihood: a.total(firstChildren) });
  add('pairs, beam', train(a, beam, ROUNDS, WIDTH_FIRST, 0));
  const clean = cleanParents(scene);
  if (clean.length >= Math.max(15, 0.005 * scene.parents)) {
    a.learn(false, childrenOf(scene, forced(scene)), clean);
    add('clean parents', train(a, beam, ROUNDS, WIDTH_FIRST, 0));
  }
  for (const block of [0, BLOCK]) {
    a.model.clear();
    a.model.freeze(false);
    add(`recency, block ${block}`, train(a, beam, block > 0 ? ROUNDS_LONG : ROUNDS + 1, WIDTH_RECENT, block));
  }
  rank(a, runs);
  for (let k = 0; k < FINALISTS && k < runs.length; k++) {
    const run = runs[k]!;
    if (run.name === 'pairs') continue;
    a.adopt(run.parent);
    a.learn(false);
    const wider = train(a, beam, ROUNDS_LONG, WIDTH_FINAL, 0);
    if (wider.likelihood > run.likelihood) runs[k] = { ...run, ...wider };
  }
  rank(a, runs);
  return runs;
}
