import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { WaterfallFlag } from '../../src/shared/lists.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type SourceSpec } from '../../src/shared/protocol.ts';
import { Pcapng } from '../engine/net/build.ts';
import { conversation, ipv4 } from '../engine/support/packets.ts';
import { capture, SHOP } from './captures.ts';

const SAMPLE = join(import.meta.dirname, '../../media/sample/shop.pcap');
const OPTIONS = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };
const sessions: Session[] = [];
afterAll(async () => {
  for (const s of sessions) await s.dispose();
});
async function analysed(...sources: SourceSpec[]): Promise<Session> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  sessions.push(session);
  await session.analyse(sources, OPTIONS);
  return session;
}
const bytesOf = (chunks: readonly Uint8Array[]) => Buffer.concat(chunks);

it('holds the calls of its transaction and nothing else, with their times', async () => {
  const whole = await analysed({ kind: 'bytes', name: 'shop.pcap', bytes: readFileSync(SAMPLE) });
  const { generation } = whole.snapshot;
  const { queries } = whole.result!;
  const [longest] = queries.transactions({ generation, offset: 0, limit: 1, sort: 'duration', descending: true }).rows;
  const saved = bytesOf(await whole.packetsFile(longest!.trace));
  const again = await analysed({ kind: 'bytes', name: 'one.pcapng', bytes: saved });
  const slice = queries.waterfall({ generation, trace: longest!.trace, firstRow: 0, rows: 500, collapsed: [] });
  const durations = (s: typeof slice) => Array.from(s.startNs, (from, i) => Math.round(s.endNs[i]! - from)).sort((a, b) => a - b);
  expect(again.snapshot.summary!.calls).toBeGreaterThanOrEqual(longest!.spans);
  const all = again.result!.queries;
  const found: number[] = [];
  for (let t = 0; t < again.snapshot.summary!.transactions; t++)
    found.push(...durations(all.waterfall({ generation: again.snapshot.generation, trace: t, firstRow: 0, rows: 500, collapsed: [] })));
  for (const d of durations(slice)) expect(found).toContain(d);
  expect(BigInt(again.snapshot.summary!.epochNs)).toBeGreaterThanOrEqual(BigInt(whole.snapshot.summary!.epochNs));
});

it('is a capture that other tools read', async () => {
  const session = await analysed({ kind: 'bytes', name: 'x.pcap', bytes: capture(SHOP) });
  const saved = bytesOf(await session.packetsFile(0));
  const dir = mkdtempSync(join(tmpdir(), 'tracenest-saved-'));
  try {
    const path = join(dir, 'one.pcapng');
    writeFileSync(path, saved);
    let text: string;
    try {
      text = execFileSync('tshark', ['-r', path, '-T', 'fields', '-e', 'frame.protocols', '-e', 'frame.interface_name'], {
        encoding: 'utf8',
      });
    } catch (e) {
      if ((e as NodeJS.ErrnoException).code !== 'ENOENT') throw e;
      console.log('skipped: tshark is not installed');
      return;
    }
    const lines = text.trim().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(2);
    for (const line of lines) expect(line).toMatch(/^eth:ethertype:ip:tcp.*\tx\.pcap$/);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

it('refuses what is no transaction', async () => {
  const session = await analysed({ kind: 'bytes', name: 'x.pcap', bytes: capture(SHOP) });
  await expect(session.packetsFile(99)).rejects.toThrow('There is no transaction 99');
});

it('packets without a time are saved without one, and are said to have none', async () => {
  const answer = `HTTP/1.1 200 OK\r\nContent-Length: 203\r\n\r\n${'x'.repeat(203)}`;
  const steps = conversation([
    ['client', 'GET /a HTTP/1.1\r\nHost: shop\r\n\r\n'],
    ['server', answer],
  ]);
  // The answer comes through a second interface's section, cut to a length that needs padding.
  const file = new Pcapng().section().interface(101, { resolution: 9 });
  for (const [i, step] of steps.slice(0, 4).entries()) file.enhanced(0, 100_000_000_000n + BigInt(i) * 1_000_000n, ipv4(step));
  file.section().interface(101, { resolution: 9, snap: 121 }).simple(ipv4(steps[4]!).subarray(0, 121), ipv4(steps[4]!).length);
  const session = await analysed({ kind: 'bytes', name: 'x.pcapng', bytes: Uint8Array.from(file.bytes()) });
  const packets = async (s: Session) => await s.packets(0);
  const [request, response] = await packets(session);
  expect([request!.note, response!.note]).toEqual(['', 'untimed']);
  const again = await analysed({ kind: 'bytes', name: 'y.pcapng', bytes: bytesOf(await session.packetsFile(0)) });
  const saved = await packets(again);
  expect(saved.map((p) => [p.note, p.capturedBytes, p.originalBytes])).toEqual([
    ['', request!.capturedBytes, request!.originalBytes],
    ['untimed', 121, response!.originalBytes],
  ]);
  for (const s of [session, again]) {
    const { generation } = s.snapshot;
    const { flags } = s.result!.queries.waterfall({ generation, trace: 0, firstRow: 0, rows: 9, collapsed: [] });
    expect(flags[0]! & WaterfallFlag.unsureTimes).toBe(WaterfallFlag.unsureTimes);
  }
});
