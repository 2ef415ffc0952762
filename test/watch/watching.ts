/** A watch without a broker: records of a topic through panes and pipeline, stopped and resumed where a test wants. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { contentOf } from '../../src/sources/kafka/formats.ts';
import type { TopicRecord } from '../../src/sources/kafka/topicReader.ts';
import { Batcher } from '../../src/tap/batcher.ts';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { type Checkpoint, type Kept, Panes } from '../../src/watch/panes.ts';
import { Pipeline, type PipelineOptions } from '../../src/watch/pipeline.ts';
import type { EvidenceCounts } from '../../src/watch/transactions.ts';

export const S = 1_000_000_000n;
export const SAMPLE = readFileSync(path.join(import.meta.dirname, '../../media/sample/shop.pcap'));
export const OPTIONS: PipelineOptions = {
  algorithm: 'default',
  ignoreHeaders: [],
  names: {},
  paneNs: 2n * S,
  overlapNs: 1n * S,
  longestNs: 60n * S,
};

/** As a tap would publish it. */
export function topic(capture: Uint8Array, partitions = 2, recordBytes = 20_000): TopicRecord[] {
  const records: TopicRecord[] = [];
  const next = new Array<bigint>(partitions).fill(0n);
  const batcher = new Batcher({
    partitions,
    recordBytes,
    out: ({ partition, value }) => records.push({ partition, offset: next[partition]!++, timestampMs: -1, key: null, value }),
  });
  batcher.push(capture);
  batcher.end();
  return records;
}

export interface Watched {
  readonly spans: readonly StoredSpan[];
  readonly late: number;
  readonly panes: number;
  readonly evidence: EvidenceCounts;
}

export interface Hooks {
  /** Options of each process. */
  readonly own?: () => Partial<PipelineOptions>;
  /** Hears what is stored with the spans. */
  readonly stored?: (checkpoint: string) => void;
}

/** `stopAfter`: panes stored after which the process is killed and another goes on from what was stored. */
export function watched(
  records: readonly TopicRecord[],
  options: Partial<PipelineOptions> = {},
  stopAfter: (pane: number) => boolean = () => false,
  hooks: Hooks = {},
): Watched {
  const evidence: EvidenceCounts = { traceIds: 0, targets: 0, contents: 0, connections: 0 };
  const partitions = [...new Set(records.map((r) => r.partition))];
  const spans: StoredSpan[] = [];
  let saved: Checkpoint | undefined;
  let stored = 0;
  for (;;) {
    const how = { ...OPTIONS, ...options, ...hooks.own?.() };
    const panes = new Panes(how.paneNs, how.overlapNs, Number.POSITIVE_INFINITY, saved);
    const pipeline = new Pipeline(how, panes, saved);
    const next = new Map(partitions.map((p) => [p, BigInt(saved?.positions.find((at) => at.partition === p)?.next ?? 0)]));
    const coming = records.filter((r) => r.offset >= next.get(r.partition)!);
    const read = () => [...next].map(([partition, at]) => ({ partition, next: at, end: at }));
    let killed = false;
    coming.forEach((record, k) => {
      if (killed) return;
      panes.add(record, contentOf(record, 'tracenest') as Kept);
      next.set(record.partition, record.offset + 1n);
      const open = k < coming.length - 1 ? partitions : [];
      for (let pane = panes.closable(open); pane && !killed; pane = panes.closable(open)) {
        const result = pipeline.take(pane, read(), open.length === 0 && panes.isLast(pane));
        if (result === null) continue;
        spans.push(...result.spans);
        const counted = pipeline.transactions.takeEvidence();
        for (const kind of ['traceIds', 'targets', 'contents', 'connections'] as const) evidence[kind] += counted[kind];
        const text = JSON.stringify(result.checkpoint);
        hooks.stored?.(text);
        saved = JSON.parse(text) as Checkpoint;
        killed = stopAfter(++stored);
      }
    });
    if (!killed)
      return {
        spans: spans.sort((a, b) => (a.id < b.id ? -1 : 1)),
        late: pipeline.transactions.late + panes.late,
        panes: stored,
        evidence,
      };
  }
}
