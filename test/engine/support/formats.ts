/** Every format that captures come in: one and the same HTTP exchange, written in each. */
import { ethernet, geneve, gre, ipv4, ipv6, mpls, Pcapng, pcap, tcp, u8, u16, u32, udp, vlan, vxlan } from '../net/build.ts';

export const REQUEST = 'GET /orders/7 HTTP/1.1\r\nHost: shop\r\n\r\n';
export const RESPONSE = `HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n${'x'.repeat(900)}`;
const SYN = 2;
const ACK = 16;
const PUSH = 24;
export const START_NS = 1_700_000_000_000_000_000n;
/** What the exchange is, in whatever it is wrapped: times in ms since the first packet. */
export const CALL = { target: '/orders/7', host: 'shop', status: 200, at: [10, 10, 35, 35], sure: true };

/** A TCP segment of the exchange, before it has an IP header. */
interface Segment {
  readonly ms: number;
  readonly fromClient: boolean;
  readonly text: string;
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledgement: number;
}
const segment = (
  ms: number,
  fromClient: boolean,
  sequence: number,
  acknowledgement: number,
  text = '',
  flags = text ? PUSH : ACK,
): Segment => ({
  ms,
  fromClient,
  text,
  flags,
  sequence,
  acknowledgement,
});
const behind = { request: 101 + REQUEST.length, response: 501 + RESPONSE.length };
const EXCHANGE: readonly Segment[] = [
  segment(0, true, 100, 0, '', SYN),
  segment(1, false, 500, 101, '', SYN | ACK),
  segment(2, true, 101, 501),
  segment(10, true, 101, 501, REQUEST),
  segment(35, false, 501, behind.request, RESPONSE),
  segment(36, true, behind.request, behind.response),
];

export interface Ends {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort?: number;
  /** Added to sequence numbers: another connection has others. */
  readonly isn?: number;
}
/** A packet of the exchange, from its IP header on; `id`: its IP identification. */
export interface Timed {
  readonly ms: number;
  readonly fromClient: boolean;
  readonly packet: Buffer;
}

let id = 0;
const segmentBytes = (s: Segment, port = 40_000, isn = 0) =>
  tcp(s.text, {
    ...(s.fromClient ? { from: port, to: 80 } : { from: 80, to: port }),
    seq: s.sequence + isn,
    ack: s.acknowledgement + isn,
    flags: s.flags,
  });
export const four = ({ client = '10.0.0.1', server = '10.0.0.2', clientPort, isn }: Ends = {}): Timed[] =>
  EXCHANGE.map((s) => {
    const [from, to] = s.fromClient ? [client, server] : [server, client];
    return { ms: s.ms, fromClient: s.fromClient, packet: ipv4(6, segmentBytes(s, clientPort, isn), { from, to, id: ++id & 0xffff }) };
  });
const A6 = 'fd00:0:0:0:0:0:0:1';
const B6 = 'fd00:0:0:0:0:0:0:2';
/** `between`: what stands between the IPv6 header and TCP, and the number of the first of it. */
const six = (next = 6, between: (tcp: Buffer) => Buffer = (b) => b): Timed[] =>
  EXCHANGE.map((s) => {
    const [from, to] = s.fromClient ? [A6, B6] : [B6, A6];
    return { ms: s.ms, fromClient: s.fromClient, packet: ipv6(next, between(segmentBytes(s)), { from, to }) };
  });

type Wrap = (packet: Buffer, fromClient: boolean) => Buffer;
const ns = (ms: number) => START_NS + BigInt(ms) * 1_000_000n;
const records = (packets: readonly Timed[], wrap: Wrap) => packets.map((p) => ({ bytes: wrap(p.packet, p.fromClient), ns: ns(p.ms) }));
const asEthernet: Wrap = (packet) => ethernet(packet[0]! >> 4 === 6 ? 0x86dd : 0x800, packet);
const inOuter =
  (protocol: number, make: (frame: Buffer, packet: Buffer) => Buffer): Wrap =>
  (packet, fromClient) => {
    const ends = fromClient ? { from: '172.16.0.1', to: '172.16.0.2' } : { from: '172.16.0.2', to: '172.16.0.1' };
    return ethernet(0x800, ipv4(protocol, make(asEthernet(packet, fromClient), packet), { ...ends, id: ++id & 0xffff }));
  };
const inUdp = (port: number, make: (frame: Buffer, packet: Buffer) => Buffer) =>
  inOuter(17, (frame, packet) => udp(make(frame, packet), port));
const inGre = (make: (frame: Buffer, packet: Buffer) => Buffer) => inOuter(47, make);
const wrapped = (wrap: Wrap, link = 1, packets = four()) => pcap(records(packets, wrap), { link, nano: true });
const times = (count: number, wrap: (packet: Buffer) => Buffer) => (packet: Buffer) =>
  Array.from({ length: count }).reduce<Buffer>((inside) => wrap(inside), packet);

/** A pcapng file of the exchange; `ticks`: of a time in ns. */
function ng(o: { big?: boolean; ticks?: (ns: bigint) => bigint; interface?: Parameters<Pcapng['interface']>[1] } = {}): Buffer {
  const { ticks = (t) => t / 1000n } = o;
  const file = new Pcapng(o.big).section().interface(1, o.interface);
  for (const { bytes, ns: at } of records(four(), asEthernet)) file.enhanced(0, ticks(at), bytes);
  return file.bytes();
}
/** The same with other blocks before the packets. */
function ngWith(add: (file: Pcapng) => void): Buffer {
  const file = new Pcapng().section().interface(1);
  add(file);
  for (const { bytes, ns: at } of records(four(), asEthernet)) file.enhanced(0, at / 1000n, bytes);
  return file.bytes();
}

/** Each packet of an exchange at several places, in the order it passes them, 5 us apart. */
function seenAt(packets: readonly Timed[], ...places: Wrap[]): Buffer {
  return pcap(
    packets.flatMap((p) =>
      (p.fromClient ? places : [...places].reverse()).map((place, i) => ({
        bytes: place(p.packet, p.fromClient),
        ns: ns(p.ms) + BigInt(i) * 5000n,
      })),
    ),
    { nano: true },
  );
}
const hopFurther: Wrap = (packet) => {
  const copy = Buffer.from(packet);
  copy[8]! -= 1;
  return ethernet(0x800, copy, 9);
};
/** The exchange under other addresses as well, a little later on the client's side and earlier on the server's. */
function translated(outside: Ends, inside: Ends): Buffer {
  const later = four(inside);
  return pcap(
    four(outside)
      .flatMap((p, i) => {
        const there = { bytes: asEthernet(p.packet, true), ns: ns(p.ms) };
        const here = { bytes: asEthernet(later[i]!.packet, true), ns: ns(p.ms) + (p.fromClient ? 5000n : -5000n) };
        return [there, here];
      })
      .sort((a, b) => Number(a.ns - b.ns)),
    { nano: true },
  );
}

/** Packets cut into fragments of at most `size` bytes of payload, in the order `order` gives. */
const fragmented = (size: number, order: (pieces: Buffer[]) => Buffer[]) =>
  pcap(
    four().flatMap(({ ms, packet }) => {
      const payload = packet.subarray(20);
      const number = packet.readUInt16BE(4);
      const address = (at: number) => [...packet.subarray(at, at + 4)].join('.');
      const pieces: Buffer[] = [];
      for (let at = 0; at < payload.length; at += size) {
        const more = at + size < payload.length ? 0x2000 : 0;
        const piece = payload.subarray(at, at + size);
        pieces.push(ipv4(6, piece, { from: address(12), to: address(16), id: number, fragment: more | (at / 8) }));
      }
      return order(pieces).map((piece) => ({ bytes: ethernet(0x800, piece), ns: ns(ms) }));
    }),
    { nano: true },
  );
const fragmented6 = (): Buffer =>
  pcap(
    six().flatMap(({ ms, packet, fromClient }, i) => {
      const payload = packet.subarray(40);
      const [from, to] = fromClient ? [A6, B6] : [B6, A6];
      const pieces: Buffer[] = [];
      for (let at = 0; at < payload.length; at += 400) {
        const more = at + 400 < payload.length ? 1 : 0;
        const piece = Buffer.concat([u8(6, 0), u16(at | more), u32(i + 1), payload.subarray(at, at + 400)]);
        pieces.push(ipv6(44, piece, { from, to }));
      }
      return pieces.map((piece) => ({ bytes: ethernet(0x86dd, piece), ns: ns(ms) }));
    }),
    { nano: true },
  );

export interface Format {
  readonly group: string;
  readonly item: string;
  /** The captures' bytes. */
  readonly captures: () => readonly Uint8Array[];
  /** Tenants of the calls found, one each; as a rule one call, of none. */
  readonly tenants?: readonly string[];
  /** Compressed: to be opened as a file. */
  readonly compression?: 'gzip' | 'zstd';
  /** What is told about the capture: words of a warning, ids of facts. */
  readonly warning?: RegExp;
  readonly facts?: readonly string[];
  /** Packets that are left out for this reason; then no call is found. */
  readonly refused?: RegExp;
  /** Names of addresses, and key logs, that the capture itself holds. */
  readonly names?: readonly string[];
  readonly secrets?: readonly string[];
  /** Block times are missing: only the call is compared, not when it was. */
  readonly untimed?: boolean;
}
const one = (group: string, item: string, make: () => Uint8Array, more: Partial<Format> = {}): Format => ({
  group,
  item,
  captures: () => [make()],
  ...more,
});
const FILES = 'Files';
const BLOCKS = 'pcapng';
const LINKS = 'Link types';
const TUNNELS = 'Tags, labels, tunnels';
const NETWORK = 'IP';
const COPIES = 'Copies';
const classic = (o: Parameters<typeof pcap>[1]) => pcap(records(four(), asEthernet), o);
const option = (file: Pcapng, ...options: Buffer[]) => Buffer.concat([...options, file.n32(0)]);
const ppp = (packet: Buffer) => Buffer.concat([u8(0xff, 3, 0, 0x21), packet]);
const pppoe = (packet: Buffer) => Buffer.concat([u8(0x11, 0, 0, 1), u16(packet.length + 2), u16(0x21), packet]);
const SECRETS = Buffer.from(`CLIENT_RANDOM ${'00'.repeat(32)} ${'11'.repeat(48)}\n`);

export const FORMATS: readonly Format[] = [
  one(FILES, 'pcap, microseconds, little-endian', () => classic({})),
  one(FILES, 'pcap, microseconds, big-endian', () => classic({ big: true })),
  one(FILES, 'pcap, nanoseconds, little-endian', () => classic({ nano: true })),
  one(FILES, 'pcap, nanoseconds, big-endian', () => classic({ nano: true, big: true })),
  one(FILES, 'pcap, modified (Kuznetzov)', () => classic({ modified: true })),
  one(FILES, 'cut by the snap length', () =>
    pcap(
      records(four(), asEthernet).map((r) => ({ ...r, bytes: r.bytes.subarray(0, 120), wire: r.bytes.length })),
      { nano: true },
    ),
  ),
  one(
    FILES,
    'ends in the midst of a packet',
    () => {
      const more = { bytes: asEthernet(four()[0]!.packet, true), ns: ns(40) };
      return pcap([...records(four(), asEthernet), more], { nano: true }).subarray(0, -10);
    },
    { warning: /ends mid-packet at byte \d+/ },
  ),
  one(FILES, 'gzip', () => classic({}), { compression: 'gzip' }),
  one(FILES, 'zstd', () => classic({}), { compression: 'zstd' }),

  one(BLOCKS, 'section header, little-endian', () => ng()),
  one(BLOCKS, 'section header, big-endian', () => ng({ big: true })),
  one(BLOCKS, 'several sections, of different byte orders', () => {
    const [first, ...rest] = records(four(), asEthernet);
    const a = new Pcapng()
      .section()
      .interface(1)
      .enhanced(0, first!.ns / 1000n, first!.bytes);
    const b = new Pcapng(true).section().interface(1);
    for (const r of rest) b.enhanced(0, r.ns / 1000n, r.bytes);
    return Buffer.concat([a.bytes(), b.bytes()]);
  }),
  one(BLOCKS, 'several interfaces, of different link types and clocks', () => {
    const file = new Pcapng().section().interface(1).interface(101, { resolution: 9 });
    four().forEach((p, i) => {
      if (i % 2 === 0) file.enhanced(0, ns(p.ms) / 1000n, asEthernet(p.packet, true));
      else file.enhanced(1, ns(p.ms), p.packet);
    });
    return file.bytes();
  }),
  one(BLOCKS, '`if_tsresol` 3 (milliseconds)', () => ng({ ticks: (t) => t / 1_000_000n, interface: { resolution: 3 } })),
  one(BLOCKS, '`if_tsresol` 9 (nanoseconds)', () => ng({ ticks: (t) => t, interface: { resolution: 9 } })),
  one(BLOCKS, '`if_tsresol` 12 (finer than a nanosecond)', () =>
    ng({ ticks: (t) => (t - START_NS) * 1000n, interface: { resolution: 12 } }),
  ),
  one(BLOCKS, '`if_tsresol` a power of two', () =>
    ng({ ticks: (t) => ((t << 30n) + 999_999_999n) / 1_000_000_000n, interface: { resolution: 0x80 | 30 } }),
  ),
  one(BLOCKS, '`if_tsoffset`', () => ng({ ticks: (t) => (t - START_NS) / 1000n, interface: { offset: START_NS / 1_000_000_000n } })),
  one(BLOCKS, '`if_tsoffset`, negative', () => ng({ ticks: (t) => t / 1000n + 500_000_000n, interface: { offset: -500n } })),
  one(BLOCKS, '`if_fcslen`: frame check sequences are no payload', () => {
    const file = new Pcapng().section().interface(1, { fcs: 4 });
    for (const r of records(four(), asEthernet)) file.enhanced(0, r.ns / 1000n, Buffer.concat([r.bytes, u8(1, 2, 3, 4)]));
    return file.bytes();
  }),
  one(BLOCKS, 'enhanced packet, longer on the wire than the snap length', () => {
    const file = new Pcapng().section().interface(1, { snap: 120 });
    for (const r of records(four(), asEthernet)) file.enhanced(0, r.ns / 1000n, r.bytes.subarray(0, 120), { wire: r.bytes.length });
    return file.bytes();
  }),
  one(BLOCKS, 'enhanced packet with comment and flags', () => {
    const file = new Pcapng().section().interface(1);
    const options = option(file, file.option(1, Buffer.from('a remark')), file.option(2, file.n32(1)));
    for (const r of records(four(), asEthernet)) file.enhanced(0, r.ns / 1000n, r.bytes, { options });
    return file.bytes();
  }),
  one(
    BLOCKS,
    'simple packet (no time)',
    () => {
      const file = new Pcapng().section().interface(1);
      for (const r of records(four(), asEthernet)) file.simple(r.bytes);
      return file.bytes();
    },
    { untimed: true },
  ),
  one(BLOCKS, 'packet (obsolete)', () => {
    const file = new Pcapng().section().interface(1);
    for (const r of records(four(), asEthernet)) file.obsolete(0, 0, r.ns / 1000n, r.bytes);
    return file.bytes();
  }),
  one(
    BLOCKS,
    'interface statistics: drops that the capture reports',
    () => ngWith((f) => f.block(5, Buffer.concat([f.n32(0), f.stamp(START_NS / 1000n), option(f, f.option(5, f.n64(3n)))]))),
    { facts: ['reported-drops'] },
  ),
  one(
    BLOCKS,
    'name resolution',
    () =>
      ngWith((f) => {
        const value = Buffer.concat([u8(10, 0, 0, 2), Buffer.from('orders\0')]);
        f.block(4, Buffer.concat([f.n16(1), f.n16(value.length), f.pad(value), f.n32(0)]));
      }),
    { names: ['10.0.0.2 orders'] },
  ),
  one(
    BLOCKS,
    'decryption secrets (TLS key log)',
    () => ngWith((f) => f.block(10, Buffer.concat([f.n32(0x544c534b), f.n32(SECRETS.length), f.pad(SECRETS)]))),
    { secrets: [SECRETS.toString()] },
  ),
  one(BLOCKS, 'custom and unknown blocks', () =>
    ngWith((f) =>
      f
        .block(0xbad, u8(1, 2, 3, 4))
        .block(0x40000bad, u8(1, 2, 3, 4))
        .block(0x77777777, u8()),
    ),
  ),
  one(BLOCKS, 'an impossible block length: what came before it', () => Buffer.concat([ng(), u32(0x06000000), u32(0x07000000), u32(0)]), {
    warning: /impossible length 7/,
  }),

  one(LINKS, 'Ethernet', () => wrapped(asEthernet)),
  one(LINKS, 'Ethernet with LLC/SNAP', () =>
    wrapped((packet) => ethernet(8 + packet.length, Buffer.concat([u8(0xaa, 0xaa, 3, 0, 0, 0, 8, 0), packet]))),
  ),
  one(LINKS, 'Linux cooked (SLL)', () => wrapped((packet) => Buffer.concat([Buffer.alloc(14), u16(0x800), packet]), 113)),
  one(LINKS, 'Linux cooked 2 (SLL2)', () => wrapped((packet) => Buffer.concat([u16(0x800), Buffer.alloc(18), packet]), 276)),
  one(LINKS, 'raw IP, IPv4 inside', () => wrapped((packet) => packet, 101)),
  one(LINKS, 'raw IP, IPv6 inside', () => wrapped((packet) => packet, 101, six())),
  one(LINKS, 'raw IPv4', () => wrapped((packet) => packet, 228)),
  one(LINKS, 'raw IPv6', () => wrapped((packet) => packet, 229, six())),
  one(LINKS, 'loopback (NULL), little-endian host', () => wrapped((packet) => Buffer.concat([u8(2, 0, 0, 0), packet]), 0)),
  one(LINKS, 'loopback (NULL), big-endian host', () => wrapped((packet) => Buffer.concat([u8(0, 0, 0, 2), packet]), 0)),
  one(LINKS, 'loopback (LOOP)', () => wrapped((packet) => Buffer.concat([u32(2), packet]), 108)),
  one(LINKS, 'loopback (LOOP), IPv6', () => wrapped((packet) => Buffer.concat([u32(30), packet]), 108, six())),
  one(LINKS, 'PPP', () => wrapped(ppp, 9)),
  one(LINKS, 'PPP with compressed header', () => wrapped((packet) => Buffer.concat([u8(0x21), packet]), 9)),
  one(LINKS, 'PPP with direction', () => wrapped((packet) => Buffer.concat([u8(1), ppp(packet)]), 204)),
  one(LINKS, 'PPPoE', () => wrapped(pppoe, 51)),
  one(LINKS, 'PPPoE in Ethernet', () => wrapped((packet) => ethernet(0x8864, pppoe(packet)))),
  one(LINKS, 'one that is not read', () => wrapped(asEthernet, 147), {
    refused: /link type 147 \(USER0\) (?:is )?unsupported.*6 packets/i,
  }),

  one(TUNNELS, 'VLAN (802.1Q)', () => wrapped((packet) => ethernet(0x8100, vlan(12, 0x800, packet))), { tenants: ['vlan:12'] }),
  one(TUNNELS, 'priority tag (no VLAN)', () => wrapped((packet) => ethernet(0x8100, vlan(0, 0x800, packet)))),
  one(TUNNELS, 'QinQ (802.1ad)', () => wrapped((packet) => ethernet(0x88a8, vlan(100, 0x8100, vlan(7, 0x800, packet)))), {
    tenants: ['vlan:100+vlan:7'],
  }),
  one(TUNNELS, 'VXLAN, port 4789', () => wrapped(inUdp(4789, (frame) => vxlan(7, frame))), { tenants: ['vni:7'] }),
  one(TUNNELS, 'VXLAN, port 8472', () => wrapped(inUdp(8472, (frame) => vxlan(8, frame))), { tenants: ['vni:8'] }),
  one(TUNNELS, 'VLAN in VXLAN', () => wrapped(inUdp(4789, (_, packet) => vxlan(7, ethernet(0x8100, vlan(3, 0x800, packet))))), {
    tenants: ['vni:7+vlan:3'],
  }),
  one(TUNNELS, 'Geneve with options', () => wrapped(inUdp(6081, (frame) => geneve(9, 0x6558, frame, Buffer.alloc(8)))), {
    tenants: ['vni:9'],
  }),
  one(TUNNELS, 'Geneve with IP inside', () => wrapped(inUdp(6081, (_, packet) => geneve(9, 0x800, packet))), { tenants: ['vni:9'] }),
  one(TUNNELS, 'GRE', () => wrapped(inGre((_, packet) => gre(0x800, packet)))),
  one(TUNNELS, 'GRE with Ethernet and key', () => wrapped(inGre((frame) => gre(0x6558, frame, { key: 77 }))), { tenants: ['key:77'] }),
  one(TUNNELS, 'ERSPAN I', () => wrapped(inGre((frame) => gre(0x88be, frame)))),
  one(TUNNELS, 'ERSPAN II', () => wrapped(inGre((frame) => gre(0x88be, Buffer.concat([Buffer.alloc(8), frame]), { sequence: 5 })))),
  one(TUNNELS, 'ERSPAN III', () => wrapped(inGre((frame) => gre(0x22eb, Buffer.concat([Buffer.alloc(12), frame]), { sequence: 5 })))),
  one(TUNNELS, 'ERSPAN III with platform header', () =>
    wrapped(inGre((frame) => gre(0x22eb, Buffer.concat([Buffer.alloc(11), u8(1), Buffer.alloc(8), frame]), { sequence: 5 }))),
  ),
  one(TUNNELS, 'MPLS, several labels', () => wrapped((packet) => ethernet(0x8847, mpls([16, 17, 18], packet)))),
  one(TUNNELS, 'MPLS pseudowire', () =>
    wrapped((packet) => ethernet(0x8847, mpls([16], Buffer.concat([u32(0), asEthernet(packet, true)])))),
  ),
  one(TUNNELS, 'IPv4 in IPv4', () => wrapped(inOuter(4, (_, packet) => packet))),
  one(TUNNELS, 'IPv6 in IPv4', () =>
    wrapped(
      inOuter(41, (_, packet) => packet),
      1,
      six(),
    ),
  ),
  one(TUNNELS, 'IPv4 in IPv6', () => wrapped((packet) => ethernet(0x86dd, ipv6(4, packet)))),
  one(TUNNELS, 'IPv6 in IPv6', () => wrapped((packet) => ethernet(0x86dd, ipv6(41, packet)), 1, six())),
  one(TUNNELS, 'eight layers', () => wrapped((packet) => ethernet(0x800, times(8, (inside) => ipv4(4, inside))(packet)))),
  one(TUNNELS, 'nine layers: refused', () => wrapped((packet) => ethernet(0x800, times(9, (inside) => ipv4(4, inside))(packet))), {
    refused: /6 packets with more than 8 tunnels and tags/,
  }),
  one(
    TUNNELS,
    'the same addresses in two VXLANs are two tenants',
    () => {
      const [a, b] = [7, 8].map((vni) =>
        records(
          four({ isn: vni * 1e6 }),
          inUdp(4789, (frame) => vxlan(vni, frame)),
        ),
      );
      return pcap(
        a!.flatMap((r, i) => [r, b![i]!]),
        { nano: true },
      );
    },
    { tenants: ['vni:7', 'vni:8'] },
  ),
  one(
    TUNNELS,
    'the same addresses in two VLANs are two tenants',
    () => {
      const [a, b] = [7, 8].map((number) =>
        records(four({ isn: number * 1e6 }), (packet) => ethernet(0x8100, vlan(number, 0x800, packet))),
      );
      return pcap(
        a!.flatMap((r, i) => [r, b![i]!]),
        { nano: true },
      );
    },
    { tenants: ['vlan:7', 'vlan:8'] },
  ),

  one(NETWORK, 'IPv4 options', () =>
    wrapped((packet) =>
      ethernet(0x800, ipv4(6, packet.subarray(20), { ...ends4(packet), id: packet.readUInt16BE(4), options: u8(1, 1, 1, 0) })),
    ),
  ),
  one(NETWORK, 'IPv4 length 0 (left to the card)', () =>
    wrapped((packet) => ethernet(0x800, ipv4(6, packet.subarray(20), { ...ends4(packet), id: packet.readUInt16BE(4), total: 0 }))),
  ),
  one(NETWORK, 'IPv4 fragments', () => fragmented(200, (pieces) => pieces)),
  one(NETWORK, 'IPv4 fragments, the last one first', () => fragmented(200, (pieces) => pieces.reverse())),
  one(NETWORK, 'IPv6', () => wrapped(asEthernet, 1, six())),
  one(NETWORK, 'IPv6 fragments', () => fragmented6()),
  one(NETWORK, 'IPv6 atomic fragments', () =>
    wrapped(
      asEthernet,
      1,
      six(44, (b) => Buffer.concat([u8(6, 0, 0, 0), u32(99), b])),
    ),
  ),
  one(NETWORK, 'IPv6 hop-by-hop, routing and destination options', () =>
    wrapped(
      asEthernet,
      1,
      six(0, (b) => Buffer.concat([u8(43, 0), Buffer.alloc(6), u8(60, 1), Buffer.alloc(14), u8(6, 0), Buffer.alloc(6), b])),
    ),
  ),
  one(NETWORK, 'IPv6 authentication header', () =>
    wrapped(
      asEthernet,
      1,
      six(51, (b) => Buffer.concat([u8(6, 4), Buffer.alloc(22), b])),
    ),
  ),

  one(COPIES, 'two taps in one capture', () => seenAt(four(), asEthernet, hopFurther), { facts: ['duplicates'] }),
  {
    group: COPIES,
    item: 'two taps in two captures',
    captures: () => {
      const packets = four();
      return [pcap(records(packets, asEthernet), { nano: true }), pcap(records(packets, hopFurther), { nano: true })];
    },
    facts: ['duplicates'],
  },
  one(
    COPIES,
    'inside and outside of a tunnel',
    () =>
      seenAt(
        four(),
        asEthernet,
        inUdp(4789, (frame) => vxlan(7, frame)),
      ),
    {
      tenants: ['vni:7'],
      facts: ['duplicates'],
    },
  ),
  one(COPIES, 'tagged and untagged', () => seenAt(four(), asEthernet, (packet) => ethernet(0x8100, vlan(5, 0x800, packet))), {
    tenants: ['vlan:5'],
    facts: ['duplicates'],
  }),
  one(COPIES, 'virtual address and backend', () => translated({ server: '10.96.0.5' }, {}), { facts: ['two-addresses'] }),
  one(COPIES, 'translated client (NAT)', () => translated({}, { client: '10.0.0.9', clientPort: 50_000 }), { facts: ['two-addresses'] }),
  one(COPIES, 'redirected to a sidecar', () => translated({ server: '10.0.0.2' }, { server: '127.0.0.1' }), { facts: ['two-addresses'] }),
];

function ends4(packet: Buffer): { from: string; to: string } {
  const address = (at: number) => [...packet.subarray(at, at + 4)].join('.');
  return { from: address(12), to: address(16) };
}
