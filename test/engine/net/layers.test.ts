import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Stop } from '../../../src/engine/net/layer.ts';
import { ethernet, geneve, gre, ipv4, ipv6, mpls, pcap, tcp, u8, u16, u32, udp, vlan, vxlan } from './build.ts';
import { read } from './read.ts';

const hello = ipv4(6, tcp('hello'), { from: '192.168.7.1', to: '192.168.7.2' });
const frame = ethernet(0x800, hello);
const one = (bytes: Uint8Array, link = 1) => {
  const { packets, intake } = read([pcap([{ bytes, ns: 1_000_000_000n }], { link })]);
  return { packet: packets[0], stops: [...intake.decoder.stops], skipped: [...intake.taps[0]!.skipped.values()] };
};
const expectHello = (bytes: Uint8Array, tenant = '', link = 1) => {
  const { packet } = one(bytes, link);
  expect(packet).toMatchObject({ from: '192.168.7.1 40000', to: '192.168.7.2 80', payload: 'hello', payloadLength: 5, tenant });
};
const outer = { from: '172.16.0.1', to: '172.16.0.2' };
const carried = (payload: Uint8Array, port: number) => ethernet(0x800, ipv4(17, udp(payload, port), outer));

test.each<[string, Uint8Array, string?]>([
  ['plain', frame],
  ['padded to the least Ethernet length', Buffer.concat([frame, Buffer.alloc(20, 0x55)])],
  ['IP options', ethernet(0x800, ipv4(6, tcp('hello'), { from: '192.168.7.1', to: '192.168.7.2', options: u8(1, 1, 1, 0) }))],
  ['total length 0 (segmentation offload)', ethernet(0x800, ipv4(6, tcp('hello'), { from: '192.168.7.1', to: '192.168.7.2', total: 0 }))],
  ['802.1Q', ethernet(0x8100, vlan(12, 0x800, hello)), 'vlan:12'],
  ['priority tag', ethernet(0x8100, vlan(0, 0x800, hello))],
  ['QinQ: customers of two providers use the same tags', ethernet(0x88a8, vlan(100, 0x8100, vlan(7, 0x800, hello))), 'vlan:100+vlan:7'],
  ['a priority tag around a tag', ethernet(0x88a8, vlan(0, 0x8100, vlan(7, 0x800, hello))), 'vlan:7'],
  ['three tags: the inner two', ethernet(0x88a8, vlan(9, 0x88a8, vlan(100, 0x8100, vlan(7, 0x800, hello)))), 'vlan:100+vlan:7'],
  ['LLC/SNAP', ethernet(8 + hello.length, Buffer.concat([u8(0xaa, 0xaa, 3, 0, 0, 0, 8, 0), hello]))],
  ['MPLS', ethernet(0x8847, mpls([16, 17, 18], hello))],
  ['MPLS pseudowire with control word', ethernet(0x8847, mpls([16], Buffer.concat([u32(0), frame])))],
  ['MPLS pseudowire without control word', ethernet(0x8847, mpls([16], frame))],
  ['PPPoE', ethernet(0x8864, Buffer.concat([u8(0x11, 0, 0, 1), u16(hello.length + 2), u16(0x21), hello]))],
  ['VXLAN', carried(vxlan(7, frame), 4789), 'vni:7'],
  ['VXLAN on the old Linux port', carried(vxlan(0xffffff, frame), 8472), 'vni:16777215'],
  ['VXLAN in VXLAN', carried(vxlan(7, carried(vxlan(8, frame), 4789)), 4789), 'vni:8'],
  ['VXLAN over VLAN: the network inside counts', ethernet(0x8100, vlan(3, 0x800, ipv4(17, udp(vxlan(7, frame), 4789)))), 'vni:7'],
  ['VLAN in VXLAN', carried(vxlan(7, ethernet(0x8100, vlan(3, 0x800, hello))), 4789), 'vni:7+vlan:3'],
  ['VLAN in the widest VNI', carried(vxlan(0xffffff, ethernet(0x8100, vlan(0xffe, 0x800, hello))), 4789), 'vni:16777215+vlan:4094'],
  [
    'a tag in a tunnel over a tag',
    ethernet(0x8100, vlan(3, 0x800, ipv4(47, gre(0x6558, ethernet(0x8100, vlan(4, 0x800, hello))), outer))),
    'vlan:4',
  ],
  [
    'VLAN behind a GRE key',
    ethernet(0x800, ipv4(47, gre(0x6558, ethernet(0x8100, vlan(4, 0x800, hello)), { key: 77 }), outer)),
    'key:77+vlan:4',
  ],
  ['Geneve with options', carried(geneve(9, 0x6558, frame, Buffer.alloc(8)), 6081), 'vni:9'],
  ['Geneve with IP inside', carried(geneve(9, 0x800, hello), 6081), 'vni:9'],
  ['GRE', ethernet(0x800, ipv4(47, gre(0x800, hello), outer))],
  ['GRE with Ethernet and key', ethernet(0x800, ipv4(47, gre(0x6558, frame, { key: 77 }), outer)), 'key:77'],
  ['GRE in UDP', carried(gre(0x800, hello), 4754)],
  ['ERSPAN I', ethernet(0x800, ipv4(47, gre(0x88be, frame), outer))],
  ['ERSPAN II', ethernet(0x800, ipv4(47, gre(0x88be, Buffer.concat([Buffer.alloc(8), frame]), { sequence: 5 }), outer))],
  ['ERSPAN III', ethernet(0x800, ipv4(47, gre(0x22eb, Buffer.concat([Buffer.alloc(12), frame]), { sequence: 5 }), outer))],
  [
    'ERSPAN III with platform header',
    ethernet(0x800, ipv4(47, gre(0x22eb, Buffer.concat([Buffer.alloc(11), u8(1), Buffer.alloc(8), frame]), { sequence: 5 }), outer)),
  ],
  ['4in4', ethernet(0x800, ipv4(4, hello, outer))],
  ['4in6', ethernet(0x86dd, ipv6(4, hello))],
  [
    'GTP-U with extension',
    carried(Buffer.concat([u8(0x34, 0xff), u16(hello.length + 8), u32(1), u8(0, 0, 0, 0x85), u8(1, 0, 0, 0), hello]), 2152),
  ],
])('%s', (_, bytes, tenant) => expectHello(bytes, tenant));

test.each<[string, number, Uint8Array]>([
  ['NULL, host order', 0, Buffer.concat([u8(2, 0, 0, 0), hello])],
  ['LOOP, network order', 108, Buffer.concat([u32(2), hello])],
  ['PPP with address and control', 9, Buffer.concat([u8(0xff, 3, 0, 0x21), hello])],
  ['PPP compressed', 9, Buffer.concat([u8(0x21), hello])],
  ['PPP with direction', 204, Buffer.concat([u8(1, 0xff, 3, 0, 0x21), hello])],
  ['PPPoE', 51, Buffer.concat([u8(0x11, 0, 0, 1), u16(hello.length + 2), u16(0x21), hello])],
  ['RAW', 101, hello],
  ['RAW of the BSDs', 12, hello],
  ['RAW of OpenBSD', 14, hello],
  ['IPV4', 228, hello],
  ['Cisco HDLC', 104, Buffer.concat([u8(0x0f, 0, 8, 0), hello])],
  ['SLL', 113, Buffer.concat([Buffer.alloc(14), u16(0x800), hello])],
  ['SLL2', 276, Buffer.concat([u16(0x800), Buffer.alloc(18), hello])],
])('link type %s', (_, link, bytes) => expectHello(bytes, '', link));

const six = tcp('hello6');
const sixes = { from: '2001:db8:0:0:0:0:0:1', to: 'fd00:0:0:0:1:0:0:2' };
test.each<[string, Uint8Array]>([
  ['plain', ipv6(6, six, sixes)],
  [
    'hop-by-hop, routing, destination options',
    ipv6(0, Buffer.concat([u8(43, 0), Buffer.alloc(6), u8(60, 1), Buffer.alloc(14), u8(6, 0), Buffer.alloc(6), six]), sixes),
  ],
  ['atomic fragment', ipv6(44, Buffer.concat([u8(6, 0, 0, 0), u32(99), six]), sixes)],
  ['authentication header', ipv6(51, Buffer.concat([u8(6, 4), Buffer.alloc(22), six]), sixes)],
  ['6in4', ipv4(41, ipv6(6, six, sixes))],
  ['6in6', ipv6(41, ipv6(6, six, sixes))],
])('IPv6 %s', (_, bytes) => {
  const { packet } = one(ethernet(bytes[0]! >> 4 === 6 ? 0x86dd : 0x800, bytes));
  // RFC 5952: the longest run of zeroes is shortened, the first of equal ones.
  expect(packet).toMatchObject({ from: '2001:db8::1 40000', to: 'fd00::1:0:0:2 80', payload: 'hello6' });
});

test('a snap length leaves positions and lengths right', () => {
  const cut = ethernet(0x800, ipv4(6, tcp('x'.repeat(100), { seq: 5 }))).subarray(0, 14 + 20 + 20 + 30);
  const { packets, intake } = read([pcap([{ bytes: cut, ns: 0n, wire: 154 }])]);
  expect(packets[0]).toMatchObject({ payloadLength: 100, payload: 'x'.repeat(30), sequence: 5 });
  expect(intake.taps[0]!.cutPackets).toBe(1);
  const inOptions = ethernet(0x800, ipv4(6, tcp('x'.repeat(100), { options: Buffer.alloc(12, 1) }))).subarray(0, 14 + 20 + 20 + 4);
  expect(read([pcap([{ bytes: inOptions, ns: 0n, wire: 166 }])]).packets[0]).toMatchObject({
    payloadLength: 100,
    payload: '',
    options: '01010101',
  });
});

test('what is no TCP or UDP is counted by its reason', () => {
  const arp = ethernet(0x806, Buffer.alloc(28));
  const icmp = ethernet(0x800, ipv4(1, Buffer.alloc(8)));
  const wrongVersion = ethernet(0x800, Buffer.concat([u8(0x65), hello.subarray(1)]));
  const shortTcp = ethernet(0x800, ipv4(6, Buffer.alloc(12)));
  const badOffset = ethernet(0x800, ipv4(6, Buffer.concat([tcp('').subarray(0, 12), u8(0xf0, 0), Buffer.alloc(6)])));
  let deep: Uint8Array = hello;
  for (let i = 0; i < 9; i++) deep = ipv4(4, deep);
  expect(one(arp).stops[-Stop.notIp]).toBe(1);
  expect(one(icmp).stops[-Stop.otherTransport]).toBe(1);
  expect(one(wrongVersion).stops[-Stop.malformed]).toBe(1);
  expect(one(shortTcp).stops[-Stop.malformed]).toBe(1);
  expect(one(badOffset).stops[-Stop.malformed]).toBe(1);
  expect(one(ethernet(0x800, deep)).stops[-Stop.tooDeep]).toBe(1);
  expect(one(frame, 147).skipped).toEqual([{ interfaceId: 0, link: 147, packets: 1 }]);
});

test('eight tunnels are taken off', () => {
  let deep: Uint8Array = hello;
  for (let i = 0; i < 8; i++) deep = ipv4(4, deep);
  expectHello(ethernet(0x800, deep));
});

test('UDP that only shares a tunnel port stays what it is', () => {
  expect(one(carried(Buffer.from('not a tunnel at all, really'), 4789)).packet).toMatchObject({ to: '172.16.0.2 4789', transport: 17 });
});

test('the short way for plain TCP packets finds what the layers one by one find', () => {
  const frame = fc.record({
    text: fc.string({ unit: 'binary-ascii', maxLength: 40 }),
    options: fc.constantFrom(Buffer.alloc(0), Buffer.alloc(12, 1), Buffer.alloc(40, 1)),
    fragment: fc.constantFrom(0, 0x4000, 0x2000, 1),
    total: fc.option(fc.integer({ min: 0, max: 120 }), { nil: undefined }),
    protocol: fc.constantFrom(6, 6, 6, 17),
  });
  const damage = fc.array(fc.record({ at: fc.nat(70), byte: fc.nat(255) }), { maxLength: 2 });
  fc.assert(
    fc.property(frame, damage, fc.option(fc.integer({ min: 14, max: 110 }), { nil: 200 }), fc.nat(20), (o, changes, keep, padding) => {
      const ip = Buffer.concat([ipv4(o.protocol, tcp(o.text, { options: o.options }), o), Buffer.alloc(padding)]);
      for (const { at, byte } of changes) if (at < ip.length) ip[at] = byte;
      const bare = (bytes: Uint8Array, link: number, less: number) => {
        const { packets, intake } = read([pcap([{ bytes: bytes.subarray(0, keep - less), ns: 0n, wire: bytes.length }], { link })]);
        return { packets, stops: [...intake.decoder.stops] };
      };
      expect(bare(ethernet(0x800, ip), 1, 0)).toEqual(bare(ip, 228, 14));
    }),
    { numRuns: 3000 },
  );
});
