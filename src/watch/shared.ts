/** What the two stages of a shared watch have in common: the partitions that are theirs, and where each of them is. */
import { Group } from '../sources/kafka/group.ts';
import { TopicReader, type TopicRecord } from '../sources/kafka/topicReader.ts';
import type { TraceStore } from '../tracestore/api.ts';
import { type Checkpoint, withoutPositions } from './panes.ts';
import { parseCheckpoint, type WatchCounters, type WatchOptions } from './watch.ts';

/** The rest of a stage, for one partition. */
export interface Work {
  /** In the order of offsets. */
  take(record: TopicRecord): Promise<void>;
  /** After each batch. `over`: the partition has been read to the end that it had when this process began. */
  settle(over: boolean): Promise<void>;
  /** The topic was deleted: nothing more comes. */
  finish(): Promise<void>;
}
export interface StageOptions extends WatchOptions {
  readonly group: string;
}

/**
 * Reads the partitions that the group gives this process, each from where the store says that it was left, until aborted; with `once` to the
 * end that they had. A partition that goes to another process is dropped: what was not stored of it is read again there.
 */
export async function share(
  options: StageOptions,
  counters: WatchCounters,
  signal: AbortSignal,
  work: (partition: number, saved: Checkpoint | undefined, reader: TopicReader) => Work,
): Promise<void> {
  const group = new Group(options);
  const own = new Map<number, Work>();
  const ends = new Map<number, bigint>();
  let isRemade = false;
  let partitions = 0;
  /** The group knows of all partitions. */
  let isShared = true;
  /** Of the topic made again of which it was said. */
  let told = '';
  const notice: StageOptions['notice'] = (n) => {
    if (n.kind === 'remade') isRemade = true;
    if (n.kind === 'partitions') {
      isShared = partitions === 0 || partitions === n.count;
      partitions = n.count;
    }
    options.notice(n);
  };
  const reader = new TopicReader({ ...options, notice, only: () => [...own.keys()] });
  try {
    await group.join();
    for await (const batch of reader.batches(signal)) {
      if (!isShared) {
        await group.rejoin();
        isShared = true;
      }
      const assigned = group.assigned();
      for (const p of own.keys()) if (!assigned.includes(p)) own.delete(p);
      if (isRemade) {
        isRemade = false;
        told = reader.id;
        for (const w of own.values()) await w.finish();
        own.clear();
        ends.clear();
      }
      for (const record of batch) {
        counters.records++;
        await own.get(record.partition)?.take(record);
      }
      const state = new Map(reader.state().map((s) => [s.partition, s]));
      for (const [p, s] of state) if (!ends.has(p)) ends.set(p, s.end);
      const over = (p: number) => (state.get(p)?.next ?? 0n) >= (ends.get(p) ?? 0n);
      for (const [p, w] of own) await w.settle(over(p));
      counters.lag = [...own.keys()].reduce((sum, p) => sum + Number((state.get(p)?.end ?? 0n) - (state.get(p)?.next ?? 0n)), 0);
      if (options.once && own.size > 0 && [...own.keys()].every(over)) return;
      for (const p of assigned) {
        if (own.has(p)) continue;
        const kept = parseCheckpoint(await options.store.checkpoint(positionKey(options.topic, p)));
        const isOld = kept?.topicId !== undefined && kept.topicId !== reader.id;
        if (isOld && told !== reader.id) options.notice({ kind: 'remade' });
        if (isOld) told = reader.id;
        const saved = kept && isOld ? withoutPositions(kept) : kept;
        const at = saved?.positions.find((each) => each.partition === p);
        if (at) reader.seek([{ partition: p, next: BigInt(at.next) }]);
        else if (isOld) reader.seek([{ partition: p, next: 0n }]);
        own.set(p, work(p, saved, reader));
      }
    }
  } finally {
    await group.leave();
  }
}

export const positionKey = (topic: string, partition: number): string => `watch ${topic}/${partition}`;

/** Keeps where a partition is, with what was made of it. */
export function keep(
  store: TraceStore,
  topic: string,
  partition: number,
  checkpoint: Checkpoint,
  spans: Parameters<TraceStore['append']>[0],
) {
  return store.append(spans, { key: positionKey(topic, partition), value: JSON.stringify(checkpoint) });
}
