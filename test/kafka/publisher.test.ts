import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TopicReader, type TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { Publisher } from '../../src/tap/publisher.ts';
import { type Broker, freePort, startKafka } from './broker.ts';

/** Kafka's protocol: a request is its length, then its api key; 0 is Produce. */
const PRODUCE = 0;

/**
 * A way to the broker that loses answers: the request arrives, the broker writes, and the connection breaks before its answer.
 * Every Produce request is treated so while it is `losing`.
 */
class LossyWay {
  losing = false;
  lost = 0;
  private readonly server: net.Server;
  constructor(port: number, to: number) {
    this.server = net.createServer((client) => {
      const broker = net.connect(to, '127.0.0.1');
      const end = () => {
        client.destroy();
        broker.destroy();
      };
      let loses = false;
      client.on('data', (d: Buffer) => {
        // Requests of the tests are small: each comes as one piece.
        if (this.losing && d.length > 6 && d.readInt16BE(4) === PRODUCE) loses = true;
        broker.write(d);
      });
      broker.on('data', (d: Buffer) => {
        if (!loses) client.write(d);
        else {
          this.lost++;
          end();
        }
      });
      for (const socket of [client, broker]) socket.on('close', end).on('error', end);
    });
    this.server.listen(port, '127.0.0.1');
  }
  close(): void {
    this.server.close();
  }
}

let broker: Broker;
let way: LossyWay;
let bootstrap: string;
beforeAll(async () => {
  const [port, direct] = [await freePort(), await freePort()];
  bootstrap = `127.0.0.1:${port}`;
  way = new LossyWay(port, direct);
  broker = await startKafka({ 'advertised.listeners': `PLAINTEXT://${bootstrap}` }, { port: direct });
});
afterAll(async () => {
  way.close();
  await broker.stop();
});

const connection = () => ({ name: 'test', brokers: [bootstrap] });

async function readAll(topic: string): Promise<TopicRecord[]> {
  const stop = new AbortController();
  const reader = new TopicReader({ connection: connection(), topic, start: { kind: 'earliest' } });
  const records: TopicRecord[] = [];
  for await (const batch of reader.batches(stop.signal)) {
    records.push(...batch);
    if (reader.lag() === 0) stop.abort();
  }
  return records;
}

describe('publisher', () => {
  it('has each record kept once and in order when acknowledgements are lost while more records come', async () => {
    const said: string[] = [];
    const { publisher, partitions } = await Publisher.open({ connection: connection(), topic: 'lossy', notice: (text) => said.push(text) });
    let count = 0;
    const offer = (more: number) => {
      for (const end = count + more; count < end; count++)
        publisher.offer({ partition: count % partitions, key: undefined, value: Buffer.from(String(count)), packets: 1 }, true);
    };
    offer(50);
    await publisher.drain();
    way.losing = true;
    offer(50);
    // The client's own attempts are used up, and ours begin; meanwhile more records come.
    for (let i = 0; i < 600 && said.length === 0; i++) await sleep(100);
    expect(said.join()).toMatch(/Keeping up to 64 MB/);
    offer(50);
    way.losing = false;
    await publisher.drain();
    await publisher.close();
    expect(said.at(-1)).toBe('The broker takes records again.');
    expect(way.lost).toBeGreaterThan(0);
    const byPartition = Map.groupBy(await readAll('lossy'), (r) => r.partition);
    for (let p = 0; p < partitions; p++) {
      const expected = [...Array(count).keys()].filter((i) => i % partitions === p);
      expect(byPartition.get(p)?.map((r) => Number(Buffer.from(r.value!).toString()))).toEqual(expected);
    }
    expect(publisher.sentRecords).toBe(count);
  });
});
