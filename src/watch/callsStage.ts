/** First stage of a shared watch: packets -> calls. One process reads any of the partitions; a flow is in one of them. */
import type { CallRecord } from '../engine/calls/callRecord.ts';
import { callRecordsOf } from '../session/callRecordsOf.ts';
import { LiveWindow } from '../session/liveWindow.ts';
import { contentOf, type ProgressRecord } from '../sources/kafka/formats.ts';
import type { TopicReader, TopicRecord } from '../sources/kafka/topicReader.ts';
import { textHash } from '../tap/flowHash.ts';
import { Publisher } from '../tap/publisher.ts';
import { byTenant } from './analysePane.ts';
import { type Checkpoint, type Pane, Panes } from './panes.ts';
import { keep, type StageOptions, share, type Work } from './shared.ts';
import type { WatchCounters } from './watch.ts';

export interface CallsStageOptions extends StageOptions {
  /** Where calls go, all of a tenant to one partition. */
  readonly callsTopic: string;
}

/** Calls that begin in the pane, in order of tenant and start. */
export function callsOfPane(pane: Pane, ignoreHeaders: readonly string[]): CallRecord[] {
  return byTenant(pane.entries).flatMap((entries) => {
    const window = new LiveWindow(Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY);
    for (const e of entries) window.add(e.partition, e.content);
    const { extraction } = window.extract(ignoreHeaders);
    return callRecordsOf(extraction).filter(({ startNs }) => BigInt(startNs ?? 0) >= pane.fromNs && BigInt(startNs ?? 0) < pane.toNs);
  });
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
      (p, saved, reader) => new Extraction(p, saved, { options, counters, reader, publisher, partitions }),
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

class Extraction implements Work {
  private readonly partition: number;
  private readonly means: Means;
  private readonly panes: Panes;
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
    if (saved?.nextPane) this.untilNs = BigInt(saved.nextPane) * paneNs;
  }

  async take(record: TopicRecord): Promise<void> {
    const { options, counters } = this.means;
    this.heardMs = performance.now();
    const content = contentOf(record, options.format);
    if (content.kind === 'bad' || content.kind === 'progress') {
      if (content.kind === 'bad') await options.setAside(record, content.why);
      return;
    }
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
  }

  async settle(over: boolean): Promise<void> {
    const { options } = this.means;
    const now = performance.now();
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

  private async close(open: readonly number[], read: bigint): Promise<void> {
    const { options, counters, publisher, partitions } = this.means;
    for (let pane = this.panes.closable(open); pane; pane = this.panes.closable(open)) {
      const calls = callsOfPane(pane, options.ignoreHeaders);
      for (const call of calls) {
        const key = Buffer.from(call.tenant ?? '');
        const value = Buffer.from(JSON.stringify(call));
        publisher.offer({ partition: textHash(call.tenant ?? '') % partitions, key, value, packets: 1 }, true);
        if (publisher.full) await publisher.room();
      }
      const checkpoint = this.panes.closed(pane, [{ partition: this.partition, next: read, end: read }], []);
      this.untilNs = pane.toNs;
      this.tell(false);
      // Acknowledged before the position is kept: killed in between, the pane's calls are published again, with the same ids.
      await publisher.drain();
      await keep(options.store, options.topic, this.partition, checkpoint, []);
      counters.panes++;
      counters.calls += calls.length;
      counters.storedUntilS = Number(pane.toNs / 1_000_000n) / 1000;
    }
    counters.heldBytes = this.panes.heldBytes;
  }

  /** To all partitions of the calls' topic: how far this one has come. */
  private tell(idle: boolean): void {
    const { publisher, partitions, reader } = this.means;
    const progress: ProgressRecord = {
      progress: 1,
      source: this.partition,
      of: reader.state().length,
      untilNs: String(this.untilNs),
      idle,
    };
    const value = Buffer.from(JSON.stringify(progress));
    for (let partition = 0; partition < partitions; partition++) publisher.offer({ partition, key: undefined, value, packets: 0 }, true);
  }
}
