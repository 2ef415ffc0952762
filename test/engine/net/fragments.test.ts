import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ethernet, ipv4, ipv6, pcap, type Record, tcp, u8, u16, u32, udp, vxlan } from './build.ts';
import { read } from './read.ts';

/** The pieces of an IPv4 packet's payload, cut at multiples of 8. */
function pieces(payload: Uint8Array, size: number, id: number): Uint8Array[] {
  const made: Uint8Array[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const more = at + size < payload.length ? 0x2000 : 0;
    made.push(ethernet(0x800, ipv4(6, payload.subarray(at, at + size), { id, fragment: more | (at / 8) })));
  }
  return made;
}
const records = (frames: readonly Uint8Array[]): Record[] => frames.map((bytes, i) => ({ bytes, ns: 1_000_000_000n + BigInt(i) * 1000n }));

test('fragments in any order, repeated, of several datagrams at once become the packets they were', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ size: fc.integer({ min: 1, max: 40 }), length: fc.integer({ min: 1, max: 900 }) }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.infiniteStream(fc.nat(1 << 20)),
      (datagrams, random) => {
        const texts = datagrams.map(({ length }, i) => String.fromCharCode(97 + i).repeat(length));
        const frames = datagrams.flatMap(({ size }, i) => pieces(tcp(texts[i]!, { seq: i }), size * 8, 100 + i));
        for (let i = frames.length - 1; i > 0; i--) {
          const j = random.next().value % (i + 1);
          [frames[i], frames[j]] = [frames[j]!, frames[i]!];
        }
        const { packets } = read([pcap(records(frames))]);
        expect(packets.map((p) => p.payload).sort()).toEqual(texts.sort());
      },
    ),
    { numRuns: 200 },
  );
});

test('a complete datagram carries the time and frame of its last piece', () => {
  const { packets } = read([pcap(records(pieces(tcp('x'.repeat(50)), 24, 1)))]);
  expect(packets).toMatchObject([{ frame: 3, timeNs: 2000, payloadLength: 50 }]);
});

test('a piece cut by the snap length leaves a known length and an unread end', () => {
  const cut = pieces(tcp('x'.repeat(60)), 40, 1).map((frame, i) =>
    i === 0 ? { bytes: frame.subarray(0, 14 + 20 + 32), ns: 0n, wire: frame.length } : { bytes: frame, ns: 1n },
  );
  expect(read([pcap(cut)]).packets).toMatchObject([{ payloadLength: 60, payload: 'x'.repeat(12) }]);
});

test('IPv6 fragments, per-fragment part before the fragment header', () => {
  const payload = tcp('six '.repeat(100));
  const fragment = (at: number, end: number) => {
    const head = Buffer.concat([u8(44, 0, 1, 4, 0, 0, 0, 0), u8(6, 0), u16(at | (end < payload.length ? 1 : 0)), u32(7)]);
    return ethernet(0x86dd, ipv6(0, Buffer.concat([head, payload.subarray(at, end)])));
  };
  const { packets } = read([pcap(records([fragment(240, payload.length), fragment(0, 120), fragment(120, 240)]))]);
  expect(packets.map((p) => p.payload)).toEqual(['six '.repeat(100)]);
});

test('a flood of first pieces takes bounded memory and is said to be incomplete', () => {
  const flood = Array.from({ length: 2000 }, (_, id) => pieces(tcp('x'.repeat(3000)), 1480, id)[0]!);
  const { packets, intake } = read([pcap(records(flood))]);
  expect(packets).toEqual([]);
  expect(intake.decoder.fragments.waiting).toBe(256);
  expect(intake.decoder.fragments.lost).toBe(2000 - 256);
});

/** The same packet at another tap: a hop further on. */
const copyOf = (frame: Uint8Array): Uint8Array => {
  const copy = Uint8Array.from(frame);
  copy[14 + 8]!--;
  return copy;
};

test('pieces that come from two taps in turn are copies, none of them lacks anything', () => {
  const frames = [1, 2, 3].flatMap((id) => pieces(tcp('x'.repeat(100), { seq: id * 100 }), 48, id));
  for (const both of [frames.flatMap((frame) => [frame, copyOf(frame)]), [...frames, ...frames.map(copyOf)]]) {
    const { packets, intake } = read([pcap(records(both))]);
    expect(packets).toHaveLength(3);
    expect(intake.decoder.fragments).toMatchObject({ lost: 0, waiting: 0, joined: 3, copies: 9 });
  }
});

test('an id that is used again is a datagram of its own', () => {
  const later = (id: number, ns: bigint) =>
    pieces(tcp('x'.repeat(100), { seq: Number(ns / 1000n) }), 48, id).map((bytes) => ({ bytes, ns }));
  const { packets, intake } = read([pcap([...later(1, 0n), ...later(1, 200_000_000n)])]);
  expect(packets).toHaveLength(2);
  expect(intake.decoder.fragments.copies).toBe(0);
});

test('fragments in fragments: the inner piece that comes first may belong anywhere', () => {
  const payload = tcp('abcdefghijklmnopqrstuvwxyz0123456789'.repeat(81));
  const inner = pieces(payload, 1480, 1).reverse();
  const outer = inner.flatMap((frame, i) => {
    const tunnel = udp(vxlan(5, frame), 4789);
    return [0, 1440].map((at) => {
      const fragment = (at === 0 ? 0x2000 : 0) | (at / 8);
      return ethernet(0x800, ipv4(17, tunnel.subarray(at, at === 0 ? 1440 : undefined), { id: 50 + i, fragment }));
    });
  });
  const { packets } = read([pcap(records(outer))]);
  expect(packets.map((p) => p.payload)).toEqual(['abcdefghijklmnopqrstuvwxyz0123456789'.repeat(81)]);
});
