/** What is stored and read again gives the answers of the capture itself. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { spanRecords, storedSpans } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type SourceSpec } from '../../src/shared/protocol.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../media/sample/shop.pcap');
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-stored-'));
afterAll(() => rmSync(dir, { recursive: true }));
const scope = (s: Session) => ({ generation: s.result!.queries.generation });
async function analysed(source: SourceSpec): Promise<Session> {
  const session = new Session({ snapshot: () => {}, log: (_, text) => expect.unreachable(text) });
  await session.analyse([source], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' });
  return session;
}
const capture = analysed({ kind: 'file', path: SAMPLE, name: 'shop.pcap' });
/** Everything that must be the same: edges with their statistics, transactions. Row numbers aside. */
function answers(s: Session) {
  const { queries } = s.result!;
  const names = new Map(queries.services(scope(s)).map((n) => [n.id, n.name]));
  const scoped = { ...scope(s), offset: 0, limit: 100 };
  return {
    patterns: queries
      .patterns(scoped)
      .rows.map((p) =>
        JSON.stringify({ ...p, exampleTrace: undefined, nodes: p.nodes.map((n) => ({ ...n, service: names.get(n.service) })) }),
      )
      .sort(),
    edges: queries
      .edges(scope(s))
      .map((e) => ({ from: names.get(e.from), to: names.get(e.to), latency: e.latency, guessed: e.guessedShare })),
    transactions: queries.transactions({ ...scope(s), offset: 0, limit: 500, sort: 'start', descending: false }).rows.map((t) => ({
      id: t.id,
      endpoint: t.endpoint,
      durationNs: t.durationNs,
      spans: t.spans,
      errors: t.errors,
      confidence: t.minConfidence,
    })),
  };
}
const resultFile = (name: string, value: unknown) => {
  const file = path.join(dir, name);
  writeFileSync(file, typeof value === 'string' ? value : JSON.stringify(value));
  return { kind: 'result', path: file, name } as const;
};

describe('stored analyses', () => {
  it('answer the same from a result file as from the capture', async () => {
    const s = await capture;
    const spans = [...spanRecords(s.exportSource(scope(s)))];
    const again = await analysed(
      resultFile('a.tracenest.json', { format: 'tracenest-analysis', version: 1, complete: true, spanCount: spans.length, spans }),
    );
    expect(again.snapshot.status).toEqual({ kind: 'ready' });
    expect(answers(again)).toEqual(answers(s));
  });

  it('have the windows of the job that made them, if they agree', async () => {
    const s = await capture;
    const spans = [...spanRecords(s.exportSource(scope(s)))].slice(0, 20);
    const result = (name: string, more: object) =>
      resultFile(name, { format: 'tracenest-analysis', version: 2, complete: true, spanCount: spans.length, ...more, spans });
    const windowNs = async (...sources: SourceSpec[]) => {
      const session = new Session({ snapshot: () => {}, log: (_, text) => expect.unreachable(text) });
      await session.analyse(sources, DEFAULT_ANALYSIS_OPTIONS);
      return session.snapshot.summary!.windowNs;
    };
    const minute = result('minute.tracenest.json', { windowNs: 60e9 });
    expect(await windowNs(minute)).toBe(60e9);
    expect(await windowNs(minute, result('hour.tracenest.json', { windowNs: 3600e9 }))).toBeUndefined();
    expect(await windowNs(result('whole.tracenest.json', { windowNs: 0 }))).toBeUndefined();
    expect(await windowNs(result('odd.tracenest.json', { windowNs: 'a minute' }))).toBeUndefined();
  });

  it('answer the same from the embedded store, appended twice, in two orders', async () => {
    const s = await capture;
    const spans = [...storedSpans(s.exportSource(scope(s)))];
    const file = path.join(dir, 'traces.sqlite');
    const store = new SqliteStore(file);
    await store.append(spans);
    await store.append([...spans].reverse());
    expect((await store.contents()).spans).toBe(spans.length);
    await store.close();
    const again = await analysed({ kind: 'store', url: file, name: 'store', fromNs: '0', toNs: String((1n << 63n) - 1n) });
    expect(answers(again)).toEqual(answers(s));
  });

  it('never hold the address of an outside client', async () => {
    const s = await capture;
    const text = [...spanRecords(s.exportSource(scope(s)))].map((r) => JSON.stringify(r)).join('\n');
    expect(text).not.toContain('10.77.0.10"');
    expect(text).toContain('10.77.0.11');
  });

  it('say what is wrong with a file, and what a sample is', async () => {
    const status = async (source: SourceSpec) => JSON.stringify((await analysed(source)).snapshot.status);
    expect(await status(resultFile('b.json', 'hello'))).toMatch(/failed.*not JSON/);
    expect(await status(resultFile('c.json', { format: 'other' }))).toMatch(/failed.*no analysis result/);
    expect(await status(resultFile('d.json', { format: 'tracenest-analysis', version: 99, spans: [] }))).toMatch(/version 99/);
    expect(await status({ kind: 'result', path: path.join(dir, 'none.json'), name: 'none.json' })).toMatch(/failed/);
    const nothing = (more: object) =>
      status(resultFile('n.json', { format: 'tracenest-analysis', version: 2, complete: true, spanCount: 0, spans: [], ...more }));
    expect(await nothing({})).toMatch(/empty.*The result holds no calls/);
    expect(await nothing({ rejectedRecords: 2 })).toMatch(/empty.*2 records could not be read/);
    const s = await capture;
    const spans = [...spanRecords(s.exportSource(scope(s)))].slice(0, 100);
    expect(
      await status(
        resultFile('e.json', {
          format: 'tracenest-analysis',
          version: 1,
          complete: false,
          spanCount: 2028,
          spans: [...spans, { nonsense: 1 }],
        }),
      ),
    ).toMatch(/partial.*100 of 2,028.*1 records are no spans/);
  });
});
