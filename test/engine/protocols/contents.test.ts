/** Values of headers and bodies: what is looked at, what never is, and where it stops being worth a look. */
import { describe, expect, it } from 'vitest';
import { contentHash } from '../../../src/engine/bytes/contentHash.ts';
import { idWords } from '../../../src/engine/bytes/idWords.ts';
import { toRecord } from '../../../src/engine/calls/toRecord.ts';
import { valuesOf } from '../../../src/engine/nesting/values.ts';
import { Contents, MOST_ALONE, MOST_CONTENTS } from '../../../src/engine/protocols/contents.ts';
import { Echoes } from '../../../src/engine/protocols/echoes.ts';
import type { WireOptions } from '../../../src/engine/protocols/wire.ts';
import { extract } from '../support/extract.ts';
import { bytesOf, conversation, pcap, play, type Text } from '../support/packets.ts';

const words = (text: string, cut = false) => {
  const out = new Int32Array(64);
  return [...out.subarray(0, idWords(bytesOf(text), 0, text.length, cut, out, 0))];
};
const hashes = (...texts: string[]) => texts.map((text) => contentHash(text) | 0);
const UUID = 'abcdefab-cdef-abcd-abcd-ef0123456789';

describe('words of bytes', () => {
  it.each([
    '/get/session-6916?v=2',
    `cart=${UUID}&x=A1b2C3`,
    'a1b2-3f2504e0-4f89-11d3-9a0c-0305e82c3301-99',
    '1234',
    'no digits',
    '{"id":"Ab12"}',
  ])('are those of the text %s', (text) => expect(new Set(words(text))).toEqual(new Set(valuesOf(text))));
  it('leave out what may go on', () => {
    expect(words('order 12345', true)).toEqual([]);
    expect(words('order 12345 ', true)).toEqual(hashes('12345'));
  });
});

const talk = (messages: readonly (readonly ['client' | 'server', Text])[], options: WireOptions = {}, serverPort = 80) => {
  const { calls } = play(conversation(messages, 1460, { serverPort }), options).streams;
  return Array.from({ length: calls.count }, (_, row) => [...calls.contents(row)]);
};
const post = (head: string, body: string) => `POST /x HTTP/1.1\r\nHost: shop\r\n${head}Content-Length: ${body.length}\r\n\r\n${body}`;
const OK = ['server', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'] as const;

describe('contents of requests', () => {
  it('are words of headers and of the body, together with the head, behind it, or in chunks', () => {
    const whole = post('X-Order: 48213377\r\n', '{"user":"u-90871"}');
    const cut = whole.indexOf('{');
    const expected = [hashes('48213377', '90871')];
    expect(talk([['client', whole], OK])).toEqual(expected);
    expect(talk([['client', whole.slice(0, cut)], ['client', whole.slice(cut)], OK])).toEqual(expected);
    const chunked = 'POST /x HTTP/1.1\r\nX-Order: 48213377\r\nTransfer-Encoding: chunked\r\n\r\n12\r\n{"user":"u-90871"}\r\n0\r\n\r\n';
    expect(talk([['client', chunked], OK])).toEqual(expected);
    // The next request's are its own; an answer has none.
    expect(
      talk([
        ['client', whole],
        ['server', 'HTTP/1.1 200 OK\r\nX-Id: 777777\r\nContent-Length: 5\r\n\r\n88888'],
        ['client', post('', 'id=123456')],
        OK,
      ]),
    ).toEqual([...expected, hashes('123456')]);
  });

  it('leave out credentials, cookies, trace ids, what a user names, and how a message travels', () => {
    const head = [
      'Authorization: Bearer abc12345',
      'Cookie: sid=abc12346',
      'X-Api-Key: abc12347',
      'X-Session-Token: abc12348',
      'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      'X-Request-Id: abc12349',
      'X-B3-SpanId: a2fb4a1d1a96d312',
      'User-Agent: browser/20100101',
      'X-Forwarded-For: 10.20.30.4000',
      'X-Mine: abc12350',
      'User-Id: abc12351',
    ].join('\r\n');
    expect(talk([['client', post(`${head}\r\n`, '')], OK], { ignoreHeaders: ['x-mine'] })).toEqual([hashes('abc12351')]);
    expect(talk([['client', post(`${head}\r\n`, '')], OK], { ignoreContents: true })).toEqual([[]]);
  });

  it('of Redis are the key, never a password; of SQL, values of statements about rows', () => {
    const command = (...parts: string[]) => `*${parts.length}\r\n${parts.map((part) => `$${part.length}\r\n${part}\r\n`).join('')}`;
    const asked = [command('AUTH', 'pass1234'), command('GET', 'session:6916'), command('SET', 'a:5555', 'secret99')];
    expect(
      talk(
        asked.flatMap((text) => [['client', text] as const, ['server', '+OK\r\n'] as const]),
        {},
        6379,
      ),
    ).toEqual([[], hashes('6916'), hashes('5555')]);
    const query = (sql: string) => `Q${String.fromCharCode(0, 0, 0, sql.length + 5)}${sql}\0`;
    const done = 'C\0\0\0\u000bSELECT\0Z\0\0\0\u0005I';
    const sql = ["SELECT * FROM t WHERE id='u-48213'", "ALTER USER u PASSWORD 'pass1234'"];
    const startup = `\0\0\0\u0010\0\u0003\0\0user\0u\0\0`.slice(0, 16);
    expect(
      talk(
        [
          ['client', startup],
          ['server', 'R\0\0\0\u0008\0\0\0\0Z\0\0\0\u0005I'],
          ...sql.flatMap((text) => [['client', query(text)] as const, ['server', done] as const]),
        ],
        {},
        5432,
      ).slice(-2),
    ).toEqual([hashes('48213'), []]);
  });

  it('are few, and are in no record', () => {
    const body = Array.from({ length: 40 }, (_, k) => `i${1000 + k}`).join();
    expect(talk([['client', post('', body)], OK])[0]).toHaveLength(MOST_CONTENTS);
    const x = extract(pcap(conversation([['client', post('X-Order: 48213377\r\n', '{"user":"u-90871"}')], OK])));
    expect([...x.calls.contents(0)]).toEqual(hashes('48213377', '90871'));
    const record = JSON.stringify(toRecord(x, 0));
    for (const value of ['48213377', '90871', ...x.calls.contents(0)]) expect(record).not.toContain(String(value));
  });

  it('leave out words that most requests have, and stay with their calls when rows move', () => {
    const line = bytesOf('X-Build: web20417\r\n');
    const contents = new Contents(new Set());
    const found: number[] = [];
    for (let k = 0; k < 100; k++) {
      contents.begin(k % 2);
      contents.line(line, new DataView(line.buffer), 0, line.length);
      found.push(contents.count);
    }
    expect(found.slice(0, 10)).not.toContain(0);
    expect(found.slice(80)).not.toContain(1);
    const { calls } = play(conversation([['client', post('', 'id=111111')], OK, ['client', post('', 'id=222222')], OK])).streams;
    const gone = Uint8Array.of(1, 0);
    calls.release(gone);
    expect([...calls.contents(1)]).toEqual(hashes('222222'));
    calls.compact();
    expect([...calls.contents(0)]).toEqual(hashes('222222'));
  });
});

describe('contents of a part of the traffic', () => {
  it('depend on each request alone: words of many requests, and of servers where none reappears, are kept', () => {
    const line = bytesOf('X-Build: web20417\r\n');
    const alone = new Contents(new Set(), true);
    for (let k = 0; k < 5000; k++) {
      expect(alone.begin(k % 2)).toBe(true);
      alone.line(line, new DataView(line.buffer), 0, line.length);
      expect(alone.count).toBe(1);
    }
    const body = Array.from({ length: 40 }, (_, k) => `i${1000 + k}`).join();
    const headers = Array.from({ length: 3 }, (_, k) => `X-${k}: ${body.slice(k * 60, k * 60 + 59)}\r\n`).join('');
    expect(talk([['client', post(headers, body)], OK], { contentsAlone: true })[0]).toHaveLength(MOST_ALONE);
  });
});

describe('servers whose requests are looked at', () => {
  /** Requests to servers 1 and 2 in turn, and to 3; each word of 1 is handed on to 2. Shares looked at in the end. */
  const looked = (handed: boolean) => {
    const echoes = new Echoes();
    const last = new Float64Array(4);
    for (let k = 0; k < 9000; k++) {
      for (const server of [1, 2, 3]) {
        const is = echoes.begin(server);
        if (is) echoes.word(handed && server < 3 ? k : k * 4 + server + 1e6);
        if (k >= 8900 && is) last[server]!++;
      }
    }
    return [...last.slice(1)];
  };
  it('are those where words reappear', () => expect(looked(true)).toEqual([100, 100, 0]));
  it('are none where no word does', () => expect(looked(false)).toEqual([0, 0, 0]));
});
