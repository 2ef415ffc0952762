/**
 * Records to Kafka with a bounded buffer. What was accepted is sent again until the broker has it, once (idempotent producer,
 * all replicas); what doesn't fit is either waited for (files) or dropped and counted (live captures).
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
const RETRY_MS = 500;
/** Drops are said as they come, but no more often. */
const SAY_DROPS_MS = 10_000;

/** A partition's records in their order. One batch of them is under way at a time: none overtakes one that failed. */
interface Lane {
  readonly queue: OutRecord[];
  running: Promise<void> | undefined;
}

export class Publisher {
  sentRecords = 0;
  sentPackets = 0;
  sentBytes = 0;
  droppedPackets = 0;
  private readonly options: PublisherOptions;
  private producer: Producer;
  private readonly lanes = new Map<number, Lane>();
  private queuedBytes = 0;
  /** Batches that failed and are tried again. */
  private failing = 0;
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
    const lane = this.lanes.get(record.partition) ?? { queue: [], running: undefined };
    this.lanes.set(record.partition, lane);
    lane.queue.push(record);
    this.queuedBytes += record.value.length + RECORD_BYTES;
    lane.running ??= this.run(lane);
    return true;
  }

  /** Resolves when there is room again. */
  async room(): Promise<void> {
    while (this.full && !this.stopped) await Promise.race([...this.running(), sleep(50)]);
  }

  /** Resolves when everything accepted is acknowledged, or this was closed. */
  async drain(): Promise<void> {
    for (let running = this.running(); running.length > 0 && !this.stopped; running = this.running()) await Promise.all(running);
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

  private running(): readonly Promise<void>[] {
    return [...this.lanes.values()].flatMap((lane) => lane.running ?? []);
  }

  private async run(lane: Lane): Promise<void> {
    while (lane.queue.length > 0 && !this.stopped) {
      const batch = this.nextBatch(lane);
      const outcome = await this.send(batch);
      if (outcome === 'stopped') break;
      if (outcome === 'too large' && batch.length > 1) {
        this.batchBytes = Math.min(this.batchBytes, bytesOf(batch)) / 2;
        continue;
      }
      if (outcome === 'too large')
        this.drop(batch[0]!, `a record of ${bytesOf(batch)} bytes is larger than the broker takes (smaller ones: --record-bytes)`);
      else this.count(batch);
      lane.queue.splice(0, batch.length);
      this.queuedBytes -= bytesOf(batch) + batch.length * RECORD_BYTES;
    }
    lane.running = undefined;
  }

  /**
   * Sends a batch, the very same again and again, until the broker has it or finds it too large. One whose acknowledgement was
   * lost is known to the broker by its sequence numbers and is not kept twice; with a record more it would be refused for ever.
   */
  private async send(batch: readonly OutRecord[]): Promise<'acknowledged' | 'too large' | 'stopped'> {
    const messages = batch.map((r) => this.message(r));
    let failed = false;
    try {
      while (!this.stopped) {
        const { producer } = this;
        try {
          await producer.send({ messages });
          return 'acknowledged';
        } catch (error) {
          const problem = kafkaProblem(error);
          if (problem.kind === 'size') return 'too large';
          if (problem.kind === 'sequence') this.replace(producer);
          if (!failed && this.failing++ === 0)
            this.options.notice?.(`${problem.why} ${problem.next} Keeping up to ${megabytes(this.options)} MB and trying again.`);
          failed = true;
          await sleep(RETRY_MS);
        }
      }
      return 'stopped';
    } finally {
      if (failed && --this.failing === 0 && !this.stopped) this.options.notice?.('The broker takes records again.');
    }
  }

  /** The broker lost count of this producer's records: a new one begins at zero. What was under way may be kept twice, but not lost. */
  private replace(producer: Producer): void {
    if (producer !== this.producer) return;
    this.producer = this.connect();
    producer.close(true, () => {});
  }

  private count(batch: readonly OutRecord[]): void {
    this.sentRecords += batch.length;
    this.sentBytes += bytesOf(batch);
    for (const r of batch) this.sentPackets += r.packets;
  }

  private drop(record: OutRecord, why: string): void {
    this.droppedPackets += record.packets;
    const now = performance.now();
    if (now - this.saidDropsMs < SAY_DROPS_MS) return;
    this.saidDropsMs = now;
    this.options.notice?.(`${this.droppedPackets} packets dropped so far: ${why}.`);
  }

  /** The partition's first records, as many as a broker takes at once. */
  private nextBatch({ queue }: Lane): readonly OutRecord[] {
    let [count, bytes] = [0, 0];
    for (const r of queue) {
      bytes += r.value.length;
      if (count > 0 && bytes > this.batchBytes) break;
      count++;
    }
    return queue.slice(0, count);
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

const bytesOf = (batch: readonly OutRecord[]): number => batch.reduce((sum, r) => sum + r.value.length, 0);
const megabytes = (options: PublisherOptions): number => (options.bufferBytes ?? BUFFER_BYTES) >> 20;
