import { expect, test } from 'vitest';
import { captureFacts } from '../../../src/engine/quality/captureFacts.ts';
import { counted, listed, number, share } from '../../../src/engine/quality/words.ts';
import { ethernet, ipv4, Pcapng, pcap, type Record, tcp, u8, udp, vlan, vxlan } from '../net/build.ts';
import { read } from '../net/read.ts';

const AT = 1_700_000_000_000_000_000n;
let id = 1;
const packet = (text = 'x') => ethernet(0x800, ipv4(6, tcp(text, { seq: id * 100 }), { id: id++ & 0xffff }));
const facts = (...captures: Uint8Array[]) => captureFacts(read(captures).intake);
const texts = (...captures: Uint8Array[]) => Object.fromEntries(facts(...captures).map((f) => [f.id, f.text]));

test('an unremarkable capture: how much there is, nothing else', () => {
  expect(
    facts(
      pcap(
        [
          { bytes: packet(), ns: AT },
          { bytes: packet(), ns: AT + 1_500_000_000n },
        ],
        { nano: true },
      ),
    ),
  ).toEqual([{ id: 'packets', level: 'ok', count: 2, text: '2 packets, 110 bytes on the wire, over 1.500 s', effect: '' }]);
  expect(facts(Buffer.alloc(0))).toMatchObject([{ id: 'packets', level: 'warning', count: 0, effect: 'there is nothing to analyse' }]);
});

test('unsupported links are named and counted, interface by interface', () => {
  const b = new Pcapng().section().interface().interface(999).interface(147);
  for (let i = 0; i < 1203; i++) b.enhanced(2, AT, u8(1, 2, 3));
  b.enhanced(1, AT, u8(1)).enhanced(0, AT, packet());
  expect(
    facts(b.bytes())
      .filter((f) => f.id === 'unsupported-link')
      .map((f) => f.text),
  ).toEqual([
    'Interface 2: link type 147 (USER0) unsupported; 1,203 packets skipped',
    'Interface 1: link type 999 unsupported; 1 packet skipped',
  ]);
});

test('drops, cuts, clock steps, missing stamps', () => {
  const b = new Pcapng().section().interface();
  b.block(5, Buffer.concat([b.n32(0), b.stamp(0n), b.option(5, b.n64(98n)), b.n32(0)]));
  b.enhanced(0, AT / 1000n, packet().subarray(0, 54), { wire: 300 }).simple(packet());
  expect(texts(b.bytes())).toMatchObject({
    'reported-drops': 'the capturing side dropped 98 packets (98 %) before they reached the file',
    'cut-packets': '1 of 2 packets are cut by the snap length',
    untimed: '1 packet without a time stamp',
  });
  const back = pcap([
    { bytes: packet(), ns: AT },
    { bytes: packet(), ns: AT - 2_000_000_000n },
    { bytes: packet(), ns: AT - 2_500_000_000n },
  ]);
  expect(texts(back)['clock-steps']).toBe("the capture's clock went back by more than 1 s 1 time");
});

test('what could not be read, by reason', () => {
  const broken = ethernet(0x800, Buffer.concat([u8(0x42), ipv4(6, tcp('x')).subarray(1)]));
  const cut = { bytes: packet().subarray(0, 40), ns: AT, wire: 400 };
  const fragment = ethernet(0x800, ipv4(6, Buffer.alloc(64), { fragment: 0x2000, id: 9 }));
  let deep: Uint8Array = ipv4(6, tcp('x'));
  for (let i = 0; i < 9; i++) deep = ipv4(4, deep);
  const plain = [broken, ethernet(0x800, deep), fragment, ethernet(0x806, Buffer.alloc(28)), ethernet(0x800, ipv4(1, Buffer.alloc(8)))].map(
    (bytes): Record => ({ bytes, ns: AT }),
  );
  expect(texts(pcap([cut, ...plain]))).toMatchObject({
    undecodable: '1 packet with impossible headers passed over',
    'too-deep': '1 packet with more than 8 tunnels and tags around each other, or as many headers, passed over',
    'cut-headers': '1 packet cut inside the headers',
    'fragments-lost': '1 fragmented datagram with pieces missing',
    'not-ip': '1 packet of other kinds than IP (ARP, LLDP, ...)',
    'other-transport': '1 IP packet of other kinds than TCP and UDP',
  });
});

test('tunnels and networks', () => {
  const inside = (vni: number) => ethernet(0x800, ipv4(17, udp(vxlan(vni, packet()), 4789)));
  const records = [
    ...Array.from({ length: 10 }, (_, i) => inside(i + 1)),
    ethernet(0x8100, vlan(5, 0x800, ipv4(6, tcp('y', { seq: 5 })))),
  ].map((bytes): Record => ({ bytes, ns: AT }));
  expect(texts(pcap(records))).toMatchObject({
    tunnels: '10 packets taken out of tunnels',
    tenants: '11 networks: vni:1, vni:2, vni:3, vni:4, vni:5, vni:6, vni:7, vni:8 and 3 more',
  });
});

test('two captures of the same traffic: a clock that runs ahead is found, one that does not is not accused', () => {
  const packets = Array.from({ length: 200 }, () => packet());
  const tap = (shift: (i: number) => bigint) =>
    pcap(
      packets.map((bytes, i) => ({ bytes, ns: AT + BigInt(i) * 1_000_000n + shift(i) })),
      { nano: true },
    );
  expect(
    texts(
      tap(() => 0n),
      tap(() => 7_300_000n),
    )['clock-offset'],
  ).toBe('the clock of capture 2 is ahead of that of capture 1 by 7.3 ms or more: it never saw a packet first');
  const fair = texts(
    tap(() => 0n),
    tap((i) => (i % 2 === 0 ? 200_000n : -200_000n)),
  );
  expect(fair['duplicates']).toBe('50 % duplicates: several captures of the same traffic (200 packets)');
  expect(fair['clock-offset']).toBeUndefined();
});

test('words', () => {
  expect([number(0), number(1234567), counted(1, 'call'), counted(1000, 'call')]).toEqual(['0', '1,234,567', '1 call', '1,000 calls']);
  expect([share(1, 2), share(1, 300), share(1, 100000)]).toEqual(['50 %', '0.3 %', '0.001 %']);
  expect([listed(['a', 'b'], 2, 8), listed(['a', 'b'], 5, 8), listed(['a', 'b'], 2, 1)]).toEqual([
    'a, b',
    'a, b and 3 more',
    'a and 1 more',
  ]);
});
