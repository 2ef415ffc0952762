/**
 * Records to Kafka with a bounded buffer. What was accepted is sent again until the broker has it (idempotent producer, all
 * replicas); what doesn't fit is either waited for (files) or dropped and counted (live captures).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type CompressionAlgorithmValue, type MessageToProduce, Producer } from '@platformatic/kafka';
import { clientOptions, type KafkaConnection } from '../sources/kafka/connection.ts';
import { kafkaProblem } from '../sources/kafka/problem.ts';
import type { OutRecord } from './batcher.ts';

export interface PublisherOptions {
  readonly connection: KafkaConnection;
  readonly password?: string;
  readonly topic: string;
  readonly compression?: CompressionAlgorithmValue;
  /** Bytes accepted and not yet acknowledged, at most. */
  readonly bufferBytes?: number;
  /** One line for a person when the broker is gone or back. */
  readonly notice?: (text: string) => void;
}
/** Below the broker's default limit of 1 MB for one partition's batch. */
const BATCH_BYTES = 900_000;

export class Publisher {
  sentRecords = 0;
  sentPackets = 0;
  sentBytes = 0;
  droppedPackets = 0;
  private readonly options: PublisherOptions;
  private producer: Producer;
  private queue: OutRecord[] = [];
  private queuedBytes = 0;
  private running: Promise<void> | undefined;
  private stopped = false;

  private constructor(options: PublisherOptions) {
    this.options = options;
    this.producer = this.connect();
  }

  /** Connects and finds the topic's number of partitions; makes the topic where the broker allows it. Throws in words. */
  static async open(options: PublisherOptions): Promise<{ publisher: Publisher; partitions: number }> {
    const publisher = new Publisher(options);
    for (let attempt = 0; ; attempt++) {
      try {
        const metadata = await publisher.producer.metadata({ topics: [options.topic], forceUpdate: true, autocreateTopics: true });
        const partitions = metadata.topics.get(options.topic)?.partitionsCount ?? 0;
        if (partitions > 0) return { publisher, partitions };
      } catch (error) {
        if (attempt >= 9) {
          await publisher.close();
          throw error;
        }
      }
      await sleep(300);
    }
  }

  get full(): boolean {
    return this.queuedBytes >= (this.options.bufferBytes ?? 64 << 20);
  }

  /** Accepts a record; when the buffer is full it is dropped (false), unless the caller waits for `room` between chunks. */
  offer(record: OutRecord, waits = false): boolean {
    if (this.full && !waits) {
      this.droppedPackets += record.packets;
      return false;
    }
    this.queue.push(record);
    this.queuedBytes += record.value.length;
    this.running ??= this.run();
    return true;
  }

  /** Resolves when there is room again. */
  async room(): Promise<void> {
    while (this.full && !this.stopped) await Promise.race([this.running, sleep(50)]);
  }

  /** Resolves when everything accepted is acknowledged. */
  async drain(): Promise<void> {
    while (this.running) await this.running;
  }

  async close(): Promise<void> {
    this.stopped = true;
    try {
      await this.producer.close(true);
    } catch {
      // the broker is gone
    }
  }

  private connect(): Producer {
    return new Producer({
      ...clientOptions(this.options.connection, 'tracenest-tap', this.options.password),
      autocreateTopics: true,
      idempotent: true,
      acks: -1,
      retries: 5,
      ...(this.options.compression ? { compression: this.options.compression } : {}),
    });
  }

  private async run(): Promise<void> {
    let down = false;
    while (this.queue.length > 0 && !this.stopped) {
      const batch = this.nextBatch();
      try {
        await this.producer.send({ messages: batch.map((r) => this.message(r)) });
        if (down) this.options.notice?.('The broker is back.');
        down = false;
      } catch (error) {
        if (!down)
          this.options.notice?.(
            `The broker doesn't answer (${kafkaProblem(error)}); keeping up to ${(this.options.bufferBytes ?? 64 << 20) >> 20} MB and trying again.`,
          );
        down = true;
        await sleep(500);
        continue;
      }
      this.queue = this.queue.slice(batch.length);
      this.sentRecords += batch.length;
      for (const r of batch) {
        this.queuedBytes -= r.value.length;
        this.sentBytes += r.value.length;
        this.sentPackets += r.packets;
      }
    }
    this.running = undefined;
  }

  /** The queue's first records, until one partition's share would exceed what a broker takes at once. */
  private nextBatch(): readonly OutRecord[] {
    const bytes = new Map<number, number>();
    let count = 0;
    for (const r of this.queue) {
      const sum = (bytes.get(r.partition) ?? 0) + r.value.length;
      if (count > 0 && sum > BATCH_BYTES) break;
      bytes.set(r.partition, sum);
      count++;
    }
    return this.queue.slice(0, count);
  }

  private message(r: OutRecord): MessageToProduce {
    const buffer = (b: Uint8Array) => Buffer.from(b.buffer, b.byteOffset, b.length);
    const headers = r.headers && new Map(Object.entries(r.headers).map(([name, text]) => [Buffer.from(name), Buffer.from(text)]));
    return {
      topic: this.options.topic,
      partition: r.partition,
      value: buffer(r.value),
      ...(r.key && { key: buffer(r.key) }),
      ...(headers && { headers }),
    };
  }
}
