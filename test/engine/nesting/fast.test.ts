/** The fast algorithm: nearly as right where few compete, for a fraction of the work. */
import { expect, it } from 'vitest';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { fast, joint } from '../../../src/engine/nesting/joint.ts';
import { rightShare, traffic } from './calls.ts';

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
