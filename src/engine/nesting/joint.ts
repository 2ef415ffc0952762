/** The default algorithm: a joint event model of each place, learned from the calls themselves, and a search for the likeliest assignment. */
import { type NestingAlgorithm, type NestingInput, type NestingOptions, type NestingResult, Reason } from './api.ts';
import { Assignment, forced } from './assignment.ts';
import { Beam } from './beam.ts';
import { candidateShares } from './confidence.ts';
import { Links, plainReason } from './links.ts';
import { type Evidence, orderOf } from './order.ts';
import { type Pairwise, pairwise } from './pairwise.ts';
import { places } from './places.ts';
import { divideRoots, positionsOf } from './positions.ts';
import { makeProblem } from './problem.ts';
import { makeScene, type Scene } from './scene.ts';
import { refine, search } from './search.ts';
import { candidatesWithSlack } from './slack.ts';
import { freeEnergy, type Start, starts } from './starts.ts';

interface Begun {
  readonly a: Assignment;
  readonly beam: Beam;
  readonly runs: Start[];
  readonly pairs: Pairwise | null;
}

function begin(scene: Scene): Begun {
  const a = new Assignment(scene, forced(scene));
  const beam = new Beam(scene);
  if (scene.ambiguous === 0) return { a, beam, runs: [], pairs: null };
  const pairs = pairwise(scene, 4);
  const runs = starts(a, beam, pairs);
  a.adopt(runs[0]!.parent.slice());
  return { a, beam, runs, pairs };
}

/** Free energy less the cost of the model's states (Bayesian information criterion). */
function worth(a: Assignment): number {
  a.learn(true);
  a.evaluate();
  return freeEnergy(a) - 0.5 * a.model.size * Math.log(a.scene.children);
}

function beginWithPositions(scene: Scene, trace: (row: number) => number): Begun {
  let best = begin(scene);
  if (scene.ambiguous === 0 || scene.parentTypes.length < 2) return best;
  const positions = positionsOf(scene, trace);
  if (positions.mean <= 1.15) return best;
  const plain = best;
  let most = worth(plain.a);
  for (const [label, by] of [
    [positions.byStart, 'start'],
    [positions.byEnd, 'end'],
  ] as const) {
    const divided = begin(divideRoots(scene, label, by));
    const own = divided.a.parent;
    divided.a.adopt(plain.a.parent.slice());
    const adopted = worth(divided.a);
    divided.a.adopt(own);
    let value = worth(divided.a);
    if (adopted > value) {
      divided.a.adopt(plain.a.parent.slice());
      value = worth(divided.a);
    }
    divided.runs.push(...plain.runs);
    if (value <= most) continue;
    most = value;
    best = divided;
  }
  return best;
}

export const joint: NestingAlgorithm = {
  name: 'joint',
  description: 'Learns what each service does next and after how long, and finds the likeliest assignment of all calls together.',
  nest(input: NestingInput, options: NestingOptions = {}): NestingResult {
    const useKeys = options.useTraceKeys !== false;
    const links = new Links(input.count);
    const trace = Int32Array.from({ length: input.count }, (_, row) => row);
    const system: Evidence = { crossing: 0, inOrder: 0 };
    const all = places(input);
    all.forEach((place, number) => {
      options.progress?.(number / all.length);
      const p = makeProblem(input, place);
      const scene = makeScene(p, candidatesWithSlack(p, useKeys));
      const { a, beam, runs, pairs } = beginWithPositions(scene, (row) => trace[row]!);
      const frozen: Uint8Array | null = null;
      if (pairs) {
        search(a, beam, runs, null);
        refine(a, beam);
        search(a, beam, [], null, system);
        const { shown } = orderOf(a, system);
        system.inOrder += shown.inOrder;
        system.crossing += shown.crossing;
      } else {
        a.learn(true);
        a.evaluate();
      }
      report(input, a, candidateShares(a, !frozen), links, useKeys);
      for (let i = 0; i < a.scene.children; i++) {
        const q = a.parent[i]!;
        if (q >= 0) trace[a.scene.childRow[i]!] = trace[a.scene.parentRow[q]!]!;
      }
    });
    return links.result(input);
  },
};

function report(input: NestingInput, a: Assignment, shares: Float32Array, links: Links, useKeys: boolean): void {
  const { scene } = a;
  const { offset, parent } = scene.c;
  for (let i = 0; i < scene.children; i++) {
    const from = offset[i]!;
    const to = offset[i + 1]!;
    const row = scene.childRow[i]!;
    let q = a.parent[i]!;
    if (q < 0 && to - from === 1) q = parent[from]!;
    if (q < 0) {
      if (to > from) links.set(row, -1, 0.5, 0, to - from);
      continue;
    }
    const order: number[] = [];
    let chosen = 0;
    for (let k = from; k < to; k++) {
      if (parent[k] === q) chosen = k;
      else order.push(k);
    }
    const reason = (k: number) => plainReason(input, row, scene.parentRow[parent[k]!]!, useKeys);
    links.set(row, scene.parentRow[q]!, shares[chosen]!, reason(chosen) | (to - from === 1 ? Reason.onlyCandidate : 0), to - from);
    order.sort((x, y) => shares[y]! - shares[x]! || x - y);
    for (const k of order.slice(0, 4)) links.also(row, scene.parentRow[parent[k]!]!, shares[k]!, reason(k));
  }
}
