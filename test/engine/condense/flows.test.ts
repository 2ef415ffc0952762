/** Connections, and trace ids, are given back with the calls they carried. */
import { describe, expect, it } from 'vitest';
import { type Analysis, analyse } from '../../../src/engine/analysis.ts';
import { Condenser } from '../../../src/engine/condense/condenser.ts';
import { Extractor } from '../../../src/engine/extractor.ts';
import { Queries } from '../../../src/engine/table/queries.ts';
import { capture, exchange, ok, type Segment } from '../../session/captures.ts';

const SCOPE = { generation: 1 };
const OPTIONS = { algorithm: 'aguilera', ignoreTraceIds: false } as const;
const TALKS = 4000;
const traceId = (i: number) => `a${i.toString(16).padStart(31, '0')}`;

/** A talk of web with its own clients, and of web with db; every call on a connection of its own, every tenth one damaged in some way. */
function talks(): Segment[] {
  const segments: Segment[] = [];
  for (let i = 0; i < TALKS; i++) {
    const at = 10_000 + i * 10_000;
    const port = 20_000 + (i % 30_000);
    const traceparent = `traceparent: 00-${traceId(i)}-00f067aa0ba902b7-01\r\n`;
    const ask = (host: string) => `GET /item/${i} HTTP/1.1\r\nHost: ${host}\r\n${traceparent}\r\n`;
    const web = { client: '10.0.0.9', clientPort: port, server: '10.0.0.1', at, end: at + 5000, closes: true };
    const db = {
      client: '10.0.0.1',
      clientPort: port,
      server: '10.0.0.2',
      at: at + 1000,
      end: at + 2000 + (i % 7) * 100,
      closes: i % 10 !== 1,
    };
    segments.push(...exchange({ ...web, request: ask('web'), response: ok(i % 10 === 3 ? 500 : 200) }));
    const inner = exchange({ ...db, request: ask('db'), response: ok() });
    segments.push(...inner);
    // Sent again.
    if (i % 10 === 5) segments.push({ ...inner[3]!, timeUs: inner[3]!.timeUs + 200 });
    // Refused: a connection without a call.
    if (i % 10 === 7) {
      const syn = { ...inner[0]!, fromPort: 51_000 + i, timeUs: at + 50 };
      segments.push(syn, { ...syn, from: syn.to, fromPort: syn.toPort, to: syn.from, toPort: syn.fromPort, flags: 20, timeUs: at + 60 });
    }
  }
  return segments;
}

const bytes = capture(talks());
const read = (x: Extractor, pushed: () => void) => {
  let at = 0;
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    if (at >= bytes.length) x.end(c);
    else x.push(c, bytes.subarray(at, (at += 1 << 14)));
    pushed();
  }
  x.finish();
};
const whole = new Extractor({ captures: ['x'] });
read(whole, () => {});
const all = analyse(whole, OPTIONS);

const x = new Extractor({ captures: ['x'] });
const condenser = new Condenser(x, 300);
let most = 0;
read(x, () => {
  most = Math.max(most, x.flows.count);
  if (x.freeRows > 0 || x.calls.count < 1000) return;
  condenser.begin();
  condenser.condense(analyse(x, { ...OPTIONS, condensed: condenser }));
  condenser.release();
});
condenser.compact();
condenser.condense(analyse(x, { ...OPTIONS, condensed: condenser }), true);
condenser.release();
condenser.compact();
const few = analyse(x, { ...OPTIONS, condensed: condenser });

describe('connections of dropped calls', () => {
  it('are given back: far fewer are held than there were', () => {
    expect(x.totalFlows).toBe(whole.totalFlows);
    expect(whole.totalFlows).toBeGreaterThan(TALKS * 2);
    // Those open count until they were silent for long: one in ten of the db's.
    expect(most).toBeLessThan(whole.totalFlows / 3);
  });

  it('leave their sums: facts, round trips and retransmissions of edges are those of all', () => {
    const edges = (a: Analysis) => {
      const q = new Queries(a, { generation: 1, captures: ['x'] });
      const names = new Map(q.services(SCOPE).map((s) => [s.id, s.name]));
      return q.edges(SCOPE).map((e) => ({ between: `${names.get(e.from)} ${names.get(e.to)}`, ...e }));
    };
    const mine = edges(few);
    expect(mine.length).toBe(2);
    for (const e of edges(all)) {
      const other = mine.find((m) => m.between === e.between)!;
      expect(other.latency.calls).toBe(e.latency.calls);
      expect(other.retransmissions).toBe(e.retransmissions);
      expect(Math.abs(other.rttP50Ns - e.rttP50Ns)).toBeLessThan(e.rttP50Ns * 0.011);
    }
    expect(x.quality()).toEqual(whole.quality());
  });

  it('take their trace ids along; those of the calls held are right', () => {
    expect(whole.traceIds).toBe(TALKS);
    expect(x.traceIds).toBeLessThan(TALKS / 4);
    const { calls } = few.extraction;
    for (let row = 0; row < calls.count; row++) {
      const item = Number(calls.target(row).slice('/item/'.length));
      expect(calls.traceId(row)).toBe(`w3c:${traceId(item)}`);
    }
  });

  it('change no link', () => {
    const { digest } = condenser;
    expect(digest.roots + few.forest.traces).toBe(TALKS);
    expect(digest.placed + few.count - few.forest.traces).toBe(TALKS);
  });
});
