/** Slack of kinds of calls of which few were seen: what a clock does to the calls of a place, it does to all of them. */
import { describe, expect, it } from 'vitest';
import { strict } from '../../../src/engine/nesting/candidates.ts';
import { Counters } from '../../../src/engine/nesting/counters.ts';
import { algorithm, compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { places } from '../../../src/engine/nesting/places.ts';
import { makeProblem } from '../../../src/engine/nesting/problem.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { restoreSlack } from '../../../src/engine/nesting/slack.ts';
import type { TrueCall } from './calls.ts';

interface Kind {
  readonly name: string;
  readonly requests: number;
  /** Which of them make a call that ends this much, us, after their answer. */
  sticksOut(k: number): boolean;
  readonly byUs: number;
  /** Nothing else is open at the gateway: what sticks out is outside of all requests. */
  readonly isAlone?: boolean;
}

/** A request for each call, and around it another one that makes none. */
function gateway(kinds: readonly Kind[]): TrueCall[] {
  const calls: TrueCall[] = [];
  const random = new Random(3);
  let at = 1.7e15;
  const call = (id: string, parent: string, [caller, callee, endpoint]: readonly [string, string, string], start: number, end: number) => {
    const stamps = { callerStartUs: start, callerEndUs: end, calleeStartUs: start, calleeEndUs: end };
    calls.push({ id, parent, caller, callee, endpoint, ...stamps });
  };
  for (const { name, requests, sticksOut, byUs, isAlone } of kinds)
    for (let k = 0; k < requests; k++) {
      at += 100_000;
      const from = at + 5_000 + random.below(5_000);
      const to = from + 2_000 + random.below(500);
      call(`${name}${k}`, '', ['client', 'gateway', '/*'], from, to + 300);
      call(`${name}${k}.`, `${name}${k}`, ['gateway', name, '/'], from + 900, to + (sticksOut(k) ? 300 + byUs : 0));
      if (!isAlone) call(`${name}${k}around`, '', ['client', 'gateway', '/*'], at, to + 9_000);
    }
  return calls;
}

const wrong = (calls: readonly TrueCall[]): string[] => {
  const { parent } = algorithm('joint')!.nest(compileNestingInput(calls));
  return calls.filter((c, row) => (calls[parent[row]!]?.id ?? '') !== c.parent).map(({ id }) => id);
};
const never = () => false;
const others: Kind[] = ['a', 'b', 'c'].map((name) => ({ name, requests: 60, sticksOut: (k) => k % 10 === 0, byUs: 60, isAlone: true }));

describe('slack', () => {
  it('of a kind with few calls is that of the other kinds of its place', () => {
    const rare = { name: 'rare', requests: 8, sticksOut: (k: number) => k === 4, byUs: 60 };
    const alone = others.map((kind) => ({ ...kind, sticksOut: never }));
    const shown = gateway([...others, rare]);
    const hidden = gateway([...alone, rare]);
    expect(wrong(shown)).toEqual([]);
    // Nothing tells of a clock that rounds: the request around encloses the call, its own does not.
    expect(wrong(hidden)).toEqual(['rare4.']);
  });

  it('of a kind with so many calls that it would have shown is its own: none', () => {
    const candidates = (requests: number) => {
      const calls = gateway([...others, { name: 'calm', requests, sticksOut: never, byUs: 0 }]);
      const last = calls.find(({ id }) => id === 'calm7.')!;
      const brief = { ...calls.find(({ id }) => id === 'calm7')!, id: 'brief', callerEndUs: last.callerEndUs! - 30 };
      const all = [...calls, { ...brief, calleeEndUs: brief.callerEndUs }];
      return algorithm('joint')!.nest(compileNestingInput(all)).candidates[calls.indexOf(last)];
    };
    expect(candidates(8)).toBe(3);
    expect(candidates(900)).toBe(2);
  });

  it('of a model that counts delays there are none of is none', () => {
    const input = compileNestingInput(gateway([{ name: 'a', requests: 3, sticksOut: never, byUs: 0 }]));
    const [place] = places(input).filter(({ outs }) => outs.length > 0);
    const p = makeProblem(input, place!);
    for (const bin of [1e9, -1e9]) {
      const counters = new Counters();
      counters.add(['slack', p.childTypes[0]!, 'calls'], 0, 100);
      for (const side of ['before', 'after']) counters.add(['slack', p.childTypes[0]!, side], bin, 50);
      expect(restoreSlack(counters, p), `${bin}`).toEqual(strict(1));
    }
  });
});
