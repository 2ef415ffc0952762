/**
 * Reads a topic without a consumer group and without committing: it lists offsets, fetches from each leader and keeps its
 * own positions. (The client's `consume()` joins a group even when told to be manual.)
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Consumer } from '@platformatic/kafka';
import { clientOptions, type KafkaConnection } from './connection.ts';
import { kafkaProblem } from './problem.ts';

/** Where to start: new records only, everything, or records stamped at or after a time (ms since 1970). */
export type StartAt = { readonly kind: 'latest' } | { readonly kind: 'earliest' } | { readonly kind: 'time'; readonly ms: number };

export interface TopicRecord {
  readonly partition: number;
  readonly offset: bigint;
  /** Kafka's stamp, ms since 1970. */
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
}
export interface PartitionState {
  readonly partition: number;
  /** The next offset to read, and one past the newest record. */
  readonly next: bigint;
  readonly end: bigint;
}
/** Things a person should know about the connection; never fatal by themselves. */
export type ReaderNotice =
  | { readonly kind: 'reconnecting'; readonly why: string; readonly attempt: number }
  | { readonly kind: 'connected' }
  | { readonly kind: 'warning'; readonly text: string }
  | { readonly kind: 'partitions'; readonly count: number }
  /** The topic was deleted and made again: it is read from its beginning. */
  | { readonly kind: 'remade' }
  | { readonly kind: 'skipped'; readonly partition: number; readonly from: bigint; readonly to: bigint; readonly why: string };

export interface TopicReaderOptions {
  readonly connection: KafkaConnection;
  readonly password?: string;
  readonly topic: string;
  readonly start: StartAt;
  readonly notice?: (n: ReaderNotice) => void;
  /** Partitions to read now; omitted: all. */
  readonly only?: () => readonly number[];
  /** Bytes asked for in one fetch, and from one partition. */
  readonly maxBytes?: number;
}

const OFFSET_OUT_OF_RANGE = 1;
/** How often partitions and leaders are asked for: less than a watch looks ahead, or what comes in a new partition is late. */
const METADATA_MS = 3_000;
/** Pause while there is no partition to read. */
const NOTHING_MS = 200;
/** List-offsets stamps with a meaning (Kafka protocol): -1 latest, -2 earliest. */
const STAMP = { latest: -1n, earliest: -2n } as const;

export class TopicReader {
  private readonly options: TopicReaderOptions;
  private readonly next = new Map<number, bigint>();
  private readonly ends = new Map<number, bigint>();
  private consumer: Consumer | undefined;
  private locatedMs = 0;
  /** partition -> node id of its leader */
  private readonly leaders = new Map<number, number>();
  private topicId = '';

  constructor(options: TopicReaderOptions) {
    this.options = options;
  }

  /** Positions of all partitions, for lag and for saving. */
  state(): PartitionState[] {
    return [...this.next]
      .map(([partition, next]) => ({ partition, next, end: this.ends.get(partition) ?? next }))
      .sort((a, b) => a.partition - b.partition);
  }
  /** Records not read yet. */
  lag(): number {
    return this.state().reduce((sum, p) => sum + Number(p.end > p.next ? p.end - p.next : 0n), 0);
  }
  /** Continues from saved positions instead of the start given. `topicId`: of the topic that they belong to, where that is known. */
  seek(positions: Iterable<{ readonly partition: number; readonly next: bigint }>, topicId = ''): void {
    for (const p of positions) this.next.set(p.partition, p.next);
    if (topicId !== '') this.topicId = topicId;
  }
  /** What Kafka calls the topic besides its name: another one after it was deleted and made again. '' before it was reached. */
  get id(): string {
    return this.topicId;
  }

  /**
   * Batches of records as they come, at least one batch a second (possibly empty), until aborted. Broker restarts, new
   * partitions and truncated logs are survived and noticed; only the first connection may throw.
   */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly TopicRecord[]> {
    let attempt = 0;
    let connectedOnce = false;
    try {
      while (!signal.aborted) {
        try {
          if (!this.consumer) {
            this.consumer = new Consumer({
              ...clientOptions(this.options.connection, 'tracenest', this.options.password),
              groupId: 'tracenest-never-joined',
              maxWaitTime: 1000,
              minBytes: 1,
            });
            await this.locate();
            if (attempt > 0 || !connectedOnce) this.options.notice?.({ kind: 'connected' });
            connectedOnce = true;
            attempt = 0;
          } else if (performance.now() - this.locatedMs >= METADATA_MS) await this.locate();
          yield await this.fetch();
        } catch (error) {
          if (signal.aborted) return;
          if (!connectedOnce) throw error;
          attempt++;
          this.options.notice?.({ kind: 'reconnecting', why: kafkaProblem(error).why, attempt });
          await this.disconnect();
          await sleep(Math.min(250 * 2 ** Math.min(attempt, 5), 5_000), undefined, { signal }).catch(() => {});
        }
      }
    } finally {
      await this.disconnect();
    }
  }

  private async disconnect(): Promise<void> {
    const consumer = this.consumer;
    this.consumer = undefined;
    try {
      await consumer?.close(true);
    } catch {
      // it was lost already
    }
  }

  /** Finds partitions, leaders and, for partitions not seen before, the offset to start at. */
  private async locate(): Promise<void> {
    const { topic, start } = this.options;
    const consumer = this.consumer;
    if (!consumer) return;
    this.locatedMs = performance.now();
    const metadata = await consumer.metadata({ topics: [topic], forceUpdate: true, autocreateTopics: false });
    const found = metadata.topics.get(topic);
    if (!found || found.partitionsCount === 0)
      throw new Error(`Topic "${topic}" does not exist on ${this.options.connection.brokers.join(', ')}.`);
    const known = this.next.size;
    const isRemade = this.topicId !== '' && this.topicId !== found.id;
    if (isRemade) {
      // Old positions mean nothing.
      this.next.clear();
      this.ends.clear();
      this.options.notice?.({ kind: 'remade' });
    }
    this.topicId = found.id;
    const isYounger = isRemade || (known > 0 && found.partitionsCount > known);
    this.leaders.clear();
    for (let p = 0; p < found.partitionsCount; p++) this.leaders.set(p, found.partitions[p]?.leader ?? -1);
    const fresh = [...this.leaders.keys()].filter((p) => !this.next.has(p));
    const ends = (await consumer.listOffsets({ topics: [topic], timestamp: STAMP.latest })).get(topic) ?? [];
    for (const p of this.leaders.keys()) this.ends.set(p, ends[p] ?? 0n);
    if (fresh.length === 0) return;
    // A topic or a partition that appeared while reading is read from its beginning: nothing in it is older than the reading.
    const stamp =
      isYounger || start.kind === 'earliest' ? STAMP.earliest : start.kind === 'latest' ? STAMP.latest : BigInt(Math.trunc(start.ms));
    const starts = (await consumer.listOffsets({ topics: [topic], timestamp: stamp })).get(topic) ?? [];
    for (const p of fresh) {
      const at = starts[p] ?? -1n;
      this.next.set(p, at < 0n ? (this.ends.get(p) ?? 0n) : at); // -1: no record that young yet
    }
    this.options.notice?.({ kind: 'partitions', count: found.partitionsCount });
  }

  private async fetch(): Promise<TopicRecord[]> {
    const consumer = this.consumer;
    if (!consumer) return [];
    const partitionMaxBytes = this.options.maxBytes ?? 4 << 20;
    const byLeader = new Map<number, number[]>();
    const only = this.options.only?.();
    for (const [partition, leader] of this.leaders)
      if (!only || only.includes(partition)) byLeader.set(leader, [...(byLeader.get(leader) ?? []), partition]);
    if (byLeader.size === 0) await sleep(NOTHING_MS);
    const responses = await Promise.all(
      [...byLeader].map(([node, partitions]) =>
        consumer.fetch({
          node,
          maxWaitTime: 1000,
          minBytes: 1,
          maxBytes: partitionMaxBytes * 4,
          topics: [
            {
              topicId: this.topicId,
              partitions: partitions.map((partition) => ({
                partition,
                currentLeaderEpoch: -1,
                fetchOffset: this.next.get(partition) ?? 0n,
                lastFetchedEpoch: -1,
                partitionMaxBytes,
              })),
            },
          ],
        }),
      ),
    );
    const records: TopicRecord[] = [];
    for (const response of responses) {
      for (const topic of response.responses) {
        for (const p of topic.partitions) {
          if (p.errorCode === OFFSET_OUT_OF_RANGE) await this.skipTruncated(p.partitionIndex);
          const from = this.next.get(p.partitionIndex) ?? 0n;
          this.ends.set(p.partitionIndex, p.highWatermark);
          for (const batch of p.records ?? []) {
            const isControl = (batch.attributes & 0x20) !== 0;
            for (const r of batch.records) {
              const offset = batch.firstOffset + BigInt(r.offsetDelta);
              if (offset < from) continue; // a batch is sent whole, also the part before the offset asked for
              if (!isControl)
                records.push({
                  partition: p.partitionIndex,
                  offset,
                  timestampMs: Number(batch.firstTimestamp + r.timestampDelta),
                  key: r.key,
                  value: r.value,
                });
            }
            const after = batch.firstOffset + BigInt(batch.lastOffsetDelta) + 1n;
            if (after > (this.next.get(p.partitionIndex) ?? 0n)) this.next.set(p.partitionIndex, after);
          }
        }
      }
    }
    return records;
  }

  /** Retention removed what we wanted to read next: go on at the oldest record and say so. */
  private async skipTruncated(partition: number): Promise<void> {
    const { topic } = this.options;
    const earliest = (await this.consumer?.listOffsets({ topics: [topic], timestamp: STAMP.earliest }))?.get(topic)?.[partition] ?? 0n;
    const from = this.next.get(partition) ?? 0n;
    this.next.set(partition, earliest);
    this.options.notice?.({
      kind: 'skipped',
      partition,
      from,
      to: earliest,
      why: 'the broker no longer has these records (retention, or the topic was made again)',
    });
  }
}
