/** The batch job against the command line's own answer on the same captures, in a real Spark. */
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type SourceSpec } from '../../src/shared/protocol.ts';
import { ENGINE, installSpark, PYTHON, ROOT, runJob } from './install.ts';
import { validResult } from './schema.ts';

const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-spark-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

async function analysed(source: SourceSpec): Promise<Session> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  await session.analyse([source], DEFAULT_ANALYSIS_OPTIONS);
  return session;
}
const scope = (s: Session) => ({ generation: s.result!.queries.generation });
/** Everything about a span but rounding of its confidence. */
const facts = (spans: Iterable<SpanRecord>) =>
  [...spans]
    .map(({ confidence, ...s }) => ({ ...s, parent: s.parent ?? '', confidence: Math.round(confidence * 1e4) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

interface Edge {
  readonly caller: string;
  readonly callee: string;
  readonly [figure: string]: unknown;
}
interface Result {
  readonly spanCount: number;
  readonly transactionCount: number;
  readonly rejectedRecords: number;
  readonly spans: readonly SpanRecord[];
  readonly edges: readonly Edge[];
}
const FIGURES = ['calls', 'n', 'errors', 'minNs', 'p50Ns', 'p95Ns', 'p99Ns', 'maxNs', 'meanNs'] as const;
/** Edges with their figures, in order; to the nanosecond, as sums are taken in another order. */
const rounded = (figures: Readonly<Record<string, unknown>>) =>
  FIGURES.map((f) => (typeof figures[f] === 'number' && Number.isFinite(figures[f]) ? Math.round(figures[f]) : null));
const edgesOf = (s: Session) => {
  const { queries } = s.result!;
  const names = new Map(queries.services(scope(s)).map((n) => [n.id, n.name]));
  return queries
    .edges(scope(s))
    .map((e) => [`${names.get(e.from)} -> ${names.get(e.to)}`, rounded({ ...e.latency })])
    .sort();
};
const jobEdges = (r: Result) => r.edges.map((e) => [`${e.caller} -> ${e.callee}`, rounded(e)]).sort();

async function batch(name: string, captures: string, args: readonly string[] = [], options: Parameters<typeof runJob>[2] = {}) {
  const out = path.join(dir, name);
  await runJob('batch.py', ['--captures', captures, '--out', out, '--engine', ENGINE, '--node', process.execPath, ...args], options);
  const file = path.join(out, 'result.tracenest.json');
  return { out, file, result: JSON.parse(readFileSync(file, 'utf8')) as Result };
}

let direct: Session;
beforeAll(async () => {
  installSpark();
  direct = await analysed({ kind: 'file', path: SAMPLE, name: 'shop.pcap' });
}, 1_800_000);

describe('the batch job', () => {
  it.each([1, 2, 8])('finds with %i partitions what the command line finds', async (partitions) => {
    const { result, file } = await batch(`p${partitions}`, SAMPLE, ['--partitions', String(partitions)]);
    expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
    expect(jobEdges(result)).toEqual(edgesOf(direct));
    expect(validResult(result), JSON.stringify(validResult.errors)).toBe(true);
    expect(result.rejectedRecords).toBe(0);
    const opened = await analysed({ kind: 'result', path: file, name: 'result' });
    expect(opened.snapshot.status).toEqual({ kind: 'ready' });
    expect(edgesOf(opened)).toEqual(edgesOf(direct));
    expect(opened.result!.queries.summary()).toMatchObject({
      calls: result.spanCount,
      transactions: result.transactionCount,
    });
  });

  it('gives the same when engines are killed in the middle of their output and the tasks run again', async () => {
    const killed = path.join(dir, 'killed');
    mkdirSync(killed);
    const node = path.join(dir, 'fragile-node');
    // The first engine of each stage writes the beginning of its answer and dies by SIGKILL.
    writeFileSync(
      node,
      `#!/bin/sh\nif mkdir "${killed}/$2" 2>/dev/null; then "${process.execPath}" "$@" | head -c 5000; kill -9 $$; fi\nexec "${process.execPath}" "$@"\n`,
    );
    chmodSync(node, 0o755);
    const { result } = await batch('retried', SAMPLE, ['--partitions', '2', '--node', node], { master: 'local[2,3]' });
    expect(['split', 'calls', 'traces'].filter((stage) => existsSync(path.join(killed, stage)))).toEqual(['split', 'calls', 'traces']);
    expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
    expect(jobEdges(result)).toEqual(edgesOf(direct));
  });

  it('counts damaged captures, writes them aside and analyses the rest', async () => {
    const captures = path.join(dir, 'captures');
    mkdirSync(captures);
    copyFileSync(SAMPLE, path.join(captures, 'shop.pcap'));
    writeFileSync(path.join(captures, 'text.pcap'), 'no capture at all');
    // A capture's head, then nonsense. (Spark hands out no empty files.)
    writeFileSync(path.join(captures, 'garbled.pcap'), Buffer.concat([readFileSync(SAMPLE).subarray(0, 24), Buffer.alloc(400, 0xff)]));
    const { result, out, file } = await batch('damaged', `${captures}/*.pcap`);
    expect(result.rejectedRecords).toBe(2);
    expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
    const bad = execFileSync(PYTHON, [
      '-c',
      'import sys, pyarrow.parquet as p; print("\\n".join(sorted(p.read_table(sys.argv[1])["why"].to_pylist())))',
      path.join(out, 'bad'),
    ]).toString();
    expect(bad).toMatch(/garbled\.pcap: .+\ntext\.pcap: .+/);
    const opened = await analysed({ kind: 'result', path: file, name: 'result' });
    expect(JSON.stringify(opened.snapshot.status)).toMatch(/partial.*2 records could not be read/);
  });

  it('cuts a huge tenant into panes without losing or doubling a call; figures for each window of time', async () => {
    const { result } = await batch('windows', SAMPLE, ['--window-s', '2', '--partitions', '2', '--pane-s', '3', '--overlap-s', '1']);
    const whole = facts(spanRecords(direct.exportSource(scope(direct))));
    const cut = facts(result.spans);
    expect(cut.map((s) => s.id)).toEqual(whole.map((s) => s.id));
    const same = cut.filter((s, i) => s.parent === whole[i]!.parent).length;
    expect(same / cut.length).toBeGreaterThan(0.97);
    const traceOf = new Map(cut.map((s) => [s.id, s.trace]));
    for (const s of cut) if (s.parent !== '') expect(traceOf.get(s.parent)).toBe(s.trace);
    const windows = new Set(result.edges.map((e) => e['window']));
    expect(windows.size).toBeGreaterThan(1);
    expect(result.edges.reduce((n, e) => n + Number(e['calls']), 0)).toBe(result.spanCount);
  });
});
