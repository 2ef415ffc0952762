import { describe, expect, it } from 'vitest';
import { callId, traceIdOf } from '../../../src/engine/calls/callId.ts';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';

const T0 = 1_700_000_000_000_000;

describe('call records', () => {
  it('become columns with times since the first stamp', () => {
    const x = fromRecords([
      { id: 'b', callee: 'db', caller: 'web', callerStartUs: T0 + 500.25, callerEndUs: T0 + 700 },
      { id: 'a', callee: 'web', callerStartUs: T0, callerEndUs: T0 + 1000, status: 503, target: '/x?y=1', method: 'GET' },
    ]);
    expect(x.epochNs).toBe(BigInt(T0) * 1000n);
    expect(Array.from(x.calls.requestFirstNs.subarray(0, 2))).toEqual([500_250, 0]);
    expect(Array.from(x.calls.responseLastNs.subarray(0, 2))).toEqual([700_000, 1_000_000]);
    expect(x.endNs).toBe(1_000_000);
    expect(x.calls.flags[1]).toBe(CallFlag.failed);
    expect(x.calls.target(1)).toBe('/x?y=1');
    expect(x.strings.text(x.given!.callee[0]!)).toBe('db');
    expect(x.calls.calleeFirstNs).toBeUndefined();
  });

  it('keep the callee side where it differs', () => {
    const x = fromRecords([{ callee: 's', callerStartUs: T0, callerEndUs: T0 + 900, calleeStartUs: T0 + 100, calleeEndUs: T0 + 800 }]);
    expect(x.calls.calleeFirstNs?.[0]).toBe(100_000);
    expect(x.calls.calleeLastNs?.[0]).toBe(800_000);
  });

  it('mark what was never answered', () => {
    const x = fromRecords([{ callee: 's', callerStartUs: T0, callerEndUs: null }]);
    expect(x.calls.flags[0]! & CallFlag.noResponse).toBeTruthy();
    expect(x.calls.responseLastNs[0]).toBeNaN();
  });

  it('leave out what is no record, with a warning each', () => {
    const bad: unknown[] = [null, 7, 'x', [], {}, { callee: 's' }, { callee: 's', callerStartUs: 'soon' }, { callerStartUs: 1 }];
    const x = fromRecords([...bad, { callee: 's', callerStartUs: T0, callerEndUs: T0 + 1 }]);
    expect(x.calls.count).toBe(1);
    expect(x.warnings).toHaveLength(bad.length);
    expect(x.quality()[0]?.count).toBe(bad.length);
  });

  it('keep a valid id, hash another, and derive one where none is given', () => {
    const call = { callee: 's', clientAddress: '1.1.1.1', serverAddress: '2.2.2.2', callerStartUs: T0, callerEndUs: T0 + 1 };
    const x = fromRecords([{ ...call, id: '00112233445566aa' }, { ...call, id: 'c7' }, call]);
    expect(callId(x, 0)).toBe('00112233445566aa');
    expect(callId(x, 1)).toMatch(/^[0-9a-f]{16}$/);
    expect(callId(x, 2)).toMatch(/^[0-9a-f]{16}$/);
    expect(traceIdOf(callId(x, 1))).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set([0, 1, 2].map((i) => callId(x, i))).size).toBe(3);
  });

  it('grow past their first capacity', () => {
    const x = fromRecords(
      Array.from({ length: 5000 }, (_, i) => ({ id: `c${i}`, callee: `s${i % 300}`, callerStartUs: T0 + i, callerEndUs: T0 + i + 5 })),
    );
    expect(x.calls.count).toBe(5000);
    expect(x.flows.count).toBe(300);
    expect(x.strings.text(x.given!.callee[4999]!)).toBe(`s${4999 % 300}`);
    expect(x.calls.requestFirstNs[4999]).toBe(4999_000);
  });
});
