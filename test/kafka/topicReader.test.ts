import { Admin, Producer } from '@platformatic/kafka';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReaderNotice, type StartAt, TopicReader, type TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { type Broker, startKafka } from './broker.ts';

let broker: Broker;
let producer: Producer;
beforeAll(async () => {
  broker = await startKafka();
  producer = new Producer({ clientId: 'test', bootstrapBrokers: [broker.bootstrap], autocreateTopics: true, retries: 20, retryDelay: 200 });
});
afterAll(async () => {
  await producer.close(true);
  await broker.stop();
});

const connection = () => ({ name: 'test', brokers: [broker.bootstrap] });
const send = (topic: string, partition: number, text: string, timestamp?: bigint) =>
  producer.send({ messages: [{ topic, partition, value: Buffer.from(text), ...(timestamp === undefined ? {} : { timestamp }) }] });
const text = (r: TopicRecord) => Buffer.from(r.value ?? []).toString();

/** Reads until `count` records came (or 60 batches passed); `each` runs after every batch. */
async function read(
  topic: string,
  start: StartAt,
  count: number,
  each: (batches: number) => void = () => {},
  notices: ReaderNotice[] = [],
) {
  const stop = new AbortController();
  const reader = new TopicReader({ connection: connection(), topic, start, notice: (n) => notices.push(n) });
  const records: TopicRecord[] = [];
  let batches = 0;
  for await (const batch of reader.batches(stop.signal)) {
    records.push(...batch);
    each(++batches);
    if (records.length >= count || batches > 60) stop.abort();
  }
  return { records, reader, notices };
}

describe('reading a topic without a group', () => {
  it('starts at the beginning, at a time, or live', async () => {
    for (let i = 0; i < 6; i++) await send('starts', i % 2, `r${i}`, BigInt(1_000_000 + i * 1000));
    expect((await read('starts', { kind: 'earliest' }, 6)).records.map(text).sort()).toEqual(['r0', 'r1', 'r2', 'r3', 'r4', 'r5']);
    expect((await read('starts', { kind: 'time', ms: 1_003_000 }, 3)).records.map(text).sort()).toEqual(['r3', 'r4', 'r5']);
    const live = await read('starts', { kind: 'latest' }, 1, (n) => {
      if (n === 1) void send('starts', 0, 'live');
    });
    expect(live.records.map(text)).toEqual(['live']);
  });

  it('survives kill -9 of the broker, reads every record once, and says that it reconnected', async () => {
    await send('killed', 0, 'before');
    let killed = false;
    const { records, notices } = await read('killed', { kind: 'earliest' }, 2, (n) => {
      if (n !== 1 || killed) return;
      killed = true;
      void broker
        .kill()
        .then(() => broker.restart())
        .then(() => send('killed', 0, 'after'));
    });
    expect(records.map(text)).toEqual(['before', 'after']);
    expect(notices.some((n) => n.kind === 'reconnecting')).toBe(true);
  });

  it('reads partitions that are added from their beginning, and a topic that is deleted and made again from its beginning', async () => {
    const admin = new Admin({ clientId: 'test', bootstrapBrokers: [broker.bootstrap] });
    await admin.createTopics({ topics: ['grows'], partitions: 1, replicas: 1 });
    await send('grows', 0, 'one');
    let step = 0;
    const { records, notices, reader } = await read('grows', { kind: 'earliest' }, 3, (n) => {
      if (n === 1 && step++ === 0)
        void admin.createPartitions({ topics: [{ name: 'grows', count: 3 }] }).then(async () => {
          await producer.metadata({ topics: ['grows'], forceUpdate: true });
          await send('grows', 2, 'two');
          await send('grows', 1, 'three');
        });
    });
    expect(records.map(text).sort()).toEqual(['one', 'three', 'two']);
    expect(notices.some((n) => n.kind === 'partitions' && n.count === 3)).toBe(true);
    expect(reader.state().map((p) => p.partition)).toEqual([0, 1, 2]);

    let gone = false;
    // Live: what is old is not read, but all of a topic that is younger than the reading.
    const again = await read('grows', { kind: 'latest' }, 1, () => {
      if (gone) return;
      gone = true;
      void admin
        .deleteTopics({ topics: ['grows'] })
        .then(() => new Promise((resolve) => setTimeout(resolve, 1_500)))
        .then(() => admin.createTopics({ topics: ['grows'], partitions: 2, replicas: 1 }))
        .then(() => producer.metadata({ topics: ['grows'], forceUpdate: true }))
        .then(() => send('grows', 1, 'new'));
    });
    expect(again.records.map(text)).toEqual(['new']);
    expect(again.notices.some((n) => n.kind === 'reconnecting' && n.why.startsWith('There is no such topic'))).toBe(true);
    expect(again.notices.some((n) => n.kind === 'remade')).toBe(true);
    await admin.close();
  });

  it('says which topic is missing', async () => {
    await expect(read('no-such-topic', { kind: 'earliest' }, 1)).rejects.toThrow(/no-such-topic|UNKNOWN_TOPIC|metadata/);
  });
});
