/** Files that change while they are read, databases that go away, clocks that jump. Brokers that are killed: test/kafka. */
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { LiveWindow } from '../../src/session/liveWindow.ts';
import { Session } from '../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type Snapshot } from '../../src/shared/protocol.ts';
import { StoreError } from '../../src/tracestore/api.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { capture, SHOP } from '../session/captures.ts';

const SAMPLE = path.resolve(import.meta.dirname, '../../media/sample/shop.pcap');
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-changes-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Analyses a copy of the sample, to which `change` happens when reading has begun. */
async function changedWhileRead(name: string, change: (file: string) => void): Promise<Snapshot> {
  const file = path.join(folder, name);
  writeFileSync(file, readFileSync(SAMPLE));
  let changed = false;
  const session: Session = new Session({
    snapshot: ({ status }) => {
      if (changed || status.kind !== 'analysing' || !status.text.startsWith('Reading')) return;
      changed = true;
      change(file);
    },
    log: () => {},
  });
  await session.analyse([{ kind: 'file', path: file, name }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'fcfs' });
  await session.dispose();
  expect(changed).toBe(true);
  return session.snapshot;
}

describe('a capture that changes while it is read', () => {
  it('cut short: what was read is shown, and what happened is said', async () => {
    const { status, summary, stale } = await changedWhileRead('cut.pcap', (file) => truncateSync(file, 1_200_001));
    expect(status.kind).toBe('partial');
    expect(summary?.calls).toBeGreaterThan(500);
    expect(stale).toContain('became shorter');
  });
  it('deleted: it is read to its end, and said', async () => {
    const { status, summary, stale } = await changedWhileRead('deleted.pcap', (file) => rmSync(file));
    expect(status.kind).toBe('ready');
    expect(summary?.calls).toBe(2028);
    expect(stale).toContain('was deleted');
  });
  it('overwritten in the middle: no exception, and it is said', async () => {
    const { status, stale } = await changedWhileRead('overwritten.pcap', (file) =>
      writeFileSync(file, Buffer.alloc(readFileSync(file).length, 7)),
    );
    expect(['ready', 'partial']).toContain(status.kind);
    expect(stale).toMatch(/was written to|became shorter|has grown/);
  });
});

describe('a database that goes away', () => {
  const listen = (server: Server) =>
    new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)));

  it('in the middle of an answer, and for good: the store says so in words', async () => {
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.writeHead(200, { 'content-type': 'application/json' });
      response.write('{"results":[{"series":[{"name":"hop","columns":["time"],');
      setTimeout(() => response.destroy(), 20);
    });
    const port = await listen(server);
    const store = openStore(`influx+http://127.0.0.1:${port}/traces`, 'read');
    await expect(store.contents()).rejects.toThrow(/InfluxDB broke off its answer/);
    expect(requests).toBeGreaterThan(0);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    const gone = store.append([], { key: 'a', value: 'b' });
    await expect(gone).rejects.toBeInstanceOf(StoreError);
    await expect(gone).rejects.toThrow(/does not take points: /);
    await store.close();
  }, 30_000);

  it('for a moment: what is written arrives once it is back', async () => {
    let requests = 0;
    const bodies: string[] = [];
    const server = createServer((request, response) => {
      if (++requests <= 2) {
        request.socket.destroy();
        return;
      }
      request.on('data', (d) => bodies.push(String(d)));
      request.on('end', () => response.writeHead(204).end());
    });
    const port = await listen(server);
    const store = openStore(`influx2+http://127.0.0.1:${port}/org/bucket`, 'write');
    await store.append([], { key: 'writer', value: 'here' });
    expect(bodies.join('')).toContain('here');
    await store.close();
    server.close();
  });
});

describe('clocks that jump', () => {
  const S = 1_000_000_000n;
  const packets = capture(SHOP);
  const add = (window: LiveWindow, partition: number, second: number) => {
    const ns = BigInt(second) * S;
    window.add(partition, { kind: 'packets', firstNs: ns, lastNs: ns, capture: packets, packets: 1, tenant: '' });
    window.trim();
  };

  it('one packet of the far future costs what came before it, not all that comes after', () => {
    const window = new LiveWindow(60_000, 1e9);
    for (let s = 1000; s < 1010; s++) add(window, 0, s);
    add(window, 0, 4_000_000_000);
    for (let s = 1010; s < 1080; s++) add(window, 0, s);
    expect(window.setBacks).toBe(1);
    expect(window.late).toBeLessThan(40);
    expect(window.records).toBeGreaterThan(30);
    expect(window.spanMs).toBeLessThanOrEqual(60_000);
  });
  it('a tap set back by an hour is shown again after a moment; one that lags behind another is only late', () => {
    const window = new LiveWindow(60_000, 1e9);
    for (let s = 10_000; s < 10_050; s++) add(window, 0, s);
    for (let s = 6_400; s < 6_500; s++) add(window, 0, s);
    expect(window.setBacks).toBe(1);
    expect(window.records).toBeGreaterThan(50);
    const two = new LiveWindow(60_000, 1e9);
    for (let s = 0; s < 100; s++) {
      add(two, 0, 10_000 + s);
      add(two, 1, 5_000 + s);
    }
    expect(two.setBacks).toBe(0);
    expect(two.late).toBe(100);
    expect(two.records).toBeGreaterThan(50);
  });
});
