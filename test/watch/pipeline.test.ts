import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { Session } from '../../src/session/session.ts';
import { storedSpans } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { contentOf } from '../../src/sources/kafka/formats.ts';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { type Kept, Panes } from '../../src/watch/panes.ts';
import { Pipeline } from '../../src/watch/pipeline.ts';
import { client, pcap, type Step, server } from '../engine/support/packets.ts';
import { DB, named, withNames } from '../spark/named.ts';
import { OPTIONS, S, SAMPLE, topic, watched } from './watching.ts';

const records = topic(SAMPLE);

async function batch(algorithm: string): Promise<StoredSpan[]> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  const file = path.join(import.meta.dirname, '../../media/sample/shop.pcap');
  await session.analyse([{ kind: 'file', path: file, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm });
  return [...storedSpans(session.exportSource({ generation: session.snapshot.generation }))].sort((a, b) => (a.id < b.id ? -1 : 1));
}
const facts = (spans: readonly StoredSpan[]) => spans.map((s) => `${s.id} ${s.startNs} ${s.callee} ${s.endpoint} ${s.durationNs}`);
const sameParents = (ours: readonly StoredSpan[], theirs: readonly StoredSpan[]) => ours.filter((s, k) => s.parent === theirs[k]!.parent);

describe('a watch', () => {
  it('stores what one analysis of the whole capture gives; the difference is said', async () => {
    const whole = await batch('default');
    const { spans, late } = watched(records);
    expect(facts(spans)).toEqual(facts(whole));
    expect(late).toBe(0);
    const same = sameParents(spans, whole).length;
    console.log(`watch in panes of 2 s: ${same} of ${whole.length} calls have the parent of the whole capture's analysis`);
    expect(same / whole.length).toBeGreaterThan(0.985);
    // Every transaction is whole, and begins with its root.
    const byId = new Map(spans.map((s) => [s.id, s]));
    for (const s of spans) {
      let root = s;
      while (root.parent !== '') root = byId.get(root.parent)!;
      expect([s.trace, s.traceStartNs]).toEqual([root.trace, root.startNs]);
    }
  });

  it('goes on where it was killed, as if it had not been', () => {
    for (const algorithm of ['aguilera', 'default']) {
      const whole = watched(records, { algorithm });
      expect(whole.spans).toHaveLength(2028);
      expect(watched(records, { algorithm }, () => true)).toEqual(whole);
    }
  });

  it('changes extractions on the way without losing a call, killed or not', () => {
    // The second extraction takes over after 60 and what the longest call takes, and so on.
    const often = { algorithm: 'fcfs', paneNs: S / 20n, overlapNs: S / 4n, longestNs: S };
    const whole = watched(records, often);
    expect(whole.panes).toBeGreaterThan(130);
    expect(facts(whole.spans)).toEqual(facts(watched(records, { algorithm: 'fcfs' }).spans));
    expect(watched(records, often, (pane) => pane % 7 === 0)).toEqual(whole);
  });

  it('finds an answer that comes many panes later, and the calls made meanwhile', () => {
    const get = (path: string, host: string) => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const inner = { clientAddress: 0x0a000002, serverAddress: 0x0a000003 };
    const steps: Step[] = [client(1, 1, 1, get('/report', 'batch'))];
    // Ten calls of the one that is being answered, a second and a half apart.
    for (let k = 0; k < 10; k++) {
      const at = { ...inner, clientPort: 50_000 + k };
      steps.push(
        client(1000 + k * 1500, 1, 1, get('/rows', 'disk'), at),
        server(1020 + k * 1500, 1, 1 + get('/rows', 'disk').length, OK, at),
      );
    }
    steps.push(server(17_000, 1, 1 + get('/report', 'batch').length, OK));
    steps.push(client(17_500, 1, 1, get('/rows', 'disk'), { ...inner, clientPort: 60_000 }));
    const found = watched(topic(pcap(steps), 1, 60), { algorithm: 'fcfs', paneNs: S, overlapNs: S / 2n });
    const report = found.spans.find((s) => s.endpoint === 'GET /report')!;
    expect(report).toMatchObject({ status: 200, durationNs: 16_999e6, parent: '' });
    const rows = found.spans.filter((s) => s.endpoint === 'GET /rows' && s.status === 200);
    expect(rows).toHaveLength(10);
    for (const row of rows) expect([row.parent, row.trace, row.traceStartNs]).toEqual([report.id, report.trace, report.startNs]);
    expect(watched(topic(pcap(steps), 1, 60), { algorithm: 'fcfs', paneNs: S, overlapNs: S / 2n }, () => true)).toEqual(found);
    // Longer than is waited for: stored as unanswered, once.
    const short = watched(topic(pcap(steps), 1, 60), { algorithm: 'fcfs', paneNs: S, overlapNs: S / 2n, longestNs: 5n * S });
    expect(short.spans.filter((s) => s.endpoint === 'GET /report')).toMatchObject([{ status: 0, durationNs: Number.NaN }]);
    expect(short.late).toBe(1);
  });

  it('keeps names that were learned in an earlier pane', () => {
    const request = (host: string) => `GET /a HTTP/1.1\r\n${host && `Host: ${host}\r\n`}\r\n`;
    const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
    const steps: Step[] = [];
    for (let k = 0; k < 12; k++) {
      const text = request(k < 2 ? 'catalog' : '');
      const at = { clientPort: 40_000 + k };
      steps.push(client(k * 1000, 1, 1, text, at), server(k * 1000 + 5, 1, 1 + text.length, OK, at));
    }
    const how = { algorithm: 'fcfs', paneNs: S, overlapNs: S / 2n };
    const callees = watched(topic(pcap(steps), 1, 60), how).spans.map((s) => s.callee);
    expect(callees).toEqual(new Array<string>(12).fill('catalog'));
    expect(watched(topic(pcap(steps), 1, 60), how, () => true).spans.map((s) => s.callee)).toEqual(callees);
  });

  it('keeps names that DNS answers told in an earlier pane, killed or not', () => {
    const how = { algorithm: 'fcfs', paneNs: S, overlapNs: S / 2n, longestNs: S };
    const callees = (askedMs: number, stop?: () => boolean) =>
      watched(topic(withNames(named({ name: 'orders.db', atMs: askedMs })), 1, 60), how, stop)
        .spans.filter((s) => s.calleeInstance === DB)
        .sort((a, b) => (a.startNs < b.startNs ? -1 : 1))
        .map((s) => s.callee);
    // Asked long before the first call: the extraction that saw it is not the one that sees the calls.
    const early = callees(-200_000);
    expect(early).toEqual(new Array<string>(8).fill('orders.db'));
    expect(callees(-200_000, () => true)).toEqual(early);
    // Asked in the third pane: what was stored before has the address, what comes after has the name.
    const amid = callees(2200);
    expect(new Set(amid)).toEqual(new Set([`${DB}:5000`, 'orders.db']));
    expect(amid.indexOf('orders.db')).toBe(amid.lastIndexOf(`${DB}:5000`) + 1);
    expect(callees(2200, () => true)).toEqual(amid);
  });

  it('reads on behind a damaged record', () => {
    const damaged = records.map((r, k) => (k === 40 ? { ...r, value: r.value!.subarray(0, r.value!.length - 30) } : r));
    const { spans } = watched(damaged);
    expect(spans.length).toBeGreaterThan(2015);
    expect(spans.length).toBeLessThanOrEqual(2028);
  });
});

describe('a topic that is deleted and made again', () => {
  it('gives what is left of it, and the next one begins with what was learned, at its own positions', () => {
    const panes = new Panes(OPTIONS.paneNs, OPTIONS.overlapNs, Number.POSITIVE_INFINITY);
    const pipeline = new Pipeline({ ...OPTIONS, algorithm: 'fcfs' }, panes);
    const half = records.slice(0, records.length >> 1);
    for (const record of half) panes.add(record, contentOf(record, 'tracenest') as Kept);
    const spans: StoredSpan[] = [];
    for (let pane = panes.closable([]); pane; pane = panes.closable([])) spans.push(...(pipeline.take(pane, [], false)?.spans ?? []));
    const { spans: rest, checkpoint } = pipeline.finish();
    expect(spans.length).toBeGreaterThan(0);
    expect(spans.length + rest.length).toBeGreaterThan(900);
    expect(checkpoint).toMatchObject({ positions: [], transactions: { window: { calls: [] } } });
    expect(checkpoint.extraction).toBeUndefined();
    expect(checkpoint.transactions!.names.length).toBeGreaterThan(0);
    // A record of the new topic is new although its offset was seen in the old one: what comes too late is counted.
    const next = new Panes(OPTIONS.paneNs, OPTIONS.overlapNs, Number.POSITIVE_INFINITY, checkpoint);
    next.add(half[0]!, contentOf(half[0]!, 'tracenest') as Kept);
    expect(next.late).toBe(1);
  });
});
