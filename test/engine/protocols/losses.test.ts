/** Several packets missing at once, or laid down in another order: what is sure must be right, and order alone costs no call. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { conversation, play, type Step } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

type Talk = [side: 'client' | 'server', text: string][];
const chars = (...codes: number[]) => String.fromCharCode(...codes);
const be = (n: number) => chars((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);

/** Every other time two requests before the first is answered. */
const http1: Talk = ['a', 'b', 'c', 'd'].flatMap((burst, i): Talk => {
  const all = Array.from({ length: 1 + (i % 2) }, (_, k) => `/${burst}${k}`);
  return [
    ...all.map((path): Talk[number] => ['client', `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`]),
    ...all.map((path, k): Talk[number] => {
      const body = path.repeat(40 * k + 1);
      if (k !== 1) return ['server', `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`];
      return ['server', `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`];
    }),
  ];
});

const message = (type: string, body: string) => type + be(body.length + 4) + body;
const ready = message('Z', 'I');
const startup = 'user\0ann\0database\0shop\0\0';
const postgresql: Talk = [
  ['client', be(8 + startup.length) + be(0x30000) + startup],
  ['server', message('R', be(0)) + ready],
  ...[1, 2, 3, 4, 5].flatMap((i): Talk => {
    const rows = message('D', `\0\x01${be(90)}${'r'.repeat(90)}`).repeat(i * 3);
    return [
      ['client', message('Q', `SELECT a FROM t${i}\0`)],
      ['server', message('T', `\0\x01a\0${'\0'.repeat(18)}`) + rows + message('C', 'SELECT 1\0') + ready],
    ];
  }),
];

const le = (n: number, size: number) => be(n).split('').reverse().join('').slice(0, size);
const packet = (sequence: number, payload: string) => le(payload.length, 3) + chars(sequence) + payload;
const greeting = `\x0a8.4.2\0${le(7, 4)}saltsalt\0\xff\xf7\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}saltsaltsalt\0mysql_native_password\0`;
const DEPRECATE_EOF = 1 << 24;
const mysql: Talk = [
  ['server', packet(0, greeting)],
  ['client', packet(1, `${le(DEPRECATE_EOF | 0x208, 4)}${le(1 << 24, 4)}\xff${'\0'.repeat(23)}root\0\x04passshop\0`)],
  ['server', packet(2, '\0\0\0\x02\0\0\0')],
  ...[1, 2, 3, 4, 5].flatMap((i): Talk => {
    const column = packet(2, '\x03def\0\0\0\x01a\0\x0c\x3f\0\x0b\0\0\0\x08\x81\0\0\0\0');
    const rows = Array.from({ length: i * 9 }, (_, k) => packet(3 + k, `\x14${'r'.repeat(20)}`)).join('');
    return [
      ['client', packet(0, `\x03SELECT a FROM t${i}`)],
      ['server', packet(1, '\x01') + column + rows + packet(3 + i * 9, '\xfe\0\0\x02\0\0\0')],
    ];
  }),
];

const frame = (type: number, flags: number, stream: number, payload: string) =>
  be(payload.length).slice(1) + chars(type, flags) + be(stream) + payload;
const http2: Talk = [
  ['client', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(4, 0, 0, '')}`],
  ['server', frame(4, 0, 0, '')],
  ...[1, 7, 13].flatMap((stream): Talk => {
    const ask = (id: number) =>
      frame(1, 4, id, `\x83\x86\x04\x03/${String(id).padStart(2, '0')}\x41\x01h`) + frame(0, 1, id, 'b'.repeat(290));
    const head = (id: number) => frame(1, 4, id, '\x88');
    return [
      ['client', ask(stream) + ask(stream + 2)],
      ['client', ask(stream + 4)],
      ['server', head(stream + 2) + frame(0, 0, stream + 2, 'd'.repeat(200)) + head(stream)],
      ['server', frame(0, 1, stream, 'e'.repeat(300)) + head(stream + 4) + frame(0, 1, stream + 4, 'f')],
      ['server', frame(0, 1, stream + 2, 'g'.repeat(10))],
    ];
  }),
];

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings).map((r) => ({ key: `${r.target} ${r.at[0]}`, at: r.at, sure: r.sure && r.protocol !== 'turns' }));
};

// Last: the packets of a MySQL login stay in front (its greeting is what tells it), and an answer of HTTP/2 behind its request.
describe.each([
  ['HTTP/1, pipelined', 80, http1, 3, 6],
  ['PostgreSQL', 5432, postgresql, 3, 6],
  ['MySQL', 3306, mysql, 5, 6],
  ['HTTP/2', 80, http2, 3, 1],
])('%s', (_, serverPort, talk, first, most) => {
  const steps = conversation(talk, 200, { serverPort });
  const truth = new Map(rows(steps).map((r) => [r.key, r.at]));

  it('is known whole', () => expect([...truth.values()].flat().every((ms) => ms > 0)).toBe(true));

  it('whichever packets are missing, no unflagged time is wrong', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: first, max: steps.length - 1 }), { minLength: 1, maxLength: 5 }), (lost) => {
        for (const r of rows(steps.filter((__, i) => !lost.includes(i)))) {
          if (!r.sure) continue;
          const at = truth.get(r.key);
          expect(at, r.key).toBeDefined();
          for (const [i, ms] of r.at.entries()) expect(Math.abs(ms - at![i]!), `${r.key} stamp ${i}`).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 400 },
    );
  });

  it('records moved a few places later in the file cost no call', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: first, max: steps.length - 5 }), fc.integer({ min: 1, max: 4 })), { maxLength: most }),
        (moves) => {
          const moved = [...steps];
          for (const [from, by] of moves) moved.splice(from + by, 0, ...moved.splice(from, 1));
          expect(new Map(rows(moved).map((r) => [r.key, r.at]))).toEqual(truth);
        },
      ),
      { numRuns: 200 },
    );
  });
});
