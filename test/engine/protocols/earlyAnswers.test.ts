/** Answers that lie in the file before the request with their id: paired when they can be its own, never with another's. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { client, handshake, newStreams, packetOf, play, type Step, server, udp } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const chars = (...codes: number[]) => String.fromCharCode(...codes);
const be = (n: number) => chars((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
const { noResponse, requestFirstUnsure, responseFirstUnsure } = CallFlag;

describe('DNS', () => {
  const question = (name: string, id = 7) => `\0${chars(id)}\x01\0\0\x01\0\0\0\0\0\0${chars(name.length)}${name}\0\0\x01\0\x01`;
  const answer = (name: string, id = 7) => `\0${chars(id)}\x81\x83\0\x01\0\0\0\0\0\0${chars(name.length)}${name}\0\0\x01\0\x01`;
  const found = (datagrams: readonly (readonly [ms: number, text: string, fromClient: boolean])[]) => {
    const { streams, strings } = newStreams();
    datagrams.forEach(([ms, text, fromClient], i) => {
      const bytes = udp(text, fromClient, 53);
      streams.take(packetOf(bytes, bytes.length, ms * 1e6, i + 1));
    });
    streams.finish();
    return { rows: rowsOf(streams.calls, strings), orphans: streams.wire.keyed.orphans };
  };

  it('is paired, with the time between', () => {
    const { rows, orphans } = found([
      [5, answer('shop'), false],
      [2, question('shop'), true],
    ]);
    expect(rows).toMatchObject([{ target: 'shop', status: 3, at: [2, 2, 5, 5], ms: 3, sure: true, responseBytes: answer('shop').length }]);
    expect(rows[0]!.frames).toEqual([2, 1]);
    expect(orphans).toBe(0);
  });

  it('not with another question, and not with one that was asked later', () => {
    for (const [ms, asked] of [
      [2, 'other'],
      [7, 'shop'],
    ] as const) {
      const { rows, orphans } = found([
        [5, answer('shop'), false],
        [ms, question(asked), true],
      ]);
      expect(rows).toMatchObject([{ target: asked, flags: noResponse }]);
      expect(orphans).toBe(1);
    }
  });

  it('a bit later by its time: two packets changed places; paired, the times flagged', () => {
    const { rows } = found([
      [5, answer('shop'), false],
      [5.4, question('shop'), true],
    ]);
    expect(rows).toMatchObject([{ target: 'shop', status: 3, sure: false }]);
    expect(rows[0]!.flags).toBe(CallFlag.bounded | requestFirstUnsure | responseFirstUnsure);
  });

  it('without requests: no calls, and a bounded memory', () => {
    const all = Array.from({ length: 3000 }, (_, i) => [i, answer('shop', i % 200), false] as const);
    expect(found(all)).toMatchObject({ rows: [], orphans: 3000 });
  });
});

describe('Kafka', () => {
  const ask = (id: number) => {
    const text = `\0\x0c\0\x01${be(id)}\0\x03app`;
    return be(text.length) + text;
  };
  const answer = (id: number, code = 0) => be(10) + be(id) + be(0) + chars(0, code);
  const size = ask(1).length;
  const rows = (steps: readonly Step[]) => {
    const { streams, strings } = play([...handshake({ serverPort: 9092 }), ...steps]);
    return rowsOf(streams.calls, strings);
  };
  const port = { serverPort: 9092 };

  it('an id used again is not given the answer to the request that is missing', () => {
    const found = rows([
      client(1, 1, 1, ask(1), port),
      server(2, 1, 1 + size, answer(1), port),
      // The request with id 2 is missing: its answer is kept.
      server(12, 15, 1 + 2 * size, answer(2, 27), port),
      client(20, 1 + 2 * size, 29, ask(2), port),
      server(23, 29, 1 + 3 * size, answer(2), port),
    ]);
    expect(found.map((r) => [r.at[0], r.ms, r.status, r.sure])).toEqual([
      [1, 1, 0, true],
      [20, 3, 0, true],
    ]);
  });

  it('the error is read when the request tells how', () => {
    const found = rows([
      client(1, 1, 1, ask(1), port),
      server(2, 1, 1 + size, answer(1), port),
      server(12, 15, 1 + 2 * size, answer(2, 27), port),
      client(10, 1 + size, 15, ask(2), port),
    ]);
    expect(found.map((r) => [r.at[0], r.ms, r.status, (r.flags & CallFlag.failed) !== 0, r.sure])).toEqual([
      [1, 1, 0, false, true],
      [10, 2, 27, true, true],
    ]);
  });

  it('an answer that the server sent before it had the request is none', () => {
    const found = rows([
      client(1, 1, 1, ask(1), port),
      server(2, 1, 1 + size, answer(1), port),
      server(12, 15, 1 + 2 * size, answer(2), port), // to a request that is missing
      client(14, 1 + 2 * size, 15, ask(2), port), // sent without having received it, but not what it answers
    ]);
    expect(found.map((r) => [r.at[0], r.sure, (r.flags & noResponse) !== 0])).toEqual([
      [1, true, false],
      [14, false, true],
    ]);
  });

  it('the answer is being read when its request turns up', () => {
    const long = be(4 + 300) + be(2) + be(0) + chars(0, 0) + 'x'.repeat(294);
    const found = rows([
      client(1, 1, 1, ask(1), port),
      server(2, 1, 1 + size, answer(1), port),
      server(12, 15, 1 + 2 * size, `${long.slice(0, 304)}`, port),
      client(10, 1 + size, 15, ask(2), port),
      server(13, 319, 1 + 2 * size, long.slice(304), port),
    ]);
    expect(found.at(-1)).toMatchObject({ at: [10, 10, 12, 13], sure: true, responseBytes: long.length });
  });
});
