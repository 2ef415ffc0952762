import { Feed } from '../../engine/bytes/feed.ts';
import { DETECT_BYTES, detectFormat } from '../../engine/capture/detect.ts';
import { RecordWriter } from '../../engine/capture/kafkaRecord.ts';
import { namesBlock } from '../../engine/capture/namesBlock.ts';
import { PcapReader } from '../../engine/capture/pcap.ts';
import { PcapngReader } from '../../engine/capture/pcapng.ts';
import type { RecordReader } from '../../engine/capture/recordReader.ts';

export interface RecordFacts {
  readonly packets: number;
  /** Of the first and last packet, ns since 1970; null without packets. */
  readonly firstNs: bigint | null;
  readonly lastNs: bigint | null;
  /** Why the record can't be used; '' when it can. */
  readonly problem: string;
  readonly format: 'pcap' | 'pcapng' | '';
}

/** Walks the packets of one record (a complete little capture) without looking into them: a damaged record must not spoil those behind it. */
export function checkRecord(value: Uint8Array): RecordFacts {
  const feed = new Feed();
  let problem = '';
  const report = (offset: number, _frame: number, text: string) => {
    problem ||= `${text} (byte ${offset} of the record)`;
  };
  const format = detectFormat(value.subarray(0, DETECT_BYTES));
  if (format !== 'pcap' && format !== 'pcapng') return { packets: 0, firstNs: null, lastNs: null, problem: 'not a capture', format: '' };
  feed.push(value);
  const reader: RecordReader = format === 'pcap' ? new PcapReader(feed, report) : new PcapngReader(feed, report);
  let packets = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  while (reader.next()) {
    packets++;
    if (reader.timeNs < first) first = reader.timeNs;
    if (reader.timeNs > last) last = reader.timeNs;
  }
  reader.finish();
  const epochNs = reader.epochNs ?? 0n;
  const at = (ns: number) => (packets === 0 ? null : epochNs + BigInt(Math.round(ns)));
  return { packets, firstNs: at(first), lastNs: at(last), problem, format };
}

/** The packets that can be read, as a record of ours. */
export function rewritten(value: Uint8Array): Uint8Array {
  const feed = new Feed();
  feed.push(value);
  const report = () => {};
  const reader = detectFormat(value.subarray(0, DETECT_BYTES)) === 'pcap' ? new PcapReader(feed, report) : new PcapngReader(feed, report);
  let writer: RecordWriter | undefined;
  while (reader.next()) {
    writer ??= new RecordWriter(reader.epochNs ?? 0n, value.length);
    writer.add(reader.link, reader.timeNs, feed.bytes, reader.start, reader.end, reader.wireBytes);
  }
  return writer?.take() ?? new Uint8Array();
}

/** A record that can be read as two, of the packets before a time and of the others; null: there are none. Names that it brings go before. */
export function cutRecord(value: Uint8Array, atNs: bigint): readonly [before: Uint8Array | null, behind: Uint8Array | null] {
  const { firstNs, lastNs } = checkRecord(value);
  if (lastNs === null || lastNs < atNs) return [value, null];
  if (firstNs !== null && firstNs >= atNs) return [null, value];
  const feed = new Feed();
  feed.push(value);
  const report = () => {};
  const reader = detectFormat(value.subarray(0, DETECT_BYTES)) === 'pcap' ? new PcapReader(feed, report) : new PcapngReader(feed, report);
  const writers: RecordWriter[] = [];
  while (reader.next()) {
    const epochNs = reader.epochNs ?? 0n;
    if (writers.length === 0) writers.push(new RecordWriter(epochNs, value.length), new RecordWriter(epochNs, value.length));
    const writer = writers[epochNs + BigInt(Math.round(reader.timeNs)) < atNs ? 0 : 1]!;
    writer.add(reader.link, reader.timeNs, feed.bytes, reader.start, reader.end, reader.wireBytes);
  }
  const [before, behind] = writers.map((w) => w.take());
  const { names } = reader.facts;
  return [names.length > 0 && before ? new Uint8Array(Buffer.concat([before, namesBlock(names)])) : (before ?? null), behind ?? null];
}
