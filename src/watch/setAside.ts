/** Records that can't be read are kept aside, in a file or a topic: whoever wrote them can look at them, and nothing else stops. */
import { appendFile, stat } from 'node:fs/promises';
import type { KafkaConnection } from '../sources/kafka/connection.ts';
import type { TopicRecord } from '../sources/kafka/topicReader.ts';
import { Publisher } from '../tap/publisher.ts';

/** A file grows no further than this; what comes then is counted only. */
const MAX_FILE_BYTES = 256e6;

export interface Aside {
  readonly keep: (record: TopicRecord, why: string) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** A line of JSON a record: where it was, why it can't be read, key and value in base64. */
export async function asideFile(file: string, topic: string): Promise<Aside> {
  let size = await stat(file).then(
    (s) => s.size,
    () => 0,
  );
  const base64 = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('base64'));
  // Said at once when it can't be written, not at the first bad record.
  await appendFile(file, '');
  return {
    keep: async ({ partition, offset, timestampMs, key, value }, why) => {
      const line = `${JSON.stringify({ topic, partition, offset: String(offset), timestampMs, why, key: base64(key), value: base64(value) })}\n`;
      if (size + line.length > MAX_FILE_BYTES) return;
      size += line.length;
      await appendFile(file, line);
    },
    close: async () => {},
  };
}

/** The same key and value, with headers that say where it was and why. */
export async function asideTopic(
  target: string,
  from: { readonly connection: KafkaConnection; readonly password: string; readonly topic: string },
): Promise<Aside> {
  const { publisher, partitions } = await Publisher.open({ connection: from.connection, password: from.password, topic: target });
  return {
    keep: async ({ partition, offset, key, value }, why) => {
      const headers = {
        'tracenest-topic': from.topic,
        'tracenest-partition': String(partition),
        'tracenest-offset': String(offset),
        'tracenest-why': why,
      };
      publisher.offer(
        { partition: partition % partitions, key: key ?? undefined, value: value ?? new Uint8Array(), packets: 0, headers },
        true,
      );
      if (publisher.full) await publisher.room();
    },
    close: async () => {
      await publisher.drain();
      await publisher.close();
    },
  };
}
