import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { type EdgeRollup, mergeRollups, rollupEdges, summariseRollup } from '../../../src/engine/stats/rollup.ts';
import { RELATIVE_ERROR } from '../../../src/engine/stats/sketch.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { shopRecords } from '../table/shop.ts';

const SECOND = 1_000_000_000n;
const records = shopRecords({ requests: 100 });
const run = (part: typeof records) => analyse(fromRecords(part), { algorithm: 'aguilera' });
const key = (r: EdgeRollup) => `${r.windowNs} ${r.from} ${r.to} ${r.calls} ${r.errors} ${r.latency.count} ${r.latency.quantile(0.5)}`;

describe('rollups', () => {
  const whole = rollupEdges(run(records), SECOND);
  it('are of one edge and one window', () => {
    expect(new Set(whole.map((r) => `${r.windowNs} ${r.from} ${r.to}`)).size).toBe(whole.length);
    expect(whole.every((r) => r.windowNs % SECOND === 0n)).toBe(true);
    expect(whole.reduce((sum, r) => sum + r.calls, 0)).toBe(records.length);
  });
  it('of parts merge to those of the whole', () => {
    // Whole transactions on either side, as partitions by tenant or pane have them.
    const half = records.length / 2;
    const parts = [...rollupEdges(run(records.slice(half)), SECOND), ...rollupEdges(run(records.slice(0, half)), SECOND)];
    expect(mergeRollups(parts).map(key)).toEqual(whole.map(key));
  });
  it('widen to any multiple of their window', () => {
    const wide = mergeRollups(whole, 5n * SECOND);
    expect(wide.length).toBeLessThan(whole.length);
    expect(wide.reduce((sum, r) => sum + r.calls, 0)).toBe(records.length);
    expect(whole.reduce((sum, r) => sum + r.calls, 0)).toBe(records.length);
  });
  it('say what the exact figures say, within the error', () => {
    const a = run(records);
    const q = new Queries(a, { generation: 1, captures: [] });
    for (const r of mergeRollups(whole, 3600n * SECOND)) {
      const exact = q.edges({ generation: 1 }).find((e) => a.services[e.from]!.name === r.from && a.services[e.to]!.name === r.to)!.latency;
      const rough = summariseRollup(r);
      expect(rough).toMatchObject({ calls: exact.calls, n: exact.n, errors: exact.errors, minNs: exact.minNs, maxNs: exact.maxNs });
      expect(Math.abs(rough.p50Ns / exact.p50Ns - 1)).toBeLessThan(RELATIVE_ERROR * 1.5);
    }
  });
});
