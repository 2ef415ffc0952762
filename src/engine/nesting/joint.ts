/** The default algorithm: a joint event model of each place, learned from the calls themselves, and a search for the likeliest assignment. */
import type { NestingAlgorithm, NestingInput, NestingOptions, NestingResult } from './api.ts';
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import { choose, eventsOf, typesOf } from './choose.ts';
import { type Agreement, confidenceOf, fastConfidence, saveAgreement, savedAgreement } from './confidence.ts';
import { withConnections } from './connections.ts';
import { Counters } from './counters.ts';
import { chooseFast } from './fast.ts';
import { type Learned, learnedOf, writeModel } from './learned.ts';
import { Links } from './links.ts';
import { Model } from './model.ts';
import { type Evidence, type Order, orderOf, savedEvidence, saveOrder } from './order.ts';
import { pairwise } from './pairwise.ts';
import { places } from './places.ts';
import { divided, positionsOf } from './positions.ts';
import { makeProblem, type Problem } from './problem.ts';
import { writeLinks } from './reasons.ts';
import { sampleOf } from './sample.ts';
import { saveModel } from './savedModel.ts';
import { makeScene, type Scene } from './scene.ts';
import { search } from './search.ts';
import { candidatesWithSlack, restoreSlack, saveSlack } from './slack.ts';
import { freeEnergy, starts } from './starts.ts';
import { restoreStrays } from './strays.ts';
import { allValues, withValues } from './values.ts';

/** Children from which a place's first model is learned; all are learned from later. */
const LEARN_FROM = 1200;
/** A place with at most so many children is learned from whole. */
const LEARN_WHOLE = 5000;
/** Where the samples lie (see sampleOf), and children on which their models are compared. */
const SAMPLES = [1 / 6, 1 / 2, 5 / 6];
const TRIAL = 6000;
const WIDTH = 16;
const LEARN_ROUNDS = 1;
const ROUNDS = 4;
/** So many events of a place, and a model is used there however many are at hand (measured: docs/nesting.md). */
const ENOUGH_EVENTS = 300;

/** An assignment of the whole scene under the best of the models learned from some samples of it. */
function begin(scene: Scene, system: Evidence): Assignment {
  const samples = scene.children <= LEARN_WHOLE ? [1 / 2] : SAMPLES;
  const learned = samples.map((offset) => {
    const sample = sampleOf(scene, scene.children <= LEARN_WHOLE ? LEARN_WHOLE : LEARN_FROM, offset);
    const small = new Assignment(sample.scene, forced(sample.scene));
    if (sample.scene.ambiguous > 0) {
      const beam = new Beam(sample.scene);
      const runs = starts(small, beam, pairwise(sample.scene, 4));
      small.adopt(runs[0]!.parent.slice());
      if (sample.scene !== scene) search(small, beam, LEARN_ROUNDS, system, sample.whole);
    } else small.learn(true, small.children, sample.whole);
    return small;
  });
  if (learned[0]!.scene === scene) return learned[0]!;
  let best = new Assignment(scene, forced(scene), learned[0]!.model);
  if (scene.ambiguous === 0) return best;
  const trial = sampleOf(scene, TRIAL).scene;
  let most = Number.NEGATIVE_INFINITY;
  let order: Order | null = null;
  for (const small of learned) {
    const a = new Assignment(trial, forced(trial), small.model);
    const parent = new Int32Array(trial.children).fill(-1);
    new Beam(trial).run(a.model, WIDTH, parent, { order: small.toll?.order ?? null });
    a.adopt(parent);
    a.evaluate();
    const energy = freeEnergy(a);
    if (energy <= most) continue;
    most = energy;
    best = new Assignment(scene, forced(scene), small.model);
    order = small.toll?.order ?? null;
  }
  const parent = new Int32Array(scene.children).fill(-1);
  new Beam(scene).run(best.model, WIDTH, parent, { order });
  best.adopt(parent);
  return best;
}

/** Free energy less the cost of the model's states (Bayesian information criterion). */
function worth(a: Assignment): number {
  a.learn(true);
  a.evaluate();
  return freeEnergy(a) - 0.5 * a.model.size * Math.log(a.scene.children);
}

/** Replaces an assignment by what a beam makes of it, when that has more worth. @returns the worth of what is left */
function refine(a: Assignment): number {
  const before = a.parent;
  const value = worth(a);
  const parent = new Int32Array(a.scene.children).fill(-1);
  new Beam(a.scene).run(a.model, WIDTH, parent);
  a.adopt(parent);
  const refined = worth(a);
  if (refined >= value) return refined;
  a.adopt(before);
  return value;
}

function beginWithPositions(scene: Scene, trace: (row: number) => number, system: Evidence): Assignment {
  const plain = begin(scene, system);
  if (scene.ambiguous === 0 || scene.parentTypes.length < 2) return plain;
  const positions = positionsOf(scene, trace);
  if (positions.mean <= 1.15) return plain;
  let best = plain;
  let most = worth(plain);
  for (const by of ['start', 'end', 'gather'] as const) {
    const scene2 = divided(scene, positions, by);
    if (scene2 === null) continue;
    const a = by === 'gather' ? begin(scene2, system) : new Assignment(scene2, plain.parent.slice());
    const value = by === 'gather' ? worth(a) : refine(a);
    if (value <= most) continue;
    most = value;
    best = a;
  }
  return best;
}

/** Learns from the calls of a place, and chooses. */
function learnAndChoose(scene: Scene, trace: (row: number) => number, system: Evidence): Assignment {
  const a = beginWithPositions(scene, trace, system);
  if (scene.ambiguous > 0) search(a, new Beam(a.scene), ROUNDS, system);
  else {
    a.learn(true);
    a.evaluate();
  }
  return a;
}

/** What a finished assignment teaches. */
function lesson(a: Assignment, p: Problem, useKeys: boolean, agreement: Agreement | null, fromNs?: readonly [number, number]): Counters {
  const counters = new Counters();
  if (agreement) saveAgreement(agreement, counters);
  const { start } = a.scene;
  const which = fromNs && Array.from(start, (_, q) => q).filter((q) => start[q]! >= fromNs[0] && start[q]! < fromNs[1]);
  if (which === undefined || which.length > 0) {
    a.model = new Model(a.scene);
    a.learn(true, a.children, which);
    saveModel(a.model, counters, a.scene, a.scene.division);
  }
  saveOrder(a, counters);
  saveSlack(p, useKeys, counters);
  return counters;
}

/** What a model knows of a place, unless the events at hand teach more: a stream's first lessons about a place may be of a few, or of none. */
function trusted(saved: Counters | undefined, events: number): Counters | undefined {
  return saved && eventsOf(saved) >= Math.min(events, ENOUGH_EVENTS) ? saved : undefined;
}

const NAME = 'joint';

/** Whether places are searched and links judged by sampling, or all is chosen and judged in one pass. */
type Effort = 'full' | 'fast';

/** `observe`: told what is known of each contested link (by row), for calibration. */
export function nestJointly(
  input: NestingInput,
  options: NestingOptions = {},
  observe?: (row: number, parent: number, features: readonly number[]) => void,
  effort: Effort = 'full',
): NestingResult {
  const useKeys = options.useTraceKeys !== false;
  const seen: NestingInput = {
    ...input,
    values: options.useValues === false ? undefined : input.values,
    contents: options.useValues === false || options.useContents === false ? undefined : input.contents,
    connection: options.useConnections === false ? undefined : input.connection,
  };
  const values = allValues(seen);
  const links = new Links(input.count);
  const trace = Int32Array.from({ length: input.count }, (_, row) => row);
  const known = options.model === undefined ? null : learnedOf(options.model, NAME);
  const learned: Learned | null = options.keepModel ? new Map() : null;
  const system: Evidence = { crossing: 0, inOrder: 0 };
  for (const saved of known?.values() ?? []) {
    const { inOrder, crossing } = savedEvidence(saved);
    system.inOrder += inOrder;
    system.crossing += crossing;
  }
  const all = places(input);
  const calls = all.reduce((sum, { outs }) => sum + outs.length, 0);
  let done = 0;
  const tick = () => options.progress?.(done / calls);
  for (const place of all) {
    tick();
    const saved = trusted(known?.get(place.name), place.ins.length + place.outs.length);
    const p = makeProblem(input, place, saved && typesOf(saved));
    const inTime = candidatesWithSlack(p, useKeys, saved && restoreSlack(saved, p), saved && restoreStrays(saved, p));
    const habits = new Map<number, number>();
    const possible = withConnections(seen, p, withValues(values, p, inTime), habits, options.habits);
    const scene = makeScene(p, possible, tick);
    const traceOf = (row: number) => trace[row]!;
    const quick = effort === 'fast' ? chooseFast(scene, traceOf, system) : null;
    const a = quick?.a ?? (saved ? choose(scene, saved, traceOf, system) : learnAndChoose(scene, traceOf, system));
    if (!known && !quick && scene.ambiguous > 0) {
      const { shown } = orderOf(a, system);
      system.inOrder += shown.inOrder;
      system.crossing += shown.crossing;
    }
    const { parentRow, childRow } = a.scene;
    const watch = observe && ((i: number, features: readonly number[]) => observe(childRow[i]!, parentRow[a.parent[i]!]!, features));
    const { shares, agreement } = quick
      ? { shares: fastConfidence(quick, watch), agreement: null }
      : confidenceOf(a, saved ? savedAgreement(saved) : null, watch);
    writeLinks(seen, a, shares, links, useKeys, habits);
    for (let i = 0; i < a.scene.children; i++) {
      const q = a.parent[i]!;
      if (q >= 0) trace[a.scene.childRow[i]!] = trace[a.scene.parentRow[q]!]!;
    }
    learned?.set(place.name, lesson(a, p, useKeys, saved ? null : agreement, options.learnFromNs));
    done += place.outs.length;
  }
  return links.result(input, learned ? writeModel(learned, NAME) : undefined);
}

export const joint: NestingAlgorithm = {
  name: NAME,
  description: 'Learns what each service does next and after how long, and finds the likeliest assignment of all calls together.',
  nest: (input, options) => nestJointly(input, options),
};

export const fast: NestingAlgorithm = {
  name: 'fast',
  description:
    'The model of joint, learned from a sample, and one pass without search: several times faster, worse where many alike compete.',
  nest: (input, { model: _, keepModel: __, ...options } = {}) => nestJointly(input, options, undefined, 'fast'),
};
