import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../src/engine/calls/callTable.ts';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { percentilesCont } from '../../src/tracestore/percentiles.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';

const PS = [0, 0.5, 0.95, 0.99, 1];
function bySorting(values: readonly number[]): number[] {
  const sorted = Float64Array.from(values).sort();
  return PS.map((p) => {
    const at = (sorted.length - 1) * p;
    const low = Math.floor(at);
    return sorted[low]! + ((sorted[low + 1] ?? 0) - sorted[low]!) * (at - low);
  });
}

describe('percentiles', () => {
  it('by selection are those of the sorted values', () => {
    let x = 7;
    const random = () => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0);
    for (const count of [1, 2, 3, 10, 99, 1000])
      for (const kinds of [2, 5, 1e6])
        for (const order of [0, 1, -1]) {
          const values = Array.from({ length: count }, () => random() % kinds);
          if (order !== 0) values.sort((a, b) => order * (a - b));
          expect(percentilesCont(Float64Array.from(values), PS)).toEqual(bySorting(values));
        }
    expect(percentilesCont(new Float64Array(), [0.5])).toEqual([Number.NaN]);
  });

  it('of an edge count errors, and leave out what was not measured', async () => {
    const store = new SqliteStore(':memory:');
    const span = (k: number, flags: number, durationNs: number): StoredSpan => ({
      id: k.toString(16).padStart(16, '0'),
      trace: k.toString(16).padStart(32, '0'),
      parent: '',
      traceStartNs: BigInt(k),
      tenant: '',
      caller: 'a',
      callee: 'b',
      callerInstance: '',
      calleeInstance: '',
      endpoint: '',
      protocol: '',
      status: 0,
      flags,
      startNs: BigInt(k),
      requestNs: 0,
      responseNs: 0,
      durationNs,
      requestBytes: 0,
      responseBytes: 0,
      confidence: 1,
    });
    await store.append([
      span(1, 0, 10),
      span(2, CallFlag.failed, 0),
      span(3, CallFlag.failed, 20),
      span(4, CallFlag.failed | CallFlag.noResponse, Number.NaN),
      span(5, CallFlag.noResponse, Number.NaN),
      span(6, CallFlag.requestFirstUnsure, 1e9),
      span(7, 0, Number.NaN),
      span(8, 0, 30),
    ]);
    const [edge] = await store.edges({ fromNs: 0n, toNs: 100n });
    expect(edge).toMatchObject({ calls: 8, errors: 3, measured: 4, p50Ns: 15 });
    await store.close();
  });
});
