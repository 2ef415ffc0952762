/** The batch job against the command line's own answer on the same captures, in a real Spark. */
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { communities } from '../../src/engine/graph/communities.ts';
import { heaviestPaths } from '../../src/engine/traces/heaviest.ts';
import type { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { orders } from '../engine/support/orders.ts';
import { analysed, batch, edgesOf, facts, jobEdges, type Result, SAMPLE, scope } from './answers.ts';
import { fragileNode, installSpark, PYTHON } from './install.ts';
import { DB, twoNetworks, withNames } from './named.ts';
import { validResult } from './schema.ts';

const CAPTURE = ['captures', SAMPLE] as const;
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-spark-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const source = { kind: 'file', path: SAMPLE, name: 'shop.pcap' } as const;
/** Learns as it goes; by a model learned before. */
let direct: Session;
let byModel: Session;
const MODEL = path.join(dir, 'model.json');
beforeAll(async () => {
  installSpark();
  direct = await analysed(source, { keepModel: true });
  writeFileSync(MODEL, JSON.stringify(direct.model));
  byModel = await analysed(source, { model: JSON.parse(readFileSync(MODEL, 'utf8')) as unknown });
}, 1_800_000);

describe('the batch job', () => {
  it.each([1, 8])('finds with %i partitions and a saved model what the command line finds with it', async (partitions) => {
    // Into a folder that is a link; what a link inside it leads to is not the job's to overwrite.
    const [out, target, other] = [
      path.join(dir, `p${partitions}`),
      path.join(dir, `target${partitions}`),
      path.join(dir, `o${partitions}`),
    ];
    for (const folder of [target, other]) mkdirSync(folder);
    writeFileSync(path.join(other, 'kept'), 'kept');
    symlinkSync(target, out);
    symlinkSync(other, path.join(target, 'vertices'));
    const { result, file } = await batch(out, CAPTURE, ['--partitions', String(partitions), '--model', MODEL]);
    expect(lstatSync(out).isSymbolicLink()).toBe(true);
    expect(readdirSync(target)).toEqual(expect.arrayContaining(['spans', 'edges', 'vertices', 'result.tracenest.json']));
    expect(readdirSync(other)).toEqual(['kept']);
    expect(facts(result.spans)).toEqual(facts(spanRecords(byModel.exportSource(scope(byModel)))));
    expect(jobEdges(result)).toEqual(edgesOf(byModel));
    expect(validResult(result), JSON.stringify(validResult.errors)).toBe(true);
    expect(result.rejectedRecords).toBe(0);
    const { analysis, queries } = byModel.result!;
    expect(result.paths).toEqual(heaviestPaths(analysis).map((p) => ({ ...p, totalNs: Math.round(p.totalNs) })));
    const names = new Map(queries.services(scope(byModel)).map((s) => [s.id, s.name]));
    const pairs = queries
      .edges(scope(byModel))
      .map((e) => ({ caller: names.get(e.from)!, callee: names.get(e.to)!, calls: e.latency.calls }));
    expect(result.communities.map((c) => [c.service, c.community])).toEqual([...communities(pairs)]);
    const opened = await analysed({ kind: 'result', path: file, name: 'result' });
    expect(opened.snapshot.status).toEqual({ kind: 'ready' });
    expect(edgesOf(opened)).toEqual(edgesOf(byModel));
    expect(opened.result!.queries.summary()).toMatchObject({
      calls: result.spanCount,
      transactions: result.transactionCount,
    });
  });

  it('uses values in headers and bodies as the command line does, and writes none of them', async () => {
    const said = orders(250, 10);
    const capture = path.join(dir, 'orders.pcap');
    writeFileSync(capture, said.capture);
    const whole = await analysed({ kind: 'file', path: capture, name: 'orders.pcap' });
    const right = ({ spans }: Result) => said.right(spans.map((s) => ({ id: s.id, parent: s.parent ?? '', startNs: s.startNs! })));
    const { result, out, file } = await batch(path.join(dir, 'orders'), ['captures', capture], ['--partitions', '3']);
    expect(facts(result.spans)).toEqual(facts(spanRecords(whole.exportSource(scope(whole)))));
    expect(right(result)).toBeGreaterThan(0.999);
    const columns = execFileSync(PYTHON, [
      '-c',
      'import sys, pyarrow.parquet as p; t = p.read_table(sys.argv[1]); print(t.column_names, t["span"].to_pylist())',
      path.join(out, 'spans'),
    ]).toString();
    expect(columns).toContain('POST /shop');
    for (const written of [columns, readFileSync(file, 'utf8')]) {
      expect(written).not.toContain('contents');
      expect(said.numbers.slice(0, 100).filter((number) => written.includes(number))).toEqual([]);
    }
    const timing = await batch(path.join(dir, 'timing'), ['captures', capture], ['--ignore-contents']);
    expect(right(timing.result)).toBeLessThan(0.97);
  });

  it('names services in all panes by what one task learnt, and by a file of names', async () => {
    const [capture, names] = [path.join(dir, 'named.pcapng'), path.join(dir, 'names.json')];
    writeFileSync(capture, withNames(twoNetworks()));
    writeFileSync(names, JSON.stringify({ [`vlan:20/${DB}`]: 'ledger' }));
    const whole = await analysed({ kind: 'file', path: capture, name: 'named.pcapng' });
    const args = ['--pane-s', '2', '--overlap-s', '1', '--partitions', '3', '--names', names];
    const { result } = await batch(path.join(dir, 'named'), ['captures', capture], args);
    const called = (spans: Iterable<SpanRecord>) => [...spans].map((s) => `${s.tenant} ${s.startNs} ${s.callee}`).sort();
    const expected = called(spanRecords(whole.exportSource(scope(whole)))).map((text) => text.replace('stock.db', 'ledger'));
    expect(called(result.spans)).toEqual(expected);
    for (const name of ['orders.db', 'ledger', 'session-cache', 'shop-frontend'])
      expect(expected.filter((text) => text.endsWith(` ${name}`)).length).toBeGreaterThanOrEqual(8);
  });

  it('gives the same when engines are killed in the middle of their output and the tasks run again', async () => {
    const { node, killed } = fragileNode(dir, ['split', 'calls', 'traces', 'paths', 'communities']);
    const { result } = await batch(path.join(dir, 'retried'), CAPTURE, ['--partitions', '2', '--node', node], { master: 'local[2,3]' });
    expect(killed()).toEqual(['split', 'calls', 'traces', 'paths', 'communities']);
    expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
    expect(jobEdges(result)).toEqual(edgesOf(direct));
  });

  it('counts damaged captures, writes them aside and analyses the rest, compressed or not', async () => {
    const captures = path.join(dir, 'captures');
    mkdirSync(captures);
    writeFileSync(path.join(captures, 'shop.pcap.gz'), gzipSync(readFileSync(SAMPLE)));
    writeFileSync(path.join(captures, 'broken.pcap.gz'), Buffer.concat([gzipSync('x').subarray(0, 10), Buffer.alloc(400, 0xff)]));
    writeFileSync(path.join(captures, 'text.pcap'), 'no capture at all');
    // Spark hands out neither of them.
    writeFileSync(path.join(captures, 'empty.pcap'), '');
    copyFileSync(SAMPLE, path.join(captures, '_hidden.pcap'));
    // A capture's head, then nonsense.
    writeFileSync(path.join(captures, 'garbled.pcap'), Buffer.concat([readFileSync(SAMPLE).subarray(0, 24), Buffer.alloc(400, 0xff)]));
    // Larger than Spark reads a file.
    copyFileSync(SAMPLE, path.join(captures, 'whole.pcap'));
    const conf = { 'spark.sql.sources.binaryFile.maxLength': String(statSync(SAMPLE).size - 1) };
    const { result, out, file } = await batch(path.join(dir, 'damaged'), ['captures', `${captures}/*.{pcap,pcap.gz}`], [], { conf });
    expect(result.rejectedRecords).toBe(6);
    expect(facts(result.spans)).toEqual(facts(spanRecords(direct.exportSource(scope(direct)))));
    const bad = execFileSync(PYTHON, [
      '-c',
      'import sys, pyarrow.parquet as p; print("\\n".join(sorted(p.read_table(sys.argv[1])["why"].to_pylist())))',
      path.join(out, 'bad'),
    ]).toString();
    expect(bad).toMatch(
      /^_hidden\.pcap: Spark reads no file whose name begins with "_".*\nbroken\.pcap\.gz: .+\nempty\.pcap: the file is empty\ngarbled\.pcap: .+\ntext\.pcap: .+\nwhole\.pcap: \d+ bytes; Spark reads files of up to \d+/,
    );
    const opened = await analysed({ kind: 'result', path: file, name: 'result' });
    expect(JSON.stringify(opened.snapshot.status)).toMatch(/partial.*6 records could not be read/);
  });
});
