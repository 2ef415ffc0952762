import { Binary, Int32, Utf8 } from 'apache-arrow';
import { RecordWriter } from '../engine/capture/kafkaRecord.ts';
import { namesBlock } from '../engine/capture/namesBlock.ts';
import { Inflater } from '../sources/inflate.ts';
import { compressionOf } from '../sources/magic.ts';
import { Batcher } from '../tap/batcher.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Captures -> records keyed by flow. In: name (text), content (binary; a whole capture, also .gz or .zst). Out: bucket (0..buckets-1), source (the
 * capture's name), sequence, value (a little capture, or the names that a pcapng capture brings along, in each bucket), problem ('' or why the capture could not be read to its end).
 */
export async function split(buckets: number): Promise<void> {
  const out = new Output({ bucket: new Int32(), source: new Utf8(), sequence: new Int32(), value: new Binary(), problem: new Utf8() });
  for await (const row of inputRows()) {
    const source = String(row['name']);
    let sequence = 0;
    const batcher = new Batcher({
      partitions: buckets,
      out: (r) => out.add({ bucket: r.partition, source, sequence: sequence++, value: r.value, problem: '' }, r.value.length),
    });
    const unpacked = await unpack(row['content'] as Uint8Array, (bytes) => batcher.push(bytes));
    batcher.end();
    const { names } = batcher;
    if (names.length > 0) {
      // A record of names alone, for every task: which network an address belongs to shows in the flows that a task has.
      const value = Buffer.concat([new RecordWriter(0n).take(), namesBlock(names)]);
      const place = sequence++;
      for (let bucket = 0; bucket < buckets; bucket++) out.add({ bucket, source, sequence: place, value, problem: '' }, value.length);
    }
    const problem = batcher.problem || unpacked;
    if (problem !== '') out.add({ bucket: 0, source, sequence, value: null, problem: `${source}: ${problem}` });
  }
  await out.end();
}

/** Hands on the bytes, inflated when they are compressed, until `take` wants no more. Why inflating ended early; '' when it did not. */
async function unpack(content: Uint8Array, take: (bytes: Uint8Array) => boolean): Promise<string> {
  const compression = compressionOf(content);
  if (compression === 'none') {
    take(content);
    return '';
  }
  let rest: Uint8Array | null = content;
  const inflater = new Inflater(compression, async () => {
    const all = rest;
    rest = null;
    return all;
  });
  for (let bytes = await inflater.next(); bytes !== null; bytes = await inflater.next()) if (!take(bytes)) break;
  inflater.close();
  return inflater.error;
}
