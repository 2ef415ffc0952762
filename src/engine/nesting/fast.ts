/** The model of joint, learned from a sample of a place, and one narrow beam over all of it: no search. */
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import { Lattice } from './lattice.ts';
import { type Evidence, type Order, orderOf, pays } from './order.ts';
import { pairwise } from './pairwise.ts';
import { divided, positionsOf } from './positions.ts';
import { type Sample, sampleOf } from './sample.ts';
import type { Scene } from './scene.ts';
import { freeEnergy, pairwiseStart } from './starts.ts';
import { Toll } from './toll.ts';

/** Children that the first model is learned from, and those from which it is learned again when all is chosen. */
const LEARN_FROM = 1200;
const LEARN_MORE = 5000;
const ROUNDS = 2;
const WIDTH_LEARN = 8;
const WIDTH = 12;
/** Requests with so many calls may make one after another, which pairs of calls don't show: a second start supposes it. */
const CALLS_IN_SEQUENCE = 3;
const SEQUENCE_ROUNDS = 4;
/** Nats for a call beside another, in that start. */
const BLOCK = 12;
/** Links by which starts and divisions are compared. */
const COMPARED = 300;
/** Mean in-calls of a transaction above which a place is taken for one with fan-in. */
const FAN_IN = 1.15;
const TEMPERATURE = 1.5;

/** A sample of a place with parents for its children. */
interface Lesson {
  readonly sample: Sample;
  readonly a: Assignment;
}

/** Learns from a lesson, and what it shows of the order of service. */
function learn({ a, sample }: Lesson, system: Evidence): Order {
  a.learn(true, a.children, sample.whole);
  return orderOf(a, system);
}

function assign(a: Assignment, width: number, order: Order | null, beam = new Beam(a.scene), lattice?: Lattice): void {
  const parent = new Int32Array(a.scene.children).fill(-1);
  beam.run(a.model, width, parent, { order: order && pays(order) ? order : null, contested: a.contested, lattice });
  a.adopt(parent);
}

/** Free energy of a lesson under what it teaches. */
function energyOf({ a, sample }: Lesson): number {
  a.learn(true, a.children, sample.whole);
  a.evaluate();
  return freeEnergy(a, COMPARED);
}

/** The first lesson, from single pairs of calls or from a sequence of them. */
function begin(scene: Scene, system: Evidence): Lesson {
  const sample = sampleOf(scene, LEARN_FROM);
  const a = new Assignment(sample.scene, forced(sample.scene));
  const lesson = { a, sample };
  if (a.scene.ambiguous === 0) return lesson;
  const beam = new Beam(a.scene);
  a.adopt(pairwiseStart(a.scene, pairwise(a.scene, 4)));
  for (let round = 0; round < ROUNDS; round++) assign(a, WIDTH_LEARN, learn(lesson, system), beam);
  if (scene.children < CALLS_IN_SEQUENCE * scene.parents || scene.childTypes.length < 2) return lesson;
  const byPairs = a.parent;
  const energy = energyOf(lesson);
  a.model.clear();
  a.model.freeze(false);
  for (let round = 0; round < SEQUENCE_ROUNDS; round++) {
    const parent = new Int32Array(a.scene.children).fill(-1);
    beam.run(a.model, WIDTH_LEARN, parent, { block: BLOCK });
    a.adopt(parent);
    a.learn(false, a.children, sample.whole);
  }
  assign(a, WIDTH_LEARN, learn(lesson, system), beam);
  if (energyOf(lesson) < energy) a.adopt(byPairs);
  return lesson;
}

/** As begin, under the division of the requests that explains a place with fan-in best. */
function beginWithPositions(
  scene: Scene,
  trace: (row: number) => number,
  system: Evidence,
): { readonly lesson: Lesson; readonly scene: Scene } {
  const plain = { lesson: begin(scene, system), scene };
  if (scene.ambiguous === 0 || scene.parentTypes.length < 2) return plain;
  const positions = positionsOf(scene, trace);
  if (positions.mean <= FAN_IN) return plain;
  const worth = (lesson: Lesson) => energyOf(lesson) - 0.5 * lesson.a.model.size * Math.log(lesson.a.scene.children);
  let best = plain;
  let most = worth(plain.lesson);
  for (const by of ['start', 'end', 'gather'] as const) {
    const own = divided(scene, positions, by);
    if (own === null) continue;
    const lesson = begin(own, system);
    const value = worth(lesson);
    if (value <= most) continue;
    most = value;
    best = { lesson, scene: own };
  }
  return best;
}

/** An assignment, and the share of each candidate, aligned with its scene's c.parent. `system`: what other places showed of their order of service. */
export function chooseFast(scene: Scene, trace: (row: number) => number, system: Evidence): { a: Assignment; shares: Float64Array } {
  const start = beginWithPositions(scene, trace, system);
  const whole = start.scene;
  const lattice = new Lattice(whole.c.parent.length, TEMPERATURE);
  let { lesson } = start;
  let order = learn(lesson, system);
  const more = sampleOf(whole, LEARN_MORE);
  if (whole.ambiguous > 0 && more.scene !== whole) {
    const a = new Assignment(more.scene, forced(more.scene), lesson.a.model);
    assign(a, WIDTH, order);
    lesson = { a, sample: more };
    order = learn(lesson, system);
  }
  const a = new Assignment(whole, forced(whole), lesson.a.model);
  if (whole.ambiguous > 0) assign(a, WIDTH, order, new Beam(whole), lattice);
  if (pays(order)) a.toll = new Toll(a, order);
  system.inOrder += order.shown.inOrder;
  system.crossing += order.shown.crossing;
  a.evaluate();
  return { a, shares: lattice.shares };
}
