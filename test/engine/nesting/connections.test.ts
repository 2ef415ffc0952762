/** Habits of connections: found where workers have connections of their own, not where a pool lends them. */
import { describe, expect, it } from 'vitest';
import { type NestingInput, Reason } from '../../../src/engine/nesting/api.ts';
import type { Candidates } from '../../../src/engine/nesting/candidates.ts';
import { withConnections } from '../../../src/engine/nesting/connections.ts';
import { algorithm, compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import type { Problem } from '../../../src/engine/nesting/problem.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { connected, rightShare, type TrueCall, traffic } from './calls.ts';

/** Pages that call one service six times side by side, each of which asks a database; a page's calls have six connections of their own. */
function sideBySide(workers: number, pages: number): TrueCall[] {
  const random = new Random(5);
  const calls: TrueCall[] = [];
  const call = (id: string, parent: string, caller: string, callee: string, start: number, end: number, port: number) => {
    const [s, e] = [Math.round(start), Math.round(end)];
    const ends = { clientAddress: caller, clientPort: 1000 + port, serverAddress: callee, serverPort: 80 };
    calls.push({
      ...{ id, parent, caller, callee, endpoint: `/${callee}`, ...ends },
      ...{ callerStartUs: s, callerEndUs: e, calleeStartUs: s, calleeEndUs: e },
    });
  };
  for (let w = 0; w < workers; w++) {
    for (let k = 0; k < pages; k++) {
      const at = 1.7e15 + (k * workers + w) * 2_000 + random.below(1_000);
      const id = `${w}.${k}`;
      let last = 0;
      for (let j = 0; j < 6; j++) {
        const start = at + 1_000 + random.below(1600);
        const asked = start + 700 + random.below(900);
        const answered = asked + 1_500 + random.below(900);
        const end = answered + 700 + random.below(900);
        call(`${id}.${j}`, id, 'web', 'item', start, end, w * 6 + j);
        call(`${id}.${j}.db`, `${id}.${j}`, 'item', 'db', asked, answered, w * 6 + j);
        last = Math.max(last, end);
      }
      call(id, '', 'clients', 'web', at, last + 500, w);
    }
  }
  return calls;
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
  it('are found among connections that are busy at the same time, by the few calls that tell', () => {
    const own = sideBySide(6, 100);
    const share = (useConnections: boolean) => {
      const result = algorithm('fast')!.nest(compileNestingInput(own), { useConnections });
      return rightShare(own, (row) => own[result.parent[row]!]?.id ?? '');
    };
    expect(share(false)).toBeLessThan(0.85);
    expect(share(true)).toBeGreaterThan(0.99);
  });
  it('are found on connections that carried very many calls', () => {
    // Requests come on connections 0 to 4, calls go out on 10 to 14. While one on 10 is made, one on 0 is open, and nearly always one on 1.
    const made = (up: number, many: number) => Array.from({ length: many }, (_, k) => ({ up, beside: k % 20 === 0 ? -1 : (up + 1) % 5 }));
    const children = [...made(0, 40_000), ...[1, 2, 3, 4].flatMap((up) => made(up, 400))];
    const parents = children.flatMap(({ up, beside }) => (beside < 0 ? [up] : [up, beside]));
    const offset = new Int32Array(children.length + 1);
    children.forEach(({ beside }, i) => {
      offset[i + 1] = offset[i]! + (beside < 0 ? 1 : 2);
    });
    const p = {
      children: children.length,
      childRow: Int32Array.from(children, (_, i) => parents.length + i),
      childType: new Int32Array(children.length),
      childTypes: ['db'],
      parentRow: Int32Array.from(parents, (_, q) => q),
      settled: null,
    } as unknown as Problem;
    const connection = Int32Array.from([...parents, ...children.map(({ up }) => 10 + up)]);
    const candidates = { offset, parent: Int32Array.from(parents, (_, q) => q) } as unknown as Candidates;
    const habits = new Map<number, number>();
    withConnections({ connection } as unknown as NestingInput, p, candidates, habits);
    expect(habits).toEqual(new Map([0, 1, 2, 3, 4].map((up) => [10 + up, up])));
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
