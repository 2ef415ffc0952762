import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { WaterfallFlag, type WaterfallSlice } from '../../../src/shared/protocol.ts';
import { draw, MS } from '../traces/draw.ts';
import { shop } from './shop.ts';

const G = { generation: 1 };
function opened(from: string | CallRecord[]) {
  const a = analyse(fromRecords(typeof from === 'string' ? draw(from).records : from), { algorithm: 'aguilera' });
  const q = new Queries(a, { generation: 1, captures: [] });
  const ask = (more: Partial<Parameters<typeof q.waterfall>[0]> = {}) =>
    q.waterfall({ ...G, trace: 0, firstRow: 0, rows: 100, collapsed: [], ...more });
  return { a, q, ask };
}
const rows = (a: ReturnType<typeof opened>['a'], s: WaterfallSlice) =>
  [...s.call].map((call, i) => `${'  '.repeat(s.depth[i]!)}${a.services[a.callee[call]!]!.name}`);
const pairs = (index: Int32Array, values: Float64Array, i: number) =>
  [...values.subarray(index[i]! * 2, index[i + 1]! * 2)].map((ns) => ns / MS);

const CHECKOUT = `
  web     [------------------]
    auth   [---]
      cache  []
    orders       [-----!---]
      stock        [--]
      db              [--]
`.replace('cache  []', 'cache [-]');

describe('a waterfall', () => {
  it('shows calls depth first with their times', () => {
    const { a, ask } = opened(CHECKOUT);
    const s = ask();
    expect(rows(a, s)).toEqual(['web', '  auth', '    cache', '  orders', '    stock', '    db']);
    expect(s.totalRows).toBe(6);
    expect([...s.parent]).toEqual([-1, 0, 1, 0, 3, 3]);
    expect([...s.childCount]).toEqual([2, 1, 0, 2, 0, 0]);
    expect(s.marks[3]! & WaterfallFlag.failed).toBeTruthy();
    expect(s.endNs[0]! - s.startNs[0]!).toBe(19 * MS);
    expect(s.range).toEqual({ fromNs: 0, toNs: 19 * MS });
    // Stamps that were never seen take no part of the bar.
    expect(s.requestEndNs[0]).toBe(s.startNs[0]);
  });
  it('hides what is collapsed, but not how long it waited', () => {
    const { a, ask } = opened(CHECKOUT);
    const whole = ask();
    const s = ask({ collapsed: [3] });
    expect(rows(a, s)).toEqual(['web', '  auth', '    cache', '  orders']);
    expect(s.marks[3]! & WaterfallFlag.collapsed).toBeTruthy();
    expect(pairs(s.waitingIndex!, s.waiting!, 3)).toEqual(pairs(whole.waitingIndex!, whole.waiting!, 3));
    expect(ask({ collapsed: [0] }).totalRows).toBe(1);
  });
  it('joins waiting for overlapping children', () => {
    const { ask } = opened(`
      web [---------]
        a  [---]
        b    [---]`);
    const s = ask();
    expect(pairs(s.waitingIndex!, s.waiting!, 0)).toEqual([1, 7]);
  });
  it('carries the critical path by row', () => {
    const { ask } = opened(CHECKOUT);
    const s = ask();
    const total = s.critical.reduce((sum, ns, i) => sum + (i % 2 === 0 ? -ns : ns), 0);
    expect(total).toBe(19 * MS);
    expect(pairs(s.criticalIndex, s.critical, 0)).toEqual([0, 1, 5, 7, 17, 19]);
  });
  it('shows only the critical path and what leads to it', () => {
    const { a, ask } = opened(`
      web [---------]
        a  [-----]
        b   [-----]
          c   [-]`);
    expect(rows(a, ask({ criticalOnly: true }))).toEqual(['web', '  b', '    c']);
  });
  it('shows only links that packets prove', () => {
    const { a, ask } = opened(CHECKOUT);
    expect(rows(a, ask({ measuredOnly: true }))).toEqual(['web']);
    const drawn = draw(CHECKOUT).records.map((r, i) => (i === 0 || i === 3 ? { ...r, traceKey: 'w3c:1' } : r));
    const traced = analyse(fromRecords(drawn), { algorithm: 'aguilera' });
    const q = new Queries(traced, { generation: 1, captures: [] });
    expect(rows(traced, q.waterfall({ ...G, trace: 0, firstRow: 0, rows: 9, collapsed: [], measuredOnly: true }))).toEqual([
      'web',
      '  orders',
    ]);
  });
  it('pages like the whole', () => {
    const { ask } = opened(CHECKOUT);
    const whole = ask();
    for (let from = 0; from < 6; from += 2) {
      const page = ask({ firstRow: from, rows: 2 });
      expect([...page.call]).toEqual([...whole.call.subarray(from, from + 2)]);
      for (let i = 0; i < 2; i++)
        expect(pairs(page.criticalIndex, page.critical, i)).toEqual(pairs(whole.criticalIndex, whole.critical, from + i));
      expect(page.label.length).toBe(2);
      expect(page.strings[page.label[0]!]).toBe(whole.strings[whole.label[from]!]);
    }
    expect(ask({ firstRow: 99 }).call).toHaveLength(0);
  });
  it('steps to the next error and goes round', () => {
    const { q } = opened(CHECKOUT);
    expect(q.waterfallFind({ ...G, trace: 0, what: 'error', afterCall: -1 })).toBe(3);
    expect(q.waterfallFind({ ...G, trace: 0, what: 'error', afterCall: 3 })).toBe(3);
    expect(q.waterfallFind({ ...G, trace: 0, what: 'uncertain', afterCall: -1 })).toBe(-1);
  });
  it('has an overview in which the longest call wins', () => {
    const { a, ask } = opened(CHECKOUT);
    const o = ask({ overviewColumns: 19 }).overview!;
    expect(o).toMatchObject({ columns: 19, lanes: 3, depth: 3 });
    const lane = (k: number) => [...o.service.subarray(k * 19, k * 19 + 19)].map((s) => (s < 0 ? '.' : a.services[s]!.name[0])).join('');
    expect(lane(0)).toBe('w'.repeat(19));
    expect(lane(1)).toMatch(/^\.a+\.+o+\.*$/);
    expect(lane(2)).toMatch(/c.*s.*d/);
    expect(o.count[0]).toBe(1);
  });
});

describe('the overview of many calls', () => {
  it('shows in each pixel of each lane the longest call there, the first of equals, and how many there are', () => {
    let seed = 3;
    const next = () => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const records: CallRecord[] = [{ id: 'r', caller: 'client', callee: 'web', endpoint: '/', callerStartUs: 0, callerEndUs: 10_000 }];
    for (let i = 0; i < 300; i++) {
      const startUs = Math.floor(next() * 9000);
      // Many of a pixel's length, some equally long, some over many pixels.
      const us = i % 40 === 0 ? 900 : [5, 20, 20, 20, 150][Math.floor(next() * 5)]!;
      const callee = `s${Math.floor(next() * 9)}`;
      records.push({ id: `c${i}`, caller: 'web', callee, endpoint: '/x', callerStartUs: startUs, callerEndUs: startUs + us });
    }
    const { a, ask } = opened(records);
    const columns = 113;
    const { overview: o, range } = ask({ overviewColumns: columns });
    const root = a.forest.order[a.forest.first[0]!]!;
    const scale = columns / (range.toNs - range.fromNs);
    for (let pixel = 0; pixel < columns; pixel++) {
      let longest = -1;
      let count = 0;
      for (let p = a.forest.first[0]!; p < a.forest.first[1]!; p++) {
        const row = a.forest.order[p]!;
        if (row === root) continue;
        const low = Math.floor((a.times.outerStart(row) - range.fromNs) * scale);
        const high = Math.max(low, Math.ceil((a.times.outerEnd(row) - range.fromNs) * scale) - 1);
        if (pixel < low || pixel > high) continue;
        count++;
        const ns = (of: number) => a.times.outerEnd(of) - a.times.outerStart(of);
        if (longest < 0 || ns(row) > ns(longest)) longest = row;
      }
      expect([o!.service[columns + pixel], o!.count[columns + pixel]], `pixel ${pixel}`).toEqual([
        longest < 0 ? -1 : a.callee[longest],
        count,
      ]);
    }
  });
});

describe('a crowd of children', () => {
  const n = 3000;
  const records: CallRecord[] = [
    { id: 'r', caller: 'client', callee: 'web', endpoint: '/all', callerStartUs: 0, callerEndUs: n * 10 + 10 },
  ];
  for (let i = 0; i < n; i++)
    records.push({
      id: `c${i}`,
      caller: 'web',
      callee: 'db',
      endpoint: '/item',
      callerStartUs: i * 10 + 1,
      callerEndUs: i * 10 + 6,
      status: i === 5 ? 500 : 200,
    });
  records.push({ id: 'm', caller: 'web', callee: 'mail', endpoint: '/send', callerStartUs: n * 10 + 2, callerEndUs: n * 10 + 6 });
  const a = analyse(fromRecords(records), { algorithm: 'fcfs' });
  const q = new Queries(a, { generation: 1, captures: [] });
  const ask = (collapsed: number[] = []) => q.waterfall({ ...G, trace: 0, firstRow: 0, rows: 100, collapsed });
  it('is one row until it is opened', () => {
    const s = ask();
    expect(s.totalRows).toBe(3);
    expect(s.marks[1]! & WaterfallFlag.group).toBeTruthy();
    expect(s.marks[1]! & WaterfallFlag.failed).toBeTruthy();
    expect(s.childCount[1]).toBe(n);
    expect(s.strings[s.label[1]!]).toBe('3000 × /item (p50 5 µs)');
    expect(s.startNs[1]).toBe(1000);
    expect(s.endNs[1]).toBe((n - 1) * 10_000 + 6000);
    expect(ask([s.call[1]!]).totalRows).toBe(n + 2);
  });
});

describe('a hundred thousand calls', () => {
  it('open at once and page at once', () => {
    const n = 100_001;
    const records: CallRecord[] = [{ id: 'r', caller: 'client', callee: 's0', callerStartUs: 0, callerEndUs: 1_000_010 }];
    for (let i = 0; i < 1000; i++) {
      const at = i * 1000;
      records.push({ id: `m${i}`, caller: 's0', callee: 's1', endpoint: '/part', callerStartUs: at + 1, callerEndUs: at + 998 });
      for (let k = 0; k < 99; k++)
        records.push({
          id: `l${i}.${k}`,
          caller: 's1',
          callee: 's2',
          endpoint: `/e${k}`,
          callerStartUs: at + 3 + k * 10,
          callerEndUs: at + 9 + k * 10,
        });
    }
    const a = analyse(fromRecords(records), { algorithm: 'fcfs' });
    const q = new Queries(a, { generation: 1, captures: [] });
    const trace = q.transactions({ ...G, sort: 'spans', descending: true, offset: 0, limit: 1 }).rows[0]!;
    expect(trace.spans).toBe(n);
    const slice = q.waterfall({ ...G, trace: trace.trace, firstRow: 50_000, rows: 60, collapsed: [], overviewColumns: 1200 });
    expect(slice.totalRows).toBe(n);
    expect(slice.call).toHaveLength(60);
    // What crosses is bounded by rows asked, not by the transaction.
    const bytes = Object.values(slice).reduce((sum: number, v) => sum + (ArrayBuffer.isView(v) ? v.byteLength : 0), 0);
    expect(bytes).toBeLessThan(200_000);
  });
});

describe('the shop', () => {
  it('has the same spans in list and waterfall', () => {
    const { q } = shop();
    for (const row of q.transactions({ ...G, sort: 'start', descending: false, offset: 0, limit: 50 }).rows)
      expect(q.waterfall({ ...G, trace: row.trace, firstRow: 0, rows: 50, collapsed: [] }).totalRows).toBe(row.spans);
  });
});
