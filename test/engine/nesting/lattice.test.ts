/** Shares of parents by the beam's lattice against all assignments, counted out. */
import { expect, it } from 'vitest';
import { Assignment, childrenOf, forced } from '../../../src/engine/nesting/assignment.ts';
import { Beam } from '../../../src/engine/nesting/beam.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { Lattice } from '../../../src/engine/nesting/lattice.ts';
import { places } from '../../../src/engine/nesting/places.ts';
import { makeProblem } from '../../../src/engine/nesting/problem.ts';
import { makeScene, type Scene } from '../../../src/engine/nesting/scene.ts';
import { candidatesWithSlack } from '../../../src/engine/nesting/slack.ts';
import { traffic } from './calls.ts';

function sceneOf(requests: number, load: number, seed: number): Scene {
  const input = compileNestingInput(traffic(requests, load, seed));
  const place = places(input).find(({ name }) => name.endsWith('web'))!;
  const p = makeProblem(input, place);
  return makeScene(p, candidatesWithSlack(p, true));
}

/** Every assignment's weight, added up per candidate. */
function counted(a: Assignment, temperature: number): Float64Array {
  const { offset, parent: candidate } = a.scene.c;
  const parent = forced(a.scene);
  const shares = new Float64Array(candidate.length);
  const chosen: number[] = [];
  let sum = 0;
  const place = (i: number): void => {
    if (i === a.scene.children) {
      const weight = Math.exp(a.total(childrenOf(a.scene, parent)) / temperature);
      sum += weight;
      for (const k of chosen) shares[k]! += weight;
      return;
    }
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      parent[i] = candidate[k]!;
      chosen.push(k);
      place(i + 1);
      chosen.pop();
    }
  };
  place(0);
  return shares.map((share) => share / sum);
}

it.each([2, 4])('gives what counting all assignments gives, at temperature %d', (temperature) => {
  const learned = sceneOf(300, 1, 2);
  const teacher = new Assignment(learned, forced(learned));
  teacher.learn(true);
  let compared = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const scene = sceneOf(5, 6, seed);
    const a = new Assignment(scene, forced(scene), teacher.model);
    const lattice = new Lattice(scene.c.parent.length, temperature);
    const parent = new Int32Array(scene.children).fill(-1);
    new Beam(scene).run(a.model, 200, parent, { lattice, window: 1000, contested: a.contested });
    const exact = counted(a, temperature);
    for (let i = 0; i < scene.children; i++) {
      if (a.contested[i] === 0) continue;
      for (let k = scene.c.offset[i]!; k < scene.c.offset[i + 1]!; k++) {
        expect(lattice.shares[k]).toBeCloseTo(exact[k]!, 3);
        if (exact[k]! > 0.01 && exact[k]! < 0.99) compared++;
      }
    }
  }
  expect(compared).toBeGreaterThan(5);
});
