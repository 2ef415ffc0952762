import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Stretch } from '../../../src/engine/capture/frameIndex.ts';
import { ethernet, ipv4, Pcapng, pcap, tcp } from '../net/build.ts';
import { read } from '../net/read.ts';

const frame = (i: number) => ethernet(0x800, ipv4(6, tcp(`packet ${i}`, { seq: i }), { id: i & 0xffff }));
const COUNT = 5000;
const EPOCH = 1_700_000_000_000_000_000n;
const classic = pcap(
  Array.from({ length: COUNT }, (_, i) => ({ bytes: frame(i), ns: EPOCH + BigInt(i) * 1000n })),
  { big: true },
);
function sections(): Buffer {
  const parts: Buffer[] = [];
  for (let i = 0; i < COUNT; ) {
    const b = new Pcapng(parts.length % 2 === 1).section().interface(1, { resolution: 9 });
    // Interfaces come along in mid-section too, at and around the places that are remembered.
    for (let k = 0; k < 700 && i < COUNT; k++, i++) {
      if (k % 100 === 23) b.interface(1, { resolution: 9 });
      b.enhanced(k === 24 ? 1 : 0, EPOCH + BigInt(i) * 1000n, frame(i));
    }
    parts.push(b.bytes());
  }
  return Buffer.concat(parts);
}

/** Reads a stretch again: frame number and time of each record in it. */
function again(bytes: Buffer, stretch: Stretch): { frame: number; timeNs: number; text: string }[] {
  const found: { frame: number; timeNs: number; text: string }[] = [];
  const end = Math.min(bytes.length, stretch.offset + stretch.length);
  const reader = stretch.reader();
  for (let at = stretch.offset; at < end; at += 3333) {
    reader.feed.push(bytes.subarray(at, Math.min(at + 3333, end)));
    while (reader.next())
      found.push({
        frame: reader.frame,
        timeNs: reader.timeNs,
        text: Buffer.from(reader.feed.bytes.subarray(reader.start + 54, reader.end)).toString(),
      });
  }
  return found;
}

test.each([
  ['pcap', classic],
  ['pcapng of many sections', sections()],
])('any frame of a %s is found again', (_, bytes) => {
  const { intake } = read([bytes], [4000]);
  const { index } = intake.taps[0]!;
  expect(index.frames).toBe(COUNT);
  for (const wanted of [1, 2, 1023, 1024, 1025, 2048, 2049, 3333, COUNT]) {
    const stretch = index.locate(wanted)!;
    expect(stretch.length === Number.POSITIVE_INFINITY || stretch.length < 1024 * 200).toBe(true);
    expect(again(bytes, stretch).find((f) => f.frame === wanted)).toEqual({
      frame: wanted,
      timeNs: (wanted - 1) * 1000,
      text: `packet ${wanted - 1}`,
    });
  }
  expect(index.locate(0)).toBeUndefined();
  expect(index.locate(COUNT + 1)).toBeUndefined();
});

test('a range of time gives stretches with all its frames', () => {
  const bytes = sections();
  const { index } = read([bytes]).intake.taps[0]!;
  fc.assert(
    fc.property(fc.integer({ min: -10, max: COUNT }), fc.nat(2000), (from, length) => {
      const frames = new Set(index.between(from * 1000, (from + length) * 1000).flatMap((s) => again(bytes, s).map((f) => f.frame)));
      for (let i = Math.max(0, from); i <= Math.min(COUNT - 1, from + length); i++) expect(frames.has(i + 1)).toBe(true);
      expect(frames.size).toBeLessThanOrEqual(length + 3 * 1024);
    }),
    { numRuns: 20 },
  );
});

test('sections made to be heavy end the remembering, not the finding', () => {
  const b = new Pcapng();
  const described = new Pcapng().interface(1, { resolution: 9 }).bytes();
  const parts: Buffer[] = [];
  for (let i = 0; i < 20; i++) {
    parts.push(b.section().bytes(), ...Array<Buffer>(60_000).fill(described));
    b.parts.length = 0;
    for (let k = 0; k < 1024; k++) b.enhanced(0, EPOCH + BigInt(i * 1024 + k) * 1000n, frame(i * 1024 + k));
    parts.push(b.bytes());
    b.parts.length = 0;
  }
  const bytes = Buffer.concat(parts);
  const { index } = read([bytes]).intake.taps[0]!;
  const last = index.locate(index.frames)!;
  expect(index.frames).toBe(20 * 1024);
  expect(last.frame).toBe(17 * 1024 + 1);
  expect(again(bytes, last).at(-1)).toEqual({ frame: 20 * 1024, timeNs: (20 * 1024 - 1) * 1000, text: `packet ${20 * 1024 - 1}` });
});
