/** Connections that go on in another extraction: cut anywhere, what follows is read as if nothing had been cut. */
import { beforeAll, describe, expect, it } from 'vitest';
import { toRecord } from '../../../src/engine/calls/toRecord.ts';
import { Extractor } from '../../../src/engine/extractor.ts';
import type { ConnectionMemory } from '../../../src/engine/streams/memory.ts';
import { record } from '../support/http2Talk.ts';
import { conversation, pcap, type Step, type Text } from '../support/packets.ts';

type Talk = (readonly ['client' | 'server', Text])[];
const SECOND = 1_000_000_000n;

function extract(steps: readonly Step[], connections: readonly ConnectionMemory[] = [], nowNs = 100n * SECOND) {
  const x = new Extractor({ captures: ['c'], connections });
  x.push(0, pcap(steps));
  const memories = x.connections(nowNs).map(({ memory }) => JSON.parse(JSON.stringify(memory)) as ConnectionMemory);
  x.end(0);
  const begun = Array.from({ length: x.calls.count }, (_, row) => toRecord(x, row).id);
  x.finish();
  const calls = Array.from({ length: x.calls.count }, (_, row) => {
    const { id, method, target, host, status, durationNs, flags } = toRecord(x, row);
    return { id, method, target, host, status, durationNs, flags };
  });
  return { memories, begun, calls };
}

/** Cuts at packets; the calls that begin behind the cut are those of the whole. */
function cut(steps: readonly Step[], every = 1, from = 1): void {
  const { calls } = extract(steps);
  for (let at = from; at < steps.length; at += every) {
    const first = extract(steps.slice(0, at));
    const begun = new Set(first.begun);
    const second = extract(steps.slice(at), first.memories).calls;
    expect([at, second]).toEqual([at, calls.filter((c) => !begun.has(c.id!))]);
  }
}

const bytes = (...codes: number[]) => String.fromCharCode(...codes);
const u32 = (n: number) => bytes(n >>> 24, (n >> 16) & 255, (n >> 8) & 255, n & 255);
const postgres = (type: string, body = '') => type + u32(body.length + 4) + body;
const ready = postgres('Z', 'I');
const mysql = (sequence: number, payload: string) => bytes(payload.length & 255, payload.length >> 8, 0, sequence) + payload;
const few = <T>(make: (i: number) => readonly T[]): T[] => Array.from({ length: 4 }, (_, i) => make(i)).flat();

let http2: Talk;
beforeAll(async () => {
  const paths = Array.from({ length: 12 }, (_, i) => ({
    ':path': `/orders/${i % 3}`,
    ':authority': 'orders.shop',
    'x-kind': 'k'.repeat(20),
    ...(i === 4 && { body: 'b'.repeat(3000) }),
  }));
  http2 = await record((stream) => {
    stream.respond({ ':status': 200, 'x-server': 's'.repeat(30) });
    stream.end('z'.repeat(500));
  }, paths);
});

describe('a connection that goes on in another extraction', () => {
  it.each([
    [1460, 1],
    [100, 3],
    [7, 97],
  ])('HTTP/2 in segments of %d bytes: fields named by the table built before', (mss, every) => {
    const steps = conversation(http2, mss, { serverPort: 8080 });
    expect(extract(steps).calls.map((c) => c.host)).toEqual(Array(12).fill('orders.shop'));
    cut(steps, every);
  });

  it('HTTP/2 whose packets changed places around the cut', () => {
    const steps = conversation(http2, 400, { serverPort: 8080 });
    const moved = steps.findIndex((s, i) => i > 40 && s.from === steps[i + 1]?.from && s.from === steps[i + 2]?.from);
    const order = [moved + 1, moved + 2, moved];
    const swapped = steps.map((s, i) => (i >= moved && i < moved + 3 ? { ...steps[order[i - moved]!]!, ms: s.ms } : s));
    cut(swapped, 1, moved);
  });

  it("PostgreSQL's prepared statements and database", () => {
    const startup = `${u32(196_608)}user\0ann\0database\0shop\0\0`;
    const talk: Talk = [
      ['client', u32(startup.length + 4) + startup],
      ['server', postgres('R', u32(0)) + ready],
      ['client', postgres('P', 's1\0SELECT * FROM orders WHERE id = $1\0\0\0') + postgres('S')],
      ['server', postgres('1') + ready],
      ...few<Talk[number]>(() => [
        ['client', postgres('B', `\0s1\0${'\0'.repeat(6)}`) + postgres('E', `\0${u32(0)}`) + postgres('S')],
        ['server', postgres('2') + postgres('C', 'SELECT 1\0') + ready],
      ]),
    ];
    const steps = conversation(talk, 1460, { serverPort: 5432 });
    expect(
      extract(steps)
        .calls.slice(1)
        .map((c) => `${c.host} ${c.target}`),
    ).toEqual(Array(4).fill('shop SELECT * FROM orders WHERE id = ?'));
    cut(steps, 2, 5);
  });

  it("MySQL's prepared statements", () => {
    const ok = bytes(0, 0, 0, 2, 0, 0, 0);
    const id = bytes(5, 0, 0, 0);
    const talk: Talk = [
      ['client', mysql(0, `${bytes(22)}UPDATE stock SET n = ?`)],
      ['server', mysql(1, `\0${id}${'\0'.repeat(7)}`)],
      ...few<Talk[number]>(() => [
        ['client', mysql(0, `${bytes(23)}${id}\0${bytes(1, 0, 0, 0)}`)],
        ['server', mysql(1, ok)],
      ]),
    ];
    const steps = conversation(talk, 1460, { serverPort: 3306 });
    expect(
      extract(steps)
        .calls.slice(1)
        .map((c) => c.target),
    ).toEqual(Array(4).fill('UPDATE stock SET n = ?'));
    cut(steps, 2, 5);
  });

  it('is given back when it has ended, or has been silent for long', () => {
    const steps = conversation(http2, 1460, { serverPort: 8080 });
    const { memories } = extract(steps.slice(0, -4));
    expect(memories.length).toBe(1);
    expect(extract([], memories).memories).toEqual(memories);
    expect(extract([], memories, 1100n * SECOND).memories).toEqual([]);
    const last = steps.at(-1)!;
    const fin = (['client', 'server'] as const).map((from) => ({ ...last, from, sequence: 0, payload: new Uint8Array(), flags: 20 }));
    expect(extract([...steps.slice(0, -4), ...fin]).memories).toEqual([]);
  });
});
