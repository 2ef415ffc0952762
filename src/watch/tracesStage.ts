/** Second stage of a shared watch: calls -> transactions in a store. All calls of a tenant are in one partition. */
import { RunningModel } from '../engine/nesting/window/runningModel.ts';
import { contentOf, type ProgressRecord } from '../sources/kafka/formats.ts';
import type { TopicReader, TopicRecord } from '../sources/kafka/topicReader.ts';
import { analysePane, type Claim } from './analysePane.ts';
import { type Checkpoint, Panes } from './panes.ts';
import { keep, type StageOptions, share, type Work } from './shared.ts';
import { stored, type WatchCounters } from './watch.ts';

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
  private readonly panes: Panes;
  private readonly model: RunningModel;
  private claims: readonly Claim[];
  /** What was heard of each partition of packets. */
  private readonly sources = new Map<number, ProgressRecord>();

  constructor(partition: number, saved: Checkpoint | undefined, means: Means) {
    this.partition = partition;
    this.means = means;
    const { paneNs, overlapNs, maxBytes, model } = means.options;
    this.panes = new Panes(paneNs, overlapNs, maxBytes, saved);
    this.model = new RunningModel(model, saved?.model);
    this.claims = saved?.claims ?? [];
  }

  async take(record: TopicRecord): Promise<void> {
    const { options } = this.means;
    const content = contentOf(record, 'calls');
    if (content.kind === 'bad') await options.setAside(record, content.why);
    else if (content.kind !== 'progress') this.panes.add(record, content);
    else {
      this.sources.set(content.progress.source, content.progress);
      // Only here can a pane become complete: what it holds depends on the order of the topic alone.
      await this.close((endNs) => this.complete(endNs), record.offset + 1n);
    }
  }

  async settle(over: boolean): Promise<void> {
    const { options, counters, reader } = this.means;
    counters.lateRecords += this.panes.late;
    this.panes.late = 0;
    if (options.once && over) {
      const read = reader.state().find((s) => s.partition === this.partition)?.next ?? 0n;
      await this.close(() => true, read);
    } else if (this.panes.heldBytes > options.maxBytes) {
      const read = reader.state().find((s) => s.partition === this.partition)?.next ?? 0n;
      await this.close((endNs) => this.complete(endNs), read);
    }
    counters.forcedPanes += this.panes.forced;
    this.panes.forced = 0;
    counters.heldBytes = this.panes.heldBytes;
  }

  /** Every partition of packets has come so far, or is idle. */
  private complete(endNs: bigint): boolean {
    const [any] = this.sources.values();
    if (!any || this.sources.size < any.of) return false;
    for (const { untilNs, idle } of this.sources.values()) if (!idle && BigInt(untilNs) < endNs) return false;
    return true;
  }

  private async close(complete: (endNs: bigint) => boolean, read: bigint): Promise<void> {
    const { options, counters } = this.means;
    for (let pane = this.panes.closable(complete); pane; pane = this.panes.closable(complete)) {
      const { spans, claims } = analysePane(pane, this.claims, options, this.model);
      this.claims = claims;
      const position = this.panes.closed(pane, [{ partition: this.partition, next: read, end: read }], claims);
      await keep(options.store, options.topic, this.partition, { ...position, model: this.model.save() }, spans);
      await stored(options, counters, pane, spans);
    }
  }
}
