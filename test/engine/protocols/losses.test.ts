/** Several packets missing at once, or laid down in another order: what is sure must be right, and order alone costs no call. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
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

/** Streaming: answers begin before their requests are complete, and end with trailers. */
const grpc: Talk = [
  ['client', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${frame(4, 0, 0, '')}`],
  ['server', frame(4, 0, 0, '')],
  ...[1, 5, 9].flatMap((stream): Talk => {
    const field = (name: string, value: string) => `\0${chars(name.length)}${name}${chars(value.length)}${value}`;
    const type = field('content-type', 'application/grpc');
    const ask = (id: number) => frame(1, 4, id, `\x83\x86\x04\x03/${String(id).padStart(2, '0')}\x41\x01h${type}`);
    const trailers = (id: number, code: number) => frame(1, 5, id, field('grpc-status', String(code)));
    return [
      ['client', ask(stream) + frame(0, 0, stream, 'b'.repeat(150))],
      ['client', ask(stream + 2) + frame(0, 1, stream + 2, 'c'.repeat(250))],
      ['server', frame(1, 4, stream, `\x88${type}`) + frame(0, 0, stream, 'd'.repeat(50))],
      ['client', frame(0, 1, stream, 'e'.repeat(180))],
      ['server', frame(1, 5, stream + 2, `\x88${type}${field('grpc-status', '5')}`)],
      ['server', frame(0, 0, stream, 'f'.repeat(150)) + trailers(stream, stream === 5 ? 13 : 0)],
    ];
  }),
];

/** Several on their way, answered in another order, with errors of their own. */
const kafka: Talk = [1, 4, 7, 10].flatMap((id): Talk => {
  const named = (key: number, version: number, k: number, body: string) => {
    const text = `${chars(0, key, 0, version)}${be(k)}\0\x03app${body}`;
    return be(text.length) + text;
  };
  const answer = (k: number, body: string) => be(4 + body.length) + be(k) + body;
  const topic = `t${id}`.padEnd(4, 'x');
  const produced = (code: number) => `${be(1)}\0\x04${topic}${be(1)}${be(0)}${chars(0, code)}${'\0'.repeat(8)}`;
  return [
    ['client', named(0, 2, id, `\0\x01${be(1000)}${be(1)}\0\x04${topic}${be(1)}${'v'.repeat(400)}`)],
    ['client', named(12, 1, id + 1, '')],
    ['client', named(3, 1, id + 2, be(0))],
    ['server', answer(id + 1, be(0) + chars(0, id === 4 ? 27 : 0))],
    ['server', answer(id, produced(id === 7 ? 3 : 0))],
    ['server', answer(id + 2, 'm'.repeat(500))],
  ];
});

const mongodb: Talk = [1, 4, 7, 10].flatMap((id): Talk => {
  const text = (name: string, value: string) => `\x02${name}\0${le(value.length + 1, 4)}${value}\0`;
  const int = (name: string, value: number) => `\x10${name}\0${le(value, 4)}`;
  const doc = (...fields: string[]) => `${le(fields.join('').length + 5, 4) + fields.join('')}\0`;
  const said = (k: number, to: number, body: string) =>
    `${le(body.length + 21, 4) + le(k, 4) + le(to, 4) + le(2013, 4) + le(0, 4)}\0${body}`;
  const ask = (k: number) => said(k, 0, doc(text('find', `c${k}`), text('$db', 'shop'), text('filter', 'x'.repeat(100 * (k % 3)))));
  const answer = (k: number, code = 0) =>
    said(900 + k, k, code === 0 ? doc(text('rows', 'y'.repeat(150 * (k % 4))), int('ok', 1)) : doc(int('ok', 0), int('code', code)));
  return [
    ['client', ask(id)],
    ['client', ask(id + 1)],
    ['client', ask(id + 2)],
    ['server', answer(id + 2)],
    ['server', answer(id, id === 4 ? 13 : 0)],
    ['server', answer(id + 1)],
  ];
});

const dns: Talk = [1, 4, 7, 10].flatMap((id): Talk => {
  const question = (k: number) => `\x03n${String(k).padStart(2, '0')}\x04test\0\0\x01\0\x01`;
  const framed = (text: string) => chars(text.length >> 8, text.length & 255) + text;
  const ask = (k: number) => framed(`\0${chars(k)}\x01\0\0\x01\0\0\0\0\0\0${question(k)}`);
  const answer = (k: number, code = 0) =>
    framed(
      `\0${chars(k)}\x81${chars(0x80 | code)}\0\x01\0\x01\0\0\0\0${question(k)}\xc0\x0c\0\x01\0\x01${be(60)}\0\x04\x0a\0\0${chars(k)}`,
    );
  return [
    ['client', ask(id)],
    ['client', ask(id + 1)],
    ['client', ask(id + 2)],
    ['server', answer(id + 2)],
    ['server', answer(id + 1, id === 4 ? 2 : 0)],
    ['server', answer(id)],
  ];
});

const rows = (steps: readonly Step[], snapLength = 65_535) => {
  const { streams, strings } = play(steps, { snapLength });
  return rowsOf(streams.calls, strings).map((r) => ({
    key: `${r.target} ${r.at[0]}`,
    at: r.at,
    status: r.status,
    bytes: [r.requestBytes, r.responseBytes],
    flags: r.flags & ~CallFlag.pipelined,
    sure: r.sure && r.protocol !== 'turns',
  }));
};

// The packets of a MySQL login stay in front (its greeting is what tells it).
describe.each([
  ['HTTP/1, pipelined', 80, http1, 3],
  ['PostgreSQL', 5432, postgresql, 3],
  ['MySQL', 3306, mysql, 5],
  ['HTTP/2', 80, http2, 3],
  ['gRPC', 80, grpc, 3],
  ['Kafka', 9092, kafka, 3],
  ['MongoDB', 27017, mongodb, 3],
  ['DNS over TCP', 53, dns, 3],
])('%s', (name, serverPort, talk, first) => {
  const steps = conversation(talk, 200, { serverPort });
  const whole = new Map(rows(steps).map((r) => [r.key, r]));
  const truth = new Map([...whole].map(([key, r]) => [key, r.at]));

  it('is known whole', () => expect([...truth.values()].flat().every((ms) => ms > 0)).toBe(true));

  it.each([76, 96, 128, 256])('packets cut to %d bytes: calls are found, and no unflagged time is wrong', (snapLength) => {
    const found = rows(steps, snapLength);
    // Behind the first of a segment nothing is seen of other frames, nor of a question that is cut.
    const alone = !/HTTP\/2|gRPC|DNS/.test(name);
    if (alone) expect(found.map((r) => r.at[0])).toEqual([...truth.values()].map((at) => at[0]));
    for (const r of found) {
      if (!r.sure) continue;
      const same = [...whole.values()].filter((was) => was.at.every((ms, i) => Math.abs(ms - r.at[i]!) <= 1));
      // Of a head that is cut, fields may be missing.
      if ((r.flags & CallFlag.headCut) === 0) expect(same.map((was) => was.key)).toContain(r.key);
      else expect(same).not.toEqual([]);
    }
    if (alone) expect(found.filter((r) => r.sure).length).toBeGreaterThan(found.length / 2);
  });

  it('packets cut to 96 bytes and some missing: no unflagged time is wrong', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: first, max: steps.length - 1 }), { minLength: 1, maxLength: 4 }), (lost) => {
        const kept = steps.filter((__, i) => !lost.includes(i));
        for (const r of rows(kept, 96)) {
          if (!r.sure) continue;
          const same = [...truth.values()].filter((at) => at.every((ms, i) => Math.abs(ms - r.at[i]!) <= 1));
          expect(same, `${r.key} ${r.at}`).not.toEqual([]);
        }
      }),
      { numRuns: 200 },
    );
  });

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

  it('packets missing and records moved: no unflagged time is wrong', () => {
    const at = fc.integer({ min: first, max: steps.length - 5 });
    fc.assert(
      fc.property(
        fc.uniqueArray(at, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(at, fc.integer({ min: 1, max: 4 })), { minLength: 1, maxLength: 3 }),
        (lost, moves) => {
          const kept = [...steps];
          for (const [from, by] of moves) kept.splice(from + by, 0, ...kept.splice(from, 1));
          for (const r of rows(kept.filter((step) => !lost.includes(steps.indexOf(step))))) {
            if (!r.sure) continue;
            const was = truth.get(r.key);
            expect(was, r.key).toBeDefined();
            for (const [i, ms] of r.at.entries()) expect(Math.abs(ms - was![i]!), `${r.key} stamp ${i}`).toBeLessThanOrEqual(1);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('records moved a few places later in the file cost no call', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: first, max: steps.length - 5 }), fc.integer({ min: 1, max: 4 })), { maxLength: 6 }),
        (moves) => {
          const moved = [...steps];
          for (const [from, by] of moves) moved.splice(from + by, 0, ...moved.splice(from, 1));
          expect(new Map(rows(moved).map((r) => [r.key, r]))).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });
});
