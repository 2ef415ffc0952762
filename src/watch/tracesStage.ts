/** Second stage of a shared watch: calls -> transactions in a store. All calls of a tenant are in one partition. */
import type { CallRecord } from '../engine/calls/callRecord.ts';
import { contentOf, type ProgressRecord } from '../sources/kafka/formats.ts';
import type { TopicReader, TopicRecord } from '../sources/kafka/topicReader.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import type { Checkpoint } from './panes.ts';
import { keep, type StageOptions, share, type Work } from './shared.ts';
import { storedOf, Transactions } from './transactions.ts';
import { countEvidence, stored, type WatchCounters } from './watch.ts';

export async function storeTraces(options: StageOptions, counters: WatchCounters, signal: AbortSignal): Promise<void> {
  await share(
    { ...options, format: 'calls' },
    counters,
    signal,
    (p, saved, reader) => new Nesting(p, saved, { options, counters, reader }),
  );
}

interface Means {
  readonly options: StageOptions;
  readonly counters: WatchCounters;
  readonly reader: TopicReader;
}

class Nesting implements Work {
  private readonly partition: number;
  private readonly means: Means;
  private readonly transactions: Transactions;
  /** Of the topic that this reads; by then the reader may know another of its name. */
  private readonly topicId: string;
  /** First pane that is not stored. */
  private next: bigint | null;
  /** One past the newest record of which the stored state knows. */
  private readonly seen: bigint;
  /** Where the calls are that are held: they are read again. `first`: of those that were not yet. */
  private offsets = new Map<string, bigint>();
  private readonly first: bigint;
  private late: number;
  private forced: number;
  /** What was heard of each partition of packets. */
  private readonly sources = new Map<number, ProgressRecord>();

  constructor(partition: number, saved: Checkpoint | undefined, means: Means) {
    this.partition = partition;
    this.means = means;
    this.transactions = new Transactions(means.options, saved?.transactions);
    this.topicId = means.reader.id;
    this.next = saved?.nextPane == null ? null : BigInt(saved.nextPane);
    const at = saved?.positions.find((p) => p.partition === partition);
    this.seen = BigInt(at?.seen ?? 0);
    this.first = BigInt(at?.next ?? 0);
    this.late = this.transactions.late;
    this.forced = this.transactions.forced;
  }

  async take(record: TopicRecord): Promise<void> {
    const content = contentOf(record, 'calls');
    const again = record.offset < this.seen;
    switch (content.kind) {
      case 'bad':
        return this.means.options.setAside(record, content.why);
      case 'names':
        return this.transactions.learn(content.facts);
      case 'forget':
        return this.transactions.forget([content.id]);
      case 'begun':
      case 'call':
        this.offsets.set(this.transactions.take(content.value as CallRecord, content.kind === 'begun', again), record.offset);
        return;
      case 'progress':
        this.sources.set(content.progress.source, content.progress);
        // Only here can a pane become complete: what it holds depends on the order of the topic alone.
        return this.close((endNs) => this.complete(endNs), record.offset + 1n);
    }
  }

  async settle(over: boolean): Promise<void> {
    const { options, counters, reader } = this.means;
    const read = reader.state().find((s) => s.partition === this.partition)?.next ?? 0n;
    if (options.once && over) {
      await this.close(() => true, read);
      await this.store(this.transactions.end().map(storedOf), read);
    }
    counters.lateCalls += this.transactions.late - this.late;
    this.late = this.transactions.late;
    counters.forcedPanes += this.transactions.forced - this.forced;
    this.forced = this.transactions.forced;
  }

  async finish(): Promise<void> {
    await this.close(() => true, 0n);
    await this.store(this.transactions.end().map(storedOf), 0n);
  }

  /** Every partition of packets has come so far, or is idle. */
  private complete(endNs: bigint): boolean {
    const [any] = this.sources.values();
    if (!any || this.sources.size < any.of) return false;
    for (const { untilNs, idle } of this.sources.values()) if (!idle && BigInt(untilNs) < endNs) return false;
    return true;
  }

  private async close(complete: (endNs: bigint) => boolean, read: bigint): Promise<void> {
    const { paneNs, overlapNs } = this.means.options;
    for (;;) {
      const first = this.transactions.waitsFromNs;
      if (first === null) return;
      const holds = first / paneNs;
      const pane = this.next !== null && this.next > holds ? this.next : holds;
      const toNs = (pane + 1n) * paneNs;
      if (!complete(toNs + overlapNs)) return;
      this.next = pane + 1n;
      await this.store(this.transactions.settle(toNs).map(storedOf), read);
    }
  }

  private async store(spans: readonly StoredSpan[], read: bigint): Promise<void> {
    const { options, counters } = this.means;
    const held = new Map<string, bigint>();
    let oldest = read;
    for (const id of this.transactions.ids()) {
      const offset = this.offsets.get(id) ?? this.first;
      held.set(id, offset);
      if (offset < oldest) oldest = offset;
    }
    this.offsets = held;
    const nextPane = this.next === null ? null : String(this.next);
    const positions = [{ partition: this.partition, next: String(oldest), seen: String(read > this.seen ? read : this.seen) }];
    const checkpoint: Checkpoint = { version: 2, topicId: this.topicId, nextPane, positions, transactions: this.transactions.save() };
    await keep(options.store, options.topic, this.partition, checkpoint, spans);
    countEvidence(counters, this.transactions);
    await stored(options, counters, (this.next ?? 0n) * options.paneNs, spans);
  }
}
