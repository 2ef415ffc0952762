/** What is missing decides what is right: conversations written by hand, segment by segment. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { protocolNumber } from '../../../src/engine/protocols/names.ts';
import { ACK, client, conversation, FIN, handshake, play, type Step, server } from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const get = (target: string) => `GET ${target} HTTP/1.1\r\nHost: x\r\n\r\n`;
const ok = (body: string, status = 200) => `HTTP/1.1 ${status} OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
const A = get('/a');
const B = get('/b');
const C = get('/c');
const R = ok('12345');
/** Lengths of a request and a response; the first data byte has number 1. */
const n = A.length;
const m = R.length;

function run(steps: readonly Step[], snapLength?: number) {
  const { streams, strings } = play(steps, snapLength === undefined ? {} : { snapLength });
  return rowsOf(streams.calls, strings);
}

describe('pairing', () => {
  it('keeps the order of pipelined requests in one segment', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A + B + C),
      server(20, 1, 1 + 3 * n, R),
      server(30, 1 + m, 1 + 3 * n, R),
      server(40, 1 + 2 * m, 1 + 3 * n, R),
    ]);
    expect(rows.map((r) => [r.target, r.at[3], r.sure])).toEqual([
      ['/a', 20, true],
      ['/b', 30, true],
      ['/c', 40, true],
    ]);
  });

  it('gives the response of a lost request to nobody; the next pair is right and sure', () => {
    const rows = run([...handshake(), server(20, 1, 1 + n, R), client(30, 1 + n, 1 + m, B), server(35, 1 + m, 1 + 2 * n, R)]);
    expect(rows.map((r) => [r.target, r.status, r.ms, r.sure])).toEqual([['/b', 200, 5, true]]);
  });

  it('leaves a request unanswered whose response head is lost; the next pair is right', () => {
    const rows = run([...handshake(), client(10, 1, 1, A), client(30, 1 + n, 1 + m, B), server(35, 1 + m, 1 + 2 * n, R)]);
    expect(rows.map((r) => [r.target, r.status, r.sure])).toEqual([
      ['/a', 0, false],
      ['/b', 200, true],
    ]);
    expect(rows[0]!.flags & CallFlag.noResponse).toBeTruthy();
  });

  it('gives a lost response to nobody where cut heads hide where messages end', () => {
    const cut = 40 + 18; // the request line and the status line are captured, nothing behind them
    const long = ok('x'.repeat(100));
    const l = long.length;
    const lone = Array.from({ length: 70 }, (_, i) => server(36 + i / 100, 1 + 2 * l, 1 + 2 * n));
    const rows = run(
      [
        ...handshake(),
        client(10, 1, 1, A),
        server(11, 1, 1 + n), // the response is missing, the client has it
        client(29, 1 + n, 1 + l),
        client(30, 1 + n, 1 + l, B),
        server(31, 1 + l, 1 + 2 * n),
        server(35, 1 + l, 1 + 2 * n, long),
        ...lone,
        client(60, 1 + 2 * n, 1 + 2 * l, C),
        server(65, 1 + 2 * l, 1 + 3 * n, long),
        client(66, 1 + 3 * n, 1 + 3 * l),
        client(900, 1 + 3 * n, 1 + 3 * l, '', { flags: ACK | FIN }),
        server(901, 1 + 3 * l, 2 + 3 * n, '', { flags: ACK | FIN }),
      ],
      cut,
    );
    expect(rows.map((r) => [r.status, r.at[2], r.sure])).toEqual([
      [0, Number.NaN, false],
      [200, 35, true],
      [200, 65, true],
    ]);
  });

  it('bounds the times of a request and its response that overtook each other by less than 1 ms', () => {
    const rows = run([...handshake(), server(10, 1, 1 + n, R), client(10.4, 1, 1, A)]);
    expect(rows.map((r) => [r.status, r.ms, r.sure])).toEqual([[200, 0, true]]);
    expect(rows[0]!.flags & CallFlag.bounded).toBeTruthy();
    const apart = run([...handshake(), server(10, 1, 1 + n, R), client(12, 1, 1, A)]);
    expect(apart.map((r) => r.sure)).toEqual([false]);
  });

  it('sees a new connection on the same ports', () => {
    const x = { clientIsn: 5e8, serverIsn: 3e9 };
    const second = [...handshake(x), client(10, 1, 1, B, x), server(15, 1, 1 + n, R, x)].map((step) => ({ ...step, ms: step.ms + 500 }));
    const rows = run([...handshake(), client(10, 1, 1, A), server(12, 1, 1 + n, R), ...second]);
    expect(rows.map((r) => [r.target, r.status, r.ms, r.sure])).toEqual([
      ['/a', 200, 2, true],
      ['/b', 200, 5, true],
    ]);
    expect(rows[0]!.flow).not.toBe(rows[1]!.flow);
  });

  it('sees a new connection on the same ports without its handshake', () => {
    const x = { clientIsn: 5e8, serverIsn: 3e9 };
    const rows = run([...handshake(), client(10, 1, 1, A), server(12, 1, 1 + n, R), client(510, 1, 1, B, x), server(515, 1, 1 + n, R, x)]);
    expect(rows.map((r) => [r.target, r.status, r.ms, r.sure])).toEqual([
      ['/a', 200, 2, true],
      ['/b', 200, 5, true],
    ]);
  });

  it('survives the wrap of sequence numbers', () => {
    const x = { clientIsn: 0xfffffff0, serverIsn: 0xffffffe8 };
    const rows = run([
      ...handshake(x),
      client(10, 1, 1, A, x),
      server(12, 1, 1 + n, R, x),
      client(30, 1 + n, 1 + m, B, x),
      server(35, 1 + m, 1 + 2 * n, R, x),
    ]);
    expect(rows.map((r) => [r.status, r.ms, r.sure])).toEqual([
      [200, 2, true],
      [200, 5, true],
    ]);
  });
});

describe('a lost tail', () => {
  const big = ok('x'.repeat(100));
  const cut = big.length - 40;
  const steps = (ackMs: number) => [
    ...handshake(),
    client(10, 1, 1, A),
    server(12, 1, 1 + n, big.slice(0, cut)),
    client(ackMs, 1 + n, 1 + big.length, '', { flags: ACK }),
    client(90, 1 + n, 1 + big.length, B),
    server(95, 1 + big.length, 1 + 2 * n, R),
  ];

  it('acknowledged late: the first byte is sure, the last is not', () => {
    const rows = run(steps(60));
    expect(rows[0]!.flags & CallFlag.responseLastUnsure).toBeTruthy();
    expect(rows[0]!.flags & (CallFlag.pairUnsure | CallFlag.responseFirstUnsure)).toBe(0);
    expect(rows[0]!.at[2]).toBe(12);
    expect([rows[1]!.sure, rows[1]!.at[3]]).toEqual([true, 95]);
  });

  it('acknowledged promptly: known within the tolerance', () => {
    const rows = run(steps(12.1));
    expect(rows[0]!.sure).toBe(true);
    expect(rows[0]!.flags & CallFlag.bounded).toBeTruthy();
    expect(Math.abs(rows[0]!.at[3] - 12.05)).toBeLessThan(0.06);
  });

  it('is not ended by a keep-alive probe', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, R.slice(0, -3)),
      client(12.2, 1 + n, 1 + m, '', { flags: ACK }),
      server(900, m, 1 + n, '\0'),
      client(910, 1 + n, 1 + m, B),
      server(915, 1 + m, 1 + 2 * n, R),
    ]);
    expect(rows[0]!.at[3]).toBeLessThan(13);
    expect([rows[1]!.sure, rows[1]!.at[3]]).toEqual([true, 915]);
  });
});

describe('framing', () => {
  const post = 'POST /p HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n';
  const interim = 'HTTP/1.1 100 Continue\r\n\r\n';

  it('100-continue: the final response answers', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, post),
      server(11, 1, 1 + post.length, interim),
      client(12, 1 + post.length, 1 + interim.length, 'hello'),
      server(20, 1 + interim.length, 6 + post.length, R),
    ]);
    expect(rows.map((r) => [r.status, r.at, r.sure])).toEqual([[200, [10, 12, 20, 20], true]]);
  });

  it('100-continue lost: the segment that completes the request acknowledges it', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, post),
      client(12, 1 + post.length, 26, 'hello'),
      server(20, 26, 6 + post.length, R),
    ]);
    expect(rows.map((r) => [r.status, r.at, r.sure])).toEqual([[200, [10, 12, 20, 20], true]]);
  });

  const head = 'HEAD /h HTTP/1.1\r\n\r\n';
  const headAnswer = 'HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n';

  it('HEAD: the length announced is not sent', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, head),
      server(15, 1, 1 + head.length, headAnswer),
      client(20, 1 + head.length, 1 + headAnswer.length, B),
      server(25, 1 + headAnswer.length, 1 + head.length + n, R),
    ]);
    expect(rows.map((r) => [r.status, r.ms, r.sure])).toEqual([
      [200, 5, true],
      [200, 5, true],
    ]);
  });

  it('HEAD lost: its response does not swallow the next one', () => {
    const rows = run([
      ...handshake(),
      server(15, 1, 1 + head.length, headAnswer),
      client(20, 1 + head.length, 1 + headAnswer.length, B),
      server(25, 1 + headAnswer.length, 1 + head.length + n, R),
    ]);
    expect(rows.map((r) => [r.target, r.status, r.ms, r.sure])).toEqual([['/b', 200, 5, true]]);
  });

  it('chunked with a chunk header lost: the next acknowledgement tells the end', () => {
    const s1 = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n';
    const s2 = '5\r\nabcde\r\n';
    const s3 = '3\r\nxyz\r\n0\r\n\r\n';
    const end = 1 + s1.length + s2.length + s3.length;
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, s1),
      server(16, 1 + s1.length + s2.length, 1 + n, s3),
      client(30, 1 + n, end, B),
      server(35, end, 1 + 2 * n, R),
    ]);
    expect(rows.map((r) => [r.status, r.at[3], r.sure])).toEqual([
      [200, 16, true],
      [200, 35, true],
    ]);
  });

  it('an upgraded connection is not read further', () => {
    const answer = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n';
    const { streams, strings } = play([
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, answer),
      server(13, 1 + answer.length, 1 + n, '\x81\x05hello'),
      client(14, 1 + n, 8 + answer.length, 'GET /not HTTP/1.1\r\n\r\n'),
    ]);
    expect(rowsOf(streams.calls, strings).map((r) => [r.status, r.sure])).toEqual([[101, true]]);
    expect(streams.flows.protocol[0]).toBe(protocolNumber('websocket'));
  });

  it('read until close; without the FIN the end is flagged', () => {
    const start = 'HTTP/1.1 200 OK\r\n\r\nbody';
    const steps = [...handshake(), client(10, 1, 1, A), server(12, 1, 1 + n, start)];
    const closed = run([...steps, server(14, 1 + start.length, 1 + n, 'more', { flags: 0x18 | FIN })]);
    expect([closed[0]!.at[3], closed[0]!.sure]).toEqual([14, true]);
    expect(run(steps)[0]!.sure).toBe(false);
  });
});

describe('segments that carry nothing new', () => {
  it('a keep-alive probe with a garbage byte', () => {
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, R),
      server(900, m, 1 + n, '\0'),
      client(901, 1 + n, 1 + m, '', { flags: ACK }),
      client(910, 1 + n, 1 + m, B),
      server(915, 1 + m, 1 + 2 * n, R),
    ]);
    expect(rows.map((r) => [r.status, r.ms, r.sure])).toEqual([
      [200, 2, true],
      [200, 5, true],
    ]);
  });

  it('a zero-window probe', () => {
    const big = ok('x'.repeat(50));
    const k = big.length;
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, big.slice(0, k - 1)),
      client(13, 1 + n, k, '', { flags: ACK, window: 0 }),
      server(200, k, 1 + n, 'x'),
      client(201, 1 + n, k, '', { flags: ACK, window: 0 }),
      client(400, 1 + n, k, '', { flags: ACK, window: 500 }),
      server(401, k, 1 + n, 'x'),
      client(402, 1 + n, 1 + k, '', { flags: ACK }),
    ]);
    expect([rows[0]!.at[3], rows[0]!.sure]).toEqual([401, true]);
  });
});

describe('retransmission', () => {
  it('driven by SACK: complete when the hole is filled, first copies keep their time', () => {
    const big = ok('x'.repeat(300));
    const at = [0, 100, 200, big.length];
    const segment = (i: number, ms: number) => server(ms, 1 + at[i]!, 1 + n, big.slice(at[i], at[i + 1]));
    const rows = run([
      ...handshake(),
      client(10, 1, 1, A),
      segment(0, 12),
      segment(2, 12.2),
      client(12.3, 1 + n, 101, '', { flags: ACK }),
      server(40, 101, 1 + n, big.slice(100, 160)),
      server(41, 161, 1 + n, big.slice(160)),
      client(42, 1 + n, 1 + big.length, '', { flags: ACK }),
    ]);
    expect([rows[0]!.at[2], rows[0]!.at[3], rows[0]!.sure]).toEqual([12, 41, true]);
  });

  it('spurious, first copy missed, reported by D-SACK: flagged', () => {
    const options = new Uint8Array(24).fill(1);
    const view = new DataView(options.buffer);
    options[12] = 5;
    options[13] = 10;
    view.setUint32(14, 900_001);
    view.setUint32(18, 900_001 + m);
    const steps = [...handshake(), client(10, 1, 1, A), server(220, 1, 1 + n, R), client(220.1, 1 + n, 1 + m, '', { flags: ACK, options })];
    const unsure = CallFlag.responseFirstUnsure | CallFlag.responseLastUnsure;
    expect(run(steps)[0]!.flags & unsure).toBe(unsure);
    // The second copy turns up later in the file: nothing was missed.
    expect(run([...steps, server(221, 1, 1 + n, R)])[0]!.flags & unsure).toBe(0);
  });

  it('after its acknowledgement: flagged', () => {
    const rows = run([...handshake(), client(10, 1, 1, A), client(12.1, 1 + n, 1 + m, '', { flags: ACK }), server(220, 1, 1 + n, R)]);
    expect(rows[0]!.sure).toBe(false);
  });
});

it('heads cut by the snap length are messages, their edges known from acknowledgements', () => {
  const rows = run(
    [
      ...handshake(),
      client(10, 1, 1, A),
      server(12, 1, 1 + n, R.slice(0, -3)),
      server(14, 1 + m - 3, 1 + n, R.slice(-3)),
      client(30, 1 + n, 1 + m, B),
      server(35, 1 + m, 1 + 2 * n, R),
      client(36, 1 + 2 * n, 1 + 2 * m, C),
    ],
    60,
  );
  expect(rows.slice(0, 2).map((r) => [r.status, r.ms, r.sure])).toEqual([
    [200, 4, true],
    [200, 5, true],
  ]);
  expect(rows[0]!.flags & CallFlag.headCut).toBeTruthy();
});

describe('heads that are too long', () => {
  const facts = (headBytes: number) => {
    const head = `GET / HTTP/1.1\r\n${`X-Long: ${'v'.repeat(1000)}\r\n`.repeat(headBytes / 1000)}\r\n`;
    const { streams } = play(
      conversation(
        [
          ['client', head],
          ['server', R],
        ],
        1400,
        {},
        0.01,
      ),
    );
    return streams.quality().map((f) => `${f.id}: ${f.text}`);
  };
  it('are said to be the reason, not the capture', () => {
    expect(facts(300_000)).toContain('long-heads: 1 message head longer than 256 kB was not read');
    expect(facts(300_000).join()).not.toMatch(/request was not captured(?! or not read)/);
  });
  it('are none below the limit', () => {
    expect(facts(200_000).join()).not.toContain('long-heads');
  });
});
