/** The batch job over traces that were stored: an InfluxDB as `tracenest watch` writes it, and Parquet of an earlier job. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Session } from '../../src/session/session.ts';
import { storedSpans } from '../../src/session/spans.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { type Influxd, startInfluxd } from '../influx/influxd.ts';
import { analysed, batch, edgesOf, jobEdges, SAMPLE, scope } from './answers.ts';
import { installSpark, PYTHON } from './install.ts';
import { validResult } from './schema.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-stored-'));
interface Vertex {
  readonly service: string;
  readonly instances: readonly string[];
  readonly endpoints: readonly string[];
  readonly called: number;
  readonly calls: number;
}
let influxd: Influxd;
let direct: Session;
let url: string;
beforeAll(async () => {
  installSpark();
  influxd = await startInfluxd();
  url = `influx+http://${influxd.address}/shop`;
  direct = await analysed({ kind: 'file', path: SAMPLE, name: 'shop.pcap' });
  const store = openStore(url, 'write');
  await store.append([...storedSpans(direct.exportSource(scope(direct)))]);
  await store.close();
}, 1_800_000);
afterAll(async () => {
  await influxd?.stop();
  rmSync(dir, { recursive: true, force: true });
});

it('gives from an InfluxDB what the capture gives, one call graph a window, for an interval', async () => {
  const spans = [...storedSpans(direct.exportSource(scope(direct)))];
  const starts = spans.map((s) => s.traceStartNs).sort((a, b) => (a < b ? -1 : 1));
  const [fromNs, toNs] = [starts[Math.floor(starts.length * 0.2)]!, starts[Math.floor(starts.length * 0.8)]!];
  // Somebody else's point, without ids: no span.
  const line = `hop,tenant=x,src=a,dst=b tx="t",confidence=1,tx_start="${fromNs}" ${fromNs}`;
  const response = await fetch(`http://${influxd.address}/write?db=shop`, { method: 'POST', body: line });
  expect(response.status).toBe(204);

  const interval = ['--from-ns', String(fromNs), '--to-ns', String(toNs)];
  const { result, out } = await batch(path.join(dir, 'influx'), ['store', url], [...interval, '--window-s', '2', '--partitions', '3']);
  expect(validResult(result), JSON.stringify(validResult.errors)).toBe(true);
  expect(result.rejectedRecords).toBe(1);
  const expected = spans.filter((s) => s.traceStartNs >= fromNs && s.traceStartNs < toNs);
  const links = (all: readonly { id: string; parent?: string | null; trace: string }[]) =>
    all.map((s) => `${s.id} ${s.parent ?? ''} ${s.trace}`).sort();
  expect(links(result.spans)).toEqual(links(expected));

  // Each window's graph is that of the transactions that began in it.
  const windowOf = (ns: bigint) => String(ns - (ns % 2_000_000_000n));
  const windows = [...new Set(expected.map((s) => windowOf(s.traceStartNs)))].sort();
  expect([...new Set(result.edges.map((e) => e.window))].sort()).toEqual(windows);
  expect(windows.length).toBeGreaterThan(1);
  for (const window of windows) {
    const store = openStore(url, 'read');
    const of = { fromNs: BigInt(window) < fromNs ? fromNs : BigInt(window), toNs: BigInt(window) + 2_000_000_000n };
    const own = await store.edges({ fromNs: of.fromNs, toNs: of.toNs < toNs ? of.toNs : toNs, tenant: '' });
    await store.close();
    const mine = result.edges.filter((e) => e.window === window);
    const name = (e: { caller: string; callee: string }) => `${e.caller} -> ${e.callee}`;
    const figures = (e: { calls: unknown; errors: unknown; p50Ns: unknown }) => [e.calls, e.errors, Math.round(Number(e.p50Ns))];
    const sorted = (rows: readonly (readonly [string, unknown])[]) => rows.toSorted(([a], [b]) => (a < b ? -1 : 1));
    expect(sorted(mine.map((e) => [name(e), figures({ calls: e['calls'], errors: e['errors'], p50Ns: e['p50Ns'] })]))).toEqual(
      sorted(own.map((e) => [name(e), figures(e)])),
    );
  }

  // The same from the Parquet that this job wrote; damaged files and rows that hold no span are counted.
  const parquet = path.join(dir, 'parquet');
  cpSync(path.join(out, 'spans'), parquet, { recursive: true });
  writeFileSync(path.join(parquet, 'part-broken.parquet'), 'PAR1 and then nothing of the kind PAR1');
  const rows = `import sys, glob, pyarrow as a, pyarrow.parquet as p
good = p.read_table(sys.argv[1] + "/spans").slice(0, 5)
p.write_table(good.set_column(good.schema.get_field_index("span"), "span", a.array(["{", "{}", "null", "5", None])), sys.argv[2] + "/part-bad.parquet")`;
  execFileSync(PYTHON, ['-c', rows, out, parquet]);
  writeFileSync(path.join(parquet, 'part-empty.parquet'), '');
  const again = await batch(path.join(dir, 'again'), ['spans', parquet], ['--window-s', '2']);
  expect(again.result.rejectedRecords).toBe(7);
  expect(again.result.edges).toEqual(result.edges);
  expect(again.result.paths).toEqual(result.paths);
  expect(again.result.communities).toEqual(result.communities);
});

it('counts the rows that damaged files and such of other types promise and do not give, and says why', async () => {
  const parquet = path.join(dir, 'short [1]');
  mkdirSync(parquet);
  const all = [...storedSpans(direct.exportSource(scope(direct)))];
  const written = await batch(path.join(dir, 'captured'), ['captures', SAMPLE]);
  // Row groups of 200, the third overwritten; a file whose start is text, one with another value than was written, one without rows, and a good one.
  const files = `import sys, pyarrow.parquet as p
spans = p.read_table(sys.argv[1] + "/spans")
damaged = sys.argv[2] + "/dam aged.parquet"
p.write_table(spans, damaged, row_group_size=200)
group = p.ParquetFile(damaged).metadata.row_group(2)
columns = [group.column(i) for i in range(group.num_columns)]
first = min(c.dictionary_page_offset or c.data_page_offset for c in columns)
with open(damaged, "r+b") as f:
    f.seek(first)
    f.write(bytes([255]) * sum(c.total_compressed_size for c in columns))
start = spans.schema.get_field_index("start_ns")
p.write_table(spans.slice(0, 30).set_column(start, "start_ns", spans["start_ns"].slice(0, 30).cast("string")), sys.argv[2] + "/text.parquet")
other = sys.argv[2] + "/value.parquet"
p.write_table(spans.slice(0, 50), other, compression="none", use_dictionary=False, write_page_checksum=True)
column = p.ParquetFile(other).metadata.row_group(0).column(spans.schema.get_field_index("start_ns"))
with open(other, "r+b") as f:
    f.seek(column.data_page_offset + column.total_compressed_size - 8)
    f.write(bytes([1]))
p.write_table(spans.slice(0, 0), sys.argv[2] + "/rowless.parquet")
p.write_table(spans.slice(0, 10), sys.argv[2] + "/good.parquet")`;
  execFileSync(PYTHON, ['-c', files, written.out, parquet]);
  const { result, out } = await batch(path.join(dir, 'of short'), ['spans', parquet.replace(/[[\]]/g, '\\$&')]);
  // What Spark gave before it came to the damage is kept.
  expect(result.spanCount + result.rejectedRecords).toBe(all.length + 30 + 50 + 10);
  expect(result.spanCount).toBeLessThanOrEqual(400 + 10);
  const table = `import sys, json, pyarrow.parquet as p
print(json.dumps(p.read_table(sys.argv[1]).sort_by("why").to_pylist()))`;
  const bad = JSON.parse(execFileSync(PYTHON, ['-c', table, path.join(out, 'bad')]).toString()) as { why: string; records: number }[];
  expect(bad.map((b) => b.records)).toEqual([result.rejectedRecords - 80, 30, 50]);
  expect(bad[0]!.why).toMatch(new RegExp(`dam aged\\.parquet: ${result.rejectedRecords - 80} of ${all.length} rows could not be read: .`));
  expect(bad[2]!.why).toMatch(/value\.parquet: 50 of 50 rows could not be read: .*checksum/);
  expect(bad[1]!.why).toMatch(/text\.parquet: 30 of 30 rows could not be read: .*start_ns/);
});

it('refuses to overwrite what it reads, and a result file that cannot be written', async () => {
  const own = path.join(dir, 'own');
  mkdirSync(path.join(own, 'spans'), { recursive: true });
  await expect(batch(own, ['spans', path.join(own, 'spans')])).rejects.toThrow(/Error: the job would overwrite the spans that it reads/);
  const file = path.join(dir, 'a file');
  writeFileSync(file, '');
  await expect(batch(own, ['spans', own], ['--result', path.join(file, 'r.json')])).rejects.toThrow(
    /Error: the result file can't be written/,
  );
});

it('gives from the whole of an InfluxDB exactly the edges of the capture', async () => {
  const { result, file, out } = await batch(path.join(dir, 'whole'), ['store', url]);
  expect(jobEdges(result)).toEqual(edgesOf(direct));
  // Vertices: each service with its own instances and endpoints, and as often as it is called.
  const table = `import sys, json, pyarrow.parquet as p
print(json.dumps(sorted(p.read_table(sys.argv[1]).to_pylist(), key=lambda r: r["service"])))`;
  const vertices = JSON.parse(execFileSync(PYTHON, ['-c', table, path.join(out, 'vertices')]).toString()) as Vertex[];
  const services = direct.result!.queries.services(scope(direct)).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  expect(vertices.map((v) => [v.service, v.called])).toEqual(services.map((s) => [s.name, s.inbound.calls]));
  for (const v of vertices) {
    const callee = result.spans.filter((s) => s.callee === v.service);
    expect(v.calls).toBe(result.spans.filter((s) => s.caller === v.service).length);
    expect(v.endpoints).toEqual([...new Set(callee.map((s) => s.endpoint))].sort());
    for (const s of callee) expect(v.instances).toContain(s.calleeInstance);
  }
  const opened = await analysed({ kind: 'result', path: file, name: 'result' });
  expect(edgesOf(opened)).toEqual(edgesOf(direct));
});

it('opens the result of an empty store as one in which nothing is stored', async () => {
  const empty = path.join(dir, 'empty.sqlite');
  await openStore(empty, 'write').close();
  const { result, file } = await batch(path.join(dir, 'empty'), ['store', empty]);
  expect(result).toMatchObject({ spanCount: 0, transactionCount: 0, edges: [], communities: [], paths: [] });
  const opened = await analysed({ kind: 'result', path: file, name: 'result' });
  expect(opened.snapshot.status.kind).toBe('empty');
});
