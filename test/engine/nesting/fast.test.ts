/** The fast algorithm: nearly as right where few compete, for a fraction of the work. */
import { expect, it } from 'vitest';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { fast, joint } from '../../../src/engine/nesting/joint.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';
import { madeUpSystem } from './systems.ts';

it('is hardly worse than joint at moderate load, with far fewer pieces of work', () => {
  const calls = traffic(2000, 3, 9);
  const input = compileNestingInput(calls);
  const run = (algorithm: typeof joint) => {
    let pieces = 0;
    const result = algorithm.nest(input, { progress: () => pieces++ });
    return { pieces, right: rightShare(calls, (row) => calls[result.parent[row]!]?.id ?? '') };
  };
  const [quick, thorough] = [run(fast), run(joint)];
  expect(quick.right).toBeGreaterThan(0.97);
  expect(quick.right).toBeGreaterThan(thorough.right - 0.02);
  expect(quick.pieces).toBeLessThan(thorough.pieces / 4);
});

/** One thread takes requests in order, each a call of a length that says nothing: who waited longest is next. */
function queued(requests: number): TrueCall[] {
  const random = new Random(4);
  const calls: TrueCall[] = [];
  let free = 0;
  let at = 1.7e15;
  for (let k = 0; k < requests; k++) {
    at += Math.round(-5_000 * Math.log(1 - random.next()));
    free = Math.max(at, free) + Math.round(1_000 + 7_000 * random.next());
    const took = Math.round(5_000 + 40_000 * random.next());
    const put = (id: string, parent: string, caller: string, callee: string, start: number, end: number) => {
      const stamps = { callerStartUs: start, callerEndUs: end, calleeStartUs: start, calleeEndUs: end };
      calls.push({ id, parent, caller, callee, endpoint: callee, ...stamps });
    };
    put(`a${k}`, '', 'clients', 'web', at, free + took + 500);
    put(`b${k}`, `a${k}`, 'web', 'db', free, free + took);
  }
  return calls;
}

it('sees that requests are served in order', () => {
  const calls = queued(800);
  const result = fast.nest(compileNestingInput(calls));
  expect(rightShare(calls, (row) => calls[result.parent[row]!]?.id ?? '')).toBeGreaterThan(0.99);
});

/** Of the contested links of several runs: how many, and the mean of what is stated less the share that is right. */
function misjudged(runs: readonly (readonly TrueCall[])[]): { readonly contested: number; readonly by: number } {
  let contested = 0;
  let surplus = 0;
  for (const calls of runs) {
    const result = fast.nest(compileNestingInput(calls));
    calls.forEach(({ parent }, row) => {
      if (result.parent[row]! < 0 || result.candidates[row]! < 2 || result.confidence[row]! > 0.99) return;
      contested++;
      surplus += result.confidence[row]! - (calls[result.parent[row]!]!.id === parent ? 1 : 0);
    });
  }
  return { contested, by: surplus / contested };
}

it('judges by what it left out: states about as much as is right', () => {
  const { contested, by } = misjudged([traffic(2000, 8, 21)]);
  expect(contested).toBeGreaterThan(300);
  expect(Math.abs(by)).toBeLessThan(0.08);
});

/** Systems that are not in the fit, with many requests at a time, in which the best assignment is often wrong. */
it('knows from models that have not seen them how far its links can be trusted', () => {
  const { contested, by } = misjudged(
    [100, 101, 102, 103, 104, 105].map((seed) => madeUpSystem(seed, { requests: 400, load: 14, fault: 1 })),
  );
  expect(contested).toBeGreaterThan(1000);
  expect(Math.abs(by)).toBeLessThan(0.1);
});
