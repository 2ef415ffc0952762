/** What is said about flows and streams beside their calls. */
import { describe, expect, it } from 'vitest';
import { CallFlag } from '../../../src/engine/calls/callTable.ts';
import { PROTOCOLS } from '../../../src/engine/protocols/names.ts';
import { FlowIndex } from '../../../src/engine/streams/flowIndex.ts';
import {
  ACK,
  client,
  conversation,
  FIN,
  handshake,
  ipv4,
  newStreams,
  packetOf,
  play,
  RST,
  type Step,
  SYN,
  server,
} from '../support/packets.ts';
import { rowsOf } from '../support/rows.ts';

const request = 'GET / HTTP/1.1\r\n\r\n';
const response = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const n = request.length;
const fact = (played: ReturnType<typeof play>, id: string) => played.streams.quality().find((f) => f.id === id);

describe('flows', () => {
  it('know client and server from the handshake, and its round trip', () => {
    const played = play([
      client(0, 0, 0, '', { flags: SYN, clientPort: 80, serverPort: 40_000 }),
      server(3, 0, 1, '', { flags: SYN | ACK, clientPort: 80, serverPort: 40_000 }),
      client(5, 1, 1, '', { flags: ACK, clientPort: 80, serverPort: 40_000 }),
    ]);
    const { flows } = played.streams;
    const text = (id: number) => played.strings.text(id);
    expect([text(flows.clientAddress[0]!), flows.clientPort[0], text(flows.serverAddress[0]!), flows.serverPort[0]]).toEqual([
      '10.0.0.1',
      80,
      '10.0.0.2',
      40_000,
    ]);
    expect(flows.rttNs[0]).toBe(5e6);
  });

  it('without a handshake take the side that asks for the client', () => {
    const ports = { clientPort: 80, serverPort: 40_000 };
    const { streams } = play([client(1, 1, 1, request, ports), server(2, 1, 1 + n, response, ports)]);
    expect([streams.flows.clientPort[0], streams.flows.serverPort[0], streams.flows.rttNs[0]]).toEqual([80, 40_000, Number.NaN]);
  });

  it('count retransmissions, gaps and full receivers', () => {
    const steps = conversation([
      ['client', request],
      ['server', response],
      ['client', request],
      ['server', response],
    ]);
    const again = steps.flatMap((step) => (step.payload.length > 0 ? [step, { ...step, ms: step.ms + 0.1 }] : [step]));
    const twice = play(again);
    expect([twice.streams.flows.retransmissions[0], fact(twice, 'retransmissions')?.count]).toEqual([4, 4]);
    // The first copies' times: the wait for the second is in no latency here, and nothing says so.
    expect(twice.streams.calls.responseLastNs.slice(0, 2)).toEqual(play(steps).streams.calls.responseLastNs.slice(0, 2));
    expect(fact(twice, 'retransmissions')?.effect).toMatch(/first copy.* of the client is not/);
    const lossy = play(steps.filter((_, i) => i !== 4));
    expect([lossy.streams.flows.gaps[0], fact(lossy, 'gaps')?.count]).toEqual([1, 1]);
    const full = play([...steps, client(50, 1 + 2 * n, 1 + 2 * response.length, '', { flags: ACK, window: 0 })]);
    expect([full.streams.flows.zeroWindows[0], fact(full, 'zero-windows')?.count]).toEqual([1, 1]);
    const clean = play(steps);
    expect(clean.streams.quality()).toEqual([]);
  });

  it('name what speaks one direction only', () => {
    const played = play([client(1, 1, 1, request), client(2, 1 + n, 1 + response.length, request)]);
    expect([played.streams.flows.oneSided[0], fact(played, 'one-sided')?.count, fact(played, 'unanswered-requests')?.count]).toEqual([
      1, 1, 2,
    ]);
  });

  it('responses of a server whose clients were not captured are calls without latency', () => {
    const played = play([server(1, 1, 1 + n, response), server(5, 1 + response.length, 1 + 2 * n, response.slice(0, -1))]);
    expect(rowsOf(played.streams.calls, played.strings).map((row) => [row.protocol, row.target, row.status, row.at[2], row.sure])).toEqual([
      ['http/1', '', 200, 1, false],
      ['http/1', '', 200, 5, false],
    ]);
    expect(fact(played, 'orphan-responses')).toBeUndefined();
  });

  it('and orphan responses', () => {
    expect(
      fact(play([...handshake(), server(1, 1, 1 + n, response), client(2, 1 + n, 1 + response.length, request)]), 'orphan-responses')
        ?.count,
    ).toBe(1);
  });

  it('a reset ends what has no length', () => {
    const steps = [
      ...handshake(),
      client(1, 1, 1, request),
      server(2, 1, 1 + n, 'HTTP/1.1 200 OK\r\n\r\nabc'),
      server(3, 23, 1 + n, '', { flags: RST | ACK }),
    ];
    const { streams, strings } = play(steps);
    expect(rowsOf(streams.calls, strings).map((r) => [r.sure, r.at[3]])).toEqual([[true, 2]]);
  });

  it('data that comes with the SYN counts', () => {
    const steps = [
      client(0, 0, 0, request, { flags: SYN }),
      server(1, 0, 1 + n, '', { flags: SYN | ACK }),
      client(2, 1 + n, 1, '', { flags: ACK }),
      server(3, 1, 1 + n, response, { flags: 0x18 | FIN }),
    ];
    const { streams, strings } = play(steps);
    expect(rowsOf(streams.calls, strings).map((r) => [r.sure, r.at[0], r.at[3]])).toEqual([[true, 0, 3]]);
  });

  it('of connections that are over hold nothing back: many make no difference', () => {
    const made = newStreams();
    let frame = 0;
    for (let i = 0; i < 5000; i++) {
      const x = { clientPort: 1024 + (i % 60_000), clientIsn: i * 7919, serverIsn: i * 104_729 };
      const steps: Step[] = [
        ...handshake(x),
        client(10, 1, 1, request, x),
        server(11, 1, 1 + n, response, { ...x, flags: 0x18 | FIN }),
        client(12, 1 + n, 2 + response.length, '', { ...x, flags: ACK | FIN }),
      ];
      for (const step of steps) {
        const bytes = ipv4(step);
        made.streams.take(packetOf(bytes, bytes.length, (step.ms + i * 20) * 1e6, ++frame));
      }
    }
    made.streams.finish();
    expect(made.streams.calls.count).toBe(5000);
    expect(rowsOf(made.streams.calls, made.strings).every((r) => r.sure && r.ms === 1)).toBe(true);
  });
});

describe('what can’t be read', () => {
  const hello = (name: string) => {
    const sni = `\0\0${u16(name.length + 5)}${u16(name.length + 3)}\0${u16(name.length)}${name}`;
    const body = `\x03\x03${'r'.repeat(32)}\0\0\x02\x13\x01\x01\0${u16(sni.length)}${sni}`;
    return `\x16\x03\x01${u16(body.length + 4)}\x01\0${u16(body.length)}${body}`;
  };
  const u16 = (value: number) => String.fromCharCode(value >> 8, value & 255);

  it.each([1460, 20])('TLS: its server name, and its share of bytes (segments of %d bytes)', (mss) => {
    const played = play(
      conversation(
        [
          ['client', hello('shop.example')],
          ['server', `\x16\x03\x03\0\x30\x02${'s'.repeat(47)}`],
          ['client', `\x17\x03\x03\x03\xe8${'e'.repeat(1000)}`],
        ],
        mss,
        { serverPort: 443 },
      ),
    );
    const { flows, calls } = played.streams;
    expect([PROTOCOLS[flows.protocol[0]!], played.strings.text(flows.serverName[0]!), calls.count]).toEqual(['tls', 'shop.example', 0]);
    expect(fact(played, 'tls-share')?.text).toBe('100 % of bytes are TLS');
    expect(fact(played, 'tls-share')?.level).toBe('warning');
  });

  it('TLS from the middle', () => {
    const steps = conversation([
      ['client', `\x17\x03\x03\0\x20${'e'.repeat(32)}`],
      ['server', `\x17\x03\x03\0\x20${'e'.repeat(32)}`],
    ]).slice(3);
    expect(PROTOCOLS[play(steps).streams.flows.protocol[0]!]).toBe('tls');
  });

  it('an unknown protocol: turns, marked as such', () => {
    const played = play(
      conversation(
        [
          ['client', 'HELLO 1'],
          ['server', 'WELCOME'],
          ['client', 'DO THIS, '],
          ['client', 'AND THAT'],
          ['server', 'DONE'],
          ['server', '. REALLY'],
        ],
        1460,
        { serverPort: 7777 },
      ),
    );
    const found = rowsOf(played.streams.calls, played.strings);
    expect(found.map((r) => [r.protocol, r.requestBytes, r.responseBytes, r.at])).toEqual([
      ['turns', 7, 7, [10, 10, 11, 11]],
      ['turns', 17, 12, [12, 13, 14, 15]],
    ]);
    expect(fact(played, 'unknown-protocol')?.text).toContain('100 %');
  });

  it('a server that speaks first asks nothing', () => {
    const played = play(
      conversation(
        [
          ['server', 'WELCOME'],
          ['client', 'HI'],
          ['server', 'WELL'],
          ['client', 'BYE'],
        ],
        1460,
        { serverPort: 7777 },
      ),
    );
    const found = rowsOf(played.streams.calls, played.strings);
    expect(found.map((r) => [r.requestBytes, r.responseBytes, (r.flags & CallFlag.noResponse) !== 0])).toEqual([
      [2, 4, false],
      [3, 0, true],
    ]);
  });

  it('what answers as HTTP was HTTP', () => {
    const played = play(
      conversation([
        ['client', '?? nonsense\r\n\r\n'],
        ['server', 'HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n'],
      ]),
    );
    expect(rowsOf(played.streams.calls, played.strings).map((r) => [r.protocol, r.status])).toEqual([['http/1', 400]]);
  });
});

describe('finding flows', () => {
  it('stays bounded and right when every key collides', () => {
    const KEYS = 4000;
    let looks = 0;
    // The first column that a comparison looks at.
    const low = new Proxy<Record<number, number>>(
      {},
      {
        get(column, row) {
          looks++;
          return column[Number(row)];
        },
      },
    );
    const columns = {
      high: new Int32Array(KEYS),
      ports: new Int32Array(KEYS),
      realm: new Int32Array(KEYS),
      replaced: new Uint8Array(KEYS),
    };
    const flows = { count: 0, low, ...columns };
    const index = new FlowIndex(flows as unknown as ConstructorParameters<typeof FlowIndex>[0]);
    // The hash multiplies one word by this before it joins the other: together they cancel out, and all hashes are one.
    const lowOf = (i: number) => Math.imul(i, 0x9e3779b1);
    for (let i = 0; i < KEYS; i++) {
      low[i] = lowOf(i);
      flows.high[i] = i;
      flows.count = i + 1;
      index.put(i);
    }
    // Rows are placed, and placed again when the table doubles: each time at most 32 others are looked at.
    expect(looks).toBeLessThan(3 * 34 * KEYS);
    expect(looks).toBeGreaterThan(32 * KEYS);
    looks = 0;
    for (let i = 0; i < KEYS; i++) expect(index.find(lowOf(i), i, 0, 0)).toBe(i);
    expect(looks).toBeLessThanOrEqual(32 * KEYS);
    expect(index.find(lowOf(5000), 5000, 0, 0)).toBe(-1);
  });
});
