import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { analyse } from '../../../src/engine/analysis.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { QueryError } from '../../../src/engine/table/queryError.ts';
import type { TransactionSort } from '../../../src/shared/protocol.ts';
import { shop, shopRecords } from './shop.ts';

const { a, q } = shop();
const G = { generation: 1 };
const serviceId = (name: string) => a.services.findIndex((s) => s.name === name);
const edgeId = (from: string, to: string) => a.edges.findIndex((e) => e.from === serviceId(from) && e.to === serviceId(to));

describe('the summary', () => {
  it('counts what is there', () => {
    expect(q.summary()).toMatchObject({
      title: 'shop.pcap',
      calls: 240,
      transactions: 40,
      services: 4,
      edges: 4,
      errors: 8,
      placed: 200,
      roots: 40,
      guesses: 0,
      orphans: 0,
      clockSide: 'one tap',
      traceIdCalls: 0,
    });
  });
});

describe('the graph', () => {
  it('has services by rank, with figures', () => {
    const g = q.graph({ ...G, maxServices: 60 });
    expect(Object.fromEntries(g.services.map((s) => [s.name, s.rank]))).toEqual({
      clients: 0,
      web: 1,
      cart: 2,
      mail: 2,
      '10.0.0.3:5432': 3,
    });
    const db = g.services.find((s) => s.name === '10.0.0.3:5432')!;
    expect(db).toMatchObject({
      namedBy: 'address',
      protocols: ['postgresql'],
      isClients: false,
      inbound: { calls: 120, n: 120, errors: 4 },
    });
    expect(g.services.reduce((sum, s) => sum + s.selfShare, 0)).toBeCloseTo(1);
    expect([...g.services].map((s) => s.swatch).sort()).toEqual([-1, 0, 1, 2, 3]);
    expect(g.edges.every((e) => !e.back)).toBe(true);
    expect(g).toMatchObject({ hiddenServices: 0, hiddenEdges: 0, hiddenCalls: 0 });
  });
  it('folds what it may not draw, and says how much', () => {
    const g = q.graph({ ...G, maxServices: 2 });
    // And the clients.
    expect(g.services).toHaveLength(3);
    expect(g.hiddenServices).toBe(2);
    expect(g.hiddenEdges + g.edges.length).toBe(4);
    expect(g.hiddenCalls + g.edges.reduce((sum, e) => sum + e.latency.calls, 0)).toBe(240);
  });
  it('keeps to the focus and leaves out what is hidden', () => {
    const names = (g: ReturnType<typeof q.graph>) => g.services.map((s) => s.name).sort();
    expect(names(q.graph({ ...G, maxServices: 60, focus: serviceId('cart'), hops: 1 }))).toEqual(['10.0.0.3:5432', 'cart', 'web']);
    expect(names(q.graph({ ...G, maxServices: 60, hidden: [serviceId('mail')] }))).not.toContain('mail');
  });
});

describe('a subject', () => {
  it('has its neighbours, its split and its endpoints', () => {
    const d = q.subject({ ...G, of: { service: serviceId('cart') } });
    expect(d.title).toBe('cart');
    expect(d.callers.map((n) => a.services[n.service]!.name)).toEqual(['web']);
    expect(d.callees.map((n) => [a.services[n.service]!.name, n.latency.calls])).toEqual([['10.0.0.3:5432', 120]]);
    const parts = d.split.selfNs + d.split.networkNs + d.split.unknownNs + d.split.waiting.reduce((sum, w) => sum + w.ns, 0);
    expect(parts).toBeCloseTo(d.split.totalNs);
    expect(d.split.totalNs).toBeCloseTo(d.latency.meanNs);
    expect(d.splitP95.totalNs).toBeGreaterThan(d.splitP50.totalNs);
    expect(d.endpoints).toEqual([expect.objectContaining({ endpoint: 'GET /cart', protocol: 'http/1' })]);
    expect(d.slowest.map((e) => e.durationNs)).toEqual([...d.slowest.map((e) => e.durationNs)].sort((x, y) => y - x));
    expect(d.slowest[0]).toMatchObject({ entry: 'GET /shop/{id}', failed: false, confidence: 1 });
  });
  it('may be an edge', () => {
    const d = q.subject({ ...G, of: { edge: edgeId('web', 'cart') } });
    expect(d.title).toBe('web → cart');
    expect(d.edge?.latency.calls).toBe(40);
    expect(d.callees.map((n) => n.latency.calls)).toEqual([120]);
  });
  it('knows nothing of waiting when only measured calls may be shown', () => {
    const d = q.subject({ ...G, measuredOnly: true, of: { service: serviceId('cart') } });
    expect(d.split).toMatchObject({ selfNs: 0, waiting: [] });
    expect(d.split.unknownNs).toBeCloseTo(d.split.totalNs);
  });
  it('has the same calls in its histogram and its heatmap', () => {
    const of = { service: serviceId('cart') };
    const sum = (counts: Uint32Array) => counts.reduce((x, y) => x + y, 0);
    expect(sum(q.histogram({ ...G, of, bins: 64 }).counts)).toBe(40);
    expect(sum(q.heatmap({ ...G, of, columns: 60, rows: 16 }).counts)).toBe(40);
  });
  it('that does not exist is not found', () => {
    expect(() => q.subject({ ...G, of: { service: 99 } })).toThrow(QueryError);
    expect(() => q.subject({ ...G, of: { edge: -1 } })).toThrow(/not in this analysis/);
  });
});

describe('what is different about the slow ones', () => {
  it('is named', () => {
    const big = shop({ requests: 400 });
    const of = { service: big.a.services.findIndex((s) => s.name === 'web') };
    const found = big.q.differences({ ...G, of, bandNs: [40e6, 1e12] });
    // The slow ones are every twentieth: they share addresses and sizes with others, nothing tells them apart but chance.
    for (const d of found) expect(Math.abs(d.score)).toBeGreaterThanOrEqual(3);
    const failing = big.q.differences({ ...G, of: { service: of.service }, bandNs: [0, 1] });
    expect(failing).toEqual([]);
  });
  it('finds the field that decides', () => {
    const records = shopRecords({ requests: 200 }).map((r) =>
      r.serverAddress === '10.0.0.2' && r.callerEndUs! - r.callerStartUs! > 20_000 ? { ...r, target: '/cart/full' } : r,
    );
    const slowCart = analyse(fromRecords(records), { algorithm: 'aguilera' });
    const queries = new Queries(slowCart, { generation: 1, captures: [] });
    const found = queries.differences({
      ...G,
      of: { service: slowCart.services.findIndex((s) => s.name === 'cart') },
      bandNs: [20e6, 1e12],
    });
    expect(found[0]).toMatchObject({ field: 'endpoint', selectedShare: 1, otherShare: 0, value: 'GET /cart/full' });
  });
});

describe('time', () => {
  it('has every call in a bucket, whatever is brushed', () => {
    const range = { fromNs: 1e9, toNs: 2e9 };
    const t = q.timeline({ ...G, buckets: 120, range, filter: 'failed:yes' });
    const sum = (counts: Uint32Array) => counts.reduce((x, y) => x + y, 0);
    expect(sum(t.calls)).toBe(240);
    expect(sum(t.errors)).toBe(8);
    expect(sum(t.matching)).toBe(4 * 6);
    expect(t.range.fromNs).toBe(0);
  });
  it('restricts every view alike', () => {
    const scope = { ...G, range: { fromNs: 1e9, toNs: 2e9 } };
    expect(q.transactions({ ...scope, offset: 0, limit: 500, sort: 'start', descending: false }).total).toBe(10);
    expect(q.services(scope).find((s) => s.name === 'web')!.inbound.calls).toBe(10);
    expect(q.filterCheck(scope)).toMatchObject({ transactions: 10, calls: 60 });
  });
});

describe('transactions', () => {
  it('page like the whole list', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<TransactionSort>('start', 'duration', 'spans', 'errors', 'confidence'),
        fc.boolean(),
        fc.integer({ min: 1, max: 50 }),
        fc.constantFrom(undefined, 'failed:yes', 'total>20ms'),
        (sort, descending, limit, filter) => {
          const ask = (offset: number, n: number) => q.transactions({ ...G, sort, descending, filter, offset, limit: n });
          const whole = ask(0, 500);
          const pages = [];
          for (let offset = 0; offset < whole.total; offset += limit) pages.push(...ask(offset, limit).rows);
          expect(pages).toEqual(whole.rows);
          expect(whole.rows).toHaveLength(whole.total);
          expect(ask(whole.total, 10).rows).toEqual([]);
        },
      ),
    );
  });
  it('are sorted as asked', () => {
    const rows = q.transactions({ ...G, sort: 'duration', descending: true, offset: 0, limit: 3 }).rows;
    expect(rows.map((r) => r.durationNs / 1e6)).toEqual([50.2, 50.2, 20.4]);
    expect(rows[0]).toMatchObject({ endpoint: 'GET /shop/{id}', spans: 6, errors: 0, guesses: 0, complete: true });
    expect(rows[0]!.slowerThan).toBeGreaterThan(0.9);
    expect(rows[0]!.id).toMatch(/^[0-9a-f]{32}$/);
  });
  it('say where a duration was not measured, and neither rank it nor others by it', () => {
    const unsure = (i: number) => i % 3 === 0;
    const records = Array.from({ length: 30 }, (_, i) => ({
      id: `r${i}`,
      caller: 'client',
      callee: 'web',
      endpoint: '/x',
      callerStartUs: 1e15 + i * 1e6,
      // Those that were not measured seem the fastest of all, but for one that seems the slowest.
      callerEndUs: 1e15 + i * 1e6 + (unsure(i) ? (i === 3 ? 900_000 : 10) : 1000 + i),
      status: 200,
      uncertain: unsure(i),
    }));
    const few = new Queries(analyse(fromRecords(records), {}), { generation: 1, captures: ['x'] });
    const { rows } = few.transactions({ ...G, sort: 'start', descending: false, offset: 0, limit: 30 });
    const ranks = rows.map((r) => r.slowerThan);
    expect(ranks.filter((_, i) => unsure(i)).every((rank) => rank === null)).toBe(true);
    for (const [k, rank] of ranks.filter((_, i) => !unsure(i)).entries()) expect(rank).toBeCloseTo(k / 20);
    expect(few.presets(G).find((p) => p.id === 'slow')!.filter).toMatch(/^total>1\.0\dms$/);
  });
  it('know their critical path by service', () => {
    const { rows } = q.transactions({ ...G, sort: 'start', descending: false, offset: 0, limit: 1 });
    const d = q.transaction({ ...G, trace: rows[0]!.trace });
    expect(d.criticalPath.reduce((sum, p) => sum + p.ns, 0)).toBeCloseTo(d.durationNs);
    expect(d.title).toBe('web GET /shop/{id}');
  });
});

describe('rows', () => {
  it('are found again by ids from content', () => {
    const other = shop();
    const row = q.transactions({ ...G, sort: 'start', descending: false, offset: 5, limit: 1 }).rows[0]!;
    const details = q.call({ ...G, call: row.rootCall });
    expect(details.traceId).toBe(row.id);
    const found = other.q.find({ ...G, trace: row.id, call: details.id, service: 'web' });
    expect(found).toEqual({ trace: row.trace, call: row.rootCall, service: serviceId('web') });
    expect(q.find({ ...G, trace: '0'.repeat(32), call: 'nonsense', service: 'nobody' })).toEqual({ trace: -1, call: -1, service: -1 });
  });
  it('of another generation are refused', () => {
    for (const ask of [
      () => q.services({ generation: 2 }),
      () => q.call({ generation: 0, call: 0 }),
      () => q.filterCheck({ generation: 2, filter: '(' }),
      () => q.presets({ generation: 3 }),
    ])
      expect(ask).toThrow(expect.objectContaining({ code: 'stale' }));
  });
  it('that do not exist are not found', () => {
    for (const ask of [
      () => q.call({ ...G, call: 240 }),
      () => q.call({ ...G, call: 0.5 }),
      () => q.transaction({ ...G, trace: -1 }),
      () => q.waterfall({ ...G, trace: 40, firstRow: 0, rows: 1, collapsed: [] }),
      () => q.packets({ ...G, call: 0 }),
    ])
      expect(ask).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});

describe('a call', () => {
  it('says why it stands where it stands', () => {
    const db = [...Array(a.count).keys()].find((row) => a.callee[row] === serviceId('10.0.0.3:5432'))!;
    const d = q.call({ ...G, call: db });
    expect(d.candidates[0]).toMatchObject({ chosen: true, call: a.forest.parent[db] });
    expect(d.candidates[0]!.openSinceNs).toBe(1e6);
    expect(d).toMatchObject({ protocol: 'postgresql', method: 'SELECT', host: 'shop', flow: { transport: 'tcp', serverPort: 5432 } });
  });
});

describe('patterns', () => {
  it('group transactions of one shape and mark repeated calls', () => {
    const { total, rows } = q.patterns({ ...G, offset: 0, limit: 10 });
    expect(total).toBe(1);
    const p = rows[0]!;
    expect(p).toMatchObject({ count: 40, spans: 6, entry: 'web GET /shop/{id}' });
    expect(p.nodes.map((n) => [n.depth, n.endpoint, n.times, n.parallel])).toEqual([
      [0, 'GET /shop/{id}', 1, false],
      [1, 'GET /cart', 1, false],
      [2, 'SELECT items', 3, false],
      [1, 'GET /send', 1, false],
    ]);
    expect(p.repeats).toEqual([{ text: '10.0.0.3:5432 SELECT items', times: 3, sequential: true }]);
    expect(p.nodes[1]!.meanOffsetNs).toBeCloseTo(1e6);
  });
  it('follow the scope', () => {
    expect(q.patterns({ ...G, filter: 'failed:yes', offset: 0, limit: 10 }).rows[0]!.count).toBe(4);
  });
});

describe('tenants', () => {
  it('are never mixed', () => {
    const two = shop({ tenants: 2 });
    expect(two.a.tenants).toEqual(['t0', 't1']);
    const services = two.q.services({ ...G, tenant: 't1' });
    expect(services.every((s) => s.tenant === 't1')).toBe(true);
    expect(services.find((s) => s.name === 'web')!.inbound.calls).toBe(20);
    expect(two.q.edges(G)).toHaveLength(8);
    for (const e of two.q.edges(G)) expect(two.a.services[e.from]!.tenant).toBe(two.a.services[e.to]!.tenant);
  });
});
