/** Hand-made captures: small enough to see through, of any link type. */

const MAC = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];

export interface Segment {
  readonly timeUs: number;
  readonly from: string;
  readonly fromPort: number;
  readonly to: string;
  readonly toPort: number;
  readonly sequence: number;
  readonly ack: number;
  readonly payload: Uint8Array;
  /** FIN 1, SYN 2, PSH 8, ACK 16. */
  readonly flags: number;
}

function ethernetFrame(s: Segment): Uint8Array {
  const bytes = new Uint8Array(54 + s.payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set(MAC);
  bytes[14] = 0x45;
  view.setUint16(16, 40 + s.payload.length);
  bytes[22] = 64;
  bytes[23] = 6;
  bytes.set(s.from.split('.').map(Number), 26);
  bytes.set(s.to.split('.').map(Number), 30);
  view.setUint16(34, s.fromPort);
  view.setUint16(36, s.toPort);
  view.setUint32(38, s.sequence);
  view.setUint32(42, s.ack);
  bytes[46] = 0x50;
  bytes[47] = s.flags;
  view.setUint16(48, 65_000);
  bytes.set(s.payload, 54);
  return bytes;
}

export const START_US = 1_700_000_000_000_000;

export function pcap(packets: readonly { readonly timeUs: number; readonly bytes: Uint8Array }[], link = 1): Buffer {
  const parts: Uint8Array[] = [];
  const head = new DataView(new ArrayBuffer(24));
  head.setUint32(0, 0xa1b2c3d4, true);
  head.setUint16(4, 2, true);
  head.setUint16(6, 4, true);
  head.setUint32(16, 262_144, true);
  head.setUint32(20, link, true);
  parts.push(new Uint8Array(head.buffer));
  for (const { timeUs, bytes } of packets) {
    const record = new DataView(new ArrayBuffer(16));
    const at = START_US + timeUs;
    record.setUint32(0, Math.floor(at / 1e6), true);
    record.setUint32(4, at % 1e6, true);
    record.setUint32(8, bytes.length, true);
    record.setUint32(12, bytes.length, true);
    parts.push(new Uint8Array(record.buffer), bytes);
  }
  return Buffer.concat(parts);
}
export const capture = (segments: readonly Segment[]): Buffer =>
  pcap([...segments].sort((a, b) => a.timeUs - b.timeUs).map((s) => ({ timeUs: s.timeUs, bytes: ethernetFrame(s) })));

export interface Exchange {
  readonly client: string;
  readonly clientPort?: number;
  readonly server: string;
  readonly serverPort?: number;
  /** Microseconds after the start: request's only segment, response's only segment. */
  readonly at: number;
  readonly end: number;
  readonly request: string | Uint8Array;
  readonly response: string | Uint8Array;
  /** Both close at the end. */
  readonly closes?: boolean;
}
const raw = (v: string | Uint8Array): Uint8Array => (typeof v === 'string' ? Buffer.from(v, 'latin1') : v);
/** A connection of its own: handshake 60 us before, one request, one response, no close. */
export function exchange(e: Exchange): Segment[] {
  const there = { from: e.client, fromPort: e.clientPort ?? 40_000, to: e.server, toPort: e.serverPort ?? 80 };
  const back = { from: there.to, fromPort: there.toPort, to: there.from, toPort: there.fromPort };
  const request = raw(e.request);
  const response = raw(e.response);
  const none = new Uint8Array(0);
  return [
    { ...there, timeUs: e.at - 60, sequence: 999, ack: 0, payload: none, flags: 2 },
    { ...back, timeUs: e.at - 40, sequence: 4999, ack: 1000, payload: none, flags: 18 },
    { ...there, timeUs: e.at - 20, sequence: 1000, ack: 5000, payload: none, flags: 16 },
    { ...there, timeUs: e.at, sequence: 1000, ack: 5000, payload: request, flags: 24 },
    { ...back, timeUs: e.end, sequence: 5000, ack: 1000 + request.length, payload: response, flags: 24 },
    {
      ...there,
      timeUs: e.end + 20,
      sequence: 1000 + request.length,
      ack: 5000 + response.length,
      payload: none,
      flags: e.closes ? 17 : 16,
    },
    ...(e.closes
      ? [{ ...back, timeUs: e.end + 30, sequence: 5000 + response.length, ack: 1001 + request.length, payload: none, flags: 17 }]
      : []),
  ];
}
export const get = (host: string, path: string): string => `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
export const ok = (status = 200, body = 'fine'): string => `HTTP/1.1 ${status} X\r\nContent-Length: ${body.length}\r\n\r\n${body}`;

/** web calls orders, orders calls db; then web alone. Four calls, two transactions. */
export const SHOP: readonly Segment[] = [
  ...exchange({ client: '10.0.0.9', server: '10.0.0.1', at: 1000, end: 9000, request: get('web', '/orders/17?full=1'), response: ok() }),
  ...exchange({ client: '10.0.0.1', server: '10.0.0.2', at: 2000, end: 8000, request: get('orders', '/orders/17'), response: ok(503) }),
  ...exchange({ client: '10.0.0.2', server: '10.0.0.3', at: 3000, end: 6000, request: get('db', '/rows/17'), response: ok() }),
  ...exchange({
    client: '10.0.0.9',
    clientPort: 40_001,
    server: '10.0.0.1',
    at: 20_000,
    end: 21_000,
    request: get('web', '/health'),
    response: ok(),
  }),
];

/** A TLS connection (client hello with server name, then application data both ways), as far as a recogniser looks. */
export function tls(name: string): Segment[] {
  const record = (type: number, body: Uint8Array) => Buffer.concat([Uint8Array.of(type, 3, 3, body.length >> 8, body.length & 255), body]);
  const host = Buffer.from(name);
  const sni = Buffer.concat([Uint8Array.of(0, 0, 0, host.length + 5, 0, host.length + 3, 0, 0, host.length), host]);
  const hello = Buffer.concat([Uint8Array.of(3, 3), Buffer.alloc(32, 7), Uint8Array.of(0, 0, 2, 0x13, 1, 1, 0, 0, sni.length), sni]);
  const clientHello = record(22, Buffer.concat([Uint8Array.of(1, 0, hello.length >> 8, hello.length & 255), hello]));
  const data = record(23, Buffer.alloc(1200, 0x5a));
  return exchange({
    client: '10.0.0.9',
    clientPort: 41_000,
    server: '10.0.0.1',
    serverPort: 443,
    at: 1000,
    end: 2000,
    request: Buffer.concat([clientHello, data]),
    response: Buffer.concat([record(22, Buffer.concat([Uint8Array.of(2, 0, 0, 38, 3, 3), Buffer.alloc(36, 1)])), data, data]),
  });
}
