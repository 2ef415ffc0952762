/** Packets (or calls) of a topic -> transactions in a store, for as long as it runs. One process; spans and positions are stored together. */

import { BatchStamps } from '../sources/kafka/batchStamps.ts';
import type { KafkaConnection } from '../sources/kafka/connection.ts';
import { type Content, contentOf, type TopicFormat } from '../sources/kafka/formats.ts';
import { whyNotTimes } from '../sources/kafka/recordTimes.ts';
import { type ReaderNotice, type StartAt, TopicReader, type TopicRecord } from '../sources/kafka/topicReader.ts';
import type { StoredSpan, TraceStore } from '../tracestore/api.ts';
import { type Checkpoint, Panes } from './panes.ts';
import { Pipeline, type PipelineOptions } from './pipeline.ts';
import type { Transactions } from './transactions.ts';

export interface WatchOptions extends PipelineOptions {
  readonly connection: KafkaConnection;
  readonly password: string;
  readonly topic: string;
  readonly format: TopicFormat;
  /** Where to start when the store holds no position for the topic. */
  readonly start: StartAt;
  readonly store: TraceStore;
  readonly maxBytes: number;
  /** End when everything that was in the topic at the beginning is stored. */
  readonly once: boolean;
  /** A partition without records for so long holds nothing back. */
  readonly idleMs: number;
  /** Remove transactions older than this behind the newest pane; 0n: keep all. */
  readonly retentionNs: bigint;
  readonly notice: (n: ReaderNotice) => void;
  /** Takes, and counts, a record that can't be read. */
  readonly setAside: (record: TopicRecord, why: string) => Promise<void>;
}
export interface WatchCounters {
  records: number;
  badRecords: number;
  lateRecords: number;
  lateCalls: number;
  aheadRecords: number;
  panes: number;
  forcedPanes: number;
  /** Published for the second stage. */
  calls: number;
  spans: number;
  transactions: number;
  /** Links that were inferred, by what speaks for them besides timing. */
  linksByTraceId: number;
  linksByTarget: number;
  linksByContent: number;
  linksByConnection: number;
  expiredSpans: number;
  lag: number;
  heldBytes: number;
  /** End of the newest pane stored, s since 1970. */
  storedUntilS: number;
}
export const newCounters = (): WatchCounters => ({
  records: 0,
  badRecords: 0,
  lateRecords: 0,
  lateCalls: 0,
  aheadRecords: 0,
  panes: 0,
  forcedPanes: 0,
  calls: 0,
  spans: 0,
  transactions: 0,
  linksByTraceId: 0,
  linksByTarget: 0,
  linksByContent: 0,
  linksByConnection: 0,
  expiredSpans: 0,
  lag: 0,
  heldBytes: 0,
  storedUntilS: 0,
});

/** Runs until aborted, or to the end with `once`. Throws when the topic or the store can't be used. Aborting loses nothing: open panes are read again. */
export async function watch(options: WatchOptions, counters: WatchCounters, signal: AbortSignal): Promise<void> {
  const { store, topic, format } = options;
  const key = `watch ${topic}`;
  const saved = parseCheckpoint(await store.checkpoint(key));
  const begin = (from: Checkpoint | undefined) => {
    const panes = new Panes(options.paneNs, options.overlapNs, options.maxBytes, from);
    return { panes, pipeline: new Pipeline(options, panes, from) };
  };
  let { panes, pipeline } = begin(saved);
  let isRemade = false;
  let topicId = saved?.topicId ?? '';
  const notice = (n: ReaderNotice) => {
    if (n.kind === 'remade') isRemade = true;
    options.notice(n);
  };
  const reader = new TopicReader({ ...options, notice });
  if (saved)
    reader.seek(
      saved.positions.map((p) => ({ partition: p.partition, next: BigInt(p.next) })),
      saved.topicId,
    );
  const ends = new Map<number, bigint>();
  const heardMs = new Map<number, number>();
  const stamps = new BatchStamps();
  let warned = '';

  /** Partitions from which more may come for the oldest pane. */
  const open = (): number[] => {
    const now = performance.now();
    return reader
      .state()
      .filter((p) =>
        options.once ? p.next < (ends.get(p.partition) ?? 0n) : p.next < p.end || now - (heardMs.get(p.partition) ?? now) < options.idleMs,
      )
      .map((p) => p.partition);
  };

  /** Takes and stores the panes of which nothing more comes. */
  const close = async (waitFor: () => number[], isOver: boolean): Promise<void> => {
    for (let pane = panes.closable(waitFor()); pane && !signal.aborted; pane = panes.closable(waitFor())) {
      const over = isOver && waitFor().length === 0 && panes.isLast(pane);
      const result = pipeline.take(pane, reader.state(), over);
      if (result === null) continue;
      await store.append(result.spans, { key, value: JSON.stringify({ ...result.checkpoint, topicId }) });
      countEvidence(counters, pipeline.transactions);
      await stored(options, counters, pane.toNs, result.spans);
    }
  };
  /** The topic was deleted and made again: what was read of the old one is stored, the new one begins anew. Counts go on. */
  const renew = async (): Promise<void> => {
    isRemade = false;
    ends.clear();
    heardMs.clear();
    panes.believeAll();
    await close(() => [], true);
    const { spans, checkpoint } = pipeline.finish();
    countEvidence(counters, pipeline.transactions);
    await store.append(spans, { key, value: JSON.stringify({ ...checkpoint, topicId: reader.id }) });
    const { late, ahead, forced } = panes;
    ({ panes, pipeline } = begin(checkpoint));
    Object.assign(panes, { late, ahead, forced });
  };

  for await (const batch of reader.batches(signal)) {
    if (isRemade) await renew();
    topicId = reader.id;
    for (const p of reader.state()) {
      if (!ends.has(p.partition)) ends.set(p.partition, p.end);
      if (!heardMs.has(p.partition)) heardMs.set(p.partition, performance.now());
    }
    for (const record of batch) {
      counters.records++;
      heardMs.set(record.partition, performance.now());
      const content = timely(contentOf(record, format), record);
      if (format === 'raw-frame') stamps.add(record.partition, content);
      if (content.kind === 'bad') await options.setAside(record, content.why);
      else if ('firstNs' in content) panes.add(record, content);
      if (content.kind === 'packets' && content.problem !== undefined) await options.setAside(record, content.problem);
    }
    if (options.once && ends.size > 0 && open().length === 0) panes.believeAll();
    if (stamps.warning !== warned) {
      warned = stamps.warning;
      if (warned !== '') options.notice({ kind: 'warning', text: warned });
    }
    counters.lag = reader.lag();
    await close(open, options.once);
    counters.lateRecords = panes.late;
    counters.aheadRecords = panes.ahead;
    counters.lateCalls = pipeline.transactions.late;
    counters.forcedPanes = panes.forced + pipeline.transactions.forced;
    counters.heldBytes = panes.heldBytes;
    if (options.once && ends.size > 0 && open().length === 0) return;
  }
}

/** Counts what speaks for the links handed out since the last time. */
export function countEvidence(counters: WatchCounters, transactions: Transactions): void {
  const { traceIds, targets, contents, connections } = transactions.takeEvidence();
  counters.linksByTraceId += traceIds;
  counters.linksByTarget += targets;
  counters.linksByContent += contents;
  counters.linksByConnection += connections;
}

/** Packets of a clock that can't be right are set aside: they would close all panes before. */
export function timely(content: Content, { timestampMs }: TopicRecord): Content {
  if (content.kind !== 'packets') return content;
  const why = whyNotTimes(content.firstNs, content.lastNs, timestampMs);
  return why === '' ? content : { kind: 'bad', why };
}

/** Counts a stored pane, and removes what retention no longer keeps. */
export async function stored(
  options: Pick<WatchOptions, 'retentionNs' | 'store'>,
  counters: WatchCounters,
  untilNs: bigint,
  spans: readonly StoredSpan[],
): Promise<void> {
  counters.panes++;
  counters.spans += spans.length;
  counters.transactions += spans.reduce((n, s) => n + (s.parent === '' ? 1 : 0), 0);
  counters.storedUntilS = Number(untilNs / 1_000_000n) / 1000;
  if (options.retentionNs > 0n) counters.expiredSpans += Math.max(0, await options.store.expire(untilNs - options.retentionNs));
}

export function parseCheckpoint(text: string | null): Checkpoint | undefined {
  if (text === null) return undefined;
  const value = JSON.parse(text) as Checkpoint | (Omit<Checkpoint, 'version'> & { readonly version: 1 });
  // Version 1 knew no connections: what is open at its position is new.
  if (value.version === 1) return { version: 2, nextPane: value.nextPane, positions: value.positions };
  if (value.version !== 2)
    throw new Error(
      `The store's position for this topic has version ${String((value as { version: unknown }).version)}, which is not known here.`,
    );
  return value;
}
