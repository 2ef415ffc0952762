import { createServer } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { storeContents } from '../../src/session/places.ts';
import { Session } from '../../src/session/session.ts';
import { storedSpans } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type SourceSpec } from '../../src/shared/protocol.ts';
import { secretsFrom } from '../../src/tracestore/influx/address.ts';
import { InfluxStore } from '../../src/tracestore/influx/store.ts';
import { openStore } from '../../src/tracestore/open.ts';
import { ALL, all, makeSpans, storeSuite } from '../tracestore/suite.ts';
import { type Influxd, startInfluxd } from './influxd.ts';

let influxd: Influxd;
let databases = 0;
beforeAll(async () => {
  influxd = await startInfluxd();
});
afterAll(async () => {
  await influxd.stop();
});
storeSuite('InfluxDB 1.x', async () => openStore(`influx+http://${influxd.address}/test${databases++}`, 'write'));

describe('InfluxDB', () => {
  it('loses nothing when it is killed with -9 under a writer, and started again', async () => {
    const store = openStore(`influx+http://${influxd.address}/killed`, 'write');
    const spans = makeSpans(9_000);
    await store.append(spans.slice(0, 3_000), { key: 'w', value: '1' });
    const down = influxd.kill().then(() => influxd.restart());
    await store.append(spans.slice(3_000), { key: 'w', value: '2' });
    await down;
    expect(await store.checkpoint('w')).toBe('2');
    const ids = new Set((await all(store)).map((s) => s.id));
    expect(ids.size).toBe(spans.length);
    await store.close();
  });

  it('gone under an open analysis: it fails in words, at once or in the middle of an answer, and is read again when the database is back', async () => {
    const store = openStore(`influx+http://${influxd.address}/open`, 'write');
    await store.append(makeSpans(2_000));
    await store.close();
    // Between us and the database, so that a connection can break in the middle of an answer.
    let left = Number.POSITIVE_INFINITY;
    const line = net.createServer((socket) => {
      const [host, port] = influxd.address.split(':');
      const behind = net.connect(Number(port), host);
      socket.pipe(behind);
      behind.on('data', (d: Buffer) => {
        socket.write(d.subarray(0, Math.max(0, left)));
        left -= d.length;
        if (left < 0) socket.destroy();
      });
      for (const [end, other] of [
        [socket, behind],
        [behind, socket],
      ] as const)
        end.on('error', () => other.destroy()).on('close', () => other.destroy());
    });
    await new Promise<void>((resolve) => line.listen(0, '127.0.0.1', resolve));
    const url = `influx+http://127.0.0.1:${(line.address() as AddressInfo).port}/open`;
    const source: SourceSpec = { kind: 'store', name: 'open', url, fromNs: String(ALL.fromNs), toNs: String(ALL.toNs) };
    const session = new Session({ snapshot: () => {}, log: () => {} });
    const status = async () => {
      await session.analyse([source], DEFAULT_ANALYSIS_OPTIONS);
      return session.snapshot.status;
    };
    expect((await status()).kind).toBe('ready');
    const { calls } = session.snapshot.summary!;
    left = 20_000;
    const failed = { kind: 'failed', error: { what: "open can't be read", next: expect.stringContaining('Check that it runs') } };
    expect(await status()).toMatchObject({ ...failed, error: { ...failed.error, why: expect.stringContaining('broke off its answer') } });
    left = Number.POSITIVE_INFINITY;
    await influxd.kill();
    expect(await status()).toMatchObject(failed);
    await influxd.restart();
    expect((await status()).kind).toBe('ready');
    expect(session.snapshot.summary!.calls).toBe(calls);
    await session.dispose();
    line.close();
  });

  it('waits for a slow one: answers that take a second each', async () => {
    const slow = createServer(async (q, a) => {
      const parts: Buffer[] = [];
      for await (const part of q) parts.push(part as Buffer);
      await sleep(1_000);
      const body = q.method === 'POST' ? { body: Buffer.concat(parts), headers: { 'content-type': q.headers['content-type'] ?? '' } } : {};
      const answer = await fetch(`http://${influxd.address}${q.url}`, { method: q.method ?? 'GET', ...body });
      a.writeHead(answer.status).end(Buffer.from(await answer.arrayBuffer()));
    });
    await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
    const store = openStore(`influx+http://127.0.0.1:${(slow.address() as AddressInfo).port}/slow`, 'write');
    await store.append(makeSpans(100), { key: 'w', value: 'x' });
    expect(await all(store)).toHaveLength(300);
    await store.close();
    slow.close();
  });

  it('has no transaction id and no address in a tag', async () => {
    const store = openStore(`influx+http://${influxd.address}/tags`, 'write');
    await store.append(makeSpans(5));
    const answer = await fetch(`http://${influxd.address}/query?db=tags&q=SHOW+SERIES`).then((r) => r.text());
    expect(answer).toContain('op=GET');
    expect(answer).not.toMatch(/10\.0\.0\.|0000000000/);
    const keys = await fetch(`http://${influxd.address}/query?db=tags&q=SHOW+TAG+KEYS`).then((r) => r.text());
    expect([...keys.matchAll(/\["(\w+)"\]/g)].map((m) => m[1])).toEqual(['tagKey', 'dst', 'op', 'proto', 'src', 'tenant']);
  });

  /** 2.x and 3 are not in Debian: what is sent to them is checked, not that they take it. */
  it.each([
    ['influx2', '/o/b', '/api/v2/write?org=o&bucket=b&precision=ns', 'Token t0p'],
    ['influx3', '/d', '/api/v3/write_lp?db=d&precision=nanosecond', 'Bearer t0p'],
  ])('speaks the write protocol of %s, and waits while it is busy', async (kind, path, expectedUrl, authorization) => {
    const requests: { url?: string; auth?: string; body: string }[] = [];
    const server = createServer(async (q, a) => {
      let body = '';
      for await (const part of q) body += part;
      requests.push({ url: q.url, auth: q.headers.authorization, body });
      a.writeHead(requests.length === 1 ? 503 : 204).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const store = new InfluxStore(`${kind}+http://127.0.0.1:${port}${path}`, 'write', secretsFrom({ TRACENEST_INFLUX_TOKEN: 't0p' }));
    await store.append(makeSpans(2));
    expect(requests).toHaveLength(2);
    expect(requests[1]).toMatchObject({ url: expectedUrl, auth: authorization, body: requests[0]?.body });
    expect(requests[1]?.body.split('\n')).toHaveLength(6);
    expect(requests[1]?.body).toMatch(/^hop,dst=web,op=GET\\ \/cart,proto=http\/1,src=clients .*,dur_us=1919\.919,/m);
    server.close();
  });

  it('gives the call graph, latencies and transactions of the capture itself', async () => {
    const analysed = async (source: SourceSpec) => {
      const session = new Session({ snapshot: () => {}, log: () => {} }, false);
      await session.analyse([source], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' });
      return session.exportSource({ generation: session.snapshot.generation });
    };
    const capture = await analysed({
      kind: 'file',
      path: path.resolve(import.meta.dirname, '../../media/sample/shop.pcap'),
      name: 'shop.pcap',
    });
    const url = `influx+http://${influxd.address}/shop`;
    const store = openStore(url, 'write');
    const [embedded, spans] = [openStore(':memory:', 'write'), [...storedSpans(capture)]];
    await store.append(spans);
    await embedded.append(spans);
    const stored = await analysed({ kind: 'store', url, name: 'shop', fromNs: '0', toNs: String(1n << 62n) });
    const answer = (s: typeof capture) => ({
      services: s.services.map((n) => [n.name, n.inbound]),
      edges: s.edges.map((e) => [e.from, e.to, e.latency, e.guessedShare, e.confidence]),
      transactions: s.slowest.map((t) => [t.id, t.durationNs, t.spans, t.errors, t.minConfidence]),
    });
    expect(answer(stored)).toEqual(answer(capture));
    expect(await store.edges(ALL)).toEqual(await embedded.edges(ALL));
    await embedded.close();
  });

  it('that wants to know who asks: what the editor keeps for it opens it, nothing else does, and no message holds it', async () => {
    const strict = await startInfluxd({ auth: true });
    try {
      const q = "CREATE USER u WITH PASSWORD 'hunter2' WITH ALL PRIVILEGES";
      expect((await fetch(`http://${strict.address}/query`, { method: 'POST', body: new URLSearchParams({ q }) })).status).toBe(200);
      const url = `influx+http://${strict.address}/locked`;
      const store = openStore(url, 'write', 'u:hunter2');
      await store.append(makeSpans(20));
      await store.close();
      // What withStoreSecret (src/host/secrets.ts) takes as a refusal.
      for (const wrong of [undefined, 'u:wrong', 'a-token'])
        await expect(storeContents(url, wrong)).rejects.toMatchObject({
          code: 'refused',
          message: expect.stringMatching(/^InfluxDB refused [^:]+: 40[13]\b(?!.*(wrong|a-token))/),
        });
      expect((await storeContents(url, 'u:hunter2')).spans).toBe(60);
      const source = { kind: 'store' as const, name: 'locked', url, fromNs: String(ALL.fromNs), toNs: String(ALL.toNs) };
      const log: string[] = [];
      const session = new Session({ snapshot: (s) => log.push(JSON.stringify(s)), log: (_, text) => log.push(text) });
      await session.analyse([{ ...source, secret: 'u:wrong-one' }], DEFAULT_ANALYSIS_OPTIONS);
      expect(session.snapshot.status.kind).toBe('failed');
      await session.analyse([{ ...source, secret: 'u:hunter2' }], DEFAULT_ANALYSIS_OPTIONS);
      expect(session.snapshot.status.kind).toBe('ready');
      expect(log.join()).not.toMatch(/hunter2|wrong-one/);
      await session.dispose();
    } finally {
      await strict.stop();
    }
  });

  it('says what is wrong with an address, and never repeats a password', () => {
    expect(() => openStore('influx+http://u:secret@127.0.0.1:1/a/b', 'write')).toThrow(/^(?!.*secret).*no address/);
    expect(() => openStore('influx+http://u:secret@127.0.0.1:1/a', 'write')).toThrow(/^(?!.*secret).*TRACENEST_INFLUX_PASSWORD/);
    expect(() => openStore('mysql://x', 'write')).toThrow(/no kind of trace store/);
  });
});
