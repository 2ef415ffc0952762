import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { notACapture } from '../../../src/engine/capture/detect.ts';
import { ethernet, geneve, gre, ipv4, ipv6, mpls, Pcapng, pcap, tcp, u32, udp, vlan, vxlan } from '../net/build.ts';
import { read } from '../net/read.ts';

const sample = readFileSync(new URL('../../../media/sample/shop.pcap', import.meta.url)).subarray(0, 20_000);
const hello = ipv4(6, tcp('hello'));
const inner = ethernet(0x800, hello);
const layered = [
  inner,
  ethernet(0x8100, vlan(5, 0x800, hello)),
  ethernet(0x8847, mpls([1, 2], hello)),
  ethernet(0x800, ipv4(17, udp(vxlan(7, inner), 4789))),
  ethernet(0x800, ipv4(17, udp(geneve(7, 0x6558, inner, Buffer.alloc(16)), 6081))),
  ethernet(0x800, ipv4(47, gre(0x22eb, Buffer.concat([Buffer.alloc(12), inner]), { sequence: 1 }))),
  ethernet(0x86dd, ipv6(44, Buffer.concat([Buffer.from([6, 0, 0, 1]), u32(9), tcp('x')]))),
  ethernet(0x86dd, ipv6(0, Buffer.concat([Buffer.from([60, 0, 0, 0, 0, 0, 0, 0, 6, 3]), Buffer.alloc(30), tcp('x')]))),
];
const classic = pcap(layered.map((bytes, i) => ({ bytes, ns: BigInt(i) * 1_000_000_000n })));
const modern = layered
  .reduce((b, bytes, i) => b.enhanced(i & 1, BigInt(i), bytes), new Pcapng().section().interface().interface(113))
  .bytes();

test('any bytes are read without an exception, in any pieces', () => {
  const magics = ['a1b2c3d4', 'd4c3b2a1', 'a1b23c4d', '0a0d0d0a1c0000004d3c2b1a', '1f8b', ''].map((h) => Buffer.from(h, 'hex'));
  fc.assert(
    fc.property(fc.constantFrom(...magics), fc.uint8Array({ maxLength: 400 }), fc.integer({ min: 1, max: 64 }), (magic, bytes, size) => {
      read([Buffer.concat([magic, bytes])], [size]);
    }),
    { numRuns: 3000 },
  );
});

test('damaged captures are read without an exception, and alike in any pieces', () => {
  const damage = fc.array(fc.record({ at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), byte: fc.nat(255) }), {
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(
      fc.constantFrom(classic, modern, sample),
      damage,
      fc.integer({ min: 1, max: 3000 }),
      fc.constantFrom(1, 113, 276, 101, 9, 51, 0, 104),
      (file, changes, size, link) => {
        const bytes = Buffer.from(file);
        if (file === classic) bytes.writeUInt32LE(link, 20);
        for (const { at, byte } of changes) bytes[Math.floor(at * bytes.length)] = byte;
        const whole = read([bytes]);
        const cut = read([bytes], [size]);
        expect(cut.packets).toEqual(whole.packets);
        expect(cut.warnings).toEqual(whole.warnings);
        for (const p of whole.packets) {
          expect(p.payloadLength).toBeGreaterThanOrEqual(p.payload.length);
          expect(Number.isFinite(p.timeNs)).toBe(true);
        }
      },
    ),
    { numRuns: 1500 },
  );
});

test.each<[string, Uint8Array, string]>([
  ['an empty file', Buffer.alloc(0), 'not a capture: the file is empty'],
  ['a text file', Buffer.from('hello world, this is text'), 'not a capture: first bytes 68 65 6c 6c 6f 20 77 6f ("hello wo")'],
  ['other bytes', Buffer.from([1, 2, 0xff]), 'not a capture: first bytes 01 02 ff'],
  ['gzip', Buffer.from('1f8b08000000', 'hex'), 'not a capture: gzip data; decompress it first'],
  ['zstd', Buffer.from('28b52ffd0000', 'hex'), 'not a capture: zstd data; decompress it first'],
  ['xz', Buffer.from('fd377a585a000004', 'hex'), 'not a capture but an xz file; decompress it first'],
  ['snoop', Buffer.from('736e6f6f7000000000000002', 'hex'), 'not a capture but a snoop capture; convert it with editcap'],
])('%s is named for what it is', (_, bytes, text) => {
  expect(notACapture(bytes)).toBe(text);
  expect(read([bytes]).warnings).toEqual([text]);
});
