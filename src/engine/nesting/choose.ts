/** Choosing by a model that was learned before. */
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import type { Counters } from './counters.ts';
import { Model } from './model.ts';
import { type Evidence, type Order, restoreOrder, savedEvidence } from './order.ts';
import { pairwise } from './pairwise.ts';
import { divided, positionsOf } from './positions.ts';
import type { KnownTypes } from './problem.ts';
import { divisionOf, knownTypes, restoreModel, savedEvents } from './savedModel.ts';
import type { Scene } from './scene.ts';
import { settle } from './search.ts';
import { pairwiseStart } from './starts.ts';

const WIDTH = 32;
const ROUNDS = 4;
const PAIR_ROUNDS = 4;

/** A place's model as last restored: densities take longer to compute than a small window to assign. */
interface Restored {
  readonly events: number;
  readonly types: KnownTypes;
  readonly division: Scene['division'];
  model: Model | null;
  /** Of the scene that it was restored for. */
  names: readonly (readonly string[])[];
}
const restored = new WeakMap<Counters, Restored>();

function restoredOf(saved: Counters): Restored {
  let known = restored.get(saved);
  if (!known) {
    known = { events: savedEvents(saved), types: knownTypes(saved), division: divisionOf(saved), model: null, names: [] };
    restored.set(saved, known);
  }
  return known;
}

/** Starts of calls and ends of requests that the model of a place was learned from. */
export const eventsOf = (saved: Counters): number => restoredOf(saved).events;

/** Types that the model of a place tells apart. */
export const typesOf = (saved: Counters): KnownTypes => restoredOf(saved).types;

const same = (a: readonly string[], b: readonly string[] | undefined) => a.length === b?.length && a.every((name, i) => name === b[i]);

function modelFor(scene: Scene, saved: Counters): Model {
  const known = restoredOf(saved);
  const names = [scene.parentTypes, scene.childTypes, scene.rootNames];
  if (known.model && names.every((list, k) => same(list, known.names[k]))) return known.model;
  const model = new Model(scene);
  restoreModel(model, saved, scene, known.division);
  known.model = model;
  known.names = names;
  return model;
}

/** `system`: what all places of the model showed. The model of the result is shared: it is to be read only. */
export function choose(scene: Scene, saved: Counters, trace: (row: number) => number, system: Evidence): Assignment {
  const { division } = restoredOf(saved);
  const own = (division === '' ? null : divided(scene, positionsOf(scene, trace), division, true)) ?? scene;
  const a = new Assignment(own, forced(own), modelFor(own, saved));
  const shown = savedEvidence(saved);
  const order = restoreOrder(saved, own, { inOrder: system.inOrder - shown.inOrder, crossing: system.crossing - shown.crossing });
  const beam = new Beam(own);
  const parent = a.parent.slice();
  beam.run(a.model, WIDTH, parent, { order, contested: a.contested });
  a.adopt(parent);
  settle(a, beam, ROUNDS, order);
  if (own.division === 'gather' && own.ambiguous > 0) tryPairs(a, beam, order);
  return a;
}

/** Where requests gather, pairs of calls often make the better start; the likelier end is kept. */
function tryPairs(a: Assignment, beam: Beam, order: Order): void {
  const sum = () => a.likelihood.reduce((total, each) => total + each, 0);
  const chosen = a.parent.slice();
  const likelihood = sum();
  a.adopt(pairwiseStart(a.scene, pairwise(a.scene, PAIR_ROUNDS)));
  settle(a, beam, ROUNDS, order);
  if (sum() >= likelihood) return;
  a.adopt(chosen);
  a.evaluate();
}
