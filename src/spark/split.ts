import { Binary, Int32, Utf8 } from 'apache-arrow';
import { Batcher } from '../tap/batcher.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Captures -> records keyed by flow. In: name (text), content (binary; a whole capture). Out: bucket (0..buckets-1), source (the
 * capture's name), sequence, value (a little capture), problem ('' or why the capture could not be read to its end).
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
    batcher.push(row['content'] as Uint8Array);
    batcher.end();
    if (batcher.problem !== '') out.add({ bucket: 0, source, sequence, value: null, problem: `${source}: ${batcher.problem}` });
  }
  await out.end();
}
