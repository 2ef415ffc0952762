/** Packets -> topic -> live analysis: the thin path of attaching, against a real broker. */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type Snapshot } from '../../src/shared/protocol.ts';
import { type Broker, startKafka } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const run = promisify(execFile);
const OPTIONS = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };
let broker: Broker;
let producer: Producer;
beforeAll(async () => {
  broker = await startKafka();
  producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.bootstrap], autocreateTopics: true, retries: 20, retryDelay: 200 });
});
afterAll(async () => {
  await producer.close(true);
  await broker.stop();
});
interface Sent {
  readonly value: Uint8Array | object;
  readonly key?: Uint8Array;
  readonly timestamp?: bigint;
}
async function publish(topic: string, records: readonly Sent[]): Promise<void> {
  const bytes = (v: Uint8Array | object) => (v instanceof Uint8Array ? Buffer.from(v) : Buffer.from(JSON.stringify(v)));
  for (let i = 0; i < records.length; i += 500)
    await producer.send({
      messages: records.slice(i, i + 500).map(({ value, key, timestamp }) => ({
        topic,
        partition: 0,
        value: bytes(value),
        ...(key && { key: Buffer.from(key) }),
        ...(timestamp !== undefined && { timestamp }),
      })),
    });
}
const tap = (topic: string, ...more: string[]) =>
  run(process.execPath, ['dist/cli.js', 'tap', '--brokers', broker.bootstrap, '--topic', topic, ...more, SAMPLE], { cwd: ROOT });

/** Attaches and resolves with the session as soon as a snapshot satisfies the test; the caller disposes it. */
async function attach(
  topic: string,
  format: string,
  ready: (s: Snapshot) => boolean,
  how = { from: 'earliest', windowS: 3600 },
): Promise<Session> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const session = new Session({
    snapshot: (s) => {
      if (s.status.kind === 'failed') reject(new Error(JSON.stringify(s.status.error)));
      if (ready(s)) resolve();
    },
    log: () => {},
  });
  void session.analyse([{ kind: 'kafka', name: topic, connection: { brokers: [broker.bootstrap] }, topic, format, ...how }], OPTIONS);
  await promise;
  return session;
}
function edges(s: Session) {
  const { queries } = s.result!;
  const scope = { generation: queries.generation };
  const names = new Map(queries.services(scope).map((n) => [n.id, n.name]));
  return queries.edges(scope).map((e) => ({ from: names.get(e.from), to: names.get(e.to), latency: e.latency }));
}
async function batch(): Promise<Session> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  await session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], OPTIONS);
  return session;
}
const whole = (s: Snapshot) => s.status.kind === 'live' && s.summary?.calls === 2028;

describe('attaching to a topic', () => {
  it('shows what the capture itself shows, once all of it was read', async () => {
    await tap('live', '--record-bytes', '20000');
    const session = await attach('live', 'tracenest', whole);
    expect(edges(session)).toEqual(edges(await batch()));
    expect(session.snapshot.status).toMatchObject({ kind: 'live', paused: false, late: 0, shed: 0 });
    // The window as a capture file again.
    const again = new Session({ snapshot: () => {}, log: () => {} });
    await again.analyse([{ kind: 'bytes', name: 'frozen.pcapng', bytes: Buffer.concat([...session.freeze()]) }], OPTIONS);
    expect(again.snapshot.summary?.calls).toBe(2028);
    session.control({ do: 'pause' });
    expect(session.snapshot.status).toMatchObject({ kind: 'live', paused: true });
    session.control({ do: 'resume' });
    await session.dispose();
  });

  it('reads raw frames with the time as key (pycapa), whose flows are scattered over partitions', async () => {
    await tap('pycapa', '--format', 'pycapa');
    const session = await attach('pycapa', 'raw-frame', (s) => s.status.kind === 'live' && (s.summary?.calls ?? 0) >= 2028);
    expect(session.snapshot.summary).toMatchObject({ calls: 2028, transactions: 187 });
    await session.dispose();
  });

  it('goes on after kill -9 of the broker: what was read stays meanwhile, the status says why nothing comes, and new records arrive', async () => {
    await tap('killed');
    const seen: Snapshot[] = [];
    const session = await attach('killed', 'tracenest', (s) => {
      seen.push(s);
      return whole(s);
    });
    const until = async (what: string, ready: (s: Snapshot) => boolean) => {
      for (let i = 0; i < 600 && !ready(session.snapshot); i++) await sleep(100);
      expect(ready(session.snapshot), what).toBe(true);
    };
    const text = (s: Snapshot) => ('text' in s.status ? s.status.text : s.status.kind);
    await broker.kill();
    await until('the broker is missed', (s) => text(s).includes('Trying again ('));
    expect(session.snapshot.status.kind).toBe('live');
    expect(edges(session)).toHaveLength(edges(await batch()).length);
    expect(session.freeze().length).toBeGreaterThan(0);
    await broker.restart();
    await until('it is back', (s) => text(s).startsWith('Last '));
    const before = text(session.snapshot);
    await tap('killed');
    await until('more records', (s) => text(s).startsWith('Last ') && text(s) !== before);
    expect(seen.map((s) => s.status.kind)).not.toContain('failed');
    await session.dispose();
  });

  it.each([
    // Thirty-two frames with one time, as fastcapa sends them; what pycapa writes has each frame's own time.
    ['fastcapa', 32n, /fastcapa stamps whole batches: latencies below/],
    ['pycapa', 1n, /^(?!.*fastcapa).*$/],
  ])('warns of the times of %s, and only of those', async (topic, size, said) => {
    const frames: Sent[] = [];
    const capture = readFileSync(SAMPLE);
    for (let at = 24; at < capture.length && frames.length < 1_000; at += 16 + capture.readUInt32LE(at + 8)) {
      const n = BigInt(frames.length);
      const us = 1_700_000_000_000_000n + (n - (n % size)) * 50n;
      const key = Buffer.alloc(8);
      key.writeBigUInt64BE(us);
      frames.push({ key, value: capture.subarray(at + 16, at + 16 + capture.readUInt32LE(at + 8)) });
    }
    await publish(`stamps-${topic}`, frames);
    const session = await attach(`stamps-${topic}`, 'raw-frame', (s) => s.status.kind === 'live' && (s.summary?.packets ?? 0) >= 1_000);
    expect(session.snapshot.status).toMatchObject({ text: expect.stringMatching(said) });
    await session.dispose();
  });

  it('reads what others publish: captures, calls, transactions', async () => {
    const whole = await batch();
    const scope = { generation: whole.result!.queries.generation };
    await publish('captures', [{ value: readFileSync(SAMPLE) }]);
    const calls = (await run(process.execPath, ['dist/cli.js', 'calls', SAMPLE], { cwd: ROOT, maxBuffer: 1 << 26 })).stdout;
    const lines = calls.split('\n').filter(Boolean);
    expect(lines).toHaveLength(2028);
    await publish(
      'calls',
      lines.map((line) => ({ value: Buffer.from(line) })),
    );
    await publish(
      'traces',
      [...spanRecords(whole.exportSource(scope))].map((value) => ({ value })),
    );
    for (const [topic, format] of [
      ['captures', 'pcap-record'],
      ['calls', 'calls'],
      ['traces', 'traces'],
    ] as const) {
      const session = await attach(topic, format, (s) => s.status.kind === 'live' && s.summary?.calls === 2028);
      // Lines of calls hold times as numbers of microseconds since 1970: exact to a quarter of one.
      const exact = format !== 'calls';
      const shown = (s: Session) => edges(s).map(({ from, to, latency }) => [from, to, latency.calls, latency.errors, exact && latency]);
      expect(shown(session), format).toEqual(shown(whole));
      for (const [k, { latency }] of edges(session).entries())
        expect(Math.abs(latency.p50Ns - edges(whole)[k]!.latency.p50Ns)).toBeLessThanOrEqual(500);
      await session.dispose();
    }
  });

  const call = (atMs: number, path: string) => ({
    startNs: `${atMs}000000`,
    durationNs: 1e6,
    clientAddress: '10.0.0.1',
    clientPort: 40_000,
    serverAddress: '10.0.0.2',
    serverPort: 80,
    protocol: 'http/1',
    method: 'GET',
    target: path,
    status: 200,
  });

  it('reads calls of Zeek and Packetbeat', async () => {
    const zeek = {
      ts: 1591367999.305988,
      uid: 'C1',
      'id.orig_h': '10.0.0.1',
      'id.resp_h': '10.0.0.2',
      'id.resp_p': 80,
      method: 'GET',
      uri: '/a',
    };
    const other = { conn: { ts: 1591367999.3, uid: 'C1' } };
    await publish('zeek', [{ value: { http: zeek } }, { value: other }]);
    const event = { start: '2024-05-02T10:15:00.250Z', duration: 12_345_678 };
    await publish('beat', [
      { value: { type: 'http', event, source: { ip: '10.0.0.1' }, destination: { ip: '10.0.0.2', port: 80 }, url: { path: '/a' } } },
    ]);
    const [z, b] = await Promise.all(
      ['zeek', 'beat'].map((t) => attach(t, `${t === 'beat' ? 'packetbeat' : t}-json`, (s) => s.summary?.calls === 1)),
    );
    expect(z!.snapshot.status).toMatchObject({ text: expect.stringMatching(/1 could not be read .*http\.log/) });
    expect(edges(b!)[0]).toMatchObject({ latency: { calls: 1, maxNs: 12_345_678 } });
    await Promise.all([z!.dispose(), b!.dispose()]);
  });

  it('starts live, some minutes ago, at a time or at the beginning; rewinds; counts what is late; joins no group', async () => {
    const now = Date.now();
    const minute = 60_000;
    const sent = (agoMs: number, path: string): Sent => ({ value: call(now - agoMs, path), timestamp: BigInt(now - agoMs) });
    await publish('starts', [sent(60 * minute, '/hour'), sent(20 * minute, '/twenty'), sent(2 * minute, '/two')]);
    const seen = (n: number) => (s: Snapshot) => s.status.kind === 'live' && s.summary?.calls === n;
    for (const [from, calls] of [
      ['earliest', 3],
      ['-30m', 2],
      ['-5m', 1],
      [new Date(now - 30 * minute).toISOString(), 2],
    ] as const)
      await (await attach('starts', 'calls', seen(calls), { from, windowS: 7200 })).dispose();

    let session: Session | undefined;
    const until = async (ready: (s: Snapshot) => boolean) => {
      for (let i = 0; i < 300 && !ready(session!.snapshot); i++) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(ready(session!.snapshot), JSON.stringify(session!.snapshot.status)).toBe(true);
    };
    session = await attach('starts', 'calls', (s) => s.status.kind === 'live', { from: 'live', windowS: 1800 });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    await publish('starts', [sent(0, '/now')]);
    await until(seen(1));
    await publish('starts', [sent(90 * minute, '/late')]);
    await until((s) => s.status.kind === 'live' && s.status.late === 1);
    session.control({ do: 'rewind', from: '-30m' });
    await until(seen(3));
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    expect([...(await admin.listGroups()).keys()]).toEqual([]);
    await admin.close();
    await session.dispose();
  });

  it('says what is wrong', async () => {
    await expect(attach('nowhere', 'tracenest', () => false)).rejects.toThrow(/nowhere at .* can't be read.*There is no such topic/);
    await expect(attach('live', 'morse', () => false)).rejects.toThrow(/no format/);
  });
});
