import { appendFileSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { type AnalysisOptions, DEFAULT_ANALYSIS_OPTIONS, type Snapshot, type SourceSpec } from '../../src/shared/protocol.ts';
import { growCapture } from '../bench/grow.ts';
import { capture, exchange, get, ok, pcap, SHOP, tls } from './captures.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample/shop.pcap');
let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'tracenest-session-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

const sessions: Session[] = [];
afterEach(async () => {
  for (const s of sessions.splice(0)) await s.dispose();
});
function begin() {
  const snapshots: Snapshot[] = [];
  const logged: string[] = [];
  const session = new Session({ snapshot: (s) => snapshots.push(s), log: (_, text) => logged.push(text) });
  sessions.push(session);
  return { session, snapshots, logged };
}
const inMemory = (bytes: Uint8Array, name = 'x.pcap'): SourceSpec => ({ kind: 'bytes', name, bytes });
const onDisk = (name: string, bytes: Uint8Array | string): SourceSpec & { kind: 'file' } => {
  const path = join(dir, name);
  writeFileSync(path, bytes);
  return { kind: 'file', path, name };
};
const OPTIONS: AnalysisOptions = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };
async function analysed(sources: SourceSpec | readonly SourceSpec[], options: Partial<AnalysisOptions> = {}) {
  const begun = begin();
  await begun.session.analyse('kind' in sources ? [sources] : sources, { ...OPTIONS, ...options });
  expect(begun.logged).toEqual([]);
  return begun;
}
const scope = (session: Session) => ({ generation: session.snapshot.generation });

describe('an analysis', () => {
  it('tells its stages, then is ready with calls, services and transactions', async () => {
    const { session, snapshots } = await analysed(inMemory(capture(SHOP)));
    const { status, summary, provisional } = session.snapshot;
    expect(status).toEqual({ kind: 'ready' });
    expect(provisional).toBe(false);
    expect(summary).toMatchObject({ title: 'x.pcap', calls: 4, transactions: 2, services: 3, errors: 1, placed: 2 });
    const stages = snapshots.flatMap((s) => (s.status.kind === 'analysing' ? [s.status.stage] : []));
    expect([...new Set(stages)]).toEqual(['read', 'pair', 'nest', 'summarise']);
    const generations = snapshots.map((s) => s.generation);
    expect(generations).toEqual([...generations].sort((a, b) => a - b));
    const names = session.result!.queries.services(scope(session)).map((s) => s.name);
    expect(names.sort()).toEqual(['clients', 'db', 'orders', 'web']);
  });
  it('is the same for several files of one timeline, in any order, compressed or not', async () => {
    const parts = [SHOP.filter((s) => s.timeUs < 5000), SHOP.filter((s) => s.timeUs >= 5000)].map(capture);
    const whole = (await analysed(inMemory(capture(SHOP)))).session;
    const split = (await analysed([inMemory(gzipSync(parts[1]!), 'b'), inMemory(parts[0]!, 'a')])).session;
    const lines = (s: Session) =>
      [...s.exportPieces(scope(s), 'otlp')].join('').replaceAll(/\{"key":"tracenest\.(frames|capture)".*?\}\},(?=\{"key")/g, '');
    expect(split.snapshot.summary).toMatchObject({ calls: 4, transactions: 2, sources: ['b', 'a'] });
    expect(JSON.parse(lines(split)).resourceSpans.length).toBe(JSON.parse(lines(whole)).resourceSpans.length);
    const ids = (s: Session) =>
      [...s.exportPieces(scope(s), 'calls')]
        .join('')
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l).id)
        .sort();
    expect(ids(split)).toEqual(ids(whole));
  });
  it('gives provisional results while it reads a larger capture', async () => {
    // The sample eight times over: what matters is its size.
    const { readFileSync } = await import('node:fs');
    const sample = readFileSync(SAMPLE);
    const records = sample.subarray(24);
    const { snapshots, session } = await analysed(inMemory(Buffer.concat([sample, ...Array.from({ length: 11 }, () => records)])));
    const withResults = snapshots.filter((s) => s.provisional && s.summary !== null);
    expect(withResults.length).toBeGreaterThan(0);
    expect(withResults[0]!.summary!.calls).toBeGreaterThan(500);
    expect(withResults[0]!.generation).toBeLessThan(session.snapshot.generation);
    const texts = snapshots.flatMap((s) => (s.status.kind === 'analysing' ? [s.status.text] : []));
    expect(texts.some((t) => /^Reading \d+.% - [\d,]+ streams$/.test(t))).toBe(true);
  });
  it('gives one provisional result of all calls when inferring takes long, none when it does not', async () => {
    const generations = async (clock: (ms: number) => number) => {
      let ms = 0;
      const now = vi.spyOn(performance, 'now').mockImplementation(() => clock(ms++));
      const { snapshots, session } = await analysed({ kind: 'file', path: SAMPLE, name: 'shop.pcap' });
      now.mockRestore();
      expect(session.snapshot).toMatchObject({ provisional: false, summary: { calls: 2028 } });
      const shown = snapshots.filter((s) => s.provisional && s.summary !== null);
      for (const { status, summary } of shown) expect([status.kind, summary!.calls]).toEqual(['analysing', 2028]);
      return new Set(shown.map((s) => s.generation)).size;
    };
    expect(await generations((ms) => ms * 1000)).toBe(1);
    expect(await generations(() => 0)).toBe(0);
  });
  it('can be cancelled while it reads; it says so once, and a new run works', async () => {
    const { session, snapshots } = begin();
    const running = session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], OPTIONS);
    await new Promise((resolve) => setImmediate(resolve));
    session.cancel();
    await running;
    expect(snapshots.at(-1)!.status).toEqual({ kind: 'cancelled' });
    expect(snapshots.filter((s) => s.status.kind === 'cancelled')).toHaveLength(1);
    await session.analyse([inMemory(capture(SHOP))], OPTIONS);
    expect(session.snapshot.status.kind).toBe('ready');
  });
  it('a second run takes over from the first', async () => {
    const { session, snapshots } = begin();
    const first = session.analyse([{ kind: 'file', path: SAMPLE, name: 'shop.pcap' }], OPTIONS);
    const second = session.analyse([inMemory(capture(SHOP))], OPTIONS);
    await Promise.all([first, second]);
    expect(session.snapshot).toMatchObject({ status: { kind: 'ready' }, summary: { calls: 4 } });
    expect(snapshots.filter((s) => s.status.kind === 'ready')).toHaveLength(1);
  });
});

/** Connections of one request each, a millisecond apart. */
function manyConnections(connections: number, { closes }: { closes: boolean }): string {
  const path = join(dir, `connections-${connections}-${closes}.pcap`);
  const one = (i: number) =>
    exchange({
      client: `10.1.${i >> 15}.5`,
      clientPort: 20_000 + (i & 0x7fff),
      server: '10.2.0.1',
      at: (i + 1) * 1000,
      end: (i + 1) * 1000 + 300,
      request: get('shop', `/item/${i}`),
      response: ok(),
      closes,
    });
  writeFileSync(path, capture(Array.from({ length: connections }, (_, i) => one(i)).flat()));
  return path;
}

describe('what is wrong is said in words', () => {
  const failed = async (source: SourceSpec) => {
    const { status } = (await analysed(source)).session.snapshot;
    if (status.kind === 'failed') return status.error;
    if (status.kind === 'empty') return status.reason;
    throw new Error(`it is ${status.kind}`);
  };
  it('an empty file', async () => {
    expect((await failed(onDisk('empty.pcap', ''))).what).toContain('the file is empty');
  });
  it('a text file', async () => {
    const { what, next } = await failed(onDisk('text.pcap', 'Hello, this is no capture.\n'));
    expect(what).toContain('not a capture: first bytes 48 65 6c 6c 6f');
    expect(next).not.toBe('');
  });
  it('a file of two bytes', async () =>
    expect((await failed(onDisk('two.pcap', 'ab'))).what).toContain('not a capture: first bytes 61 62'));
  it('no file', async () =>
    expect((await failed({ kind: 'file', path: join(dir, 'no.pcap'), name: 'no.pcap' })).what).toContain('was not found'));
  it('a header without packets', async () => expect((await failed(inMemory(pcap([])))).what).toBe('The capture holds no packets'));
  it('an unsupported link type, named and counted', async () => {
    const packets = Array.from({ length: 3 }, (_, i) => ({ timeUs: i, bytes: new Uint8Array(60) }));
    expect((await failed(inMemory(pcap(packets, 147)))).what).toBe('Interface 0: link type 147 (USER0) unsupported; 3 packets skipped');
  });
  it('only TLS, with the share of bytes and where to capture instead', async () => {
    const { what, next } = await failed(inMemory(capture(tls('shop.example'))));
    expect(what).toMatch(/^(9\d|100).% of bytes are TLS/);
    expect(next).toContain('behind the TLS proxy');
  });
  it('nearly only TLS: the few calls beside it are shown, and that they are not the traffic', async () => {
    const { session } = await analysed(inMemory(capture([...tls('shop.example'), ...SHOP])));
    const { status, summary } = session.snapshot;
    expect(status.kind === 'partial' && status.reasons[0]!.what).toMatch(/^\d+.% of bytes are TLS/);
    expect(summary!.calls).toBe(4);
    expect((await analysed(inMemory(capture(SHOP)))).session.snapshot.status.kind).toBe('ready');
  });
  it('no requests at all', async () => {
    const syn = SHOP.filter((s) => s.payload.length === 0);
    expect((await failed(inMemory(capture(syn)))).what).toContain('No requests were found in 16 packets of 4 connections');
  });
  it('a file cut in mid-packet: all before it, with the byte', async () => {
    const whole = capture(SHOP);
    const { session } = await analysed(inMemory(whole.subarray(0, whole.length - 10)));
    const { status, summary } = session.snapshot;
    expect(status.kind === 'partial' && status.reasons[0]).toMatchObject({
      what: expect.stringContaining(`capture ends mid-packet at byte ${whole.length - 10}`),
    });
    expect(summary).toMatchObject({ calls: 4 });
  });
  it('a cut compressed file', async () => {
    const zipped = gzipSync(capture(SHOP));
    const { status } = (await analysed(inMemory(zipped.subarray(0, zipped.length - 9)))).session.snapshot;
    expect(JSON.stringify(status)).toContain('The compressed data ends early');
  });
  it('several that are none: each is named', async () => {
    const { session } = await analysed([onDisk('none.pcap', ''), onDisk('words.pcap', 'Hello, this is no capture.\n')]);
    const { status } = session.snapshot;
    expect(status.kind === 'failed' && status.error.what).toMatch(/^none\.pcap: the file is empty; words\.pcap: not a capture/);
  });
  it('of several captures the one whose link type is unsupported', async () => {
    const odd = pcap([{ timeUs: 1, bytes: new Uint8Array(60) }], 147);
    const { status } = (await analysed([inMemory(capture(SHOP), 'a'), inMemory(odd, 'b')])).session.snapshot;
    expect(status.kind === 'partial' && status.reasons[0]!.what).toBe(
      'Interface 0 of capture 2: link type 147 (USER0) unsupported; 1 packet skipped',
    );
  });
  it('one capture of two is missing: the other is shown, as a part', async () => {
    const { session } = await analysed([inMemory(capture(SHOP)), { kind: 'file', path: join(dir, 'no.pcap'), name: 'no.pcap' }]);
    expect(session.snapshot).toMatchObject({ status: { kind: 'partial' }, summary: { calls: 4 } });
  });
  it('more calls than memory allows: statistics of all, transactions by rule, and it says so', async () => {
    const path = join(dir, 'grown.pcap');
    growCapture(readFileSync(SAMPLE), 10e6, path);
    const { session, snapshots } = begin();
    const looks: Promise<boolean>[] = [];
    const running = session.analyse([{ kind: 'file', path, name: 'grown.pcap' }], { ...OPTIONS, maxMemoryMb: 82 });
    const look = async () => {
      const { queries } = session.result!;
      const [call] = queries.transactions({ ...scope(session), offset: 0, limit: 1, sort: 'start', descending: true }).rows;
      return (await queries.packets({ ...scope(session), call: call!.rootCall }))[0]!.timeNs === call!.startNs;
    };
    let seen = 0;
    const timer = setInterval(() => {
      const { snapshot } = session;
      if (!snapshot.provisional || !snapshot.summary?.kept || snapshot.generation === seen) return;
      seen = snapshot.generation;
      looks.push(look());
    }, 1);
    await running;
    clearInterval(timer);
    expect(looks.length).toBeGreaterThan(0);
    expect(await Promise.all(looks)).not.toContain(false);
    const { status, summary } = session.snapshot;
    expect(status.kind === 'partial' && status.reasons[0]!.what).toMatch(/^[\d,]+ of 1,122 transactions are kept in detail/);
    expect(summary).toMatchObject({ calls: 12_168, transactions: 1122 });
    expect(summary!.kept!.transactions).toBeLessThan(561);
    // Results amid reading are of everything so far too, and lead to their own packets.
    const provisional = snapshots.filter((s) => s.provisional && s.summary?.kept);
    expect(provisional.length).toBeGreaterThan(0);
    for (const { summary: s } of provisional) expect(s!.calls).toBeGreaterThan(s!.kept!.calls);
    // Kept calls lead back to their packets.
    const { queries } = session.result!;
    const [slowest] = queries.transactions({ ...scope(session), offset: 0, limit: 1, sort: 'duration', descending: true }).rows;
    const packets = await queries.packets({ ...scope(session), call: slowest!.rootCall });
    expect(packets[0]!.timeNs).toBe(slowest!.startNs);
  });
  it('memory that not even connections fit in: how far it read, and what to do', async () => {
    // All of them stay open.
    const path = manyConnections(40_000, { closes: false });
    const { session } = await analysed({ kind: 'file', path, name: 'open.pcap' }, { maxMemoryMb: 84 });
    const { status, summary } = session.snapshot;
    const what = status.kind === 'partial' ? status.reasons.map((r) => r.what) : [];
    expect(what.filter((w) => /^Reading stopped after .* \(\d/.test(w))).toHaveLength(1);
    expect(summary!.calls).toBeGreaterThan(0);
    expect(summary!.calls).toBeLessThan(40_000);
  });
  it('more connections than memory allows, one after the other: statistics of all of them', async () => {
    const path = manyConnections(60_000, { closes: true });
    const { session } = await analysed({ kind: 'file', path, name: 'closed.pcap' }, { maxMemoryMb: 90 });
    const { status, summary } = session.snapshot;
    const what = status.kind === 'partial' ? status.reasons.map((r) => r.what) : [];
    expect(what).toEqual([expect.stringMatching(/^[\d,]+ of 60,000 transactions are kept in detail/)]);
    expect(summary).toMatchObject({ calls: 60_000, transactions: 60_000 });
    expect(session.result!.queries.edges(scope(session)).map((e) => e.latency.calls)).toEqual([60_000]);
  });
  it('a file that grew while it was read', async () => {
    const source = onDisk('grows.pcap', capture(SHOP));
    const { session, snapshots } = begin();
    const running = session.analyse([source], OPTIONS);
    while (!snapshots.some((s) => s.status.kind === 'analysing' && s.status.text.startsWith('Reading')))
      await new Promise((resolve) => setImmediate(resolve));
    appendFileSync(source.path, 'more');
    await running;
    expect(session.snapshot.stale).toContain('has grown');
  });
});

describe('packets', () => {
  it.each([
    ['a file', (bytes: Uint8Array) => onDisk('packets.pcap', bytes)],
    ['a compressed file', (bytes: Uint8Array) => onDisk('packets.pcap.gz', gzipSync(bytes))],
    ['memory', (bytes: Uint8Array) => inMemory(bytes)],
  ] as const)('of a call come back from %s, byte for byte', async (_, source) => {
    const { session } = await analysed(source(capture(SHOP)));
    const { queries } = session.result!;
    const { rows } = queries.transactions({ ...scope(session), offset: 0, limit: 10, sort: 'duration', descending: true });
    const packets = await session.packets(rows[0]!.rootCall);
    // Between the request's and the response's frame: both, nothing of other connections.
    expect(packets.map((p) => [p.direction, p.note, p.payloadBytes! > 0])).toEqual([
      ['request', '', true],
      ['response', '', true],
    ]);
    expect(packets[0]!.timeNs).toBe(60_000);
    for (const p of packets) {
      const bytes = await session.bytes(p.capture, p.fileOffset, p.capturedBytes);
      const text = Buffer.from(bytes.subarray(p.payloadAt)).toString('latin1');
      expect(text).toMatch(p.direction === 'request' ? /^GET \/orders\/17\?full=1 HTTP/ : /^HTTP\/1\.1 200/);
    }
  });
  it('retransmissions, gaps and late segments are marked', async () => {
    const [syn, synAck, ack, request, response] = SHOP.slice(0, 6) as [
      (typeof SHOP)[0],
      (typeof SHOP)[0],
      (typeof SHOP)[0],
      (typeof SHOP)[0],
      (typeof SHOP)[0],
    ];
    const part = (from: number, to: number, timeUs: number) => ({
      ...response,
      timeUs,
      sequence: 5000 + from,
      payload: response.payload.subarray(from, to),
    });
    const end = response.payload.length;
    const segments = [
      syn,
      synAck,
      ack,
      request,
      { ...request, timeUs: 1500 },
      part(0, 10, 3000),
      part(20, 30, 3100),
      part(10, 20, 3200),
      part(30, end, 3300),
    ];
    const { session } = await analysed(inMemory(capture(segments)));
    expect((await session.packets(0)).map((p) => p.note)).toEqual(['', 'retransmission', '', 'gap', 'out-of-order', '']);
  });
  it('says that the file is gone', async () => {
    const source = onDisk('gone.pcap', capture(SHOP));
    const { session } = await analysed(source);
    unlinkSync(source.path);
    await expect(session.packets(0)).rejects.toThrow('deleted or renamed');
    await expect(session.packets(99)).rejects.toThrow('There is no call 99');
    await expect(session.bytes(5, 0, 1)).rejects.toThrow('no such capture');
  });
});
