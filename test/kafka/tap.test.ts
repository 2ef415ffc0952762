import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin, Consumer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TopicReader, type TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { Batcher, type OutRecord } from '../../src/tap/batcher.ts';
import { ethernet, ipv4, pcap, type Record, tcp, udp, vlan, vxlan } from '../engine/net/build.ts';
import { mutate } from '../testbed/mutate.ts';
import { type Broker, freePort, startKafka } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const run = promisify(execFile);
let broker: Broker;
beforeAll(async () => {
  broker = await startKafka();
});
afterAll(async () => {
  await broker.stop();
});

async function readAll(topic: string): Promise<TopicRecord[]> {
  const stop = new AbortController();
  const reader = new TopicReader({ connection: { name: 'test', brokers: [broker.bootstrap] }, topic, start: { kind: 'earliest' } });
  const records: TopicRecord[] = [];
  for await (const batch of reader.batches(stop.signal)) {
    records.push(...batch);
    if (reader.lag() === 0) stop.abort();
  }
  return records;
}

/** Packets of a capture as "time length stream" lines, by tshark: an oracle for what was published. */
async function packetsOf(capture: Buffer): Promise<string[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-tap-'));
  try {
    const file = path.join(dir, 'capture');
    writeFileSync(file, capture);
    const { stdout } = await run('tshark', ['-r', file, '-T', 'fields', '-e', 'frame.time_epoch', '-e', 'frame.len', '-e', 'tcp.stream'], {
      maxBuffer: 1 << 28,
    });
    return stdout.trim().split('\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
}
const withoutStream = (lines: string[]) => lines.map((l) => l.split('\t').slice(0, 2).join(' ')).sort();

const tap = (...args: string[]) => run(process.execPath, ['dist/cli.js', 'tap', '--brokers', broker.bootstrap, ...args], { cwd: ROOT });

describe('tap', () => {
  it('publishes every packet of a capture once, with its time and length, a flow in one partition', async () => {
    const { stderr } = await run(process.execPath, ['dist/cli.js', 'tap', '--brokers', broker.bootstrap, '--topic', 'packets', SAMPLE], {
      cwd: ROOT,
    });
    expect(stderr).toMatch(/0 dropped/);
    const records = await readAll('packets');
    const original = await packetsOf(readFileSync(SAMPLE));
    const byPartition = await Promise.all(
      [...new Set(records.map((r) => r.partition))].map(async (p) =>
        packetsOf(Buffer.concat(records.filter((r) => r.partition === p).map((r) => r.value ?? new Uint8Array()))),
      ),
    );
    expect(byPartition.length).toBeGreaterThan(1);
    expect(withoutStream(byPartition.flat())).toEqual(withoutStream(original));
    // Streams found within each partition add up to those of the whole: no flow was split.
    const streams = (lines: string[]) => new Set(lines.map((l) => l.split('\t')[2])).size;
    expect(byPartition.reduce((n, lines) => n + streams(lines), 0)).toBe(streams(original));
  });

  it('loses nothing it accepted when the broker is killed under it', async () => {
    const child = spawn(
      process.execPath,
      ['dist/cli.js', 'tap', '--brokers', broker.bootstrap, '--topic', 'killed', '--record-bytes', '2000', '-'],
      { cwd: ROOT, stdio: ['pipe', 'ignore', 'pipe'] },
    );
    let stderr = '';
    child.stderr.on('data', (d: Buffer) => (stderr += d));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const capture = readFileSync(SAMPLE);
    child.stdin.write(capture.subarray(0, capture.length >> 1));
    // It is at work: what came through the pipe is published although more may come.
    let before = 0;
    for (let i = 0; i < 600 && before === 0; i++) {
      before = (await readAll('killed').catch(() => [])).length;
      await sleep(200);
    }
    expect(before).toBeGreaterThan(0);
    await broker.kill();
    child.stdin.end(capture.subarray(capture.length >> 1));
    await sleep(1_000);
    await broker.restart();
    expect(await ended, stderr).toBe(0);
    const records = await readAll('killed');
    const published = await packetsOf(Buffer.concat(records.map((r) => r.value ?? new Uint8Array())));
    expect(withoutStream(published)).toEqual(withoutStream(await packetsOf(capture)));
  });

  it.each([
    ['none', 0],
    ['gzip', 1],
    ['snappy', 2],
    ['lz4', 3],
    ['zstd', 4],
  ])('compresses by %s, and what was compressed is read', async (kind, bits) => {
    const topic = `compressed-${kind}`;
    await tap('--topic', topic, '--compression', kind, SAMPLE);
    const records = await readAll(topic);
    expect(withoutStream(await packetsOf(Buffer.concat(records.map((r) => r.value ?? new Uint8Array()))))).toHaveLength(6482);
    expect(await compressionOf(topic, records[0]!.partition)).toBe(bits);
  });

  it('makes its batches smaller for a broker that takes less, and says what is too large by itself', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    const configs = [{ name: 'max.message.bytes', value: '100000' }];
    await admin.createTopics({ topics: ['narrow', 'narrower'], partitions: 2, replicas: 1, configs });
    await admin.close();
    expect((await tap('--topic', 'narrow', '--record-bytes', '50000', SAMPLE)).stderr).toMatch(/6482 published .* 0 dropped/);
    const narrow = await packetsOf(Buffer.concat((await readAll('narrow')).map((r) => r.value ?? new Uint8Array())));
    expect(withoutStream(narrow)).toEqual(withoutStream(await packetsOf(readFileSync(SAMPLE))));
    const { stderr } = await tap('--topic', 'narrower', '--record-bytes', '200000', SAMPLE).catch((e: { stderr: string }) => e);
    expect(stderr).toMatch(/\d+ packets dropped so far: a record of \d+ bytes is larger than the broker takes .*--record-bytes/);
    const [, published, dropped] = /(\d+) published .* (\d+) dropped/.exec(stderr)!;
    expect(Number(published) + Number(dropped)).toBe(6482);
    expect(Number(dropped)).toBeGreaterThan(0);
  });

  it('captures an interface by filter and snap length; drops while the broker answers nothing, and says how much', async () => {
    const port = await freePort();
    const [receiver, sender] = [createSocket('udp4'), createSocket('udp4')];
    await new Promise<void>((resolve) => receiver.bind(port, '127.0.0.1', resolve));
    const send = async (count: number) => {
      for (let i = 0; i < count; i++) {
        sender.send(Buffer.alloc(1_200, i), port, '127.0.0.1');
        if (i % 50 === 49) await sleep(1);
      }
    };
    const args = ['--brokers', broker.bootstrap, '--topic', 'wire', '-i', 'lo', '--snaplen', '600', '--buffer-mb', '1'];
    const child = spawn(process.execPath, ['dist/cli.js', 'tap', ...args, 'udp', 'port', String(port)], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let stderr = '';
    child.stderr.on('data', (d: Buffer) => (stderr += d));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const until = async (said: RegExp) => {
      for (let i = 0; i < 300 && !said.test(stderr); i++) await sleep(100);
      expect(stderr).toMatch(said);
    };
    try {
      await until(/Capturing on lo/);
      await send(100);
      await sleep(1_000);
      broker.freeze();
      await send(6_000);
      await until(/\d+ packets dropped so far: the buffer of 1 MB is full/);
    } finally {
      broker.thaw();
      sender.close();
      receiver.close();
    }
    child.kill('SIGINT');
    expect(await ended, stderr).toBe(0);
    const [, read, published, dropped] = /(\d+) packets read, (\d+) published .* (\d+) dropped/.exec(stderr)!.map(Number);
    expect(dropped).toBeGreaterThan(0);
    expect(read! - dropped!).toBe(published);
    const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-wire-'));
    const file = path.join(dir, 'wire.pcapng');
    writeFileSync(file, Buffer.concat((await readAll('wire')).map((r) => r.value ?? new Uint8Array())));
    const fields = ['udp.dstport', 'frame.len', 'frame.cap_len'].flatMap((f) => ['-e', f]);
    const { stdout } = await run('tshark', ['-r', file, '-T', 'fields', ...fields], { maxBuffer: 1 << 26 });
    rmSync(dir, { recursive: true });
    const lines = stdout.trim().split('\n');
    expect(lines).toHaveLength(published!);
    expect(new Set(lines)).toEqual(new Set([`${port}\t${1_200 + 42}\t600`]));
  });

  it('says when tcpdump refuses, or breaks off, and ends so that it is started again', async () => {
    const refused = await tap('--topic', 'wire', '-i', 'nosuch0').catch((e: { stderr: string; code: number }) => e);
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('nosuch0') });
  });
});

/** Compression bits of a partition's first batch, as the broker keeps it. */
async function compressionOf(topic: string, partition: number): Promise<number> {
  const consumer = new Consumer({ clientId: 'test', groupId: 'none', bootstrapBrokers: [broker.bootstrap] });
  const found = (await consumer.metadata({ topics: [topic] })).topics.get(topic)!;
  const from = { partition, currentLeaderEpoch: -1, fetchOffset: 0n, lastFetchedEpoch: -1, partitionMaxBytes: 1 << 22 };
  const { responses } = await consumer.fetch({
    node: found.partitions[partition]!.leader,
    maxWaitTime: 1_000,
    minBytes: 1,
    maxBytes: 1 << 22,
    topics: [{ topicId: found.id, partitions: [from] }],
  });
  await consumer.close(true);
  return responses[0]!.partitions[0]!.records![0]!.attributes & 7;
}

describe('partitioning', () => {
  const partitions = (capture: Buffer) => {
    const records: OutRecord[] = [];
    const batcher = new Batcher({ partitions: 8, recordBytes: 1, out: (r) => records.push(r) });
    expect(batcher.push(capture)).toBe(true);
    batcher.end();
    expect(batcher.problem).toBe('');
    return records.map((r) => r.partition);
  };
  it('spreads flows over all partitions, IPv6 as well, and does not depend on what was read before', () => {
    const capture = readFileSync(SAMPLE);
    const v6 = mutate(capture, 'ipv6');
    for (const c of [capture, v6]) {
      const counts = new Array(8).fill(0);
      for (const p of partitions(c)) counts[p]++;
      expect(Math.min(...counts)).toBeGreaterThan(0);
    }
    // The second half alone gives its packets the same partitions: dense ids of addresses don't leak into the hash.
    const half = mutate(v6, 'midstream', 0.5);
    expect(partitions(half)).toEqual(partitions(v6).slice(-partitions(half).length));
  });

  it.each([
    ['VXLAN', (network: number, bytes: Uint8Array) => ethernet(0x800, ipv4(17, udp(vxlan(network, bytes), 4789)))],
    ['VLAN', (network: number, bytes: Uint8Array) => ethernet(0x8100, vlan(network, 0x800, bytes.subarray(14)))],
  ])('keeps both directions of a flow together, and networks of %s with the same addresses apart', (_, within) => {
    const frames: Record[] = [];
    const networks = [...Array(40).keys()].map((n) => n + 2);
    for (const network of networks)
      for (const back of [false, true]) {
        const [from, to] = back ? ['10.0.0.2', '10.0.0.1'] : ['10.0.0.1', '10.0.0.2'];
        const ports = back ? { from: 80, to: 40_000 } : { from: 40_000, to: 80 };
        frames.push({ bytes: within(network, ethernet(0x800, ipv4(6, tcp('x', ports), { from, to }))), ns: BigInt(frames.length) });
      }
    const found = partitions(pcap(frames));
    expect(found).toHaveLength(80);
    for (const [i, n] of networks.entries()) expect(found[2 * i], String(n)).toBe(found[2 * i + 1]);
    expect(new Set(found).size).toBe(8);
  });
});
