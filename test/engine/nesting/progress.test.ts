/** Progress is told after bounded pieces of work, so that a run can be cancelled at any time. */
import { describe, expect, it } from 'vitest';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { traffic } from './calls.ts';

const input = compileNestingInput(traffic(1500, 8));

describe('progress of joint', () => {
  const told: number[] = [];
  joint.nest(input, { progress: (done) => told.push(done) });
  it('is told often inside each place, never falls, stays a share', () => {
    // Three places; a place alone takes many rounds over its calls.
    expect(told.length).toBeGreaterThan(100);
    for (const [k, done] of told.entries()) {
      expect(done).toBeGreaterThanOrEqual(told[k - 1] ?? 0);
      expect(done).toBeLessThanOrEqual(1);
    }
  });
  it.each([0.1, 0.5, 0.9])('throwing from it ends the run: after a share of %d of all calls of it', (share) => {
    let left = Math.floor(share * told.length);
    const stop = new Error('stop');
    const progress = () => {
      if (--left === 0) throw stop;
      if (left < 0) throw new Error('called after the end');
    };
    expect(() => joint.nest(input, { progress })).toThrow(stop);
  });
});
