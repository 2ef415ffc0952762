/** What every trace store must do; each kind runs all of it. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../src/engine/calls/callTable.ts';
import type { EdgeLatency, Interval, StoredSpan, TraceStore } from '../../src/tracestore/api.ts';

const T0 = 1_700_000_000_000_000_000n;
export const ALL: Interval = { fromNs: 0n, toNs: 1n << 62n };
const hex = (n: number, digits: number) => n.toString(16).padStart(digits, '0');

/** Transactions of three spans each, in two tenants, a millisecond apart; the third span has no response. */
export function makeSpans(traces: number): StoredSpan[] {
  const spans: StoredSpan[] = [];
  for (let t = 0; t < traces; t++) {
    for (let i = 0; i < 3; i++) {
      const id = hex(((t * 3 + i + 1) * 0x9e3779b1) % 2 ** 48, 16);
      spans.push({
        id,
        trace: hex(t * 7919 + 1, 32),
        parent: i === 0 ? '' : (spans[spans.length - i]?.id ?? ''),
        traceStartNs: T0 + BigInt(t) * 1_000_000n,
        tenant: t % 4 === 0 ? 'blue' : '',
        caller: ['clients', 'web', 'web'][i]!,
        callee: ['web', 'orders', 'db'][i]!,
        callerInstance: i === 0 ? '' : '10.0.0.1',
        calleeInstance: `10.0.0.${i + 1}:80`,
        endpoint: ['GET /cart', 'GET /orders/{id}', 'SELECT'][i]!,
        protocol: i === 2 ? 'postgresql' : 'http/1',
        status: t % 10 === 0 ? 500 : 200,
        flags: t % 10 === 0 ? CallFlag.failed : 0,
        startNs: T0 + BigInt(t) * 1_000_000n + BigInt(i * 1000 + 1),
        requestNs: i === 2 ? Number.NaN : 12_345,
        responseNs: i === 2 ? Number.NaN : 100_000 + t,
        durationNs: i === 2 ? Number.NaN : 1_000_000 + ((t * 7919) % 1000) * 1001 + i,
        requestBytes: 100 + i,
        responseBytes: 1000 + t,
        confidence: i === 0 ? 1 : 0.75,
      });
    }
  }
  return spans;
}
const key = (s: StoredSpan) => `${String(s.traceStartNs).padStart(20, '0')} ${s.trace} ${s.id}`;
const sorted = (spans: readonly StoredSpan[]) => spans.toSorted((a, b) => (key(a) < key(b) ? -1 : 1));
export async function all(store: TraceStore, interval: Interval = ALL): Promise<StoredSpan[]> {
  const out: StoredSpan[] = [];
  for await (const page of store.spans(interval)) out.push(...page);
  return out;
}
function expected(spans: readonly StoredSpan[], tenant: string, caller: string, callee: string): Partial<EdgeLatency> {
  const of = spans.filter((s) => s.tenant === tenant && s.caller === caller && s.callee === callee);
  const ns = of
    .map((s) => s.durationNs)
    .filter(Number.isFinite)
    .sort((a, b) => a - b);
  const at = (p: number) => {
    const i = (ns.length - 1) * p;
    const low = ns[Math.floor(i)]!;
    return Math.round(low + (ns[Math.ceil(i)]! - low) * (i % 1));
  };
  return {
    calls: of.length,
    measured: ns.length,
    errors: of.filter((s) => s.flags & CallFlag.failed).length,
    p50Ns: at(0.5),
    p95Ns: at(0.95),
    p99Ns: at(0.99),
  };
}

/** @param open makes an empty store */
export function storeSuite(name: string, open: () => Promise<TraceStore>, { expires = true } = {}): void {
  describe(name, () => {
    it('gives back exactly what was appended, in order of transactions', async () => {
      const store = await open();
      const spans = makeSpans(1500);
      await store.append(spans);
      const got = await all(store);
      expect(sorted(got)).toEqual(sorted(spans));
      const began = got.map((s) => s.traceStartNs);
      expect(began).toEqual(began.toSorted((a, b) => Number(a - b)));
      await store.close();
    });

    it('holds every span once, however often, in whatever order and parts it was appended', async () => {
      const store = await open();
      const spans = makeSpans(300);
      await store.append(spans);
      await store.append([...spans].reverse());
      for (let i = 0; i < spans.length; i += 97) await store.append(spans.slice(i, i + 97));
      expect(sorted(await all(store))).toEqual(sorted(spans));
      expect((await store.edges(ALL)).reduce((n, e) => n + e.calls, 0)).toBe(spans.length);
      await store.close();
    });

    it('keeps apart spans of one edge, endpoint and time', async () => {
      const store = await open();
      const [first] = makeSpans(1);
      const spans = Array.from({ length: 500 }, (_, i): StoredSpan => ({ ...first!, id: hex(i * 0x100000 + 5, 16) }));
      await store.append(spans);
      expect(await all(store)).toHaveLength(500);
      await store.close();
    });

    it('restricts to an interval of beginnings and to a tenant', async () => {
      const store = await open();
      const spans = makeSpans(400);
      await store.append(spans);
      const interval = { fromNs: T0 + 100_000_000n, toNs: T0 + 200_000_000n };
      const within = (s: StoredSpan) => s.traceStartNs >= interval.fromNs && s.traceStartNs < interval.toNs;
      expect(sorted(await all(store, interval))).toEqual(sorted(spans.filter(within)));
      for (const tenant of ['blue', ''])
        expect(sorted(await all(store, { ...interval, tenant }))).toEqual(sorted(spans.filter((s) => within(s) && s.tenant === tenant)));
      expect(await all(store, { ...ALL, tenant: 'nobody' })).toEqual([]);
      await store.close();
    });

    it('answers exact latencies by edge', async () => {
      const store = await open();
      const spans = makeSpans(1000);
      await store.append(spans);
      const edges = await store.edges(ALL);
      expect(edges.map((e) => [e.tenant, e.caller, e.callee])).toEqual(
        ['', 'blue'].flatMap((t) =>
          [
            ['clients', 'web'],
            ['web', 'db'],
            ['web', 'orders'],
          ].map((e) => [t, ...e]),
        ),
      );
      for (const e of edges.filter((e) => e.callee !== 'db')) expect(e).toMatchObject(expected(spans, e.tenant, e.caller, e.callee));
      for (const e of edges.filter((e) => e.callee === 'db')) expect(e).toMatchObject({ measured: 0, p50Ns: Number.NaN });
      expect(await store.edges({ fromNs: 0n, toNs: 1n })).toEqual([]);
      await store.close();
    });

    it('adds up calls of each edge by the minute', async () => {
      const store = await open();
      const spans = makeSpans(300).map((s, i) => ({
        ...s,
        traceStartNs: s.traceStartNs + BigInt(Math.floor(i / 3) % 3) * 60_000_000_000n,
      }));
      await store.append(spans);
      const windows = await store.rollups(ALL);
      expect(windows.reduce((n, w) => n + w.calls, 0)).toBe(spans.length);
      expect([...new Set(windows.map((w) => w.windowNs))]).toHaveLength(3);
      for (const w of windows) {
        const of = spans.filter((s) => s.traceStartNs >= w.windowNs && s.traceStartNs < w.windowNs + 60_000_000_000n);
        const own = expected(of, w.tenant, w.caller, w.callee);
        expect(w).toMatchObject({ calls: own.calls, errors: own.errors });
        expect(w.latency.count).toBe(own.measured);
        if (own.measured) expect(Math.abs(w.latency.quantile(0.5) / own.p50Ns! - 1)).toBeLessThan(0.03);
      }
      const [first] = windows;
      const blue = await store.rollups({ fromNs: first!.windowNs, toNs: first!.windowNs + 60_000_000_000n, tenant: 'blue' });
      expect(blue.map((w) => w.calls)).toEqual(
        windows.filter((w) => w.tenant === 'blue' && w.windowNs === first!.windowNs).map((w) => w.calls),
      );
      await store.close();
    });

    it('keeps the last checkpoint of a name with the spans', async () => {
      const store = await open();
      expect(await store.checkpoint('watch a')).toBe(null);
      await store.append(makeSpans(2), { key: 'watch a', value: '{"n":1}' });
      await store.append([], { key: 'watch a', value: '{"n":"\\\\2"}' });
      await store.append([], { key: 'watch b', value: '3' });
      // A learned model is in it: longer than a field of InfluxDB may be; and then shorter again.
      const long = Array.from({ length: 30_000 }, (_, i) => `${i}é"`).join(',');
      await store.append([], { key: 'watch c', value: long });
      expect(await store.checkpoint('watch c')).toBe(long);
      await store.append([], { key: 'watch c', value: 'short' });
      expect(await store.checkpoint('watch c')).toBe('short');
      expect(await store.checkpoint('watch a')).toBe('{"n":"\\\\2"}');
      expect((await store.contents()).spans).toBe(6);
      await store.close();
    });

    it('says what it holds', async () => {
      const store = await open();
      expect(await store.contents()).toEqual({ spans: 0, interval: null, tenants: [] });
      await store.append(makeSpans(100));
      expect(await store.contents()).toEqual({ spans: 300, interval: { fromNs: T0, toNs: T0 + 99_000_000n }, tenants: ['', 'blue'] });
      await store.close();
    });

    it('keeps names as they are, whatever packets put into them', async () => {
      const store = await open();
      const names = [
        'a b,c=d',
        'ends in \\',
        "quote ' \" and \\' more",
        'line\nbreak\ttab',
        '日本 ✓',
        'hop,op=x y=1 1',
        'x'.repeat(400),
        '',
      ];
      const [first] = makeSpans(1);
      const spans = names.map(
        (n, i): StoredSpan => ({
          ...first!,
          id: hex(i + 1, 16),
          tenant: n,
          caller: n,
          callee: n,
          endpoint: n,
          protocol: n,
          calleeInstance: n,
        }),
      );
      await store.append(spans);
      expect(sorted(await all(store))).toEqual(sorted(spans));
      for (const tenant of names) expect((await all(store, { ...ALL, tenant })).map((s) => s.endpoint)).toEqual([tenant]);
      await store.close();
    });

    it.runIf(expires)('lets go of whole transactions that began before a time', async () => {
      const store = await open();
      const spans = makeSpans(50);
      await store.append(spans);
      const before = T0 + 20_000_000n;
      expect(await store.expire(before)).toBe(60);
      expect(sorted(await all(store))).toEqual(sorted(spans.filter((s) => s.traceStartNs >= before)));
      await store.close();
    });
  });
}
