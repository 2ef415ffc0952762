/**
 * Models that have not seen what they judge. The model of a place is learned from the very assignment that it then finds likely; how sure a link is
 * must not rest on the link itself. So the place's requests are divided in two by time, in alternating stretches, and each half is judged by what the
 * other half shows.
 */
import type { Assignment, Folds } from './assignment.ts';
import { Beam } from './beam.ts';
import { Model } from './model.ts';

/** Requests in a stretch, where there are enough of them: requests that compete with each other should lie in the same one. */
const STRETCH = 64;
const LEAST_STRETCHES = 8;
const FOLDS = 2;
const WIDTH = 16;

/** Null when there are too few requests to divide. */
export function foldsOf(a: Assignment): Folds | null {
  const { scene } = a;
  const stretch = Math.min(STRETCH, Math.floor(scene.parents / LEAST_STRETCHES));
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

/** 1 for each child to which the other half's model, alone, gives the parent that it has. */
export function agreementOf(a: Assignment, { of, models }: Folds): Uint8Array {
  const { scene } = a;
  const agrees = new Uint8Array(scene.children);
  const beam = new Beam(scene);
  const choice = new Int32Array(scene.children);
  models.forEach((model, fold) => {
    beam.run(model, WIDTH, choice.fill(-1), { order: a.toll?.order ?? null, wanted: of.map((each) => (each === fold ? 1 : 0)) });
    for (let i = 0; i < scene.children; i++) {
      const q = a.parent[i]!;
      if (q >= 0 && of[q] === fold && choice[i] === q) agrees[i] = 1;
    }
  });
  return agrees;
}
