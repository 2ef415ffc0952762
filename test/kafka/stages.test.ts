/** A watch shared by processes, in two stages, against a real broker. `node esbuild.mjs cli` first. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TopicReader } from '../../src/sources/kafka/topicReader.ts';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { orders } from '../engine/support/orders.ts';
import { type Broker, freePort, startKafka } from './broker.ts';
import { shifted } from './shifted.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const run = promisify(execFile);
let broker: Broker;
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-stages-'));
const cli = (...args: string[]) => run(process.execPath, ['dist/cli.js', ...args], { cwd: ROOT });
beforeAll(async () => {
  broker = await startKafka();
  const later = path.join(dir, 'later.pcap');
  writeFileSync(later, shifted(readFileSync(SAMPLE), 60));
  for (const [tenant, file] of [
    ['lab', SAMPLE],
    ['plant', later],
  ] as const)
    await cli('tap', '--brokers', broker.bootstrap, '--topic', 'shared', '--tenant', tenant, '--record-bytes', '20000', file);
});
afterAll(async () => {
  await broker.stop();
  rmSync(dir, { recursive: true, force: true });
});

const PANES = ['--pane', '1', '--overlap', '1', '--algorithm', 'aguilera'];
const args = (stage: string, run: string, ...more: string[]) => [
  ...['dist/cli.js', 'watch', '--brokers', broker.bootstrap, '--stage', stage, '--topic', 'shared', '--calls-topic', `calls-${run}`],
  ...['--group', `${stage}-${run}`, '--store', path.join(dir, `${run}.sqlite`), ...PANES, ...more],
];
const running: ChildProcess[] = [];
function start(
  stage: string,
  name: string,
  ...more: string[]
): { child: ChildProcess; gone: Promise<number | null>; errors: () => string } {
  const child = spawn(process.execPath, args(stage, name, ...more), { cwd: ROOT, stdio: ['ignore', 'ignore', 'pipe'] });
  running.push(child);
  let errors = '';
  child.stderr.on('data', (d: Buffer) => (errors += d));
  return { child, gone: new Promise((resolve) => child.once('exit', resolve)), errors: () => errors };
}
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
});

async function stored(name: string): Promise<StoredSpan[]> {
  const store = openStore(path.join(dir, `${name}.sqlite`), 'read');
  const spans: StoredSpan[] = [];
  for await (const page of store.spans({ fromNs: 0n, toNs: 1n << 62n })) spans.push(...page);
  await store.close();
  return spans.sort((a, b) => (a.id < b.id ? -1 : 1));
}
/** Waits until a store holds so many spans. */
async function until(name: string, spans: number): Promise<void> {
  for (let i = 0; i < 300; i++) {
    const store = openStore(path.join(dir, `${name}.sqlite`), 'write');
    const now = (await store.contents()).spans;
    await store.close();
    if (now >= spans) return;
    await sleep(200);
  }
}
/** A capture's calls, twice: the second tenant's a minute later. */
const CALLS = 2 * 2028;

describe('a watch in two stages', () => {
  it('stores what one process stores, tenants apart', async () => {
    await run(process.execPath, args('calls', 'one', '--once'), { cwd: ROOT });
    await run(process.execPath, args('traces', 'one', '--once'), { cwd: ROOT });
    await cli('watch', '--brokers', broker.bootstrap, '--topic', 'shared', '--store', path.join(dir, 'single.sqlite'), ...PANES, '--once');
    const [staged, single] = [await stored('one'), await stored('single')];
    expect(single).toHaveLength(CALLS);
    const calls = (spans: readonly StoredSpan[]) => spans.map((s) => `${s.tenant} ${s.id} ${s.startNs} ${s.durationNs} ${s.endpoint}`);
    expect(calls(staged)).toEqual(calls(single));
    // What lies ahead of a pane is looked at in both, but by progress records in one and by packets in the other.
    const same = staged.filter((s, k) => s.parent === single[k]!.parent).length;
    console.log(`two stages: ${same} of ${CALLS} calls have the parent that one process gives`);
    expect(same / CALLS).toBeGreaterThan(0.98);
    expect([...new Set(staged.map((s) => s.tenant))].sort()).toEqual(['lab', 'plant']);
  });

  it('is shared by two processes a stage; killed with -9 and started again, nothing is lost or doubled', async () => {
    const whole = await stored('one');
    const first = [start('calls', 'many'), start('calls', 'many'), start('traces', 'many'), start('traces', 'many')];
    await until('many', 500);
    // One of each stage is killed amid the work: the other takes over its partitions when its session has ended.
    first[0]!.child.kill('SIGKILL');
    first[2]!.child.kill('SIGKILL');
    const again = [start('calls', 'many'), start('traces', 'many')];
    await until('many', CALLS);
    for (const { child } of [...first, ...again]) child.kill('SIGTERM');
    expect(await Promise.all([first[1]!.gone, first[3]!.gone, again[0]!.gone, again[1]!.gone])).toEqual([0, 0, 0, 0]);
    const links = (spans: readonly StoredSpan[]) => spans.map((s) => `${s.tenant} ${s.id} < ${s.parent} ${s.trace}`);
    expect(links(await stored('many'))).toEqual(links(whole));
  }, 240_000);
});

describe('values in headers and bodies', () => {
  it('reach the second stage under the key that both have, readable for nobody else', async () => {
    const said = orders(400, 10);
    const capture = path.join(dir, 'orders.pcap');
    writeFileSync(capture, shifted(Buffer.from(said.capture), 1_700_000_000));
    await cli('tap', '--brokers', broker.bootstrap, '--topic', 'orders', '--record-bytes', '20000', capture);
    const stages = async (name: string, key: string) => {
      const env = { ...process.env, TRACENEST_CONTENT_KEY: key };
      const how = ['--topic', 'orders', '--algorithm', 'default', '--once'];
      await run(process.execPath, args('calls', name, ...how), { cwd: ROOT, env });
      const { stderr } = await run(process.execPath, args('traces', name, ...how), { cwd: ROOT, env });
      return { right: said.right(await stored(name)), stderr };
    };
    const keyed = await stages('keyed', 'ab'.repeat(32));
    expect(keyed.right).toBeGreaterThan(0.999);
    expect(keyed.stderr).toContain('values in headers and bodies for 1600');
    expect((await stages('plain', '')).right).toBeLessThan(0.97);
    const between = async (topic: string) => {
      const stop = new AbortController();
      const reader = new TopicReader({ connection: { name: 'test', brokers: [broker.bootstrap] }, topic, start: { kind: 'earliest' } });
      let text = '';
      for await (const batch of reader.batches(stop.signal)) {
        for (const r of batch) text += new TextDecoder().decode(r.value ?? new Uint8Array());
        if (reader.lag() === 0) stop.abort();
      }
      return text;
    };
    const calls = await between('calls-keyed');
    expect(calls).toContain('"contents":"');
    expect(said.numbers.slice(0, 100).filter((number) => calls.includes(number))).toEqual([]);
    expect(await between('calls-plain')).not.toContain('contents');
    expect(readFileSync(path.join(dir, 'keyed.sqlite')).includes('contents')).toBe(false);
    await expect(stages('wrong', 'ab')).rejects.toThrow('64 hexadecimal digits');
  });
});

describe('a topic that gets more partitions', () => {
  it('is read whole by the processes that are at work', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    // Tenants of their own: the same connections again, with the same sequence numbers, would be the same connections.
    const tap = (tenant: string, file: string) =>
      cli('tap', '--brokers', broker.bootstrap, '--topic', 'grows', '--tenant', tenant, '--record-bytes', '20000', file);
    await admin.createTopics({ topics: ['grows'], partitions: 1, replicas: 1 });
    await tap('before', SAMPLE);
    const processes = [start('calls', 'grown', '--topic', 'grows'), start('calls', 'grown', '--topic', 'grows'), start('traces', 'grown')];
    await until('grown', 2028);
    await admin.createPartitions({ topics: [{ name: 'grows', count: 5 }] });
    await admin.close();
    // A capture is faster than the time in it: taps of interfaces have the seconds that the watch looks ahead.
    const known = () => processes.slice(0, 2).every(({ errors }) => errors().includes('The topic has 5 partitions'));
    for (let i = 0; i < 300 && !known(); i++) await sleep(100);
    await tap('after', path.join(dir, 'later.pcap'));
    await until('grown', CALLS);
    for (const { child } of processes) child.kill('SIGTERM');
    await Promise.all(processes.map(({ gone }) => gone));
    const spans = await stored('grown');
    expect(spans, processes.map(({ errors }) => errors()).join('\n')).toHaveLength(CALLS);
    expect(new Set(spans.map((s) => s.id)).size).toBe(CALLS);
  }, 240_000);
});

describe('a broker that is killed with -9 and comes back', () => {
  it('has its groups again, and nothing is lost or doubled', async () => {
    const tap = (tenant: string, file: string) =>
      cli('tap', '--brokers', broker.bootstrap, '--topic', 'bounced', '--tenant', tenant, '--record-bytes', '20000', file);
    await tap('before', SAMPLE);
    const processes = [start('calls', 'bounced', '--topic', 'bounced'), start('traces', 'bounced')];
    await until('bounced', 2028);
    await broker.kill();
    await sleep(2_000);
    await broker.restart();
    await tap('after', path.join(dir, 'later.pcap'));
    await until('bounced', CALLS);
    for (const { child } of processes) child.kill('SIGTERM');
    await Promise.all(processes.map(({ gone }) => gone));
    const spans = await stored('bounced');
    expect(spans, processes.map(({ errors }) => errors()).join('\n')).toHaveLength(CALLS);
    expect(new Set(spans.map((s) => s.id)).size).toBe(CALLS);
  }, 240_000);
});

describe('records that cannot be read', () => {
  it('are counted and kept aside, in a file or a topic; the others are stored', async () => {
    await cli('tap', '--brokers', broker.bootstrap, '--topic', 'dirty', SAMPLE);
    const producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    await producer.send({
      messages: [0, 1].map((partition) => ({ topic: 'dirty', partition, key: Buffer.from('k'), value: Buffer.from('no capture') })),
    });
    await producer.close();
    const where = ['--brokers', broker.bootstrap, '--topic', 'dirty', ...PANES, '--once'];
    const port = await freePort();
    const { stderr } = await cli(
      'watch',
      ...where,
      '--store',
      path.join(dir, 'dirty.sqlite'),
      '--bad',
      path.join(dir, 'bad.jsonl'),
      '--metrics',
      String(port),
    );
    expect(stderr).toContain('2 records could not be read');
    const lines = readFileSync(path.join(dir, 'bad.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((l) => JSON.parse(l));
    expect(lines).toHaveLength(2);
    expect(lines[0]).toMatchObject({
      topic: 'dirty',
      key: Buffer.from('k').toString('base64'),
      value: Buffer.from('no capture').toString('base64'),
    });
    expect(lines[0].why).not.toBe('');
    expect(await stored('dirty')).toHaveLength(2028);

    await cli('watch', ...where, '--store', path.join(dir, 'dirty2.sqlite'), '--bad-topic', 'aside');
    const stop = new AbortController();
    const reader = new TopicReader({
      connection: { name: 'test', brokers: [broker.bootstrap] },
      topic: 'aside',
      start: { kind: 'earliest' },
    });
    const aside: string[] = [];
    for await (const batch of reader.batches(stop.signal)) {
      aside.push(...batch.map((r) => Buffer.from(r.value!).toString()));
      if (reader.lag() === 0 && aside.length > 0) stop.abort();
    }
    expect(aside).toEqual(['no capture', 'no capture']);
  });
});
