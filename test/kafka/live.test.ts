/** Packets -> topic -> live analysis: the thin path of attaching, against a real broker. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type Snapshot } from '../../src/shared/protocol.ts';
import { type Broker, startKafka } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const run = promisify(execFile);
const OPTIONS = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };
let broker: Broker;
beforeAll(async () => {
  broker = await startKafka();
});
afterAll(async () => {
  await broker.stop();
});
const tap = (topic: string, ...more: string[]) =>
  run(process.execPath, ['dist/cli.js', 'tap', '--brokers', broker.bootstrap, '--topic', topic, ...more, SAMPLE], { cwd: ROOT });

/** Attaches and resolves with the session as soon as a snapshot satisfies the test; the caller disposes it. */
async function attach(topic: string, format: string, ready: (s: Snapshot) => boolean): Promise<Session> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const session = new Session({
    snapshot: (s) => {
      if (s.status.kind === 'failed') reject(new Error(JSON.stringify(s.status.error)));
      if (ready(s)) resolve();
    },
    log: () => {},
  });
  void session.analyse(
    [{ kind: 'kafka', name: topic, connection: { brokers: [broker.bootstrap] }, topic, format, from: 'earliest', windowS: 3600 }],
    OPTIONS,
  );
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
    await until('the broker is missed', (s) => text(s).startsWith("The broker doesn't answer; trying again"));
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

  it('says what is wrong', async () => {
    await expect(attach('nowhere', 'tracenest', () => false)).rejects.toThrow(/nowhere can't be read/);
    await expect(attach('live', 'morse', () => false)).rejects.toThrow(/no format/);
  });
});
