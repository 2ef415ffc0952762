import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeRecord, RecordWriter } from '../../../src/engine/capture/kafkaRecord.ts';
import { pycapaKey, readPycapa } from '../../../src/engine/capture/pycapa.ts';
import { corpora } from '../corpora.ts';
import { ethernet, ipv4, pcap, tcp } from '../net/build.ts';
import { read } from '../net/read.ts';

const EPOCH = 1_700_000_000_123_456_789n;
const anyPackets = fc.array(
  fc.record({
    text: fc.string({ unit: 'binary-ascii', maxLength: 60 }),
    timeNs: fc.integer({ min: -5_000_000_000_000, max: 9_000_000_000_000 }),
    raw: fc.boolean(),
  }),
  { minLength: 1, maxLength: 30 },
);

test('a record is a capture: what was put in is read, and records in a row are one capture', () => {
  fc.assert(
    fc.property(anyPackets, fc.integer({ min: 1, max: 8 }), (rows, perRecord) => {
      const writer = new RecordWriter(EPOCH);
      const records: Uint8Array[] = [];
      for (const [i, { text, timeNs, raw }] of rows.entries()) {
        const ip = ipv4(6, tcp(text, { seq: i * 100 }), { id: i });
        const bytes = raw ? ip : ethernet(0x800, ip);
        const shifted = Buffer.concat([Buffer.alloc(3), bytes]);
        writer.add(raw ? 101 : 1, timeNs, shifted, 3, shifted.length, bytes.length + i);
        if (writer.packets === perRecord) records.push(writer.take());
      }
      records.push(writer.take());
      const { packets, intake, warnings } = read([Buffer.concat(records)], [64]);
      expect(warnings).toEqual([]);
      expect(packets.map((p) => p.payload)).toEqual(rows.map((r) => r.text));
      expect(packets.map((p) => intake.epochNs! + BigInt(p.timeNs))).toEqual(rows.map((r) => EPOCH + BigInt(r.timeNs)));
    }),
    { numRuns: 200 },
  );
});

test('saved packets are the bytes of the format', () => {
  const bytes = encodeRecord(0n, [{ link: 1, timeNs: 5, bytes: Uint8Array.of(1, 2, 3), wireBytes: 60 }]);
  expect(Buffer.from(bytes).toString('hex')).toBe(
    [
      '0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000',
      '010000002000000001000000000000000900010009000000' + '00000000' + '20000000',
      '0600000024000000000000000000000005000000030000003c0000000102030024000000',
    ].join(''),
  );
});

test('pycapa: key and value there and back, units by size or by name', () => {
  const frame = ethernet(0x800, ipv4(6, tcp('x')));
  const us = 1_700_000_000_123_456_000n;
  expect(Buffer.from(pycapaKey(us)).readBigUInt64BE()).toBe(1_700_000_000_123_456n);
  expect(readPycapa(pycapaKey(us), frame)).toMatchObject({ epochNs: us, link: 1, wireBytes: frame.length, bytes: frame });
  const key = (value: bigint) => {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64BE(value);
    return bytes;
  };
  expect(readPycapa(key(1_700_000_000_123n), frame)?.epochNs).toBe(1_700_000_000_123_000_000n);
  expect(readPycapa(key(EPOCH), frame)?.epochNs).toBe(EPOCH);
  expect(readPycapa(key(5n), frame, 'nano')?.epochNs).toBe(5n);
  expect(readPycapa(key(5n), frame, 'micro')?.epochNs).toBe(5000n);
  expect(readPycapa(Buffer.alloc(7), frame)).toBeUndefined();
  expect(readPycapa(key(5n), Buffer.alloc(0))).toBeUndefined();
});

test('pycapa: the older layout carries its own headers', () => {
  const frame = ethernet(0x800, ipv4(6, tcp('x')));
  for (const big of [false, true]) {
    const value = pcap([{ bytes: frame, ns: 1_700_000_000_123_456_000n, wire: 99 }], { big });
    expect(readPycapa(Buffer.alloc(8), value)).toMatchObject({ epochNs: 1_700_000_000_123_456_000n, link: 1, wireBytes: 99 });
  }
});

const example = join(corpora ?? '', 'metron/PCAPExampleOutput');
test.skipIf(!corpora || !existsSync(example))('pycapa: the records of Metron’s own example file', () => {
  const file = readFileSync(example);
  const magic = Buffer.from('d4c3b2a1', 'hex');
  const found: { epochNs: bigint; to: string }[] = [];
  // A Hadoop sequence file of byte arrays: each value is preceded by its length.
  for (let at = file.indexOf(magic); at >= 0; at = file.indexOf(magic, at + 4)) {
    const packet = readPycapa(Buffer.alloc(8), file.subarray(at, at + file.readUInt32BE(at - 4)))!;
    const { packets } = read([
      encodeRecord(packet.epochNs, [{ link: packet.link, timeNs: 0, bytes: packet.bytes, wireBytes: packet.wireBytes }]),
    ]);
    found.push({ epochNs: packet.epochNs, to: packets[0]!.to });
  }
  expect(found.length).toBeGreaterThan(4);
  for (const { epochNs, to } of found) {
    expect(new Date(Number(epochNs / 1_000_000n)).getUTCFullYear()).toBe(2016);
    expect(to).toMatch(/^192\.168\.66\.\d+ \d+$/);
  }
});
