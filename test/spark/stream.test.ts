/** The streaming job: packets of a real topic -> traces, also when its driver or an executor is killed half way. */
import { type ChildProcess, execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Admin, Producer, stringSerializers } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { whyNotSpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { encodeRecord } from '../../src/engine/capture/kafkaRecord.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { Batcher } from '../../src/tap/batcher.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { pcap } from '../engine/net/build.ts';
import { type Influxd, startInfluxd } from '../influx/influxd.ts';
import { type Broker, startKafka } from '../kafka/broker.ts';
import { installSpark, PYTHON, ROOT, runJob, sparkHome, startJob } from './install.ts';
import { HTTP2_CALLS, STATEMENTS, withLongConnections } from './longLived.ts';
import { DB, named } from './named.ts';
import { attached, spansOf, streamJob, table } from './streaming.ts';
import { packetsOf } from './tenants.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-stream-'));
/** The sample, and connections that last as long as it does. */
const CAPTURE = path.join(dir, 'long.pcap');
let broker: Broker;
let influxd: Influxd;
beforeAll(async () => {
  installSpark();
  const sample = packetsOf(readFileSync(path.join(ROOT, 'media/sample/shop.pcap')));
  writeFileSync(CAPTURE, pcap(await withLongConnections(sample), { nano: true }));
  execFileSync(process.execPath, ['esbuild.mjs', 'cli', `--outdir=${dir}`], { cwd: ROOT });
  [broker, influxd] = await Promise.all([startKafka(), startInfluxd()]);
  const tap = [path.join(dir, 'cli.js'), 'tap', '--brokers', broker.bootstrap];
  execFileSync(process.execPath, [...tap, '--topic', 'packets', '--record-bytes', '20000', CAPTURE], { stdio: 'ignore' });
  execFileSync(process.execPath, [...tap, '--topic', 'frames', '--format', 'pycapa', CAPTURE], { stdio: 'ignore' });
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.bootstrap], serializers: stringSerializers });
  await producer.send({ messages: [{ topic: 'packets', key: 'k', value: 'no packets at all' }] });
  await producer.close();
  // Of clocks that were wrong: windows of all years up to now, or all that follows late.
  const clocks = new Producer({ clientId: 'clocks', bootstrapBrokers: [broker.bootstrap] });
  const stamped = (ns: bigint) => Buffer.from(encodeRecord(ns, [{ link: 1, timeNs: 0, bytes: new Uint8Array(60) }]));
  await clocks.send({ messages: [0n, 9_223_000_000_000_000_000n].map((ns) => ({ topic: 'packets', value: stamped(ns) })) });
  await clocks.close();
}, 1_800_000);
afterAll(async () => {
  await broker?.stop();
  await influxd?.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Row {
  readonly id: string;
  readonly parent: string;
  readonly trace: string;
  readonly duration_ns: number | null;
}
const written = (name: string) => table(path.join(dir, name), ['id', 'parent', 'trace', 'duration_ns']) as Row[];
const job = (name: string, more: readonly string[], { master = 'local[2]', env = {} } = {}) =>
  streamJob(broker.bootstrap, path.join(dir, name), ['--max-offsets', '25', ...WINDOWS, ...more], { master, env });
const WINDOWS = ['--window-s', '3', '--overlap-s', '1', '--lateness-s', '1', '--longest-s', '2'];
/** Of a state: what goes from window to window under it. */
function contentKey(name: string): string {
  const folder = path.join(dir, name, 'state/content-key');
  const file = readdirSync(folder).find((each) => each.endsWith('.txt'));
  return readFileSync(path.join(folder, file!), 'utf8');
}
/** Half way: in the middle of a micro-batch that follows closed windows. Or the job has ended before. */
async function halfWay(name: string, child: ChildProcess): Promise<void> {
  const progress = path.join(dir, name, 'state/progress');
  const there = () => existsSync(path.join(dir, name, 'spans')) && existsSync(progress) && readdirSync(progress).length >= 2;
  while (child.exitCode === null && !there()) await sleep(20);
}
/** Processes that a process has started, and what they run. */
function childrenOf(pid: number): { readonly pid: number; readonly command: string }[] {
  const read = (file: string) => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return ''; // ended meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(/\) . (\d+)/.exec(read(`/proc/${name}/stat`))?.[1]) === pid)
    .map((name) => ({ pid: Number(name), command: read(`/proc/${name}/cmdline`).replaceAll('\0', ' ') }));
}

const database = (name: string) => `influx+http://${influxd.address}/${name}`;
/** What a store holds, as `written` gives it. */
async function stored(url: string): Promise<Row[]> {
  const rows: Row[] = [];
  const store = openStore(url, 'read');
  for await (const page of store.spans({ fromNs: 0n, toNs: 1n << 62n }))
    for (const { id, parent, trace, durationNs } of page)
      rows.push({ id, parent, trace, duration_ns: Number.isNaN(durationNs) ? null : durationNs });
  await store.close();
  return rows.sort((a, b) => (a.id < b.id ? -1 : 1));
}
async function direct() {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  await session.analyse([{ kind: 'file', path: CAPTURE, name: 'long.pcap' }], DEFAULT_ANALYSIS_OPTIONS);
  return [...spanRecords(session.exportSource({ generation: session.result!.queries.generation }))];
}

describe('the streaming job', () => {
  it('finds every call of the capture once, in whole transactions, and publishes them', async () => {
    const said = await runJob(...job('whole', ['--topic', 'packets', '--traces-topic', 'traces', '--store', database('whole')]));
    const rows = written('whole');
    const expected = (await direct()).sort((a, b) => (a.id < b.id ? -1 : 1));
    expect(rows.map((r) => r.id)).toEqual(expected.map((s) => s.id));
    // Windows are nested with what lies around them only: nearly every link is that of the whole.
    const same = rows.filter((r, i) => r.parent === (expected[i]!.parent ?? '')).length;
    expect(same / rows.length).toBeGreaterThan(0.97);
    // A span's trace is that of its parent, across windows too.
    const traceOf = new Map(rows.map((r) => [r.id, r.trace]));
    for (const r of rows) if (r.parent !== '') expect(traceOf.get(r.parent)).toBe(r.trace);

    const published = await spansOf(broker.bootstrap, 'traces');
    expect(published.map(whyNotSpanRecord).filter((why) => why !== '')).toEqual([]);
    const links = (s: readonly { id: string; trace: string }[]) => s.map((r) => `${r.id} ${r.trace}`).sort();
    // At least once: Spark may run a micro-batch again (SPARK-55271), and a span that comes twice is the same.
    expect([...new Set(links(published as { id: string; trace: string }[]))]).toEqual(links(rows));
    expect(await stored(database('whole'))).toEqual(rows);

    // Records that hold no packets, or such of wrong clocks: counted, and written aside. None is late, and no window is made for them.
    const counted = (what: string) => [...said.matchAll(new RegExp(`"${what}": (\\d+)`, 'g'))].reduce((n, [, b]) => n + Number(b), 0);
    expect(counted('bad')).toBe(3);
    expect(counted('late')).toBe(0);
    const aside = `import sys, json, pyarrow.parquet as p
print(json.dumps(sorted(r["why"] for r in p.read_table(sys.argv[1], columns=["why"]).to_pylist())))`;
    expect(JSON.parse(execFileSync(PYTHON, ['-c', aside, path.join(dir, 'whole/bad')]).toString())).toEqual([
      'a packet is stamped before 1990',
      'a packet is stamped more than a day after its record',
      expect.stringMatching(/./),
    ]);
  }, 900_000);

  it('reads connections on from window to window: fields of HTTP/2 by the tables built before, prepared statements', async () => {
    const columns = ['id', 'callee', 'endpoint', 'protocol', 'status', 'duration_ns'];
    const rows = table(path.join(dir, 'whole'), columns) as { [column: string]: string | number }[];
    const expected = (await direct()).map((s) => [s.id, s.callee, s.endpoint, s.protocol, s.status, s.durationNs]);
    const calls = (protocol: string) => rows.filter((r) => r['protocol'] === protocol).map((r) => `${r['callee']} ${r['endpoint']}`);
    expect(calls('http/2')).toEqual(new Array(HTTP2_CALLS).fill('prices.shop GET /prices/article-{id}'));
    expect(new Set(calls('postgresql')).size).toBe(1);
    expect(calls('postgresql').length).toBe(STATEMENTS + 1);
    expect(rows.map((r) => columns.map((c) => r[c]))).toEqual(expected.sort(([a], [b]) => (a! < b! ? -1 : 1)));
  });

  it('gives what tracenest watch gives of the same topic', () => {
    const store = path.join(dir, 'watched.db');
    const panes = ['--pane', '3', '--overlap', '1', '--longest', '2', '--once'];
    const args = [path.join(dir, 'cli.js'), 'watch', '--brokers', broker.bootstrap, '--topic', 'packets', '--store', store, ...panes];
    execFileSync(process.execPath, args, { stdio: 'ignore' });
    return expect(stored(store)).resolves.toEqual(written('whole'));
  });

  it('names services by what was learnt windows before', async () => {
    const values: Uint8Array[] = [];
    // Few packets a record: the answer of the name server is in the first window only.
    const batcher = new Batcher({ partitions: 1, recordBytes: 500, out: ({ value }) => values.push(value.slice()) });
    batcher.push(pcap(named({ name: 'orders.db', atMs: 5 }), { nano: true }));
    batcher.end();
    const admin = new Admin({ clientId: 'names', bootstrapBrokers: [broker.bootstrap] });
    await admin.createTopics({ topics: ['named'], partitions: 1, replicas: 1 });
    await admin.close();
    const producer = new Producer({ clientId: 'names', bootstrapBrokers: [broker.bootstrap] });
    await producer.send({ messages: values.map((value) => ({ topic: 'named', value: Buffer.from(value) })) });
    await producer.close();
    const windows = ['--window-s', '1', '--overlap-s', '0.1', '--lateness-s', '0.1', '--max-offsets', String(Math.ceil(values.length / 2))];
    await runJob(...streamJob(broker.bootstrap, path.join(dir, 'named'), ['--topic', 'named', ...windows]));
    const rows = table(path.join(dir, 'named'), ['callee', 'start_ns']) as { callee: string; start_ns: number }[];
    const windowsOf = (callee: string) => new Set(rows.filter((r) => r.callee === callee).map((r) => Math.floor(r.start_ns / 1e9))).size;
    expect(windowsOf('orders.db')).toBe(4);
    expect(rows.filter((r) => r.callee.startsWith(DB))).toEqual([]);
  }, 900_000);

  it('writes the same traces when its driver is killed half way and started again', async () => {
    const killed = job('killed', ['--topic', 'packets', '--traces-topic', 'traces-killed', '--store', database('killed')]);
    const child = startJob(...killed);
    // Nobody listens; a full pipe would stop the driver.
    child.stdout?.resume();
    child.stderr?.resume();
    const ended = new Promise((resolve) => child.once('close', (code) => resolve(code)));
    await halfWay('killed', child);
    child.kill('SIGKILL');
    expect(await ended).toBe(null);
    // What the first driver's windows sealed, the second opens.
    const key = contentKey('killed');
    expect(key).toMatch(/^[0-9a-f]{64}\n$/);
    const said = await runJob(...killed);
    expect(contentKey('killed')).toBe(key);
    expect(said).not.toContain(key.trim());
    expect(contentKey('whole')).not.toBe(key);
    expect(written('killed')).toEqual(written('whole'));
    expect(await stored(database('killed'))).toEqual(await stored(database('whole')));
    const published = new Set((await spansOf(broker.bootstrap, 'traces-killed')).map((s) => JSON.stringify(s)));
    expect(published).toEqual(new Set((await spansOf(broker.bootstrap, 'traces')).map((s) => JSON.stringify(s))));
    // Who attaches to the topic sees each call once, in the transactions that the job has found.
    const rows = written('whole');
    const session = await attached(broker.bootstrap, 'traces-killed', rows.length);
    expect(session.snapshot.summary).toMatchObject({ calls: rows.length, transactions: new Set(rows.map((r) => r.trace)).size });
    await session.dispose();
  }, 900_000);

  it('writes the same traces when an executor is killed half way', async () => {
    // Two executors, processes of their own.
    const child = startJob(
      ...job('executor', ['--topic', 'packets'], {
        master: 'local-cluster[2,1,1024]',
        env: { SPARK_HOME: sparkHome(path.join(dir, 'spark')) },
      }),
    );
    child.stdout?.resume();
    let log = '';
    child.stderr?.on('data', (d: Buffer) => (log = (log + d).slice(-20_000)));
    const ended = new Promise((resolve) => child.once('close', resolve));
    await halfWay('executor', child);
    const executors = childrenOf(child.pid!).filter((c) => c.command.includes('CoarseGrainedExecutorBackend'));
    for (const { pid } of executors.slice(0, 1)) process.kill(pid, 'SIGKILL');
    expect(await ended, log).toBe(0);
    expect(executors.length).toBe(2);
    expect(written('executor')).toEqual(written('whole'));
  }, 900_000);

  it("reads pycapa's frames as well", async () => {
    await runJob(...job('frames', ['--topic', 'frames', '--format', 'raw-frame', '--max-offsets', '100000']));
    // Its times are microseconds, and ids derive from times: the calls are the same by what they are.
    const calls = ['caller', 'callee', 'endpoint', 'status', 'flags'];
    expect(table(path.join(dir, 'frames'), calls)).toEqual(table(path.join(dir, 'whole'), calls));
  }, 900_000);
});
