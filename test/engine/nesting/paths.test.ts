/** What a request would be worth with other calls, computed from the first event that differs, is what it is worth when computed from scratch. */
import { describe, expect, it } from 'vitest';
import { Assignment } from '../../../src/engine/nesting/assignment.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { places } from '../../../src/engine/nesting/places.ts';
import { makeProblem } from '../../../src/engine/nesting/problem.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { makeScene } from '../../../src/engine/nesting/scene.ts';
import { candidatesWithSlack } from '../../../src/engine/nesting/slack.ts';
import { type TrueCall, traffic } from './calls.ts';

/** Stamps of a coarse clock: many calls of a kind are sent, and end, at the same time. */
const coarse = (us: number | null | undefined) => Math.round(us! / 2_000) * 2_000;
const calls = traffic(120, 8).map(
  (c): TrueCall => ({
    ...c,
    callerStartUs: coarse(c.callerStartUs),
    callerEndUs: coarse(c.callerEndUs),
    calleeStartUs: coarse(c.calleeStartUs),
    calleeEndUs: coarse(c.calleeEndUs),
  }),
);

describe('paths of requests', () => {
  const input = compileNestingInput(calls);
  const found = places(input).map((place) => {
    const p = makeProblem(input, place);
    const scene = makeScene(p, candidatesWithSlack(p, true));
    const { offset, parent } = scene.c;
    const random = new Random(5);
    const any = Int32Array.from({ length: scene.children }, (_, i) => parent[offset[i]! + random.below(offset[i + 1]! - offset[i]!)] ?? -1);
    const a = new Assignment(scene, any);
    a.learn(true);
    a.evaluate();
    return a;
  });
  /** Every pair of a call and a request that could have made it. */
  const pairs = found.flatMap((a) => {
    const { offset, parent } = a.scene.c;
    return Array.from({ length: a.scene.children }, (_, i) => i).flatMap((i) =>
      [...parent.subarray(offset[i]!, offset[i + 1]!)].filter((q) => q !== a.parent[i]).map((q) => ({ a, i, q })),
    );
  });
  const ascending = (list: readonly number[]) => [...list].sort((x, y) => x - y);

  it('with one call more, one less, and both', () => {
    expect(pairs.length).toBeGreaterThan(500);
    for (const { a, i, q } of pairs) {
      const own = a.children[q]!;
      expect(a.variant(q, i, -1)).toBeCloseTo(a.of(q, ascending([...own, i])), 6);
      for (const j of own) {
        const others = own.filter((each) => each !== j);
        expect(a.variant(q, -1, j)).toBeCloseTo(a.of(q, others), 6);
        expect(a.variant(q, i, j)).toBeCloseTo(a.of(q, ascending([...others, i])), 6);
      }
    }
  });

  it("with another's calls from some time on", () => {
    for (const { a, i, q } of pairs) {
      const { sent } = a.scene;
      const cut = sent[i]!;
      const u = a.parent[i]!;
      if (u < 0) continue;
      const both = [...a.children[q]!.filter((j) => sent[j]! < cut), ...a.children[u]!.filter((j) => sent[j]! >= cut)];
      expect(a.spliced(q, u, cut, Number.NEGATIVE_INFINITY)).toBeCloseTo(a.of(q, ascending(both)), 6);
    }
  });
});
