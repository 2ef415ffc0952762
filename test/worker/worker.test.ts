import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { startWorker, type WorkerClient } from '../../src/host/workerLink.ts';
import {
  type AnalysisOptions,
  DEFAULT_ANALYSIS_OPTIONS,
  EXPORT_FORMATS,
  type Snapshot,
  type SourceSpec,
} from '../../src/shared/protocol.ts';
import { capture, SHOP } from '../session/captures.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SAMPLE: SourceSpec = { kind: 'file', path: join(ROOT, 'media/sample/shop.pcap'), name: 'shop.pcap' };
const OPTIONS: AnalysisOptions = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };

let out = '';
beforeAll(() => {
  out = mkdtempSync(join(tmpdir(), 'tracenest-worker-'));
  execFileSync(process.execPath, ['esbuild.mjs', 'worker', `--outdir=${out}`], { cwd: ROOT });
});
afterAll(() => rmSync(out, { recursive: true }));

const clients: WorkerClient[] = [];
afterEach(async () => {
  for (const client of clients.splice(0)) await client.dispose();
});
function start() {
  const snapshots: Snapshot[] = [];
  const ended: string[] = [];
  const client = startWorker(join(out, 'worker.js'), 512, {
    snapshot: (s) => snapshots.push(s),
    log: () => {},
    ended: (why) => ended.push(why),
  });
  clients.push(client);
  return { ...client, snapshots, ended };
}

describe('the built worker', () => {
  it('analyses and answers', async () => {
    const { peer, snapshots } = start();
    await peer.call('analyse', { sources: [SAMPLE], options: OPTIONS });
    const { status, summary, generation } = snapshots.at(-1)!;
    expect(status.kind).toBe('ready');
    expect(summary).toMatchObject({ calls: 2028, services: 10 });
    const graph = await peer.call('graph', { generation, maxServices: 60 });
    expect(graph.services).toHaveLength(11);
    const { rows, total } = await peer.call('transactions', { generation, offset: 0, limit: 3, sort: 'duration', descending: true });
    expect(rows).toHaveLength(3);
    expect(total).toBe(summary!.transactions);
    const details = await peer.call('call', { generation, call: rows[0]!.rootCall });
    expect(details.endNs - details.startNs).toBeCloseTo(rows[0]!.durationNs, -1);
    const samples = await peer.call('edgeSamples', { generation });
    expect(samples.reduce((n, s) => n + s.calls, 0)).toBe(2028);
    const packets = await peer.call('packets', { generation, call: rows[0]!.rootCall });
    expect(packets[0]!.frame).toBe(details.requestFrame);
    expect(packets.at(-1)!.frame).toBe(details.responseFrame);
    const bytes = await peer.call('bytes', {
      generation,
      capture: 0,
      fileOffset: packets[0]!.fileOffset,
      length: packets[0]!.capturedBytes,
    });
    expect(Buffer.from(bytes.subarray(packets[0]!.payloadAt)).toString('latin1')).toContain(' HTTP/1.1\r\n');
  });
  it.each(EXPORT_FORMATS)('exports %s', async (format) => {
    const { peer, snapshots } = start();
    await peer.call('analyse', { sources: [{ kind: 'bytes', name: 'x.pcap', bytes: capture(SHOP) }], options: OPTIONS });
    const chunks = await peer.call('exportAs', { generation: snapshots.at(-1)!.generation, format });
    expect(chunks.reduce((n, c) => n + c.length, 0)).toBeGreaterThan(100);
    expect(chunks[0]).toBeInstanceOf(Uint8Array);
  });
  it('answers a question of an earlier result, a bad filter and a missing row with what is wrong', async () => {
    const { peer, snapshots } = start();
    await expect(peer.call('services', { generation: 1 })).rejects.toMatchObject({ code: 'stale' });
    await peer.call('analyse', { sources: [SAMPLE], options: OPTIONS });
    const { generation } = snapshots.at(-1)!;
    await expect(peer.call('services', { generation: generation - 1 })).rejects.toMatchObject({ code: 'stale' });
    await expect(peer.call('transaction', { generation, trace: 1e9 })).rejects.toMatchObject({ code: 'not-found' });
    await expect(peer.call('services', { generation, filter: 'status:' })).rejects.toMatchObject({ code: 'invalid' });
  });
  it('can be cancelled, and goes on being useful', async () => {
    const { peer, snapshots } = start();
    const running = peer.call('analyse', { sources: [SAMPLE], options: OPTIONS });
    await peer.call('cancel', {});
    await running;
    expect(snapshots.at(-1)!.status.kind).toBe('cancelled');
    await peer.call('analyse', { sources: [SAMPLE], options: OPTIONS });
    expect(snapshots.at(-1)!.status.kind).toBe('ready');
  });
  it('a failing capture is a snapshot, not a rejection', async () => {
    const { peer, snapshots } = start();
    await peer.call('analyse', { sources: [{ kind: 'bytes', name: 'x', bytes: Buffer.from('no capture here') }], options: OPTIONS });
    expect(snapshots.at(-1)!.status.kind).toBe('failed');
  });
});
