/**
 * Models that have not seen what they judge. The model of a place is learned from the very assignment that it then finds likely; how sure a link is
 * must not rest on the link itself. So the place's requests are divided in two by time, in alternating stretches, and each half is judged by what the
 * other half shows.
 */
import type { Assignment, Folds } from './assignment.ts';
import { Beam } from './beam.ts';
import { Model } from './model.ts';
import type { Order } from './order.ts';
import type { Scene } from './scene.ts';

/** Requests in a stretch, where there are enough of them: requests that compete with each other should lie in the same one. */
const STRETCH = 64;
const LEAST_STRETCHES = 8;
const FOLDS = 2;
const WIDTH = 16;

/** Null when there are too few requests to divide into so many stretches. */
export function foldsOf(a: Assignment, stretches = LEAST_STRETCHES, longest = STRETCH): Folds | null {
  const { scene } = a;
  const stretch = Math.min(longest, Math.floor(scene.parents / stretches));
  if (stretch === 0) return null;
  const of = Uint8Array.from({ length: scene.parents }, (_, q) => Math.floor(q / stretch) % FOLDS);
  const models = Array.from({ length: FOLDS }, (_, fold) => {
    const model = new Model(scene);
    for (let q = 0; q < scene.parents; q++) if (of[q] !== fold) model.absorb(scene, a.events, q, a.children[q]!);
    model.freeze(true);
    return model;
  });
  return { of, models };
}

/** The parent of each child (-1: none) that the model chooses alone which has not seen the one that it has. */
export function choicesOfOthers(scene: Scene, parent: Int32Array, { of, models }: Folds, width: number, order: Order | null): Int32Array {
  const choices = new Int32Array(scene.children).fill(-1);
  const beam = new Beam(scene);
  const choice = new Int32Array(scene.children);
  models.forEach((model, fold) => {
    beam.run(model, width, choice.fill(-1), { order, wanted: of.map((each) => (each === fold ? 1 : 0)) });
    for (let i = 0; i < scene.children; i++) if (parent[i]! >= 0 && of[parent[i]!] === fold) choices[i] = choice[i]!;
  });
  return choices;
}

/** 1 for each child to which the other half's model, alone, gives the parent that it has. */
export function agreementOf(a: Assignment, folds: Folds): Uint8Array {
  const choices = choicesOfOthers(a.scene, a.parent, folds, WIDTH, a.toll?.order ?? null);
  return Uint8Array.from(choices, (q, i) => (q >= 0 && q === a.parent[i] ? 1 : 0));
}
