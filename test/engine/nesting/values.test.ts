/** Values that reappear in targets: a habit that is found, used and reported; and not found where ids only happen to meet. */
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../src/engine/bytes/contentHash.ts';
import { Reason } from '../../../src/engine/nesting/api.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { Random } from '../../../src/engine/nesting/random.ts';
import { contentColumns, valuesOf } from '../../../src/engine/nesting/values.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';

/** Gives every call a target; `idOf`: the id in it. */
const targeted = (calls: readonly TrueCall[], idOf: (call: TrueCall) => string) =>
  calls.map((call) => ({ ...call, target: `${call.endpoint}/${idOf(call)}?v=2` }));
/** The number of the transaction that a call belongs to. */
const transaction = (call: TrueCall) => call.id.replace(/[a-z]$/, '').replace('.', 'x');

describe('values in targets', () => {
  it('are ids: words with digits, whole UUIDs, few of them, whatever the case', () => {
    expect(valuesOf('/orders/summary')).toEqual([]);
    expect(valuesOf('/v2/a1')).toEqual([]);
    expect(valuesOf('/get/session-6916')).toEqual(valuesOf('/verify/6916'));
    const id = '3f2504e0-4f89-11d3-9a0c-0305e82c3301';
    expect(valuesOf(`/cart/${id}`)).toEqual(valuesOf(`/x?cart=${id.toUpperCase()}`));
    expect(valuesOf(`/cart/${id}`)).toHaveLength(1);
    expect(valuesOf(Array.from({ length: 99 }, (_, k) => `/item${1000 + k}`).join(''))).toHaveLength(6);
    expect(valuesOf(`/${'x'.repeat(600)}/a1234`)).toEqual([]);
  });

  // Twelve requests at a time: timing alone errs.
  const calls = traffic(250, 12, 11);
  const nest = (of: readonly TrueCall[], useValues: boolean) => {
    const result = joint.nest(compileNestingInput(of), { useValues });
    return { result, right: rightShare(of, (row) => of[result.parent[row]!]?.id ?? '') };
  };
  const timing = nest(calls, true).right;

  it('that reappear decide, and the reason says so', () => {
    const own = targeted(calls, transaction);
    const { result, right } = nest(own, true);
    expect(timing).toBeLessThan(0.95);
    expect(right).toBeGreaterThan(0.999);
    own.forEach((call, row) => {
      if (call.parent !== '') expect(result.reason[row]! & Reason.sharedValue).not.toBe(0);
      expect(result.reason[row]! & Reason.onlyCandidate).toBe(0);
    });
  });
  it('can be left unused', () => expect(nest(targeted(calls, transaction), false).right).toBe(timing));
  it('that only happen to meet change nothing', () => {
    const random = new Random(5);
    expect(
      nest(
        targeted(calls, () => String(1000 + random.below(9000))),
        true,
      ).right,
    ).toBe(timing);
  });
  it('that many requests have change nothing', () =>
    expect(
      nest(
        targeted(calls, () => 'page2024'),
        true,
      ).right,
    ).toBe(timing));
});

describe('values in headers and bodies', () => {
  const calls = traffic(250, 12, 11);
  const hash = (text: string) => contentHash(text) | 0;
  const nest = (contentsOf: (call: TrueCall) => number[], options = {}, of: readonly TrueCall[] = calls) => {
    const contents = contentColumns(of.length, (row) => Int32Array.from(contentsOf(of[row]!)));
    const result = joint.nest({ ...compileNestingInput(of), contents }, options);
    return { result, right: rightShare(of, (row) => of[result.parent[row]!]?.id ?? '') };
  };
  const timing = nest(() => []);
  // One value of the transaction among one of the call alone and one that all have.
  const mixed = (call: TrueCall) => [hash('build-2024'), hash(call.id), hash(transaction(call))];

  it('that reappear decide, and the reason says so', () => {
    const { result, right } = nest(mixed);
    expect(timing.right).toBeLessThan(0.95);
    expect(right).toBeGreaterThan(0.999);
    calls.forEach((call, row) => {
      if (call.parent !== '') expect(result.reason[row]! & (Reason.sharedContent | Reason.sharedValue)).toBe(Reason.sharedContent);
    });
  });
  it('can be left unused, alone or with those of targets', () => {
    expect(nest(mixed, { useContents: false }).result.parent).toEqual(timing.result.parent);
    expect(nest(mixed, { useValues: false }).result.parent).toEqual(timing.result.parent);
  });
  it('that all or only single calls have change nothing', () => {
    const { result } = nest((call) => [hash('build-2024'), hash(call.id)]);
    expect(result.parent).toEqual(timing.result.parent);
    expect(result.confidence).toEqual(timing.result.confidence);
    expect(result.reason).toEqual(timing.result.reason);
  });
  it('link a parent that has the id in its target with calls that have it in their bodies', () => {
    const own = calls.map((call) => (call.parent === '' ? { ...call, target: `/page/${transaction(call)}` } : call));
    const { right, result } = nest((call) => (call.parent === '' ? [] : [valuesOf(transaction(call))[0]!]), {}, own);
    expect(right).toBeGreaterThan(0.999);
    const root = own.findIndex(({ parent }) => own.some(({ id, parent: up }) => id === parent && up === ''));
    expect(result.reason[root]! & Reason.sharedContent).not.toBe(0);
  });
});
