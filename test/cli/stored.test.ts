/** Analyses of what was stored answer what the capture itself answers. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { analyze } from '../../src/cli/analyze.ts';
import { graph } from '../../src/cli/graph.ts';
import { instant } from '../../src/cli/storeOptions.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords, storedSpans } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { openStore } from '../../src/tracestore/open.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../media/sample/shop.pcap');
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-cli-stored-'));
const store = path.join(dir, 'traces.sqlite');
const result = path.join(dir, 'shop.tracenest.json');
beforeAll(async () => {
  const session = new Session({ snapshot: () => {}, log: () => {} }, false);
  await session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' });
  const source = session.exportSource({ generation: session.snapshot.generation });
  const spans = [...spanRecords(source)];
  writeFileSync(result, JSON.stringify({ format: 'tracenest-analysis', version: 1, complete: true, spanCount: spans.length, spans }));
  const open = openStore(store, 'write');
  await open.append([...storedSpans(source)]);
  // Another tenant's, which must not show.
  await open.append(
    [...storedSpans(source)]
      .slice(0, 10)
      .map((s) => ({ ...s, tenant: 'other', trace: s.trace.replace(/^./, 'f'), id: s.id.replace(/^./, 'f') })),
  );
  await open.close();
  await session.dispose();
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

let files = 0;
async function graphOf(
  ...args: string[]
): Promise<{ services: Record<string, unknown>[]; edges: Record<string, unknown>[]; patterns: Record<string, unknown>[] }> {
  const out = path.join(dir, `graph${files++}.json`);
  expect(await graph.run([...args, '--format', 'json', '--algorithm', 'aguilera', '--out', out])).toBe(0);
  return JSON.parse(await import('node:fs/promises').then((fs) => fs.readFile(out, 'utf8')));
}
/** What the packets said of transport and names is not in a span. */
const answer = (g: Awaited<ReturnType<typeof graphOf>>) => ({
  services: g.services.map((s) => [s['name'], s['inbound']]),
  edges: g.edges.map((e) => [e['from'], e['to'], e['latency'], e['guessedShare'], e['confidence']]),
  patterns: g.patterns.map((p) => JSON.stringify([p['entry'], p['count'], p['spans'], p['latency'], p['repeats'], p['nodes']])).sort(),
});

describe('graph', () => {
  it('of a store, of one tenant, is that of the capture', async () => {
    const capture = answer(await graphOf(SAMPLE));
    expect(capture.edges.length).toBeGreaterThan(5);
    expect(capture.patterns.length).toBeGreaterThan(3);
    expect(answer(await graphOf('--store', store, '--tenant', ''))).toEqual(capture);
    expect(answer(await graphOf(result))).toEqual(capture);
    expect(answer(await graphOf('--store', store)).services.length).toBeGreaterThan(capture.services.length);
  });

  it('of an interval holds what begins in it', async () => {
    const open = openStore(store, 'write');
    const { interval } = await open.contents();
    const middle = (interval!.fromNs + interval!.toNs) / 2n;
    const calls = (g: Awaited<ReturnType<typeof graphOf>>) => g.edges.reduce((n, e) => n + (e['latency'] as { calls: number }).calls, 0);
    const [before, after] = [
      await graphOf('--store', store, '--tenant', '', '--to', String(middle)),
      await graphOf('--store', store, '--tenant', '', '--from', String(middle)),
    ];
    expect(calls(before)).toBeGreaterThan(100);
    expect(calls(before) + calls(after)).toBe(2028);
    const stored = await open.edges({ fromNs: middle, toNs: 1n << 62n, tenant: '' });
    expect(stored.reduce((n, e) => n + e.calls, 0)).toBe(calls(after));
    await open.close();
  });

  it('says what is wrong', async () => {
    await expect(graph.run(['--store', store, SAMPLE])).rejects.toThrow(/not both/);
    await expect(graph.run([SAMPLE, '--tenant', 'x'])).rejects.toThrow(/belong to --store/);
    await expect(graph.run(['--store', store, '--from', '-30m'])).rejects.toThrow(
      /Nothing is stored[\s\S]*\dZ to \d.*Z is what the store holds\. Its tenants: "", "other"\./,
    );
    await expect(graph.run(['--store', store, '--from', 'noon'])).rejects.toThrow(/not "noon"/);
    await expect(graph.run(['--store', store, '--to', '2001-01-01'])).rejects.toThrow(/Nothing is stored/);
    await expect(analyze.run(['--store', SAMPLE])).rejects.toThrow(/can't be (opened|read)|not a database/);
  });
});

it('reads times to the nanosecond, and stretches back from now', () => {
  expect(instant('2026-01-31T12:00:00.123456789Z', '--from')).toBe(BigInt(Date.parse('2026-01-31T12:00:00.123Z')) * 1_000_000n + 456_789n);
  expect(instant('-30m', '--from', 10_000_000)).toBe(8_200_000_000_000n);
  expect(instant('1700000000000000001', '--from')).toBe(1700000000000000001n);
});
