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
