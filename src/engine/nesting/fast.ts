/** The model of joint, learned from a sample of a place, and one narrow beam over all of it: no search. */
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import { choicesOfOthers, foldsOf } from './crossFit.ts';
import { Lattice } from './lattice.ts';
import { type Evidence, type Order, orderOf, pays } from './order.ts';
import { pairwise } from './pairwise.ts';
import { divided, positionsOf } from './positions.ts';
import { type Sample, STRETCHES, sampleOf } from './sample.ts';
import type { Scene } from './scene.ts';
import { freeEnergy, pairwiseStart } from './starts.ts';
import { Toll } from './toll.ts';

/** Children that the first model is learned from, and those from which it is learned again before all is chosen. */
const LEARN_FROM = 1200;
const LEARN_MORE = 5000;
const WIDTH_LEARN = 8;
const WIDTH = 24;
/** Nats below the best at which hypotheses are dropped. */
const WINDOW = 8;
/** Requests with so many calls may make one after another, which pairs of calls don't show: a second start supposes it. */
const CALLS_IN_SEQUENCE = 5;
const SEQUENCE_ROUNDS = 4;
/** Nats for a call beside another, in that start. */
const BLOCK = 12;
/** Links by which starts and divisions are compared. */
const COMPARED = 300;
/** Mean in-calls of a transaction above which a place is taken for one with fan-in. */
const FAN_IN = 1.15;
const TEMPERATURE = 1.5;
/** Children of a place about which models are asked that have not seen their links, and the beam's width then. */
const ASKED = 1000;
const WIDTH_ASKED = 16;

/** A sample of a place with parents for its children, the model learned from them, and what they show of the order of service. */
interface Lesson {
  readonly sample: Sample;
  readonly a: Assignment;
  readonly order: Order;
}

function learn(a: Assignment, sample: Sample, system: Evidence): Lesson {
  a.learn(true, a.children, sample.whole);
  return { a, sample, order: orderOf(a, system) };
}

function assign(a: Assignment, width: number, order: Order, beam = new Beam(a.scene), lattice?: Lattice): void {
  const parent = new Int32Array(a.scene.children).fill(-1);
  beam.run(a.model, width, parent, { order: pays(order) ? order : null, contested: a.contested, lattice, window: WINDOW });
  a.adopt(parent);
}

function energyOf({ a }: Lesson): number {
  a.evaluate();
  return freeEnergy(a, COMPARED);
}

/** The first lesson, from single pairs of calls or from a sequence of them. */
function begin(scene: Scene, system: Evidence): Lesson {
  const sample = sampleOf(scene, LEARN_FROM);
  const a = new Assignment(sample.scene, forced(sample.scene));
  if (a.scene.ambiguous === 0) return learn(a, sample, system);
  const beam = new Beam(a.scene);
  a.adopt(pairwiseStart(a.scene, pairwise(a.scene, 4)));
  assign(a, WIDTH_LEARN, learn(a, sample, system).order, beam);
  const lesson = learn(a, sample, system);
  if (scene.children < CALLS_IN_SEQUENCE * scene.parents || scene.childTypes.length < 2) return lesson;
  const energy = energyOf(lesson);
  const other = inSequence(sample, beam, system);
  return energyOf(other) < energy ? lesson : other;
}

function inSequence(sample: Sample, beam: Beam, system: Evidence): Lesson {
  const a = new Assignment(sample.scene, forced(sample.scene));
  a.model.freeze(false);
  for (let round = 0; round < SEQUENCE_ROUNDS; round++) {
    const parent = new Int32Array(a.scene.children).fill(-1);
    beam.run(a.model, WIDTH_LEARN, parent, { block: BLOCK });
    a.adopt(parent);
    if (round < SEQUENCE_ROUNDS - 1) a.learn(false, a.children, sample.whole);
  }
  assign(a, WIDTH_LEARN, learn(a, sample, system).order, beam);
  return learn(a, sample, system);
}

/** As begin, under the division of the requests that explains a place with fan-in best. */
function beginWithPositions(
  scene: Scene,
  trace: (row: number) => number,
  system: Evidence,
): { readonly lesson: Lesson; readonly whole: Scene } {
  const lesson = begin(scene, system);
  const plain = { lesson, whole: scene };
  if (scene.ambiguous === 0 || scene.parentTypes.length < 2) return plain;
  const positions = positionsOf(scene, trace);
  if (positions.mean <= FAN_IN) return plain;
  const worth = (of: Lesson) => energyOf(of) - 0.5 * of.a.model.size * Math.log(of.a.scene.children);
  let best = plain;
  let most = worth(plain.lesson);
  for (const by of ['start', 'end', 'gather'] as const) {
    const whole = divided(scene, positions, by);
    if (whole === null) continue;
    const own = by === 'gather' ? begin(whole, system) : again(whole, lesson, system);
    const value = worth(own);
    if (value <= most) continue;
    most = value;
    best = { lesson: own, whole };
  }
  return best;
}

/** What a lesson teaches where requests are divided otherwise. */
function again(scene: Scene, { a }: Lesson, system: Evidence): Lesson {
  const sample = sampleOf(scene, LEARN_FROM);
  const own = new Assignment(sample.scene, a.parent.slice());
  assign(own, WIDTH_LEARN, learn(own, sample, system).order);
  return learn(own, sample, system);
}

/** What `fast` found at a place. */
export interface Chosen {
  readonly a: Assignment;
  /** Share of each candidate, aligned with its scene's c.parent. */
  readonly shares: Float64Array;
  /** By child, 1: a model that had not seen its link was asked about it, and chose the same parent. */
  readonly asked: Uint8Array;
  readonly agrees: Uint8Array;
}

/**
 * Asks about links in a sample of a lesson, a stretch of each quarter: of the first and third the model learned from the second and fourth, and the other
 * way round.
 */
function confirm(a: Assignment, { a: learned, order }: Lesson): Pick<Chosen, 'asked' | 'agrees'> {
  const asked = new Uint8Array(a.scene.children);
  const agrees = new Uint8Array(a.scene.children);
  const folds = a.contested.includes(1) ? foldsOf(learned, STRETCHES, Number.POSITIVE_INFINITY) : null;
  if (folds === null) return { asked, agrees };
  const { scene } = sampleOf(learned.scene, ASKED);
  const of = Uint8Array.from(indicesOf(scene.parentRow, learned.scene.parentRow), (q) => folds.of[q]!);
  const index = indicesOf(scene.childRow, a.scene.childRow);
  const numberOf = new Map(Array.from(scene.parentRow, (row, q) => [row, q]));
  const parent = index.map((i) => numberOf.get(a.scene.parentRow[a.parent[i]!] ?? -1) ?? -1);
  const choices = choicesOfOthers(scene, parent, { of, models: folds.models }, WIDTH_ASKED, pays(order) ? order : null);
  index.forEach((i, z) => {
    if (a.contested[i] === 0 || parent[z]! < 0) return;
    asked[i] = 1;
    agrees[i] = choices[z] === parent[z] ? 1 : 0;
  });
  return { asked, agrees };
}

/** Where the rows of a sample are among all; samples keep the order. */
function indicesOf(rows: Int32Array, all: Int32Array): Int32Array {
  let i = -1;
  return rows.map((row) => {
    do i++;
    while (all[i] !== row);
    return i;
  });
}

/** `system`: what other places showed of their order of service. */
export function chooseFast(scene: Scene, trace: (row: number) => number, system: Evidence): Chosen {
  let { lesson, whole } = beginWithPositions(scene, trace, system);
  const lattice = new Lattice(whole.c.parent.length, TEMPERATURE);
  const more = sampleOf(whole, LEARN_MORE);
  if (whole.ambiguous > 0 && lesson.sample.scene !== whole) {
    const a = new Assignment(more.scene, forced(more.scene), lesson.a.model);
    assign(a, WIDTH, lesson.order);
    lesson = learn(a, more, system);
  }
  const { order } = lesson;
  const a = new Assignment(whole, forced(whole), lesson.a.model);
  if (whole.ambiguous > 0) assign(a, WIDTH, order, new Beam(whole), lattice);
  if (pays(order)) a.toll = new Toll(a, order);
  system.inOrder += order.shown.inOrder;
  system.crossing += order.shown.crossing;
  return { a, shares: lattice.shares, ...confirm(a, lesson) };
}
