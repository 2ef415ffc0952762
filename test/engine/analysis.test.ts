import { describe, expect, it } from 'vitest';
import { type Analysis, analyse, analyseSteps } from '../../src/engine/analysis.ts';
import { callId, traceIdOf } from '../../src/engine/calls/callId.ts';
import type { CallRecord } from '../../src/engine/calls/callRecord.ts';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../src/engine/table/queries.ts';
import { rootOf } from '../../src/engine/traces/forest.ts';
import { shopRecords } from './table/shop.ts';
import { draw } from './traces/draw.ts';

const run = (records: CallRecord[], options = {}) => analyse(fromRecords(records), { algorithm: 'aguilera', ...options });
const facts = (a: Analysis) => new Queries(a, { generation: 1, captures: [] }).quality({ generation: 1 }).facts;

function shuffled<T>(items: readonly T[], seed: number): T[] {
  const out = [...items];
  for (let i = out.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
    const k = seed % (i + 1);
    [out[i], out[k]] = [out[k]!, out[i]!];
  }
  return out;
}
/** Everything an analysis says, in terms that outlive it. */
function said(a: Analysis): string[] {
  const id = (row: number) => callId(a.extraction, row);
  return Array.from({ length: a.count }, (_, row) => {
    const parent = a.forest.parent[row]!;
    const trace = traceIdOf(id(rootOf(a.forest, a.forest.trace[row]!)));
    const names = `${a.services[a.caller[row]!]!.name} > ${a.services[a.callee[row]!]!.name}`;
    return `${id(row)} ${parent < 0 ? '-' : id(parent)} ${trace} ${names} ${a.endpoints.list[a.endpoints.of[row]!]!.text} ${a.selfNs[row]}`;
  }).sort();
}

describe('an analysis', () => {
  it('does not depend on the order of calls', () => {
    const records = shopRecords({ requests: 60, tenants: 2 });
    const first = run(records);
    for (const seed of [1, 2, 3]) {
      const other = run(shuffled(records, seed));
      expect(said(other)).toEqual(said(first));
      expect(other.services).toEqual(first.services);
      expect(other.edges).toEqual(first.edges);
      expect(other.endpoints.list).toEqual(first.endpoints.list);
    }
  });

  it('keeps at most 64 bytes a call', () => {
    const a = run(shopRecords({ requests: 50 }));
    let bytes = 0;
    const seen = new Set<unknown>();
    const columns = [a, a.forest, a.endpoints, a.nesting] as unknown as Record<string, unknown>[];
    for (const holder of columns)
      for (const value of Object.values(holder)) {
        if (!ArrayBuffer.isView(value) || seen.has(value.buffer)) continue;
        seen.add(value.buffer);
        bytes += value.byteLength;
      }
    expect(bytes / a.count).toBeLessThanOrEqual(64);
    expect(seen.size).toBeGreaterThan(14);
  });

  it('comes in steps that can be left at any point', () => {
    const steps = analyseSteps(fromRecords(shopRecords()), { algorithm: 'aguilera' });
    const stages: string[] = [];
    for (let step = steps.next(); !step.done; step = steps.next()) {
      expect(step.value.done).toBeGreaterThanOrEqual(0);
      expect(step.value.done).toBeLessThanOrEqual(1);
      if (stages.at(-1) !== step.value.stage) stages.push(step.value.stage);
    }
    expect(stages).toEqual(['identify', 'nest', 'summarise']);
    const left = analyseSteps(fromRecords(shopRecords()), {});
    left.next();
    expect(left.return?.(undefined as never).done).toBe(true);
  });
  it('is cancelled by an error thrown from its progress', () => {
    const progress = () => {
      throw new Error('enough');
    };
    expect(() => run(shopRecords(), { progress })).toThrow('enough');
  });
  it('says when it is provisional, and refuses an algorithm that there is none of', () => {
    expect(run(shopRecords(), { quick: true })).toMatchObject({ provisional: true, algorithm: 'fcfs' });
    expect(run(shopRecords()).provisional).toBe(false);
    expect(() => run([], { algorithm: 'magic' })).toThrow('magic');
  });
  it('of nothing is empty', () => {
    const a = run([]);
    const q = new Queries(a, { generation: 1, captures: ['empty.pcap'] });
    expect(q.summary()).toMatchObject({ calls: 0, transactions: 0, services: 0, quality: 'good' });
    expect(q.graph({ generation: 1, maxServices: 60 })).toMatchObject({ services: [], edges: [] });
    expect(q.transactions({ generation: 1, sort: 'duration', descending: true, offset: 0, limit: 10 })).toEqual({ total: 0, rows: [] });
    expect(q.timeline({ generation: 1, buckets: 3 }).calls).toHaveLength(3);
    expect(q.presets({ generation: 1 }).map((p) => p.count)).toEqual([0, 0, 0, 0]);
    expect(q.patterns({ generation: 1, offset: 0, limit: 10 })).toEqual({ total: 0, rows: [] });
  });
});

describe('quality', () => {
  const traced = (records: readonly CallRecord[], key: (i: number) => string) => records.map((r, i) => ({ ...r, traceKey: key(i) }));
  const text = `
    web   [---------------]
      db    [--]
      db        [--]`;
  it('says how many links trace ids prove', () => {
    const fact = facts(run(traced(draw(text).records, () => 'w3c:1'))).find((f) => f.id === 'trace-ids');
    expect(fact).toMatchObject({ level: 'ok', count: 3 });
    expect(fact!.text).toContain('proves 2 links');
  });
  it("doesn't say that an id proves a link which several requests with it may have", () => {
    const beside = `
      web   [---------------]
        db    [--]
      web     [---------------]`;
    const fact = facts(run(traced(draw(beside).records, () => 'w3c:1'))).find((f) => f.id === 'trace-ids');
    expect(fact!.text).toContain('proves 0 links, and at 1 more several requests carry it');
  });
  it("doesn't say that an id proves a link when it is in every transaction", () => {
    const records = Array.from({ length: 20 }, (_, k) =>
      draw(text).records.map((r) => ({
        ...r,
        id: `${k}${r.id}`,
        callerStartUs: r.callerStartUs! + k * 1e6,
        callerEndUs: r.callerEndUs! + k * 1e6,
      })),
    ).flat();
    const fact = facts(run(traced(records, () => 'request:none'))).find((f) => f.id === 'trace-ids');
    expect(fact!.text).toContain('proves 0 links, and at 40 more');
  });
  it('says when ids are not handed on', () => {
    const fact = facts(run(traced(draw(text).records, (i) => `request:${i}000`))).find((f) => f.id === 'trace-ids');
    expect(fact).toMatchObject({ level: 'ok', count: 3 });
    expect(fact!.text).toContain('no call carries that of a request to its sender');
  });
  it('checks links against trace ids that were not used', () => {
    const later = `${text}
      web                       [--]`;
    const fact = facts(
      run(
        traced(draw(later).records, (i) => `w3c:${i >= 2 ? 2 : 1}`),
        { ignoreTraceIds: true },
      ),
    ).find((f) => f.id === 'trace-ids');
    expect(fact).toMatchObject({ level: 'warning' });
    expect(fact!.text).toContain('50 %');
  });
  it('says how many links values that reappear speak for', () => {
    const records = draw(text).records.map((r, i) => ({ ...r, target: i < 2 ? '/cart/a1234' : '/cart' }));
    const fact = facts(run(records)).find((f) => f.id === 'reappearing-values');
    expect(fact).toMatchObject({ level: 'ok', count: 1 });
    expect(fact!.text).toContain('in targets at 1 links, in headers or bodies at 0');
    expect(facts(run(records, { ignoreValues: true })).map((f) => f.id)).not.toContain('reappearing-values');
  });
  it('counts calls of a service that nothing caused', () => {
    const records = draw(`
      web   [------]
      cron            [-]`).records.map((r, i) => (i === 1 ? { ...r, caller: 'web' } : r));
    expect(facts(run(records)).find((f) => f.id === 'orphans')).toMatchObject({ count: 1 });
  });
  it('hands on what the extraction says', () => {
    const a = run([...shopRecords(), { nonsense: true } as unknown as CallRecord]);
    expect(facts(a).find((f) => f.id === 'bad-records')).toMatchObject({ level: 'warning', count: 1 });
    expect(new Queries(a, { generation: 1, captures: ['x.json'] }).quality({ generation: 1 }).problems[0]).toMatchObject({
      capture: 'x.json',
    });
  });
});

describe('calls without an answer', () => {
  it('may still be parents, and are not measured', () => {
    const records = draw(`
      web   [--------]
        db     [--]`).records.map((r, i) => (i === 0 ? { ...r, callerEndUs: null, requestEndUs: r.callerStartUs } : r));
    const a = run(records);
    expect(a.forest.parent[1]).toBe(0);
    expect(a.times.latency(0)).toBeNaN();
    const q = new Queries(a, { generation: 1, captures: [] });
    const web = q.services({ generation: 1 }).find((s) => s.name === 'web')!;
    expect(web.inbound).toMatchObject({ calls: 1, n: 0, p50Ns: Number.NaN });
    const [row] = q.transactions({ generation: 1, sort: 'start', descending: false, offset: 0, limit: 1 }).rows;
    expect(row).toMatchObject({ complete: false, spans: 2 });
    const slice = q.waterfall({ generation: 1, trace: 0, firstRow: 0, rows: 9, collapsed: [] });
    // The transaction is drawn as far as anything of it was seen.
    expect(slice.range.toNs - slice.range.fromNs).toBe(6e6);
  });
});
