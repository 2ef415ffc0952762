import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Strings } from '../../../src/engine/bytes/strings.ts';
import { Intake } from '../../../src/engine/net/intake.ts';
import { ethernet, ipv4, pcap, type Record, tcp } from './build.ts';
import { read } from './read.ts';

const record = (ns: bigint, id: number): Record => ({ bytes: ethernet(0x800, ipv4(6, tcp('x', { seq: id }), { id })), ns });
const EPOCH = 1_700_000_000_000_000_000n;

test('packets of several captures come in time order on one timeline, however they are fed', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.nat(1_000_000_000), { maxLength: 30 }), { minLength: 1, maxLength: 5 }),
      fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 }),
      (captures, sizes) => {
        let id = 0;
        const sorted = captures.map((times) => [...times].sort((a, b) => a - b));
        const files = sorted.map((times) =>
          pcap(
            times.map((t) => record(EPOCH + BigInt(t), id++)),
            { nano: true },
          ),
        );
        const { packets, intake, warnings } = read(files, sizes);
        const all = sorted.flat().sort((a, b) => a - b);
        expect(warnings).toEqual([]);
        expect(packets.map((p) => p.timeNs)).toEqual(all.map((t) => t - all[0]!));
        if (all.length > 0) expect(intake.epochNs).toBe(EPOCH + BigInt(all[0]!));
        // Each capture's own frames stay in order.
        for (const [capture, times] of sorted.entries())
          expect(packets.filter((p) => p.capture === capture).map((p) => p.frame)).toEqual(times.map((_, i) => i + 1));
      },
    ),
    { numRuns: 200 },
  );
});

test('rotated files give what the whole gives, in any order of naming', () => {
  const sample = readFileSync(new URL('../../../media/sample/shop.pcap', import.meta.url));
  const offsets: number[] = [];
  for (let at = 24; at < sample.length; at += 16 + sample.readUInt32LE(at + 8)) offsets.push(at);
  const part = (from: number, to: number) =>
    Buffer.concat([sample.subarray(0, 24), sample.subarray(offsets[from]!, offsets[to] ?? sample.length)]);
  const files = [part(4000, 7000), part(0, 1500), part(1500, 4000)];
  const strip = (bytes: readonly Uint8Array[]) =>
    read(bytes, [10_000]).packets.map(({ capture: _, frame: __, fileOffset: ___, ...rest }) => rest);
  expect(strip(files)).toEqual(strip([sample]));
});

test('a capture that is none, or breaks off, does not hold up the others', () => {
  const good = pcap([record(EPOCH, 1), record(EPOCH + 10n, 2)], { nano: true });
  const cut = pcap([record(EPOCH + 5n, 3), record(EPOCH + 6n, 4)], { nano: true }).subarray(0, -1);
  const { packets, warnings } = read([Buffer.from('hello world, no capture at all'), good, cut, Buffer.alloc(0)], [40]);
  expect(packets.map((p) => [p.capture, p.timeNs])).toEqual([
    [1, 0],
    [2, 5],
    [1, 10],
  ]);
  expect(warnings).toEqual([
    expect.stringContaining('first bytes 68 65'),
    expect.stringContaining('the file is empty'),
    expect.stringContaining('ends mid-packet'),
  ]);
});

test('pushing against the order asked for changes nothing', () => {
  const files = [0, 1].map((c) =>
    pcap(
      [0, 1, 2, 3].map((i) => record(EPOCH + BigInt(c + i * 10), c * 10 + i)),
      { nano: true },
    ),
  );
  const asked = read(files, [60]);
  const seen: number[] = [];
  const again = new Intake(2, new Strings(), { take: (p) => void seen.push(p.timeNs) }, () => {});
  for (let at = 0; at < files[0]!.length; at += 50) again.push(0, files[0]!.subarray(at, at + 50));
  again.end(0);
  again.push(1, files[1]!);
  again.end(1);
  expect(again.wants()).toBe(-1);
  expect(seen).toEqual(asked.packets.map((p) => p.timeNs));
});
