/** Calls that no request caused, among those that one did. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, compileNestingInput, type NestingAlgorithm, Reason } from '../../../src/engine/nesting/index.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { nestWindowed } from '../../evaluate/windowed.ts';
import { type TrueCall, traffic } from './calls.ts';

const LEARNING = ALGORITHMS.filter(({ name }) => name === 'joint' || name === 'fast');

/** Calls of web to db every `everyMs` on average, whatever requests there are; each takes `tookMs`. */
function timers(among: readonly TrueCall[], everyMs: number, endpoint: string, tookMs = 1): TrueCall[] {
  const random = new Random(5);
  const starts = among.map((call) => call.callerStartUs!);
  const calls: TrueCall[] = [];
  const apart = () => everyMs * 1000 * -Math.log(1 - random.next());
  for (let at = Math.min(...starts); at < Math.max(...starts); at += apart()) {
    const [s, e] = [Math.round(at), Math.round(at + tookMs * 1000 * (0.8 + 0.4 * random.next()))];
    const stamps = { callerStartUs: s, callerEndUs: e, calleeStartUs: s, calleeEndUs: e };
    calls.push({ id: `timer${calls.length}`, parent: '', caller: 'web', callee: 'db', endpoint, ...stamps });
  }
  return calls;
}

function nested(calls: readonly TrueCall[], algorithm: NestingAlgorithm) {
  const result = algorithm.nest(compileNestingInput(calls));
  return calls.map((call, row) => {
    const parent = result.parent[row]! < 0 ? '' : calls[result.parent[row]!]!.id;
    const said = result.confidence[row]!;
    return { call, parent, right: parent === call.parent, said, reason: result.reason[row]!, others: result.alternatives(row) };
  });
}
const share = <T>(list: readonly T[], of: (each: T) => number | boolean) =>
  list.reduce((sum, each) => sum + Number(of(each)), 0) / list.length;

it('a stream, whose steps see few calls, knows timers by what it saw before', () => {
  const requests = traffic(900, 0.7);
  const calls = [...requests, ...timers(requests, 40, '/beat')];
  const { parent } = nestWindowed(calls, 0, 600);
  const own = calls.flatMap((call, row) => (call.endpoint === '/beat' ? [parent[row]! < 0] : []));
  expect(own.length).toBeGreaterThan(500);
  expect(share(own, (alone) => alone)).toBeGreaterThan(0.9);
});

describe.each(LEARNING.map((a) => [a.name, a] as const))('%s', (_, algorithm) => {
  it('places what a timer calls under no request, and what requests call as before', () => {
    const requests = traffic(300, 0.7);
    const found = nested([...requests, ...timers(requests, 40, '/beat')], algorithm);
    const own = found.filter(({ call }) => call.endpoint === '/beat');
    expect(own.length).toBeGreaterThan(150);
    expect(share(own, ({ right }) => right)).toBeGreaterThan(0.9);
    for (const { reason, right } of own) if (!right) expect(reason & Reason.onlyCandidate).toBe(0);
    // The requests that it might have been are named.
    expect(own.some(({ parent, others }) => parent === '' && others.length > 0)).toBe(true);
    const before = share(nested(requests, algorithm), ({ right }) => right);
    expect(
      share(
        found.filter(({ call }) => call.endpoint !== '/beat'),
        ({ right }) => right,
      ),
    ).toBeGreaterThan(before - 0.01);
  });

  it('says how sure a link is where timers make the same calls', () => {
    const requests = traffic(300, 0.7);
    const found = nested([...requests, ...timers(requests, 40, '/db')], algorithm).filter(
      ({ call, parent }) => parent !== '' && call.caller === 'web' && call.callee === 'db',
    );
    const right = share(found, (each) => each.right);
    expect(right).toBeLessThan(0.9);
    // What `fast` says of contested links is less exact.
    expect(Math.abs(share(found, ({ said }) => said) - right)).toBeLessThan(algorithm.name === 'joint' ? 0.05 : 0.1);
  });

  it('is not misled by clocks: calls that stick out a little stay with their request', () => {
    const random = new Random(3);
    const calls = traffic(300, 0.7).map((call) => {
      const late = call.caller === 'web' && call.callee === 'db' && random.next() < 0.2 ? 900 : 0;
      return { ...call, callerEndUs: call.callerEndUs! + late, calleeEndUs: call.calleeEndUs! + late };
    });
    expect(share(nested(calls, algorithm), ({ right }) => right)).toBeGreaterThan(0.98);
  });

  it('links the deliveries of a queue that delivers at once, however long the work takes', () => {
    const calls = Array.from({ length: 60 }, (_, k): TrueCall[] => {
      const at = 1.7e15 + k * 300_000 + ((k * 7919) % 50_000);
      const call = (id: string, parent: string, caller: string, callee: string, from: number, to: number): TrueCall => {
        const stamps = { callerStartUs: at + from, callerEndUs: at + to, calleeStartUs: at + from, calleeEndUs: at + to };
        return { id: id + k, parent: parent && parent + k, caller, callee, endpoint: `/${callee}`, ...stamps };
      };
      return [call('a', '', 'web', 'queue', 0, 2_000), call('b', 'a', 'queue', 'worker', 2_300, 2_300 + 5_000 * (1 + (k % 20)))];
    }).flat();
    const found = nested(calls, algorithm).filter(({ call }) => call.callee === 'worker');
    expect(share(found, ({ right }) => right)).toBe(1);
    for (const { reason } of found) expect(reason & Reason.outlivesParent).not.toBe(0);
  });
});
