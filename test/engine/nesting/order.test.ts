/** The order of service as evidence, on made-up traffic. */
import { describe, expect, it } from 'vitest';
import { Assignment } from '../../../src/engine/nesting/assignment.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { fast, joint } from '../../../src/engine/nesting/joint.ts';
import { orderOf } from '../../../src/engine/nesting/order.ts';
import { places } from '../../../src/engine/nesting/places.ts';
import { makeProblem } from '../../../src/engine/nesting/problem.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { makeScene } from '../../../src/engine/nesting/scene.ts';
import { candidatesWithSlack } from '../../../src/engine/nesting/slack.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';

const right = (calls: readonly TrueCall[]) => {
  const { parent } = joint.nest(compileNestingInput(calls));
  return rightShare(calls, (row) => calls[parent[row]!]?.id ?? '');
};

/**
 * One event loop: each request waits a while, asks cache, waits, asks db, waits, answers. At times the loop stands still; then what has become
 * due happens in the order in which it was begun, where `inOrder`, else in any.
 */
function stalling(requests: number, seed: number, inOrder: boolean): TrueCall[] {
  const random = new Random(seed);
  const exponential = (mean: number) => -mean * Math.log(1 - random.next());
  const EVERY = 60_000;
  const STALL = 12_000;
  const MEAN_GAP = 4_000;
  const STAGES = 5;
  // Stamps of each request: start, cache out and in, db out and in, answer.
  const stamps = Array.from({ length: requests }, () => [0]);
  let at = 1.7e15;
  const due: { k: number; atUs: number; order: number }[] = [];
  for (let k = 0; k < requests; k++) {
    at += exponential(MEAN_GAP);
    due.push({ k, atUs: at, order: at });
  }
  let freeAt = 0;
  while (due.length > 0) {
    const loopAt = Math.max(freeAt, Math.min(...due.map(({ atUs }) => atUs)));
    const intoUs = loopAt % EVERY;
    if (intoUs < STALL) {
      freeAt = loopAt - intoUs + STALL;
      continue;
    }
    const ready = due.filter(({ atUs }) => atUs <= loopAt).sort((a, b) => a.order - b.order);
    const next = inOrder ? ready[0]! : ready[random.below(ready.length)]!;
    due.splice(due.indexOf(next), 1);
    freeAt = loopAt + 30;
    const own = stamps[next.k]!;
    if (own[0] === 0) own.length = 0;
    own.push(loopAt);
    // In turn a wait of its own, and that for an answer.
    if (own.length <= STAGES) due.push({ k: next.k, atUs: loopAt + 500 + exponential(own.length % 2 ? 400 : 1_200), order: loopAt });
  }
  return stamps.flatMap(([start, cacheOut, cacheIn, dbOut, dbIn, end], k) => {
    const call = (id: string, parent: string, caller: string, callee: string, from: number, to: number): TrueCall => ({
      ...{ id: `${k}${id}`, parent: parent && `${k}${parent}`, caller, callee, endpoint: `/${callee}` },
      ...{ callerStartUs: Math.round(from), callerEndUs: Math.round(to), calleeStartUs: Math.round(from), calleeEndUs: Math.round(to) },
    });
    return [
      call('a', '', 'clients', 'web', start!, end!),
      call('b', 'a', 'web', 'cache', cacheOut!, cacheIn!),
      call('c', 'a', 'web', 'db', dbOut!, dbIn!),
    ];
  });
}

it('steady delays keep most calls in order; that is no queue in which nobody overtakes', () => {
  // 91 % when overtaking is held to be as good as impossible; 97 % at the price that the exceptions show.
  expect(right(traffic(800, 10, 3))).toBeGreaterThan(0.94);
});

/** Prices of overtaking by readiness that the true links show, by place and kind of call. */
function prices(calls: readonly TrueCall[]): number[] {
  const input = compileNestingInput(calls);
  const rowOf = new Map(calls.map(({ id }, row) => [id, row]));
  return places(input).flatMap((place) => {
    const p = makeProblem(input, place);
    const scene = makeScene(p, candidatesWithSlack(p, true));
    const a = new Assignment(
      scene,
      Int32Array.from({ length: scene.children }, (_, i) => scene.parentRow.indexOf(rowOf.get(calls[scene.childRow[i]!]!.parent) ?? -1)),
    );
    a.learn(true);
    const order = orderOf(a, { inOrder: 0, crossing: 0 });
    return [...order.price].filter((_, t) => order.byStart[t] === 0);
  });
}

/** Requests that make one call each: `pairs` to a request give its start and length and the call's start, in us since the request's. */
function single(requests: readonly { readonly atUs: number; readonly tookUs: number; readonly callUs: number }[]): TrueCall[] {
  return requests.flatMap(({ atUs, tookUs, callUs }, k) => {
    const call = (id: string, parent: string, caller: string, callee: string, from: number, to: number): TrueCall => ({
      ...{ id, parent, caller, callee, endpoint: `/${callee}` },
      ...{ callerStartUs: Math.round(from), callerEndUs: Math.round(to), calleeStartUs: Math.round(from), calleeEndUs: Math.round(to) },
    });
    const sent = atUs + callUs;
    return [call(`a${k}`, '', 'clients', 'web', atUs, atUs + tookUs), call(`b${k}`, `a${k}`, 'web', 'db', sent, sent + 500)];
  });
}
const START = 1.7e15;

/** What is stated of contested links on average, and the share that is right. */
function stated(calls: readonly TrueCall[], algorithm = joint) {
  const result = algorithm.nest(compileNestingInput(calls));
  const rows = calls.map((_, row) => row).filter((row) => result.candidates[row]! > 1 && result.parent[row]! >= 0);
  const mean = (of: (row: number) => number) => rows.reduce((sum, row) => sum + of(row), 0) / rows.length;
  return {
    links: rows.length,
    said: mean((row) => result.confidence[row]!),
    right: mean((row) => (calls[result.parent[row]!]!.id === calls[row]!.parent ? 1 : 0)),
  };
}

describe.each([joint, fast])('what nothing decides, by $name', (algorithm) => {
  // Two requests at a time whose calls can always be exchanged, now and then.
  it.each([1, 10, 100])('is not stated as sure: pairs in one of %i steps', (every) => {
    const random = new Random(5);
    const requests = Array.from({ length: 3000 }, (_, step) => step).flatMap((step) =>
      Array.from({ length: step % every === 0 ? 2 : 1 }, (_, k) => ({
        atUs: START + step * 30_000 + k * 100 * random.next(),
        tookUs: 20_000 + 100 * random.next(),
        callUs: 1_000 + 9_000 * random.next(),
      })),
    );
    const { links, said, right } = stated(single(requests), algorithm);
    expect(links).toBeGreaterThan(50);
    expect(said).toBeLessThan(0.75);
    if (links > 500) expect(said - right).toBeLessThan(0.25);
  });
});

describe('the price of overtaking', () => {
  it.each([1, 2, 3])('is told by what an event loop does that stood still: %s', (seed) => {
    expect(Math.max(...prices(stalling(900, seed, true)))).toBeGreaterThan(0.5);
  });

  it.each([1, 2, 3])('is none where the next was drawn at random, though delays keep most calls in order: %s', (seed) => {
    expect(Math.max(...prices(stalling(900, seed, false)))).toBe(0);
  });

  it.each([3, 6, 10, 20])('is little where delays alone keep calls in order, %s requests at a time', (load) => {
    expect(Math.max(...prices(traffic(800, load, 3)))).toBeLessThan(1.32);
  });
});
