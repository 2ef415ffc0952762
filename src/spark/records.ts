import { Binary, Int64, Utf8 } from 'apache-arrow';
import { contentOf, type TopicFormat } from '../sources/kafka/formats.ts';
import { whyNotTimes } from '../sources/kafka/recordTimes.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * A topic's records -> little captures with their times. In: key, value (binary), place (text, orders records of one time), timestamp_ms
 * (Kafka's). Out: place, key, value (a little capture), first_ns and last_ns, why ('' or why the record can't be used; its value is then
 * handed back as it is). A record that is damaged behind some packets gives both.
 */
export async function records(format: TopicFormat): Promise<void> {
  const out = new Output({
    place: new Utf8(),
    key: new Binary(),
    value: new Binary(),
    first_ns: new Int64(),
    last_ns: new Int64(),
    why: new Utf8(),
  });
  const bytes = (v: unknown) => (v instanceof Uint8Array ? v : null);
  for await (const row of inputRows()) {
    const place = String(row['place'] ?? '');
    const timestampMs = Number(row['timestamp_ms'] ?? -1);
    const [key, value] = [bytes(row['key']), bytes(row['value'])];
    const content = contentOf({ partition: 0, offset: 0n, timestampMs, key, value }, format);
    let why = content.kind === 'bad' ? content.why : `holds a ${content.kind}, no packets`;
    if (content.kind === 'packets') why = whyNotTimes(content.firstNs, content.lastNs, timestampMs);
    if (content.kind === 'packets' && why === '') {
      const { capture, firstNs, lastNs, tenant } = content;
      const name = tenant === '' ? null : new TextEncoder().encode(tenant);
      out.add({ place, key: name, value: capture.slice(), first_ns: firstNs, last_ns: lastNs, why }, capture.length);
      why = content.problem ?? '';
    }
    if (why !== '') out.add({ place, key, value: value?.slice() ?? null, first_ns: null, last_ns: null, why }, value?.length ?? 0);
  }
  await out.end();
}
