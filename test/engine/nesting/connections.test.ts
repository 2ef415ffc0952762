/** Habits of connections: found where workers have connections of their own, not where a pool lends them. */
import { describe, expect, it } from 'vitest';
import { Reason } from '../../../src/engine/nesting/api.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';

/**
 * Gives every call a connection: a request takes any free one of its client's; its calls go out on connections that `own` names by
 * that of the request.
 */
function connected(calls: readonly TrueCall[], own: (up: number, call: TrueCall) => number): TrueCall[] {
  const port = new Map<string, number>();
  const busyUntil = new Array<number>(24).fill(0);
  const random = new Random(7);
  for (const call of [...calls].filter(({ parent }) => parent === '').sort((a, b) => a.callerStartUs! - b.callerStartUs!)) {
    const free = busyUntil.flatMap((us, k) => (us <= call.callerStartUs! ? [k] : []));
    const k = free[random.below(free.length)]!;
    busyUntil[k] = call.callerEndUs!;
    port.set(call.id, k + 1);
  }
  const portOf = (call: TrueCall): number => {
    const known = port.get(call.id);
    if (known !== undefined) return known;
    const mine = own(portOf(calls.find(({ id }) => id === call.parent)!), call);
    port.set(call.id, mine);
    return mine;
  };
  return calls.map((call) => ({
    ...call,
    clientAddress: call.caller!,
    clientPort: 1000 + portOf(call),
    serverAddress: call.callee!,
    serverPort: 80,
  }));
}

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
