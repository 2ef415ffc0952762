/** A first model from one sample of a place, and one narrow beam over all of it: no search. */
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import { pairwise } from './pairwise.ts';
import { sampleOf } from './sample.ts';
import type { Scene } from './scene.ts';
import { pairwiseStart } from './starts.ts';

const LEARN_FROM = 1200;
const ROUNDS = 2;
const WIDTH_LEARN = 8;
const WIDTH = 12;

export function chooseFast(scene: Scene): Assignment {
  const sample = sampleOf(scene, LEARN_FROM);
  const small = new Assignment(sample.scene, forced(sample.scene));
  if (sample.scene.ambiguous > 0) {
    small.adopt(pairwiseStart(sample.scene, pairwise(sample.scene, 4)));
    const beam = new Beam(sample.scene);
    for (let round = 0; round < ROUNDS; round++) {
      small.learn(true, small.children, sample.whole);
      const parent = new Int32Array(sample.scene.children).fill(-1);
      beam.run(small.model, WIDTH_LEARN, parent);
      small.adopt(parent);
    }
  }
  small.learn(true, small.children, sample.whole);
  const a = new Assignment(scene, forced(scene), small.model);
  if (scene.ambiguous > 0) {
    const parent = new Int32Array(scene.children).fill(-1);
    new Beam(scene).run(a.model, WIDTH, parent, { contested: a.contested });
    a.adopt(parent);
  }
  a.evaluate();
  return a;
}
