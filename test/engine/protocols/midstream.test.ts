/** Captures that begin amid messages, cut them, or show them out of order: no value is taken for a name, no part for a call, no guess for a time. */
import { expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { client, conversation, play, type Step, server, type Text } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

type Talk = (readonly ['client' | 'server', Text])[];
const SECRET = 'SESAME';
const chars = (...codes: number[]) => String.fromCharCode(...codes);
const be = (n: number) => chars((n >>> 24) & 255, (n >> 16) & 255, (n >> 8) & 255, n & 255);
const le = (n: number, size: number) => be(n).split('').reverse().join('').slice(0, size);

function read(steps: readonly Step[]) {
  const { streams, strings } = play(steps);
  const rows = rowsOf(streams.calls, strings);
  const texts = [...Array.from({ length: strings.count }, (_, id) => strings.text(id)), ...rows.map((row) => row.target)];
  expect(texts.filter((text) => text.includes(SECRET))).toEqual([]);
  return rows;
}

it('HTTP: the rest of a body directly before a head is no method', () => {
  const next = 'GET /b HTTP/1.1\r\nHost: h\r\n\r\n';
  const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';
  // In one segment, and in pieces that are too short to tell.
  for (const cut of [200, 9]) {
    const asked = `${SECRET}${SECRET}PUT /a HTTP/1.1\r\nHost: h\r\n\r\n`;
    const steps = conversation(
      [
        ['client', asked],
        ['server', ok],
        ['client', next],
        ['server', ok],
      ],
      cut,
    ).slice(3);
    const sure = read(steps).filter((row) => row.sure && row.protocol === 'http/1');
    expect(sure.map((row) => [row.method, row.target])).toEqual([['GET', '/b']]);
  }
});

it('HTTP: the end of a body that was taken for a turn is no measured call', () => {
  const talk: Talk = [
    ['client', `POST /a HTTP/1.1\r\nContent-Length: 2000\r\n\r\n${SECRET.repeat(400).slice(0, 2000)}`],
    ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ['client', 'GET /b HTTP/1.1\r\nHost: h\r\n\r\n'],
    ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
  ];
  // So many segments without a head that the connection is taken for one of no known protocol.
  const steps = conversation(talk, 60).filter((step, i) => i > 10 || step.payload.length === 0);
  const rows = read(steps.slice(3));
  expect(rows.filter((row) => row.sure).map((row) => row.target)).toEqual(['/b']);
  for (const row of rows) if (row.target === '') expect(row.flags & CallFlag.headCut).toBe(CallFlag.headCut);
});

it('Redis: an array that is a reply is no command', () => {
  const bulk = (...texts: string[]) => `*${texts.length}\r\n${texts.map((text) => `$${text.length}\r\n${text}\r\n`).join('')}`;
  for (const serverPort of [6379, 7000]) {
    const steps = conversation(
      [
        ['client', bulk('MGET', 'a', 'b')],
        ['server', bulk(SECRET, SECRET)],
        ['client', bulk('GET', 'a')],
        ['server', `$6\r\n${SECRET}\r\n`],
      ],
      1460,
      { serverPort },
    );
    expect(read(steps.slice(4)).map((row) => [row.method, row.ms, row.sure])).toEqual([['GET', 1, true]]);
  }
});

it('PostgreSQL: the server answers before the rest of the startup in the file', () => {
  const message = (type: string, body = '') => type + be(body.length + 4) + body;
  const startup = 'user\0ann\0database\0shop\0application_name\0tests\0\0';
  const steps = conversation(
    [
      ['client', be(8 + startup.length) + be(0x30000) + startup],
      ['server', message('R', be(3))],
      ['client', message('p', `${SECRET}\0`)],
      ['server', message('R', be(0)) + message('Z', 'I')],
      ['client', message('Q', 'SELECT 1\0')],
      ['server', message('C', 'SELECT 1\0') + message('Z', 'I')],
      ['client', message('Q', 'SELECT 2\0')],
      ['server', message('C', 'SELECT 1\0') + message('Z', 'I')],
    ],
    30,
    { serverPort: 5432 },
  );
  const truth = rowsOf(play(steps).streams.calls, play(steps).strings).map((row) => row.at);
  expect(truth).toHaveLength(2);
  const moved = [...steps];
  moved.splice(5, 0, ...moved.splice(4, 1)); // the startup's second segment behind the answer to it
  expect(read(moved).map((row) => [row.at, row.sure])).toEqual(truth.map((at) => [at, true]));
});

it('MySQL: the answer to PREPARE before its command in the file ends nobody knows where', () => {
  const packet = (number: number, payload: string) => le(payload.length, 3) + chars(number) + payload;
  const query = packet(0, '\x03SELECT a FROM t');
  const ok = packet(1, '\0\0\0\x02\0\0\0');
  const prepare = packet(0, `\x16INSERT INTO u VALUES (?, '${SECRET}')`);
  const prepared = packet(1, '\0\x01\0\0\0\0\0\x01\0\0\0\0');
  const definition = packet(2, '\x03def\0\0\0\x01?\0\x0c\x3f\0\0\0\0\0\xfd\x80\0\0\0\0');
  const port = { serverPort: 3306 };
  const q = 1 + query.length;
  const r = 1 + ok.length;
  const rows = read([
    client(10, 1, 1, query, port),
    server(11, 1, q, ok, port),
    server(21, r, q + prepare.length, prepared, port),
    client(20, q, r, prepare, port),
    server(31, r + prepared.length, q + prepare.length, definition, port),
  ]);
  expect(rows.map((row) => row.target)).toEqual(['SELECT a FROM t', 'PREPARE INSERT INTO u VALUES (?)']);
  // 31 ms is right; before, it was said to be 21.
  if (rows[1]!.at[3] !== 31) expect(rows[1]!.flags & CallFlag.responseLastUnsure).toBe(CallFlag.responseLastUnsure);
});

it('MySQL: the answer to PREPARE is cut before it says how much follows', () => {
  const packet = (number: number, payload: string) => le(payload.length, 3) + chars(number) + payload;
  const greeting = `\x0a8.4.2\0${le(7, 4)}saltsalt\0\xff\xf7\xff\x02\0\xff\xdf\x15${'\0'.repeat(10)}saltsaltsalt\0mysql_native_password\0`;
  const prepared = packet(1, '\0\x01\0\0\0\0\0\x01\0\0\0\0') + packet(2, '\x03def\0\0\0\x01?\0\x0c\x3f\0\0\0\0\0\xfd\x80\0\0\0\0');
  const steps = conversation(
    [
      ['server', packet(0, greeting)],
      ['client', packet(1, `${le((1 << 24) | 0x208, 4)}${le(1 << 24, 4)}\xff${'\0'.repeat(23)}root\0\x00shop\0`)],
      ['server', packet(2, '\0\0\0\x02\0\0\0')],
      ['client', packet(0, '\x16SELECT ?')],
      ['server', prepared],
      ['client', packet(0, '\x0e')],
      ['server', packet(1, '\0\0\0\x02\0\0\0')],
    ],
    30,
    { serverPort: 3306 },
    7,
  );
  const { streams, strings } = play(
    steps.map((step) => (step.payload.length === 30 && step.sequence > 80 ? { ...step, captured: 50 } : step)),
  );
  const rows = rowsOf(streams.calls, strings);
  const whole = rowsOf(play(steps).streams.calls, play(steps).strings);
  expect(rows.map((row) => row.method)).toEqual(['PREPARE', 'PING']);
  expect(whole[0]!.at[3] - whole[0]!.at[2]).toBeGreaterThan(5);
  for (const [i, row] of rows.entries()) if (row.sure) expect(row.at).toEqual(whole[i]!.at);
});

it('PostgreSQL: an open request does not end where a later one was answered', () => {
  const message = (type: string, body = '') => type + be(body.length + 4) + body;
  const bound =
    message('P', 's\0INSERT INTO u VALUES ($1)\0\0\0') + message('B', `\0s\0\0\0\0\x01${be(60)}${SECRET.repeat(10)}\0\0`) + message('S');
  const done = message('C', 'INSERT 0 1\0') + message('Z', 'I');
  const startup = 'user\0ann\0database\0shop\0\0';
  const query = (n: number) => message('Q', `SELECT ${'a, '.repeat(n * 20)}b FROM t\0`);
  const steps = conversation(
    [
      ['client', be(8 + startup.length) + be(0x30000) + startup],
      ['server', message('R', be(0)) + message('Z', 'I')],
      ['client', bound],
      ['server', done],
      ['client', query(0)],
      ['server', done],
      ['client', query(3)],
      ['server', done],
      ['client', query(1)],
      ['server', done],
    ],
    1460,
    { serverPort: 5432 },
    7,
  );
  const whole = rowsOf(play(steps).streams.calls, play(steps).strings).map((row) => row.at);
  const moved = [...steps];
  moved.splice(9, 0, ...moved.splice(5, 1)); // the bound statement behind the answers to it and to the next
  moved.splice(11, 0, ...moved.splice(6, 1));
  const { streams, strings } = play(moved, { snapLength: 128 });
  const rows = rowsOf(streams.calls, strings);
  for (const row of rows) if (row.sure) expect(whole).toContainEqual(row.at);
});

it('HTTP/2: its preface, cut, is no request; a short segment is no method', () => {
  const preface = `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${chars(0, 0, 0, 4, 0, 0, 0, 0, 0)}`;
  const data = chars(0, 0, 40, 0, 0, 0, 0, 0, 1);
  const steps = conversation([
    ['client', preface],
    ['server', chars(0, 0, 0, 4, 0, 0, 0, 0, 0)],
    ['client', data + SECRET.repeat(9).slice(0, 40)],
    ['server', data + SECRET.repeat(9).slice(0, 40)],
    ['server', SECRET],
  ]);
  const { streams, strings } = play(steps, { snapLength: 50 });
  expect(rowsOf(streams.calls, strings).filter((row) => row.protocol === 'http/1')).toEqual([]);
});
