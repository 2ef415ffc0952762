/** A capture whose services have their names from DNS answers and from the capture itself: no request carries a host. */
import { ethernet, ipv4, Pcapng, type Record, tcp, u8, u16, u32, udp, vlan } from '../engine/net/build.ts';

export const DB = '10.0.0.7';
const CACHE = '10.0.0.8';
const WEB = '10.0.0.2';
const RESOLVER = '10.0.0.53';
const START_NS = 1_700_000_000_000_000_000n;
const US = 1000n;

const labels = (name: string) => Buffer.concat([...name.split('.').map((l) => Buffer.concat([u8(l.length), Buffer.from(l)])), u8(0)]);
const address = (text: string) => u8(...text.split('.').map(Number));
const question = (id: number, name: string) => Buffer.concat([u16(id), u16(0x0100), u16(1), u16(0), u32(0), labels(name), u16(1), u16(1)]);
const answer = (id: number, name: string, of: string) =>
  Buffer.concat([
    ...[u16(id), u16(0x8180), u16(1), u16(1), u32(0), labels(name), u16(1), u16(1)],
    ...[u16(0xc00c), u16(1), u16(1), u32(60), u16(4), address(of)],
  ]);

/** Packets of one network. `dns`: what it calls the database, and when somebody asks. */
export function named(
  dns: { readonly name: string; readonly atMs: number },
  wrap = (packet: Uint8Array) => ethernet(0x0800, packet),
): Record[] {
  const records: Record[] = [];
  const put = (us: number, packet: Uint8Array) => records.push({ ns: START_NS + BigInt(us) * US, bytes: wrap(packet) });
  const asked = dns.atMs * 1000;
  put(asked, ipv4(17, udp(question(1, dns.name), 53, 40_053), { from: WEB, to: RESOLVER }));
  put(asked + 200, ipv4(17, udp(answer(1, dns.name, DB), 40_053, 53), { from: RESOLVER, to: WEB }));
  const call = (us: number, from: string, port: number, to: string, server: number, tookUs: number) => {
    const request = `GET /rows/${port} HTTP/1.0\r\n\r\n`;
    const response = 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok';
    const [there, back] = [
      { from, to },
      { from: to, to: from },
    ];
    put(us - 40, ipv4(6, tcp('', { from: port, to: server, seq: 99, ack: 0, flags: 2 }), there));
    put(us - 20, ipv4(6, tcp('', { from: server, to: port, seq: 499, ack: 100, flags: 18 }), back));
    put(us, ipv4(6, tcp(request, { from: port, to: server, seq: 100, ack: 500 }), there));
    put(us + tookUs, ipv4(6, tcp(response, { from: server, to: port, seq: 500, ack: 100 + request.length }), back));
  };
  // Eight requests to the web service, of which each asks database and cache; half a second from each other.
  for (let i = 0; i < 8; i++) {
    const us = 10_000 + i * 500_000;
    call(us, '10.0.9.9', 50_000 + i, WEB, 80, 9000);
    call(us + 1000, WEB, 51_000 + i, DB, 5000, 3000);
    call(us + 5000, WEB, 52_000 + i, CACHE, 6000, 2000);
  }
  return records.sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
}

/** The network, and another in a VLAN with the same addresses, another name of the database, and slower: the same packets at the same time would be routed ones. */
export const twoNetworks = (): Record[] =>
  [
    ...named({ name: 'orders.db', atMs: 2200 }),
    ...named({ name: 'stock.db', atMs: 100 }, (packet) => ethernet(0x8100, vlan(20, 0x0800, packet))).map((r) => ({
      ...r,
      ns: START_NS + ((r.ns - START_NS) * 3n) / 2n + 1_000_000_000n,
    })),
  ].sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));

/** As pcapng that says what the cache and the web service are called. */
export function withNames(records: readonly Record[]): Buffer {
  const file = new Pcapng().section().interface(1, { resolution: 9 });
  for (const { ns, bytes } of records) file.enhanced(0, ns, bytes);
  const entry = (of: string, name: string) => {
    const value = Buffer.concat([address(of), Buffer.from(`${name}\0`)]);
    return Buffer.concat([file.n16(1), file.n16(value.length), file.pad(value)]);
  };
  return file.block(4, Buffer.concat([entry(CACHE, 'session-cache'), entry(WEB, 'shop-frontend'), u32(0)])).bytes();
}
