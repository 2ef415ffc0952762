/** Packets without a time (pcapng simple packet blocks): what rests on them is flagged, nothing else is. */
import { describe, expect, test } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { Pcapng } from '../net/build.ts';
import { extract } from '../support/extract.ts';
import { record } from '../support/http2Talk.ts';
import { ACK, client, conversation, FIN, handshake, ipv4, type Step, server, udp } from '../support/packets.ts';
import { type Row, rowsOf } from '../support/rows.ts';

interface Timed {
  readonly ms: number;
  readonly packet: Uint8Array;
}
const packets = (steps: readonly Step[]): Timed[] => steps.map((step) => ({ ms: step.ms, packet: ipv4(step) }));

/** A file of the packets; those that `untimed` picks have no time. */
function file(all: readonly Timed[], untimed: (index: number) => boolean): Uint8Array {
  const made = new Pcapng().section().interface(101, { resolution: 9 });
  all.forEach(({ ms, packet }, i) => {
    if (untimed(i)) made.simple(packet);
    else made.enhanced(0, BigInt(Math.round(ms * 1e6)) + 100_000_000_000n, packet);
  });
  return made.bytes();
}
function rows(all: readonly Timed[], untimed: (index: number) => boolean = () => true): Row[] {
  const { calls, strings } = extract(file(all, untimed));
  return rowsOf(calls, strings);
}

const { requestFirstUnsure, requestLastUnsure, responseFirstUnsure, responseLastUnsure } = CallFlag;
const EVERY = requestFirstUnsure | requestLastUnsure | responseFirstUnsure | responseLastUnsure;
const GET = 'GET /a HTTP/1.1\r\nHost: shop\r\n\r\n';
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello';
const talk = conversation([
  ['client', GET],
  ['server', OK],
]);

test('nothing has a time: the call is there, each of its stamps flagged', () => {
  const [call, ...more] = rows(packets(talk));
  expect(more).toEqual([]);
  expect(call).toMatchObject({ target: '/a', status: 200, sure: false });
  expect(call!.flags & EVERY).toBe(EVERY);
});

test.each([
  ['the request', 3, requestFirstUnsure | requestLastUnsure],
  ['the response', 4, responseFirstUnsure | responseLastUnsure],
  ['a packet of the handshake', 1, 0],
])('%s alone has none', (_, at, flags) => {
  const [call] = rows(packets(talk), (i) => i === at);
  expect(call).toMatchObject({ target: '/a', status: 200, sure: flags === 0 });
  expect(call!.flags & EVERY).toBe(flags);
});

test('a segment amid a body has none: both ends are sure', () => {
  const steps = conversation(
    [
      ['client', GET],
      ['server', `HTTP/1.1 200 OK\r\nContent-Length: 60\r\n\r\n${'x'.repeat(60)}`],
    ],
    40,
  );
  expect(rows(packets(steps), (i) => i === 5)).toMatchObject([{ sure: true }]);
  expect(rows(packets(steps), (i) => i === steps.length - 1)[0]!.flags & EVERY).toBe(responseLastUnsure);
});

test('a segment of one byte without a time is data, no probe', () => {
  const steps = [
    ...conversation([['client', GET]]),
    server(20, 1, 1 + GET.length, OK.slice(0, -1)),
    server(21, OK.length, 1 + GET.length, 'o'),
  ];
  expect(rows(packets(steps), (i) => i === steps.length - 1)).toMatchObject([{ status: 200, responseBytes: OK.length }]);
});

test('a lost end is not bounded by an acknowledgement without a time', () => {
  // The response's last segment is missing; only acknowledgements say that it arrived.
  const steps = [
    ...conversation([['client', GET]]),
    server(20, 1, 1 + GET.length, OK.slice(0, -2)),
    client(20.2, 1 + GET.length, 1 + OK.length, '', { flags: ACK }),
    client(500, 1 + GET.length, 1 + OK.length, '', { flags: ACK | FIN }),
    server(501, 1 + OK.length, 2 + GET.length, '', { flags: ACK | FIN }),
  ];
  expect(rows(packets(steps), () => false)).toMatchObject([{ sure: true }]);
  const [call] = rows(packets(steps), (i) => i === 5);
  expect(call!.flags & responseLastUnsure).toBe(responseLastUnsure);
});

test('a message until the close, and one until silence', () => {
  const answer = 'HTTP/1.1 200 OK\r\n\r\nhello';
  const steps = [...conversation([['client', GET]]), server(20, 1, 1 + GET.length, answer)];
  const close = server(30, 1 + answer.length, 1 + GET.length, '', { flags: ACK | FIN });
  expect(rows(packets([...steps, close]), (i) => i === 4)[0]!.flags & EVERY).toBe(responseFirstUnsure | responseLastUnsure);
  // Another connection goes on for a second.
  const other = handshake({ clientPort: 5 }).map((step) => ({ ...step, ms: 1500 }));
  expect(rows(packets([...steps, ...other]), () => false)).toMatchObject([{ sure: true }]);
  expect(rows(packets([...steps, ...other]), (i) => i === 4)[0]!.flags & EVERY).toBe(responseFirstUnsure | responseLastUnsure);
  const turns = conversation([
    ['client', '\x01\x02\x03 what'],
    ['server', '\x09\x09 that'],
  ]);
  expect(rows(packets([...turns, ...other]), () => false)).toMatchObject([{ protocol: 'turns', sure: true }]);
  expect(rows(packets([...turns, ...other]), (i) => i === 4)[0]!.flags & EVERY).toBe(responseFirstUnsure | responseLastUnsure);
});

test('the round trip is not measured by packets without a time', () => {
  const rtt = (untimed: (i: number) => boolean) => {
    const steps = talk.map((step, i) => ({ ...step, ms: i + 1 }));
    return extract(file(packets(steps), untimed)).flows.rttNs[0];
  };
  expect(rtt(() => false)).toBe(2e6);
  for (const i of [0, 2]) expect(rtt((at) => at === i)).toBeNaN();
});

describe('other protocols', () => {
  const question = '\x00\x07\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00\x04shop\x04test\x00\x00\x01\x00\x01';
  const answer = `\x00\x07\x81\x80\x00\x01\x00\x01\x00\x00\x00\x00${question.slice(12)}\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x3c\x00\x04\x0a\x00\x00\x09`;
  const dns = [
    { ms: 1, packet: udp(question, true, 53) },
    { ms: 3, packet: udp(answer, false, 53) },
  ];
  test('DNS', () => {
    expect(rows(dns, () => false)).toMatchObject([{ protocol: 'dns', ms: 2, sure: true }]);
    expect(rows(dns)[0]!.flags & EVERY).toBe(EVERY);
    expect(rows(dns, (i) => i === 1)[0]!.flags & EVERY).toBe(responseFirstUnsure | responseLastUnsure);
  });

  test('HTTP/2', async () => {
    const messages = await record((stream) => stream.end('body'), [{ ':path': '/a', body: 'x' }, { ':path': '/b' }]);
    const all = packets(conversation(messages));
    expect(rows(all, () => false).map((call) => [call.target, call.sure])).toEqual([
      ['/a', true],
      ['/b', true],
    ]);
    for (const call of rows(all)) expect(call.flags & EVERY).toBe(EVERY);
    // Whichever packet lacks its time: a call is sure only if its stamps are those of the whole file.
    const clean = rows(all, () => false);
    for (let at = 0; at < all.length; at++)
      for (const [i, call] of rows(all, (k) => k === at).entries()) if (call.sure) expect(call.at).toEqual(clean[i]!.at);
  });
});
