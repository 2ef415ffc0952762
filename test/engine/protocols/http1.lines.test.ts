/** Request lines as clients really send them, and heads that a capture cuts off. */
import { expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { client, conversation, FIN, handshake, play, type Step, server } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const rows = (steps: readonly Step[]) => {
  const { streams, strings } = play(steps);
  return rowsOf(streams.calls, strings);
};
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

it.each([
  ['OPTIONS\r\n', 'OPTIONS', ''],
  ['GET /a\r\n', 'GET', '/a'],
  ['CONNECT /HTTP/1.1\r\n', 'CONNECT', '/HTTP/1.1'],
  ['POST /a HTTP/one\r\n', 'POST', '/a'],
])('%j before a header field is a request line', (line, method, target) => {
  const [row] = rows(
    conversation([
      ['client', `${line}Host: a\r\n\r\n`],
      ['server', OK.replace('200', '400')],
    ]),
  );
  expect(row).toMatchObject({ protocol: 'http/1', method, target, host: 'a', status: 400 });
});

it.each(['OPTIONS sip:a@b SIP/2.0\r\nVia: c\r\n\r\n', 'DESCRIBE /a RTSP/1.0\r\nCSeq: 1\r\n\r\n', 'STAT\r\nLIST\r\n'])(
  '%j is another language',
  (text) => {
    const found = rows(
      conversation([
        ['client', text],
        ['server', '+OK\r\n'],
      ]),
    );
    expect(found.map((row) => row.protocol)).not.toContain('http/1');
  },
);

it.each([1460, 5, 1])('empty lines before the first request are passed over, in segments of %d bytes', (mss) => {
  const request = 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n';
  const found = rows(
    conversation(
      [
        ['client', `\r\n\r\n${request}`],
        ['server', OK],
        ['client', request],
        ['server', OK],
      ],
      mss,
    ),
  );
  expect(found.map((r) => [r.protocol, r.target, r.status, r.sure])).toEqual(Array(2).fill(['http/1', '/a', 200, true]));
});

it.each([1460, 5, 1])('chunked on the next line is chunked, in segments of %d bytes', (mss) => {
  const found = rows(
    conversation(
      [
        ['client', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
        ['server', 'HTTP/1.1 200 OK\r\nTransfer-Encoding:\r\n chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n'],
        ['client', 'GET /b HTTP/1.1\r\nHost: a\r\n\r\n'],
        ['server', OK],
      ],
      mss,
    ),
  );
  expect(found.map((r) => [r.target, r.status, r.sure])).toEqual([
    ['/a', 200, true],
    ['/b', 200, true],
  ]);
});

it.each([1460, 40, 7, 1])('chunks, trailers and what follows them are counted alike in segments of %d bytes', (mss) => {
  const chunked = (start: string) =>
    `${start}\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nA;x=1\r\n0123456789\r\n0\r\nEtag: 1\r\n\r\n`;
  const found = rows(
    conversation(
      [
        ['client', chunked('POST /a HTTP/1.1\r\nHost: a') + chunked('PUT /b HTTP/1.1\r\nHost: a')],
        ['server', chunked('HTTP/1.1 200 OK') + chunked('HTTP/1.1 503 Busy')],
        ['client', 'GET /c HTTP/1.1\r\nHost: a\r\n\r\n'],
        ['server', OK],
      ],
      mss,
    ),
  );
  const request = chunked('POST /a HTTP/1.1\r\nHost: a').length;
  expect(found.map((r) => [r.target, r.status, r.requestBytes, r.responseBytes])).toEqual([
    ['/a', 200, request, chunked('HTTP/1.1 200 OK').length],
    ['/b', 503, request - 1, chunked('HTTP/1.1 503 Busy').length],
    ['/c', 200, 28, OK.length],
  ]);
});

it('a length on the next line is a length', () => {
  const found = rows(
    conversation([
      ['client', 'POST /a HTTP/1.1\r\nContent-Length:\r\n  2\r\nHost: a\r\n\r\nhi'],
      ['server', OK],
      ['client', 'GET /b HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['server', OK],
    ]),
  );
  expect(found.map((r) => [r.method, r.status])).toEqual([
    ['POST', 200],
    ['GET', 200],
  ]);
});

it.each([
  ['HTTP/1.1 99 OK', 0],
  ['HTTP/1.1 2x0 OK', 0],
  ['HTTP/2.0 200 OK', 200],
  ['HTTP/1.0 200', 200],
])('%j has status %d', (line, status) => {
  const [row] = rows(
    conversation([
      ['client', 'GET /a HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['server', `${line}\r\nContent-Length: 2\r\n\r\nok`],
    ]),
  );
  expect(row).toMatchObject({ status, sure: true });
});

it('a request and a response whose heads the capture cuts off are a call, its ends unsure', () => {
  const request = 'POST /a HTTP/1.1\r\nHost: a\r\nX-Long: abc';
  const [row] = rows([...handshake(), client(10, 1, 1, request), server(30, 1, 1 + request.length + 50, 'HTTP/1.1 200 OK\r\nDate: x')]);
  expect(row).toMatchObject({ method: 'POST', target: '/a', status: 200, sure: false });
  expect(row!.at[2]).toBe(30);
  expect(row!.flags & CallFlag.headCut).toBeTruthy();
});

it('a connection of which only the end is captured has no gap', () => {
  const { streams } = play([server(0, 1, 1, '', { flags: FIN | 16 }), client(1, 1, 2, '', { flags: 16 })]);
  expect(streams.quality().map((fact) => fact.id)).not.toContain('gaps');
});

it('the last chunk is known by its length where the snap length hides it', () => {
  const request = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
  const ends = (rest: string) => {
    const response = `${head}64\r\n${'x'.repeat(100)}\r\n${rest}`;
    const { streams, strings } = play(
      [...handshake(), client(10, 1, 1, request), server(20, 1, 1 + request.length, response, { captured: 40 + head.length + 10 })],
      {},
    );
    return rowsOf(streams.calls, strings)[0]!;
  };
  expect(ends('0\r\n\r\n')).toMatchObject({ sure: true, flags: 0 });
  // Anything else may go on.
  expect(ends('1\r\nx\r\n')).toMatchObject({ sure: false });
});

it('a message without a length has ended when it was silent for much longer than it took', () => {
  const request = 'GET / HTTP/1.0\r\n\r\n';
  const response = 'HTTP/1.0 200 OK\r\n\r\n';
  const n = 1 + request.length;
  const after = (silenceMs: number, tookMs: number) => {
    const other = handshake({ clientPort: 41_000 }).map((step) => ({ ...step, ms: 20 + tookMs + silenceMs }));
    return rows([
      ...handshake().map((step, i) => ({ ...step, ms: i })),
      client(10, 1, 1, request),
      server(20, 1, n, response),
      server(20 + tookMs, 1 + response.length, n, 'body'),
      client(20 + tookMs, n, 5 + response.length, '', { flags: 16 }),
      ...other,
    ])[0]!.sure;
  };
  expect([after(5, 0), after(15, 0), after(15, 10), after(150, 10), after(499, 100), after(500, 100)]).toEqual([
    false,
    true,
    false,
    true,
    false,
    true,
  ]);
});
