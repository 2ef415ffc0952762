/** Streams that last: messages both ways at once, frames of several calls in turn, header blocks in pieces. */
import { expect, it, vi } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { Hpack } from '../../../src/engine/protocols/http2/hpack.ts';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const [DATA, HEADERS, RST_STREAM, SETTINGS, CONTINUATION] = [0, 1, 3, 4, 9];
const [END_STREAM, END_HEADERS] = [1, 4];
const frame = (type: number, flags: number, stream: number, payload: string) =>
  `${String.fromCharCode(0, payload.length >> 8, payload.length & 255, type, flags, 0, 0, 0, stream)}${payload}`;
const literal = (index: number, value: string) => String.fromCharCode(index, value.length) + value;
const POST = '\x83';
const STATUS_200 = '\x88';
const call = (path: string) => `${POST + literal(4, path) + literal(1, 'shop') + literal(15, '').slice(0, 1)}\x10application/grpc`;
const PREFACE = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(SETTINGS, 0, 0, '')}`;
const answerHead = `${STATUS_200}\x0f\x10\x10application/grpc`;
const trailers = (status: string) => `\0\x0bgrpc-status${String.fromCharCode(status.length)}${status}`;

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};

/** A call whose sides both go on sending, with another, short one inside. Each piece takes its own segment, 1 ms apart from 10 on. */
const TALK: ['client' | 'server', string][] = [
  ['client', PREFACE],
  ['server', frame(SETTINGS, 0, 0, '')],
  ['client', frame(HEADERS, END_HEADERS, 1, call('/shop.Chat/Talk'))], // 12
  ['server', frame(HEADERS, END_HEADERS, 1, answerHead)], // 13
  ['client', frame(DATA, 0, 1, 'a'.repeat(100))],
  ['server', frame(DATA, 0, 1, 'b'.repeat(100))],
  ['client', frame(HEADERS, END_HEADERS, 3, call('/shop.Cart/Get')) + frame(DATA, END_STREAM, 3, 'c')], // 16
  ['server', frame(DATA, 0, 1, 'b')],
  ['server', frame(HEADERS, END_HEADERS, 3, answerHead) + frame(DATA, 0, 3, 'd')], // 18
  ['client', frame(DATA, END_STREAM, 1, 'a')], // 19
  ['server', frame(HEADERS, END_HEADERS | END_STREAM, 3, trailers('5'))], // 20
  ['server', frame(DATA, 0, 1, 'b')],
  ['server', frame(HEADERS, END_HEADERS | END_STREAM, 1, trailers('0'))], // 22
];
const EXPECTED = [
  ['/shop.Chat/Talk', 0, [12, 19, 13, 22], true],
  ['/shop.Cart/Get', 5, [16, 16, 18, 20], true],
];
const told = (found: ReturnType<typeof rows>) => found.map((row) => [row.target, row.status, row.at, row.sure]);

it('both sides of a call may go on while others come and go', () => {
  expect(told(rows(conversation(TALK)))).toEqual(EXPECTED);
});

it('a header block in several frames is one', () => {
  const talk = TALK.map(([from, text], i): ['client' | 'server', string] => {
    if (i !== 2) return [from, text];
    const block = call('/shop.Chat/Talk');
    return [
      from,
      frame(HEADERS, 0, 1, block.slice(0, 5)) +
        frame(CONTINUATION, 0, 1, block.slice(5, 9)) +
        frame(CONTINUATION, END_HEADERS, 1, block.slice(9)),
    ];
  });
  expect(told(rows(conversation(talk)))).toEqual(EXPECTED);
});

it('what a header block too long to be read put into the table is unknown, not something else', () => {
  const named = (path: string) => POST + literal(0x44, path); // kept in the table: entry 62
  const piece = (flags: number) => frame(CONTINUATION, flags, 3, 'x'.repeat(60_000));
  const talk: ['client' | 'server', string][] = [
    ['client', PREFACE],
    ['client', frame(HEADERS, END_HEADERS | END_STREAM, 1, named('/first'))],
    ['client', frame(HEADERS, 0, 3, named('/second')) + piece(0).repeat(4) + piece(END_HEADERS)],
    ['client', frame(HEADERS, END_HEADERS | END_STREAM, 5, `${POST}\xbe`)],
  ];
  expect(rows(conversation(talk)).map((row) => row.target)).toEqual(['/first', '']);
});

it('a stream whose beginning is not in the capture is no call; what begins later is', () => {
  const steps = conversation(TALK).filter((step) => step.ms > 13);
  expect(told(rows(steps))).toEqual([EXPECTED[1]]);
});

it('a path named by a table that was built before the capture is unknown, and said so', () => {
  const indexed = `${POST}\xbe${literal(1, 'shop')}`; // entry 62, which the capture doesn't have
  const steps = conversation([
    ['client', frame(HEADERS, END_HEADERS | END_STREAM, 7, indexed)],
    ['server', frame(HEADERS, END_HEADERS | END_STREAM, 7, STATUS_200)],
  ]).slice(3); // the handshake is missing
  const [row] = rows(steps);
  expect(row).toMatchObject({ protocol: 'http/2', method: 'POST', target: '', status: 200, sure: true });
  expect(row!.flags & CallFlag.headCut).toBeTruthy();
});

it('trailers of a request that was answered before it was complete are no request of their own', () => {
  const talk: ['client' | 'server', string][] = [
    ['client', PREFACE],
    ['client', frame(HEADERS, END_HEADERS, 1, call('/shop.Cart/Put')) + frame(DATA, 0, 1, 'a')],
    ['server', frame(HEADERS, END_HEADERS | END_STREAM, 1, answerHead + trailers('3'))],
    ['client', frame(HEADERS, END_HEADERS | END_STREAM, 1, '\0\x05check\x01x')],
    ['client', frame(HEADERS, END_HEADERS | END_STREAM, 3, call('/shop.Cart/Get'))],
    ['server', frame(HEADERS, END_HEADERS | END_STREAM, 3, answerHead + trailers('0'))],
  ];
  expect(rows(conversation(talk)).map((row) => [row.target, row.status])).toEqual([
    ['/shop.Cart/Put', 3],
    ['/shop.Cart/Get', 0],
  ]);
});

it('an answer that comes after the client cancelled, or that was pushed, lacks no request; one to a stream never seen does', () => {
  const answer = (stream: number) => frame(HEADERS, END_HEADERS | END_STREAM, stream, STATUS_200);
  const talk: typeof TALK = [...TALK.slice(0, 3), ['client', frame(RST_STREAM, 0, 1, '\0\0\0\x08')], ['server', answer(1) + answer(2)]];
  expect(play(conversation(talk)).streams.wire.keyed.orphans).toBe(0);
  expect(play(conversation([...talk, ['server', answer(3)]])).streams.wire.keyed.orphans).toBe(1);
});

it('a client that cancels ends the call', () => {
  const talk: typeof TALK = [...TALK.slice(0, 6), ['client', frame(RST_STREAM, 0, 1, '\0\0\0\x08')]];
  const [row] = rows(conversation(talk));
  expect([row!.target, row!.at.slice(0, 3), row!.flags & CallFlag.noResponse]).toEqual(['/shop.Chat/Talk', [12, 14, 13], 0]);
});

it('the work on a block in tiny frames grows with its length, not with its square', () => {
  const copied = vi.spyOn(Uint8Array.prototype, 'set');
  const count = (frames: number) => {
    copied.mockClear();
    const piece = frame(CONTINUATION, 0, 1, 'x');
    rows(conversation([['client', PREFACE + frame(HEADERS, 0, 1, POST) + piece.repeat(frames) + frame(CONTINUATION, END_HEADERS, 1, '')]]));
    return copied.mock.calls.reduce((sum, [from]) => sum + from.length, 0);
  };
  try {
    expect(count(8000)).toBeLessThan(3 * count(4000));
  } finally {
    copied.mockRestore();
  }
});

it('a table that is full gives up its oldest entry for each new one', () => {
  const hpack = new Hpack();
  const insert = (value: string) => {
    const block = Buffer.from(`\x40\x01n${String.fromCharCode(value.length)}${value}`, 'latin1');
    expect(hpack.decode(block, 0, block.length)).toBe(true);
  };
  const values = Array.from({ length: 500 }, (_, i) => `value-${i}`.padEnd(20 + (i % 7), '.'));
  for (const value of values) insert(value);
  const kept = values.filter((_, i) => values.slice(i).reduce((sum, value) => sum + value.length + 33, 0) <= 4096);
  const index = (i: number) => Buffer.from(i < 127 - 62 ? [0x80 | (62 + i)] : [0xff, 62 + i - 127]);
  for (const [i, value] of [...kept].reverse().entries()) {
    hpack.decode(index(i), 0, index(i).length);
    expect(hpack.get('n')).toBe(value);
  }
  hpack.decode(index(kept.length), 0, index(kept.length).length);
  expect(hpack.unknown).toBe(1);
  expect(hpack.save().entries.map(([, value]) => value)).toEqual(kept);
});
