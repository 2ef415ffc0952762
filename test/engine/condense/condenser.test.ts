import { globSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Analysis, analyse } from '../../../src/engine/analysis.ts';
import { callId, traceIdOf } from '../../../src/engine/calls/callId.ts';
import { edgeSamples } from '../../../src/engine/compare/samples.ts';
import { Condenser } from '../../../src/engine/condense/condenser.ts';
import { sampleHash } from '../../../src/engine/condense/keep.ts';
import { Templates } from '../../../src/engine/condense/templates.ts';
import { Extractor } from '../../../src/engine/extractor.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { rootOf } from '../../../src/engine/traces/forest.ts';
import { growCapture } from '../../bench/grow.ts';
import { CORPORA, extract, hasCorpora, SAMPLE } from '../support/extract.ts';

const SCOPE = { generation: 1 };
const OPTIONS = { algorithm: 'aguilera', ignoreTraceIds: true } as const;

/** The capture analysed with room for few calls: what the session does, at the engine's level. */
function condensed(bytes: Uint8Array, room: number, budget: number, piece = 1 << 14): { a: Analysis; x: Extractor; rounds: number } {
  const x = new Extractor({ captures: ['capture'] });
  const condenser = new Condenser(x, budget);
  let at = 0;
  let rounds = 0;
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    if (at >= bytes.length) {
      x.end(c);
      continue;
    }
    x.push(c, bytes.subarray(at, (at += piece)));
    if (x.freeRows > 0 || x.calls.count < room) continue;
    condenser.begin();
    condenser.condense(analyse(x, { ...OPTIONS, condensed: condenser }));
    condenser.release();
    rounds++;
  }
  x.finish();
  condenser.compact();
  condenser.condense(analyse(x, { ...OPTIONS, condensed: condenser }), true);
  condenser.release();
  condenser.compact();
  return { a: analyse(x, { ...OPTIONS, condensed: condenser }), x, rounds };
}

/** The sample several times one after the other, each with connections of its own. */
function grown(megabytes: number): Buffer {
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-condense-'));
  try {
    growCapture(readFileSync(SAMPLE), megabytes * 1e6, path.join(dir, 'grown.pcap'));
    return readFileSync(path.join(dir, 'grown.pcap'));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const bytes = grown(10);
const whole = analyse(extract(bytes), OPTIONS);
const few = condensed(bytes, 3000, 600);
const all = new Queries(whole, { generation: 1, captures: ['x'] });
const kept = new Queries(few.a, { generation: 1, captures: ['x'] });
const tracesOf = (a: Analysis) =>
  new Map(Array.from({ length: a.forest.traces }, (_, t) => [traceIdOf(callId(a.extraction, rootOf(a.forest, t))), t]));

describe('a capture for which there is no room', () => {
  it('is condensed more than once, and holds fewer calls than there were', () => {
    expect(few.rounds).toBeGreaterThan(2);
    expect(few.a.count).toBeLessThan(whole.count / 2);
    expect(few.x.freeRows).toBe(0);
  });

  it('has exact counts, errors, means and extremes of every edge, and percentiles within 1 %', () => {
    const name = (q: Queries) => new Map(q.services(SCOPE).map((s) => [s.id, s.name]));
    const names = [name(all), name(kept)] as const;
    const edges = new Map(kept.edges(SCOPE).map((e) => [`${names[1].get(e.from)} ${names[1].get(e.to)}`, e]));
    expect(edges.size).toBe(all.edges(SCOPE).length);
    for (const e of all.edges(SCOPE)) {
      const mine = edges.get(`${names[0].get(e.from)} ${names[0].get(e.to)}`)!;
      const { calls, n, errors, minNs, maxNs } = e.latency;
      expect(mine.latency).toMatchObject({ calls, n, errors, minNs, maxNs });
      expect(mine.latency.meanNs).toBeCloseTo(e.latency.meanNs, 0);
      expect(mine.rttP50Ns).toBe(e.rttP50Ns);
      if (n < 500) continue;
      const apart = (q: 'p50Ns' | 'p95Ns') => Math.abs(mine.latency[q] - e.latency[q]) / e.latency[q];
      // The exact summary interpolates between ranks, the sketch doesn't.
      expect(apart('p50Ns')).toBeLessThan(0.02);
      expect(apart('p95Ns')).toBeLessThan(0.03);
    }
  });

  it('counts everything in the summary, the time overview, services, endpoints and the samples compared', () => {
    const s = kept.summary();
    const { calls, transactions, errors, services, edges } = all.summary();
    expect(s).toMatchObject({ calls, errors, services, edges, kept: { calls: few.a.count, transactions: few.a.forest.traces } });
    expect(Math.abs(s.transactions - transactions)).toBeLessThanOrEqual(transactions * 0.02);
    expect(s.placed + s.roots + s.orphans).toBe(calls);
    const sum = (list: ArrayLike<number>) => Array.from(list).reduce((x, y) => x + y, 0);
    const time = kept.timeline({ ...SCOPE, buckets: 50 });
    expect([sum(time.calls), sum(time.matching), sum(time.errors)]).toEqual([calls, calls, errors]);
    for (const service of all.services(SCOPE).filter((x) => !x.isClients)) {
      const id = kept.services(SCOPE).find((x) => x.name === service.name)!.id;
      const [one, other] = [all.subject({ ...SCOPE, of: { service: service.id } }), kept.subject({ ...SCOPE, of: { service: id } })];
      expect(other.latency).toMatchObject({ calls: one.latency.calls, errors: one.latency.errors, maxNs: one.latency.maxNs });
      expect(sum(other.endpoints.map((e) => e.latency.calls))).toBe(one.latency.calls);
      expect(sum(kept.histogram({ ...SCOPE, of: { service: id }, bins: 20 }).counts)).toBe(one.latency.n);
      expect(other.split.totalNs).toBeCloseTo(one.split.totalNs, -2);
      expect(other.slowest[0]!.durationNs).toBe(one.slowest[0]!.durationNs);
    }
    for (const e of all.edges(SCOPE)) {
      const same = (x: string) => kept.services(SCOPE).find((s) => s.name === x)!.id;
      const name = (id: number) => all.services(SCOPE).find((s) => s.id === id)!.name;
      const mine = kept.edges(SCOPE).find((x) => x.from === same(name(e.from)) && x.to === same(name(e.to)))!;
      expect(sum(kept.subject({ ...SCOPE, of: { edge: mine.id } }).endpoints.map((x) => x.latency.calls))).toBe(e.latency.calls);
    }
    const counts = (a: Analysis) => edgeSamples(a).map((e) => [e.from, e.to, e.calls, e.errors, e.measured]);
    expect(counts(few.a)).toEqual(counts(whole));
    const patterns = kept.patterns({ ...SCOPE, offset: 0, limit: 500 });
    expect(sum(patterns.rows.map((p) => p.count))).toBeLessThanOrEqual(s.transactions);
    expect(patterns.rows[0]!.count).toBeGreaterThan(patterns.rows[0]!.spans);
  });

  it('keeps the slowest and those with errors, and their calls as they were', () => {
    const mine = tracesOf(few.a);
    const slowest = all.transactions({ ...SCOPE, offset: 0, limit: 3, sort: 'duration', descending: true }).rows;
    for (const t of slowest) expect([...mine.keys()]).toContain(t.id);
    let compared = 0;
    const rows = new Map(Array.from({ length: whole.count }, (_, row) => [callId(whole.extraction, row), row]));
    const [x, y] = [whole.extraction.calls, few.a.extraction.calls];
    for (let row = 0; row < few.a.count; row++) {
      const other = rows.get(callId(few.a.extraction, row))!;
      expect(other).toBeDefined();
      for (const column of [
        'requestFirstNs',
        'responseLastNs',
        'status',
        'flags',
        'requestFrame',
        'responseFrame',
        'responseBytes',
      ] as const)
        expect(y[column][row]).toBe(x[column][other]);
      expect(y.target(row)).toBe(x.target(other));
      const up = few.a.forest.parent[row]!;
      const parent = whole.forest.parent[other]!;
      if ((up < 0 ? '' : callId(few.a.extraction, up)) === (parent < 0 ? '' : callId(whole.extraction, parent))) compared++;
    }
    // Panes learn from what they hold: some links of so small ones differ, most of all among the slow.
    expect(compared).toBeGreaterThan(few.a.count * 0.9);
  });

  it('has a uniform sample: every transaction whose hash lies below, whatever it is like', () => {
    const { sampleBelow } = few.a.condensed!;
    expect(sampleBelow).toBeLessThan(1);
    const mine = tracesOf(few.a);
    let sampled = 0;
    for (const [id, t] of tracesOf(whole)) {
      if (sampleHash(whole, t) >= sampleBelow) continue;
      sampled++;
      expect(mine.has(id), id).toBe(true);
    }
    expect(sampled).toBeGreaterThan(10);
    // A filter that all satisfy counts the sample, not what was kept for being unusual.
    const { matchingTransactions } = kept.filterCheck({ ...SCOPE, filter: 'service:gateway' });
    expect(matchingTransactions).toBe(sampled);
    const gateway = kept.services({ ...SCOPE, filter: 'service:gateway' }).find((s) => s.name === 'gateway')!;
    expect(gateway.inbound.calls).toBe(sampled);
  });

  it('says so among the facts, and ranks what is kept among all', () => {
    expect(kept.quality(SCOPE).facts.find((f) => f.id === 'kept-by-rule')?.text).toMatch(
      /^[\d,]+ of [\d,]+ transactions are kept in detail/,
    );
    const ranks = (q: Queries) =>
      new Map(q.transactions({ ...SCOPE, offset: 0, limit: 2000, sort: 'start', descending: false }).rows.map((t) => [t.id, t.slowerThan]));
    const exact = ranks(all);
    for (const [id, share] of ranks(kept)) if (exact.has(id)) expect(Math.abs(share! - exact.get(id)!)).toBeLessThan(0.05);
  });

  it('is the same in every run', () => {
    const again = condensed(bytes, 3000, 600);
    expect([...tracesOf(again.a).keys()]).toEqual([...tracesOf(few.a).keys()]);
  });
});

describe('a capture whose services change their names and endpoints amid it', () => {
  // The same length, so that the packets stay whole: in the first half catalog goes by another name, and who stands behind its paths too.
  const text = bytes.toString('latin1');
  const middle = Math.floor(text.length * 0.45);
  const renamed = Buffer.from(
    text.slice(0, middle).replaceAll('Host: catalog', 'Host: katalog').replaceAll('host: catalog', 'host: katalog') + text.slice(middle),
    'latin1',
  );
  const one = new Queries(analyse(extract(renamed), OPTIONS), { generation: 1, captures: ['x'] });
  const { a, rounds } = condensed(renamed, 3000, 600);
  const other = new Queries(a, { generation: 1, captures: ['x'] });

  it('loses no call: edges, services and endpoints add up to all of them', () => {
    expect(rounds).toBeGreaterThan(1);
    const sum = (list: readonly number[]) => list.reduce((x, y) => x + y, 0);
    const { calls } = other.summary();
    expect(calls).toBe(one.summary().calls);
    expect(sum(other.edges(SCOPE).map((e) => e.latency.calls))).toBe(calls);
    expect(sum(other.services(SCOPE).map((s) => s.inbound.calls))).toBe(calls);
    expect(sum(other.endpoints(SCOPE).map((e) => e.latency.calls))).toBe(calls);
  });
  it('has the services and edges of the whole, by the names that won', () => {
    const edges = (q: Queries) => {
      const names = new Map(q.services(SCOPE).map((s) => [s.id, s.name]));
      return q
        .edges(SCOPE)
        .map((e) => `${names.get(e.from)} ${names.get(e.to)} ${e.latency.calls} ${e.latency.errors}`)
        .sort();
    };
    expect(edges(other)).toEqual(edges(one));
  });
});

describe('endpoints that were words when few were seen', () => {
  const at = (text: string) => ({ service: 0, text });
  it('take the template that they fit, unless one stood beside them', () => {
    const templates = new Templates([at('GET /user/{name}'), at('GET /user/{name}/cart'), at('POST /user/{name}')]);
    expect(templates.of(0, 'GET /user/anna')).toBe('GET /user/{name}');
    expect(templates.of(0, 'GET /user/{id}')).toBe('GET /user/{name}');
    expect(templates.of(0, 'GET /user/anna/cart')).toBe('GET /user/{name}/cart');
    expect(templates.of(0, 'PUT /user/anna')).toBe('PUT /user/anna');
    expect(templates.of(1, 'GET /user/anna')).toBe('GET /user/anna');
    expect(templates.of(0, 'GET /users/anna')).toBe('GET /users/anna');
  });
});

describe.skipIf(!hasCorpora)('rows that are used again', () => {
  // Redis, MySQL, Kafka, HTTP/2, DNS, ...: parsers that remember calls in ways of their own.
  const captures = globSync('{deepflow,zeek,pcapplusplus}/**/*.pcap*', { cwd: CORPORA })
    .filter((name) => statSync(path.join(CORPORA, name)).size < 1e6)
    .sort();
  it('change no call, whatever the protocol', () => {
    let condensedCaptures = 0;
    for (const name of captures) {
      const bytes = readFileSync(path.join(CORPORA, name));
      const one = analyse(extract(bytes), OPTIONS);
      const { a, rounds } = condensed(bytes, 4, 2, 256);
      const digest = a.condensed!.digest;
      expect(digest.calls + a.count, name).toBe(one.count);
      expect(summaryOf(a).errors, name).toBe(summaryOf(one).errors);
      if (rounds > 0) condensedCaptures++;
      const facts = (x: Analysis, row: number) => {
        const { calls, strings } = x.extraction;
        const text = [strings.text(calls.method[row]!), calls.target(row), strings.text(calls.host[row]!)];
        return [...text, calls.status[row], calls.flags[row], calls.responseLastNs[row], calls.responseBytes[row], calls.requestBytes[row]];
      };
      const ids = new Map(Array.from({ length: one.count }, (_, row) => [callId(one.extraction, row), row]));
      for (let row = 0; row < a.count; row++) {
        const id = callId(a.extraction, row);
        if (ids.size === one.count) expect(facts(a, row), `${name} ${id}`).toEqual(facts(one, ids.get(id)!));
      }
    }
    expect(condensedCaptures).toBeGreaterThan(20);
  });
});

const summaryOf = (a: Analysis) => new Queries(a, { generation: 1, captures: ['x'] }).summary();
