import { Binary, Int32 } from 'apache-arrow';
import { Batcher } from '../tap/batcher.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Little captures of any flows, in order of time -> records keyed by flow. In: value (a little capture). Out: bucket (0..buckets-1),
 * value. For taps that scatter a flow over a topic's partitions (pycapa); one task must see them all.
 */
export async function frames(buckets: number): Promise<void> {
  const out = new Output({ bucket: new Int32(), value: new Binary() });
  const batcher = new Batcher({
    partitions: buckets,
    out: (r) => out.add({ bucket: r.partition, value: r.value }, r.value.length),
  });
  for await (const row of inputRows()) if (row['value'] instanceof Uint8Array) batcher.push(row['value']);
  batcher.end();
  await out.end();
}
