/** Habits of connections: found where workers have connections of their own, not where a pool lends them. */
import { describe, expect, it } from 'vitest';
import { Reason } from '../../../src/engine/nesting/api.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { connected, rightShare, type TrueCall, traffic } from './calls.ts';

describe('habits of connections', () => {
  const calls = traffic(400, 8, 11);
  const nest = (of: readonly TrueCall[], useConnections: boolean) => {
    const result = joint.nest(compileNestingInput(of), { useConnections });
    return { result, right: rightShare(of, (row) => of[result.parent[row]!]?.id ?? '') };
  };
  const timing = nest(calls, true);

  it('of workers decide, and the reason says so', () => {
    const own = connected(calls, (up) => up);
    const { result, right } = nest(own, true);
    expect(timing.right).toBeLessThan(0.985);
    expect(right).toBeGreaterThan(0.995);
    const spoken = own.filter((call, row) => call.parent !== '' && (result.reason[row]! & Reason.connectionHabit) !== 0);
    expect(spoken.length).toBeGreaterThan(0.9 * own.filter(({ parent }) => parent !== '').length);
  });
  it('can be left unused', () =>
    expect(
      nest(
        connected(calls, (up) => up),
        false,
      ).result.parent,
    ).toEqual(timing.result.parent));
  it('are none where a pool lends connections, or all calls share one', () => {
    const random = new Random(3);
    for (const lend of [
      () => 1 + random.below(8),
      () => 1,
      (up: number, call: TrueCall) => 1 + ((up + Number(call.callerStartUs! % 3)) % 9),
    ]) {
      const { result } = nest(connected(calls, lend), true);
      expect(result.parent).toEqual(timing.result.parent);
      expect(result.reason.every((bits) => (bits & Reason.connectionHabit) === 0)).toBe(true);
    }
  });
});
