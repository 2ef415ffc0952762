/** tap -> topic -> watch -> store, killed with -9 again and again, against a real broker. `node esbuild.mjs cli` first. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Admin } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { storedSpans } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { type Broker, freePort, startKafka } from './broker.ts';
import { shifted } from './shifted.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
const KILLS = 20;
const run = promisify(execFile);
let broker: Broker;
const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-watch-'));
beforeAll(async () => {
  broker = await startKafka();
  const tap = [
    'dist/cli.js',
    'tap',
    '--brokers',
    broker.bootstrap,
    '--topic',
    'shop',
    '--tenant',
    'lab',
    '--record-bytes',
    '20000',
    SAMPLE,
  ];
  await run(process.execPath, tap, { cwd: ROOT });
});
afterAll(async () => {
  await broker.stop();
  rmSync(dir, { recursive: true, force: true });
});
const args = (store: string, ...more: string[]) => {
  const where = ['--brokers', broker.bootstrap, '--topic', 'shop', '--store', path.join(dir, store), '--algorithm', 'aguilera'];
  return ['dist/cli.js', 'watch', ...where, '--pane', '1', '--overlap', '1', ...more];
};
const watchOnce = (store: string) => run(process.execPath, args(store, '--once'), { cwd: ROOT });
const start = (store: string, ...more: string[]): ChildProcess =>
  spawn(process.execPath, args(store, ...more), { cwd: ROOT, stdio: 'pipe' });
const ended = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve));

async function stored(file: string): Promise<StoredSpan[]> {
  const store = openStore(path.join(dir, file), 'write');
  const spans: StoredSpan[] = [];
  for await (const page of store.spans({ fromNs: 0n, toNs: 1n << 62n })) spans.push(...page);
  await store.close();
  return spans.sort((a, b) => (a.id < b.id ? -1 : 1));
}
/** Small, seeded (Numerical Recipes' LCG): the same points in every run. */
function* seeded(seed: number): Generator<number> {
  for (let x = seed; ; ) yield (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

let wholeRunMs = 1_000;
describe('watch', () => {
  it('stores every call of the capture once, nearly all under the parent that the capture as a whole gives', async () => {
    const started = performance.now();
    await watchOnce('undisturbed.sqlite');
    wholeRunMs = performance.now() - started;
    const spans = await stored('undisturbed.sqlite');
    const session = new Session({ snapshot: () => {}, log: () => {} });
    await session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' });
    const batch = [...storedSpans(session.exportSource({ generation: session.snapshot.generation }))];
    const key = (s: StoredSpan) => `${s.startNs} ${s.callee} ${s.endpoint} ${s.durationNs}`;
    expect(spans.map(key).sort()).toEqual(batch.map(key).sort());
    expect(new Set(spans.map((s) => s.id)).size).toBe(batch.length);
    expect([...new Set(spans.map((s) => s.tenant))]).toEqual(['lab']);
    const parents = (all: readonly StoredSpan[]) => {
      const byId = new Map(all.map((s) => [s.id, key(s)]));
      return new Map(all.map((s) => [key(s), byId.get(s.parent) ?? '']));
    };
    const [ours, theirs] = [parents(spans), parents(batch)];
    const same = [...ours].filter(([k, p]) => theirs.get(k) === p).length;
    console.log(`watch by panes of 1 s: ${same} of ${ours.size} calls have the parent of the whole capture's analysis`);
    expect(same / ours.size).toBeGreaterThan(0.96);
  });

  it(`neither loses nor doubles anything when it is killed ${KILLS} times`, async () => {
    const undisturbed = await stored('undisturbed.sqlite');
    const random = seeded(20261123);
    let running = 0;
    const reached = new Set<number>();
    for (let i = 0; i < KILLS; i++) {
      const child = start('killed.sqlite', '--once');
      const gone = ended(child);
      // Anywhere in the time that an undisturbed run took here: a fast machine and a loaded one are both hit amid the work.
      await Promise.race([sleep(random.next().value! * wholeRunMs), gone]);
      if (child.exitCode === null) running++;
      child.kill('SIGKILL');
      await gone;
      const spans = await stored('killed.sqlite');
      reached.add(spans.length);
      if (child.exitCode !== 0) continue;
      // It came to its end before the kill: the result must be right already, and the next one begins anew.
      expect(spans).toEqual(undisturbed);
      for (const suffix of ['', '-wal', '-shm']) rmSync(path.join(dir, `killed.sqlite${suffix}`), { force: true });
    }
    console.log(`spans stored when it was killed: ${[...reached].join(', ')}`);
    await watchOnce('killed.sqlite');
    const killed = await stored('killed.sqlite');
    expect(running).toBeGreaterThan(KILLS / 5);
    // Some of the kills came amid the work.
    expect(reached.size).toBeGreaterThan(1);
    expect(killed.length).toBe(undisturbed.length);
    expect(killed).toEqual(undisturbed);
  });

  it('shows counters, and stops gracefully', async () => {
    const port = await freePort();
    const child = start('graceful.sqlite', '--metrics', String(port));
    const gone = ended(child);
    const value = async () => {
      const text = await fetch(`http://127.0.0.1:${port}/metrics`).then(
        (r) => r.text(),
        () => '',
      );
      return Number(/^tracenest_watch_panes_total (\d+)$/m.exec(text)?.[1] ?? 0);
    };
    for (let i = 0; i < 200 && (await value()) < 2; i++) await sleep(100);
    expect(await value()).toBeGreaterThanOrEqual(2);
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    await watchOnce('graceful.sqlite');
    expect(await stored('graceful.sqlite')).toEqual(await stored('undisturbed.sqlite'));
  });

  it('waits for a broker that answers nothing for a while', async () => {
    const child = start('frozen.sqlite', '--once');
    const gone = ended(child);
    await new Promise<void>((resolve) => child.stderr!.on('data', (d: Buffer) => /The broker answers/.test(String(d)) && resolve()));
    broker.freeze();
    await sleep(4_000);
    broker.thaw();
    expect(await gone).toBe(0);
    expect(await stored('frozen.sqlite')).toEqual(await stored('undisturbed.sqlite'));
  });

  /** The sample, so much later, into a topic. */
  const tap = async (topic: string, seconds: number, recordBytes = 20_000) => {
    const file = path.join(dir, `later${seconds}.pcap`);
    writeFileSync(file, shifted(readFileSync(SAMPLE), seconds));
    // A tenant of its own: the same connections again, with the same sequence numbers, would be the same connections.
    const where = [
      '--brokers',
      broker.bootstrap,
      '--topic',
      topic,
      '--tenant',
      `after ${seconds} s`,
      '--record-bytes',
      String(recordBytes),
    ];
    await run(process.execPath, ['dist/cli.js', 'tap', ...where, file], { cwd: ROOT });
  };
  const until = async (store: string, spans: number) => {
    for (let i = 0; i < 300 && (await stored(store).catch(() => [])).length < spans; i++) await sleep(200);
  };

  it('goes on when its broker is killed with -9 and comes back', async () => {
    await tap('bounced', 0);
    const child = start('bounced.sqlite', '--topic', 'bounced');
    let said = '';
    child.stderr!.on('data', (d: Buffer) => (said += d));
    const gone = ended(child);
    await until('bounced.sqlite', 2028);
    await broker.kill();
    await sleep(2_000);
    await broker.restart();
    await tap('bounced', 60);
    await until('bounced.sqlite', 2 * 2028);
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect(said).toMatch(/Nothing can be read: .*The broker answers/s);
    const spans = await stored('bounced.sqlite');
    expect(spans).toHaveLength(2 * 2028);
    expect(new Set(spans.map((s) => s.id)).size).toBe(2 * 2028);
  });

  it('goes on with a topic that is deleted and made again, while it runs and while it does not', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    const remake = async () => {
      await admin.deleteTopics({ topics: ['remade'] });
      await sleep(2_000);
      await admin.createTopics({ topics: ['remade'], partitions: 2, replicas: 1 });
    };
    await tap('remade', 0);
    const child = start('remade.sqlite', '--topic', 'remade');
    let said = '';
    child.stderr!.on('data', (d: Buffer) => (said += d));
    const gone = ended(child);
    await until('remade.sqlite', 2028);
    await remake();
    await tap('remade', 60);
    await until('remade.sqlite', 2 * 2028);
    child.kill('SIGKILL');
    await gone;
    expect(said).toMatch(/There is no such topic.*The topic was deleted and made again/s);
    await remake();
    // Smaller records: where it was in the old topic is amid the new one.
    await tap('remade', 120, 2_000);
    const { stderr } = await run(process.execPath, args('remade.sqlite', '--topic', 'remade', '--once'), { cwd: ROOT });
    expect(stderr).toMatch(/deleted and made again/);
    expect(await stored('remade.sqlite')).toHaveLength(3 * 2028);
    await admin.close();
  });

  it('says what is wrong', async () => {
    await expect(run(process.execPath, [...args('x.sqlite', '--once'), '--topic', 'nowhere'], { cwd: ROOT })).rejects.toThrow(
      /nowhere at .* can't be watched: There is no such topic/,
    );
  });
});
