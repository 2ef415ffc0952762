import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { draw } from '../traces/draw.ts';

const G = { generation: 1 };
function graphOf(records: CallRecord[], more = {}) {
  const a = analyse(fromRecords(records), { algorithm: 'aguilera' });
  const q = new Queries(a, { generation: 1, captures: [] });
  const g = q.graph({ ...G, maxServices: 400, ...more });
  const name = (id: number) => a.services[id]!.name;
  return {
    g,
    ranks: Object.fromEntries(g.services.map((s) => [s.name, s.rank])),
    back: g.edges.filter((e) => e.back).map((e) => `${name(e.from)}>${name(e.to)}`),
  };
}

describe('ranks', () => {
  it('are observed depths, and a callee stands right of its caller', () => {
    // Seen mostly at depth 2, db is also called by stock at depth 2: it must not share stock's column.
    const { ranks } = graphOf(
      draw(`
      web     [-------------------------]
        db     [-]
        db        [-]
        orders         [--------]
          stock          [----]
            db            [-]`).records,
    );
    expect(ranks).toEqual({ client: 0, web: 1, orders: 2, stock: 3, db: 4 });
  });
  it('close a cycle with a back edge', () => {
    const { ranks, back } = graphOf(
      draw(`
      a     [---------------]
        b     [-----------]
          c     [-------]
            a     [---]`).records,
    );
    expect(ranks).toEqual({ client: 0, a: 1, b: 2, c: 3 });
    expect(back).toEqual(['c>a']);
  });
  it('of any graph leave forward edges going right and no cycle without a back edge', () => {
    const call = fc.record({ from: fc.nat(7), to: fc.nat(7) });
    fc.assert(
      fc.property(fc.array(call, { minLength: 1, maxLength: 40 }), (calls) => {
        const { g } = graphOf(
          calls.map(({ from, to }, i) => ({
            id: `c${i}`,
            caller: `s${from}`,
            callee: `s${to}`,
            callerStartUs: i * 100,
            callerEndUs: i * 100 + 50,
          })),
        );
        const rank = new Map(g.services.map((s) => [s.id, s.rank]));
        for (const e of g.edges) if (!e.back) expect(rank.get(e.to)!).toBeGreaterThan(rank.get(e.from)!);
        for (const e of g.edges) if (e.from === e.to) expect(e.back).toBe(true);
        expect(Math.min(...rank.values())).toBe(0);
      }),
    );
  });
});

describe('many services', () => {
  const records: CallRecord[] = [];
  for (let i = 0; i < 1000; i++) {
    const s = i % 500;
    const up = s === 0 ? 'client' : `s${Math.floor((s - 1) / 3)}`;
    records.push({ id: `c${i}`, caller: up, callee: `s${s}`, callerStartUs: i * 1000, callerEndUs: i * 1000 + 10 + (500 - s) });
  }
  it('are drawn up to the limit, those with most time first; never above 400', () => {
    const { g } = graphOf(records, { maxServices: 60 });
    // And where they come from.
    expect(g.services).toHaveLength(61);
    expect(g.services.map((s) => s.name)).toContain('s0');
    expect(g.services.map((s) => s.name)).toContain('client');
    expect(g.hiddenServices).toBe(500 - 60);
    const ranks = [...new Set(g.services.map((s) => s.rank))].sort((x, y) => x - y);
    expect(ranks).toEqual(ranks.map((_, i) => i));
    expect(graphOf(records, { maxServices: 5000 }).g.services).toHaveLength(400);
  });
});
