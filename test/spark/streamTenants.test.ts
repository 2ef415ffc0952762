/** The streaming job over a topic of two tenants' packets, and packets that come when their window is written. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { spanRecords } from '../../src/session/spans.ts';
import { checkRecord } from '../../src/sources/kafka/recordCheck.ts';
import { Batcher, type OutRecord } from '../../src/tap/batcher.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { pcap, type Record } from '../engine/net/build.ts';
import { type Influxd, startInfluxd } from '../influx/influxd.ts';
import { type Broker, startKafka } from '../kafka/broker.ts';
import { analysed, SAMPLE, scope } from './answers.ts';
import { installSpark, runJob } from './install.ts';
import { attached, streamJob, table } from './streaming.ts';
import { packetsOf, slowed, tagged } from './tenants.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-tenants-'));
const [RED, BLUE] = ['red', 'blue/vlan:20'];
const LATE_RECORDS = 3;

interface Row {
  readonly tenant: string;
  readonly id: string;
  readonly parent: string;
  readonly trace: string;
  readonly start_ns: number;
  readonly caller: string;
  readonly callee: string;
  readonly endpoint: string;
  readonly duration_ns: number | null;
}
type Called = Pick<Row, 'id' | 'parent' | 'start_ns' | 'caller' | 'callee' | 'endpoint' | 'duration_ns'>;
const COLUMNS = ['tenant', 'id', 'parent', 'trace', 'start_ns', 'caller', 'callee', 'endpoint', 'duration_ns'];

let broker: Broker;
let influxd: Influxd;
let said: string;
let rows: readonly Row[];
/** What each tenant's packets give by themselves. */
const alone = new Map<string, readonly Called[]>();
const tenant = (name: string) => rows.filter((r) => r.tenant === name);

/** Records as a tap of this name publishes them. */
function records(name: string, packets: readonly Record[], recordBytes: number): OutRecord[] {
  const out: OutRecord[] = [];
  const batcher = new Batcher({ partitions: 1, tenant: name, recordBytes, out: (r) => out.push({ ...r, value: r.value.slice() }) });
  batcher.push(pcap(packets, { nano: true }));
  batcher.end();
  return out;
}
async function callsOf(packets: readonly Record[]): Promise<Called[]> {
  const file = path.join(dir, 'alone.pcap');
  writeFileSync(file, pcap(packets, { nano: true }));
  const session = await analysed({ kind: 'file', path: file, name: 'alone.pcap' });
  return [...spanRecords(session.exportSource(scope(session)))].map((s) => ({
    id: s.id,
    parent: s.parent ?? '',
    start_ns: Number(s.startNs),
    caller: s.caller ?? '',
    callee: s.callee ?? '',
    endpoint: s.endpoint ?? '',
    duration_ns: s.durationNs ?? null,
  }));
}
beforeAll(async () => {
  installSpark();
  [broker, influxd] = await Promise.all([startKafka(), startInfluxd()]);
  const sample = packetsOf(readFileSync(SAMPLE));
  // The same addresses and ports, and nearly the same times.
  const second = tagged(slowed(sample, 4), 20);
  alone.set(RED, await callsOf(sample)).set(BLUE, await callsOf(second));
  const good = [...records('red', sample, 50_000), ...records('blue', second, 50_000)].sort((a, b) =>
    checkRecord(a.value).firstNs! < checkRecord(b.value).firstNs! ? -1 : 1,
  );
  // A third tap that was held up: its first packets come when all windows they lie in are written.
  const late = records('green', sample.slice(0, 400), 20_000).slice(0, LATE_RECORDS);
  expect(late.length).toBe(LATE_RECORDS);
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
  await admin.createTopics({ topics: ['tenants'], partitions: 1, replicas: 1 });
  await admin.close();
  const producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
  await producer.send({
    messages: [...good, ...late].map(({ key, value }) => ({
      topic: 'tenants',
      partition: 0,
      key: Buffer.from(key!),
      value: Buffer.from(value),
    })),
  });
  await producer.close();
  // Two micro-batches, and the late ones.
  expect(good.length % 2).toBe(0);
  const options = [
    '--topic',
    'tenants',
    '--max-offsets',
    String(good.length / 2),
    '--window-s',
    '3',
    '--overlap-s',
    '1',
    '--lateness-s',
    '1',
  ];
  const kept = ['--traces-topic', 'traces', '--store', `influx+http://${influxd.address}/tenants`];
  said = await runJob(...streamJob(broker.bootstrap, path.join(dir, 'out'), [...options, ...kept]));
  rows = table(path.join(dir, 'out'), COLUMNS) as Row[];
}, 1_800_000);
afterAll(async () => {
  await broker?.stop();
  await influxd?.stop();
  rmSync(dir, { recursive: true, force: true });
});

describe('the streaming job', () => {
  it('finds the calls of each tenant, and no link from one to the other', () => {
    const facts = (calls: readonly Called[]) =>
      calls.map((c) => [c.start_ns, c.caller, c.callee, c.endpoint, c.duration_ns].join(' ')).sort();
    expect(new Set(rows.map((r) => r.tenant))).toEqual(new Set([RED, BLUE]));
    const owner = new Map(rows.map((r) => [r.trace, r.tenant]));
    for (const name of [RED, BLUE]) {
      const [own, expected] = [tenant(name), alone.get(name)!];
      expect(facts(own)).toEqual(facts(expected));
      const ids = new Set(own.map((r) => r.id));
      expect(own.filter((r) => r.parent !== '' && !ids.has(r.parent))).toEqual([]);
      expect(own.filter((r) => owner.get(r.trace) !== name)).toEqual([]);
      // Ids carry the tenant, so links are compared by what they join; windows learn from less than the whole.
      const links = (calls: readonly Called[]) => {
        const text = new Map(calls.map((c) => [c.id, `${c.start_ns} ${c.caller} ${c.callee} ${c.endpoint}`]));
        return new Set(calls.map((c) => `${text.get(c.id)} < ${text.get(c.parent) ?? ''}`));
      };
      const [found, right] = [links(own), links(expected)];
      expect([...found].filter((link) => right.has(link)).length / right.size).toBeGreaterThan(0.97);
    }
  });

  it('hands each tenant on by its name, to the store and to the topic of traces', async () => {
    const interval = { fromNs: 0n, toNs: 1n << 62n };
    const store = openStore(`influx+http://${influxd.address}/tenants`, 'read');
    for (const name of [RED, BLUE]) {
      const stored: string[] = [];
      for await (const page of store.spans({ ...interval, tenant: name }))
        stored.push(...page.map((s) => `${s.id} ${s.parent} ${s.trace}`));
      expect(stored.sort()).toEqual(
        tenant(name)
          .map((r) => `${r.id} ${r.parent} ${r.trace}`)
          .sort(),
      );
      const edges = await store.edges({ ...interval, tenant: name });
      expect(edges.reduce((n, e) => n + e.calls, 0)).toBe(tenant(name).length);
    }
    await store.close();
    const session = await attached(broker.bootstrap, 'traces', rows.length);
    expect(session.snapshot.summary).toMatchObject({ calls: rows.length, transactions: new Set(rows.map((r) => r.trace)).size });
    expect(session.snapshot.summary?.tenants.toSorted()).toEqual([BLUE, RED]);
    await session.dispose();
  });

  it('counts records that come when their window is written, says so, and leaves them out', () => {
    const answers = said.match(/^\{.*\}$/gm)!.map((line) => JSON.parse(line) as { [name: string]: number });
    expect(answers.map((a) => [a['batch'] ?? 'ended', a['late'] ?? a['lateInAll'], a['bad'] ?? a['badInAll']])).toEqual([
      [0, 0, 0],
      [1, 0, 0],
      [2, LATE_RECORDS, 0],
      ['ended', LATE_RECORDS, 0],
    ]);
    const until = new Date(answers[1]!['closed']! / 1e6).toISOString().slice(0, 19);
    expect(said).toContain(`Note: ${LATE_RECORDS} records of micro-batch 2 are late: windows up to ${until}+00:00 are written already; `);
    expect(rows.filter((r) => r.tenant === 'green')).toEqual([]);
  });

  it('keeps of its micro-batches those that open windows and the next one need', () => {
    const kept = (of: string) =>
      readdirSync(path.join(dir, 'out/state', of))
        .filter((name) => name.startsWith('batch='))
        .sort();
    expect(kept('records')).toEqual(['batch=1', 'batch=2']);
    expect(kept('progress')).toEqual(['batch=1', 'batch=2']);
  });
});
