import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ethernet, ipv4, type PcapOptions, pcap, type Record, tcp } from '../net/build.ts';
import { read } from '../net/read.ts';

const anyRecords = fc.array(
  fc.record({
    text: fc.string({ unit: 'binary-ascii', maxLength: 90 }),
    gapNs: fc.integer({ min: 1_000_000, max: 3_000_000_000 }),
    id: fc.nat(0xffff),
  }),
  { minLength: 1, maxLength: 40 },
);
const START = 1_700_000_000_123_456_000n;
function make(rows: readonly { text: string; gapNs: number; id: number }[], unit: bigint): Record[] {
  let ns = START;
  return rows.map(({ text, gapNs, id }, i) => {
    const bytes = ethernet(0x800, ipv4(6, tcp(text, { seq: i * 100 }), { id }));
    const made = { bytes, ns };
    ns += (BigInt(gapNs) / unit) * unit;
    return made;
  });
}
const anyLayout: fc.Arbitrary<PcapOptions> = fc
  .record({ big: fc.boolean(), nano: fc.boolean(), modified: fc.boolean() })
  .map((o) => (o.modified ? { ...o, nano: false } : o));
const anySizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 });

test('what was written is read, in every layout', () => {
  fc.assert(
    fc.property(anyRecords, anyLayout, (rows, layout) => {
      const records = make(rows, layout.nano ? 1n : 1000n);
      const { packets, intake, warnings } = read([pcap(records, layout)]);
      expect(warnings).toEqual([]);
      expect(intake.epochNs).toBe(START);
      expect(packets.map((p) => p.payload)).toEqual(rows.map((r) => r.text));
      expect(packets.map((p) => START + BigInt(p.timeNs))).toEqual(records.map((r) => r.ns));
      expect(packets.map((p) => p.frame)).toEqual(rows.map((_, i) => i + 1));
    }),
    { numRuns: 200 },
  );
});

test('pieces may be cut anywhere', () => {
  fc.assert(
    fc.property(anyRecords, anyLayout, anySizes, (rows, layout, sizes) => {
      const bytes = pcap(make(rows, 1000n), layout);
      const whole = read([bytes]);
      const cut = read([bytes], sizes);
      expect(cut.packets).toEqual(whole.packets);
      expect(cut.warnings).toEqual(whole.warnings);
    }),
    { numRuns: 200 },
  );
});

test('a file cut at any byte keeps what came before and says where it ends', () => {
  const records = make(
    [1, 2, 3].map((i) => ({ text: `packet ${i}`, gapNs: 1_000_000, id: i })),
    1000n,
  );
  const bytes = pcap(records);
  const size = 16 + records[0]!.bytes.length;
  for (let end = 1; end < bytes.length; end++) {
    const { packets, warnings } = read([bytes.subarray(0, end)], [17]);
    const whole = Math.max(0, Math.floor((end - 24) / size));
    expect(packets.length).toBe(whole);
    if (end < 4) expect(warnings).toMatchObject([expect.stringContaining('not a capture: first bytes')]);
    else if (end < 24) expect(warnings).toEqual([`capture ends inside its file header at byte ${end}`]);
    else if ((end - 24) % size === 0) expect(warnings).toEqual([]);
    else expect(warnings).toEqual([`capture ends mid-packet at byte ${end}; the ${whole} packets before it are kept`]);
  }
});

test('a record that claims an absurd length ends the reading, with its byte', () => {
  const bytes = pcap(
    make(
      [
        { text: 'fine', gapNs: 1_000_000, id: 1 },
        { text: 'bad', gapNs: 1, id: 2 },
      ],
      1000n,
    ),
  );
  const second = 24 + 16 + (14 + 40 + 4);
  bytes.writeUInt32LE(0xffffffff, second + 8);
  const { packets, warnings } = read([bytes]);
  expect(packets.map((p) => p.payload)).toEqual(['fine']);
  expect(warnings).toEqual([`record at byte ${second} claims 4294967295 bytes; the 1 packets before it are kept`]);
});

test('frame check sequences named in the header are no payload', () => {
  // Segmentation offload leaves the IP length 0, so that only the captured length tells.
  const bytes = Buffer.concat([ethernet(0x800, ipv4(6, tcp('data'), { total: 0 })), Buffer.from([1, 2, 3, 4])]);
  const file = pcap([{ bytes, ns: START }]);
  file.writeUInt32LE(0x24000001, 20);
  expect(read([file]).packets).toMatchObject([{ payload: 'data', payloadLength: 4 }]);
});

test('absurd times neither throw nor take memory', () => {
  const times = [0n, 4_294_967_295_999_999_000n, 0n, 1_700_000_000_000_000_000n];
  const records = times.map((ns, i) => ({ bytes: ethernet(0x800, ipv4(6, tcp('x', { seq: i }))), ns }));
  const { packets, intake } = read([pcap(records)]);
  expect(packets.length).toBe(4);
  expect(packets.every((p) => Number.isFinite(p.timeNs))).toBe(true);
  expect(intake.taps[0]!.clockSteps).toBe(1);
});
