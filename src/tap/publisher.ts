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
  /** One line for a person: the broker is gone or back, something had to be dropped. */
  readonly notice?: (text: string) => void;
}
/** Below the broker's default limit of 1 MB for one partition's batch. Halved when a broker takes less. */
const BATCH_BYTES = 900_000;
/** What a record costs in the buffer besides its value. */
const RECORD_BYTES = 200;
const BUFFER_BYTES = 64 << 20;
/** A broker that has just started may know no topics yet; one that is away is not waited for much longer. */
const OPEN_ATTEMPTS = 10;
const OPEN_MS = 20_000;
/** Drops are said as they come, but no more often. */
const SAY_DROPS_MS = 10_000;

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
  private batchBytes = BATCH_BYTES;
  private saidDropsMs = Number.NEGATIVE_INFINITY;

  private constructor(options: PublisherOptions) {
    this.options = options;
    this.producer = this.connect();
  }

  /** Connects and finds the topic's number of partitions; makes the topic where the broker allows it. Throws in words. */
  static async open(options: PublisherOptions): Promise<{ publisher: Publisher; partitions: number }> {
    const publisher = new Publisher(options);
    const begunMs = performance.now();
    for (let attempt = 1; ; attempt++) {
      try {
        const metadata = await publisher.producer.metadata({ topics: [options.topic], forceUpdate: true, autocreateTopics: true });
        const partitions = metadata.topics.get(options.topic)?.partitionsCount ?? 0;
        if (partitions > 0) return { publisher, partitions };
        if (attempt === OPEN_ATTEMPTS) throw new Error(`Topic "${options.topic}" has no partitions.`);
      } catch (error) {
        const { kind } = kafkaProblem(error);
        const isHopeless = kind === 'password' || kind === 'settings';
        if (isHopeless || attempt >= OPEN_ATTEMPTS || performance.now() - begunMs > OPEN_MS) {
          await publisher.close();
          throw error;
        }
      }
      await sleep(300);
    }
  }

  get full(): boolean {
    return this.queuedBytes >= (this.options.bufferBytes ?? BUFFER_BYTES);
  }

  /** Accepts a record; when the buffer is full it is dropped (false), unless the caller waits for `room` between chunks. */
  offer(record: OutRecord, waits = false): boolean {
    if (this.full && !waits) {
      this.drop(record, `the buffer of ${megabytes(this.options)} MB is full`);
      return false;
    }
    this.queue.push(record);
    this.queuedBytes += record.value.length + RECORD_BYTES;
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
        if (down) this.options.notice?.('The broker takes records again.');
        down = false;
      } catch (error) {
        const problem = kafkaProblem(error);
        if (problem.kind === 'size') {
          this.makeSmaller(batch);
          continue;
        }
        if (!down) this.options.notice?.(`${problem.why} ${problem.next} Keeping up to ${megabytes(this.options)} MB and trying again.`);
        down = true;
        await sleep(500);
        continue;
      }
      this.sentRecords += batch.length;
      for (const r of batch) {
        this.sentBytes += r.value.length;
        this.sentPackets += r.packets;
      }
      this.forget(batch);
    }
    this.running = undefined;
  }

  /** The broker takes less at once. A record that is too large by itself would be refused for ever, and hold up all behind it. */
  private makeSmaller(batch: readonly OutRecord[]): void {
    const [first] = batch;
    if (batch.length > 1)
      this.batchBytes =
        Math.min(
          this.batchBytes,
          batch.reduce((sum, r) => sum + r.value.length, 0),
        ) / 2;
    else if (first) {
      this.forget(batch);
      this.drop(first, `a record of ${first.value.length} bytes is larger than the broker takes (smaller ones: --record-bytes)`);
    }
  }

  private drop(record: OutRecord, why: string): void {
    this.droppedPackets += record.packets;
    const now = performance.now();
    if (now - this.saidDropsMs < SAY_DROPS_MS) return;
    this.saidDropsMs = now;
    this.options.notice?.(`${this.droppedPackets} packets dropped so far: ${why}.`);
  }

  /** The queue's first records are dealt with. */
  private forget(batch: readonly OutRecord[]): void {
    this.queue = this.queue.slice(batch.length);
    for (const r of batch) this.queuedBytes -= r.value.length + RECORD_BYTES;
  }

  /** The queue's first records, until one partition's share would exceed what a broker takes at once. */
  private nextBatch(): readonly OutRecord[] {
    const bytes = new Map<number, number>();
    let count = 0;
    for (const r of this.queue) {
      const sum = (bytes.get(r.partition) ?? 0) + r.value.length;
      if (count > 0 && sum > this.batchBytes) break;
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

const megabytes = (options: PublisherOptions): number => (options.bufferBytes ?? BUFFER_BYTES) >> 20;
