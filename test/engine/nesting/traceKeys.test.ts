/** Trace ids as systems carry them: not everywhere, not of one kind, and not always handed on. */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, compileNestingInput, type NestingResult, Reason } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';

interface Ids {
  readonly spanKey: number;
  readonly parentSpanKey?: number;
}
/** Twelve requests at a time; each call's trace id by its transaction. */
const CALLS = traffic(300, 12);
const rootOf = (call: TrueCall) => call.id.slice(0, -1);
function right(
  keyOf: (call: TrueCall) => string | null,
  algorithm = joint,
  spansOf?: (call: TrueCall) => Ids,
): { share: number; result: NestingResult; calls: TrueCall[] } {
  const calls = CALLS.map((call) => ({ ...call, traceKey: keyOf(call), ...spansOf?.(call) }));
  const result = algorithm.nest(compileNestingInput(calls));
  return { share: rightShare(calls, (row) => (result.parent[row]! < 0 ? '' : calls[result.parent[row]!]!.id)), result, calls };
}
const untold = right(() => null).share;

describe.each(ALGORITHMS.map((a) => [a.name, a] as const))('%s', (_, algorithm) => {
  it('links by ids that are handed on', () => {
    const { share, result, calls } = right((call) => `w3c:${rootOf(call)}`, algorithm);
    expect(share).toBeGreaterThan(0.999);
    calls.forEach((call, row) => {
      if (call.parent !== '') expect(result.reason[row]! & Reason.sameTraceId).not.toBe(0);
    });
  });
  it('rules nobody out where each request has an id of its own', () => {
    const { share } = right((call) => `request:${call.id}`, algorithm);
    expect(share).toBe(right(() => null, algorithm).share);
  });
});

describe('trace ids', () => {
  it('of an entry in another system than those within: they are held together within, and no call is lost', () => {
    const { share, result, calls } = right((call) => (call.parent === '' ? `request:x${call.id}` : `w3c:${rootOf(call)}`));
    expect(share).toBeGreaterThan(untold);
    calls.forEach((call, row) => {
      if (call.parent !== '') expect(result.parent[row]).toBeGreaterThanOrEqual(0);
      if (call.caller === 'shop') expect(calls[result.parent[row]!]!.id).toBe(call.parent);
    });
  });
  it('that one system hands to another under the same value', () => {
    expect(right((call) => `${call.parent === '' ? 'b3' : 'w3c'}:${rootOf(call)}`).share).toBeGreaterThan(0.999);
  });
  it('that a service begins anew for some of its calls', () => {
    const { share } = right((call) => `w3c:${call.callee === 'shop' || call.caller === 'shop' ? 'new' : ''}${rootOf(call)}`);
    expect(share).toBeGreaterThan(untold);
  });
  it('that all requests have say nothing', () => {
    expect(right(() => 'request:none').share).toBe(untold);
  });
  it('keep apart what has another one, where ids are handed on', () => {
    // Every tenth call to the database is the service's own, with an id of its own.
    const own = (call: TrueCall) => call.id.endsWith('0e');
    const { result, calls } = right((call) => `w3c:${own(call) ? 'own' : ''}${rootOf(call)}`);
    expect(calls.filter(own).length).toBeGreaterThan(20);
    calls.forEach((call, row) => {
      if (own(call)) expect(result.parent[row]).toBe(-1);
    });
  });
});

/** Sixteen transactions are one trace: what a page or a job does side by side. */
const jobOf = (call: TrueCall) => `b3:${Math.floor(Number(rootOf(call).split('.')[1]) / 16)}`;
const numbers = new Map(CALLS.map(({ id }, k) => [id, k + 1]));
const numberOf = (id: string) => numbers.get(id)!;

describe.each(ALGORITHMS.map((a) => [a.name, a] as const))('%s, where a trace has alike requests side by side', (_, algorithm) => {
  const byTrace = right(jobOf, algorithm).share;
  it('links by the parent span that the caller names', () => {
    const spans = ({ id, parent }: TrueCall) => ({ spanKey: numberOf(id), parentSpanKey: parent ? numberOf(parent) : 0 });
    const { share, result, calls } = right(jobOf, algorithm, spans);
    expect(byTrace).toBeLessThan(0.99);
    expect(share).toBe(1);
    calls.forEach((call, row) => {
      if (call.parent !== '') expect(result.reason[row]! & Reason.sameSpan).not.toBe(0);
      expect(result.confidence[row]).toBeGreaterThan(0.99);
    });
  });
  it('links by a header that is handed on as it came', () => {
    expect(right(jobOf, algorithm, (call) => ({ spanKey: numberOf(`${rootOf(call)}a`) })).share).toBe(1);
  });
  it('takes nothing from spans that are nobody else\u2019s, or everybody\u2019s', () => {
    expect(right(jobOf, algorithm, ({ id }) => ({ spanKey: numberOf(id), parentSpanKey: numberOf(id) + CALLS.length })).share).toBe(
      byTrace,
    );
    expect(right(jobOf, algorithm, () => ({ spanKey: 7 })).share).toBe(byTrace);
  });
});

/*
 *  shop answers k while l, of the same trace, is open, and makes k's call only then:
 *
 *      k  |-----|
 *      l     |------------|
 *      k's call    |---|
 */
describe.each(ALGORITHMS.map((a) => [a.name, a] as const))('%s, where a call is made after its request was answered', (_, algorithm) => {
  const line = (
    id: string,
    parent: string,
    [caller, callee]: readonly [string, string],
    fromUs: number,
    toUs: number,
    ids: Ids,
  ): TrueCall => {
    const [start, end] = [1.7e15 + fromUs, 1.7e15 + toUs];
    const stamps = { callerStartUs: start, callerEndUs: end, calleeStartUs: start, calleeEndUs: end };
    return { id, parent, caller, callee, endpoint: `/${callee}`, ...stamps, ...ids, traceKey: `b3:${Math.floor(fromUs / 100_000)}` };
  };
  const calls = Array.from({ length: 30 }, (_, k) => {
    const at = k * 100_000;
    return [
      line(`${k}k`, '', ['web', 'shop'], at, at + 5_000, { spanKey: 3 * k + 1 }),
      line(`${k}l`, '', ['web', 'shop'], at + 2_000, at + 20_000, { spanKey: 3 * k + 2 }),
      line(`${k}k.`, `${k}k`, ['shop', 'mail'], at + 9_000, at + 12_000, { spanKey: 3 * k + 3, parentSpanKey: 3 * k + 1 }),
    ];
  }).flat();
  it('links it by the span that it names', () => {
    const { parent } = algorithm.nest(compileNestingInput(calls));
    expect(rightShare(calls, (row) => calls[parent[row]!]?.id ?? '')).toBe(1);
  });
});
