import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type Mode, mutate } from '../../testbed/mutate.ts';
import { ethernet, ipv4, ipv6, pcap, type Record, tcp, udp, vlan, vxlan } from './build.ts';
import { read } from './read.ts';

const US = 1000n;
const MS = 1_000_000n;
const packet = (o: { seq?: number; id?: number; ttl?: number; mac?: number; options?: Uint8Array } = {}) =>
  ethernet(0x800, ipv4(6, tcp('data', { seq: o.seq ?? 1, options: o.options }), { id: o.id ?? 7, ttl: o.ttl }), o.mac);
const six = (o: { hops?: number; mac?: number } = {}) => ethernet(0x86dd, ipv6(6, tcp('data'), { hops: o.hops }), o.mac);
/** Each packet with its time; the frames that were taken. */
const frames = (...packets: [Uint8Array, bigint][]) =>
  read([
    pcap(
      packets.map(([bytes, ns]): Record => ({ bytes, ns })),
      { nano: true },
    ),
  ]);
const kept = (...packets: [Uint8Array, bigint][]) => frames(...packets).packets.map((p) => p.frame);

test('a copy at another tap is one packet, the first', () => {
  expect(kept([packet(), 0n], [packet({ ttl: 63 }), 5n * US])).toEqual([1]);
  expect(kept([packet(), 0n], [packet({ ttl: 63, mac: 9 }), 100n * MS])).toEqual([1]);
  expect(kept([packet(), 0n], [packet(), 5n * US])).toEqual([1]);
  expect(kept([six(), 0n], [six({ hops: 63 }), 100n * MS])).toEqual([1]);
  expect(kept([six(), 0n], [six(), 500n * US])).toEqual([1]);
});

test('inside and outside of a tunnel, tagged and untagged are one packet', () => {
  const inner = packet();
  const outside = ethernet(0x800, ipv4(17, udp(vxlan(7, inner), 4789)));
  expect(frames([inner, 0n], [outside, 10n * US]).packets).toMatchObject([{ frame: 1, tenant: '' }]);
  expect(frames([outside, 0n], [inner, 10n * US]).packets).toMatchObject([{ frame: 1, tenant: 'vni:7' }]);
  const tagged = ethernet(0x8100, vlan(5, 0x800, inner.subarray(14)));
  expect(kept([tagged, 0n], [inner, 10n * US])).toEqual([1]);
});

test('a retransmission is no copy: it has another IP id or time stamp, or comes later', () => {
  const stamp = (value: number) => Buffer.from([1, 1, 8, 10, 0, 0, 0, value, 0, 0, 0, 1]);
  expect(kept([packet(), 0n], [packet({ id: 8 }), 50n * US])).toEqual([1, 2]);
  expect(kept([packet({ options: stamp(1) }), 0n], [packet({ options: stamp(2) }), 50n * US])).toEqual([1, 2]);
  expect(kept([packet(), 0n], [packet(), 200n * MS])).toEqual([1, 2]);
  expect(kept([packet({ id: 0 }), 0n], [packet({ id: 0 }), 2n * MS])).toEqual([1, 2]);
  expect(kept([six(), 0n], [six(), 2n * MS])).toEqual([1, 2]);
});

test('a retransmission seen at two taps is one retransmission', () => {
  expect(kept([six(), 0n], [six({ hops: 63 }), 5n * US], [six(), 30n * MS], [six({ hops: 63 }), 30n * MS + 5n * US])).toEqual([1, 3]);
});

test('every capture doubled by a second tap gives the packets of the single one', () => {
  const sample = readFileSync(new URL('../../../media/sample/shop.pcap', import.meta.url));
  const plain = (bytes: Uint8Array) => read([bytes]).packets.map(({ frame: _, fileOffset: __, ...rest }) => rest);
  for (const base of ['none', 'ipv6'] as const) {
    const once = base === 'none' ? sample : mutate(sample, base as Mode);
    const twice = mutate(once, 'dup');
    const { intake } = read([twice]);
    expect(plain(twice)).toEqual(plain(once));
    expect(intake.duplicates.count).toBe(intake.packets / 2);
  }
});

test('undamaged and damaged captures of one tap hold no copies', () => {
  const sample = readFileSync(new URL('../../../media/sample/shop.pcap', import.meta.url));
  for (const mode of ['reorder', 'netreorder', 'drop', 'snaplen'] as const)
    expect(read([mutate(sample, mode)]).intake.duplicates.count).toBe(0);
  expect(read([sample]).intake.duplicates.count).toBe(0);
});
