import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TopicReader, type TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { Batcher, type OutRecord } from '../../src/tap/batcher.ts';
import { mutate } from '../testbed/mutate.ts';
import { type Broker, startKafka } from './broker.ts';

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
    await new Promise((resolve) => setTimeout(resolve, 2000));
    await broker.kill();
    child.stdin.end(capture.subarray(capture.length >> 1));
    await new Promise((resolve) => setTimeout(resolve, 1000));
    await broker.restart();
    expect(await ended, stderr).toBe(0);
    const records = await readAll('killed');
    const published = await packetsOf(Buffer.concat(records.map((r) => r.value ?? new Uint8Array())));
    expect(withoutStream(published)).toEqual(withoutStream(await packetsOf(capture)));
  });
});

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
});
