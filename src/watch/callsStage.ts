/** First stage of a shared watch: packets -> calls. One process reads any of the partitions; a flow is in one of them. */
import { contentOf, type ProgressRecord } from '../sources/kafka/formats.ts';
import type { TopicReader, TopicRecord } from '../sources/kafka/topicReader.ts';
import { textHash } from '../tap/flowHash.ts';
import { Publisher } from '../tap/publisher.ts';
import { Extraction } from './extraction.ts';
import { type Checkpoint, Panes } from './panes.ts';
import { keep, type StageOptions, share, type Work } from './shared.ts';
import { timely, type WatchCounters } from './watch.ts';

export interface CallsStageOptions extends StageOptions {
  /** Where calls go, all of a tenant to one partition. */
  readonly callsTopic: string;
}

export async function publishCalls(options: CallsStageOptions, counters: WatchCounters, signal: AbortSignal): Promise<void> {
  const { publisher, partitions } = await Publisher.open({
    connection: options.connection,
    password: options.password,
    topic: options.callsTopic,
  });
  try {
    await share(
      options,
      counters,
      signal,
      (p, saved, reader) => new Publication(p, saved, { options, counters, reader, publisher, partitions }),
    );
  } finally {
    await publisher.close();
  }
}

interface Means {
  readonly options: CallsStageOptions;
  readonly counters: WatchCounters;
  readonly reader: TopicReader;
  readonly publisher: Publisher;
  /** Of the topic of calls. */
  readonly partitions: number;
}

class Publication implements Work {
  private readonly partition: number;
  private readonly means: Means;
  private readonly panes: Panes;
  private readonly extraction: Extraction;
  /** Of the topic that this reads; by then the reader may know another of its name. */
  private readonly topicId: string;
  private heardMs = performance.now();
  private idleSinceMs = Number.POSITIVE_INFINITY;
  private untilNs = 0n;
  /** Packet time that must be reached before another pane can close: looking is not free. */
  private lookAtNs = 0n;

  constructor(partition: number, saved: Checkpoint | undefined, means: Means) {
    this.partition = partition;
    this.means = means;
    const { paneNs, overlapNs, maxBytes } = means.options;
    this.panes = new Panes(paneNs, overlapNs, maxBytes, saved);
    this.extraction = new Extraction(means.options, saved?.extraction);
    this.topicId = means.reader.id;
    if (saved?.extraction) this.untilNs = BigInt(saved.extraction.next) * paneNs;
  }

  async take(record: TopicRecord): Promise<void> {
    const { options, counters } = this.means;
    this.heardMs = performance.now();
    const content = timely(contentOf(record, options.format), record);
    if (content.kind === 'bad') await options.setAside(record, content.why);
    if (!('firstNs' in content)) return;
    if (content.kind === 'packets' && content.problem !== undefined) await options.setAside(record, content.problem);
    this.panes.add(record, content);
    // Whether a pane closes is decided record by record, not batch by batch: what it holds depends on the topic alone.
    if (content.lastNs < this.lookAtNs && this.panes.heldBytes <= options.maxBytes) return;
    await this.close([this.partition], record.offset + 1n);
    this.lookAtNs = content.lastNs - (content.lastNs % options.paneNs) + (options.overlapNs % options.paneNs);
    if (this.lookAtNs <= content.lastNs) this.lookAtNs += options.paneNs;
    counters.lateRecords += this.panes.late;
    this.panes.late = 0;
    counters.forcedPanes += this.panes.forced;
    this.panes.forced = 0;
    counters.aheadRecords += this.panes.ahead;
    this.panes.ahead = 0;
  }

  async settle(over: boolean): Promise<void> {
    const { options } = this.means;
    const now = performance.now();
    if (options.once && over) this.panes.believeAll();
    const idle = options.once ? over : now - this.heardMs >= options.idleMs;
    if (!idle) {
      this.idleSinceMs = Number.POSITIVE_INFINITY;
      return;
    }
    const read = this.means.reader.state().find((s) => s.partition === this.partition)?.next ?? 0n;
    await this.close([], read);
    // Said again and again: a process that takes over the calls must hear it too.
    if (options.once ? this.idleSinceMs !== Number.POSITIVE_INFINITY : now - this.idleSinceMs < options.idleMs) return;
    this.idleSinceMs = now;
    this.tell(true);
    await this.means.publisher.drain();
  }

  async finish(): Promise<void> {
    this.panes.believeAll();
    await this.close([], 0n, true);
    this.tell(true);
    await this.means.publisher.drain();
  }

  private async close(open: readonly number[], read: bigint, ends = this.means.options.once): Promise<void> {
    const { options, counters, publisher, partitions } = this.means;
    for (let pane = this.panes.closable(open); pane; pane = this.panes.closable(open)) {
      const at = [{ partition: this.partition, next: read, end: read }];
      const over = ends && open.length === 0 && this.panes.isLast(pane);
      const { calls, forget, names, again } = this.extraction.take(pane, this.panes.positions(at), over);
      this.panes.closed(pane);
      if (again) continue;
      for (const name of names) await this.say(name.tenant, { names: [name] });
      for (const { record, open: begun } of calls) await this.say(record.tenant ?? '', begun ? { begun: record } : record);
      // Whose tenant it was is not known any more, and hardly ever is there one.
      for (const id of forget) for (let partition = 0; partition < partitions; partition++) this.offer(partition, { forget: id });
      const state = this.extraction.state();
      this.untilNs = pane.toNs;
      this.tell(false);
      // Acknowledged before the position is kept: killed in between, the pane's calls are published again, with the same ids.
      await publisher.drain();
      const checkpoint = { ...this.panes.checkpoint(at, state.begun[0]), extraction: state, topicId: this.topicId };
      await keep(options.store, options.topic, this.partition, checkpoint, []);
      counters.panes++;
      counters.calls += calls.reduce((n, c) => n + (c.open ? 0 : 1), 0);
      counters.storedUntilS = Number(pane.toNs / 1_000_000n) / 1000;
    }
    counters.heldBytes = this.panes.heldBytes;
  }

  private async say(tenant: string, value: unknown): Promise<void> {
    const { publisher, partitions } = this.means;
    this.offer(textHash(tenant) % partitions, value, tenant);
    if (publisher.full) await publisher.room();
  }

  private offer(partition: number, value: unknown, key?: string): void {
    const { publisher } = this.means;
    publisher.offer(
      { partition, key: key === undefined ? undefined : Buffer.from(key), value: Buffer.from(JSON.stringify(value)), packets: 1 },
      true,
    );
  }

  /** To all partitions of the calls' topic: how far this one has come. */
  private tell(idle: boolean): void {
    const { partitions, reader } = this.means;
    const progress: ProgressRecord = {
      progress: 1,
      source: this.partition,
      of: reader.state().length,
      untilNs: String(this.untilNs),
      idle,
    };
    for (let partition = 0; partition < partitions; partition++) this.offer(partition, progress);
  }
}
