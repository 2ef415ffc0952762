/**
 * Unbounded records cut into panes of packet time. Pane k is [k * length, (k + 1) * length) since 1970; it is analysed with what lies
 * within `overlap` around it, and stores the transactions that begin in it. What a pane sees is a function of the topic's content, not
 * of when it was read: after a crash the same pane gives the same spans.
 */
import type { Content } from '../sources/kafka/formats.ts';
import type { PartitionState, TopicRecord } from '../sources/kafka/topicReader.ts';
import type { ExtractionState } from './extraction.ts';
import type { Claim } from './spansOfPane.ts';
import type { TransactionsState } from './transactions.ts';

export type Kept = Extract<Content, { readonly firstNs: bigint }>;
export interface PaneEntry {
  readonly partition: number;
  readonly offset: bigint;
  readonly content: Kept;
  readonly sizeBytes: number;
}
export interface Pane {
  readonly index: bigint;
  readonly fromNs: bigint;
  readonly toNs: bigint;
  /** By partition and offset. */
  readonly entries: readonly PaneEntry[];
}
/** A partition's next record. Offsets are decimal text. */
export interface Position {
  readonly partition: number;
  readonly next: string;
}
/** What is kept with the spans of the last pane: enough to go on as if nothing had happened. All numbers as decimal text. */
export interface Checkpoint {
  readonly version: 2;
  /** Kafka's id of the topic that the positions belong to; absent in older stores. */
  readonly topicId?: string;
  /** First pane to read, before the first that is not stored where connections go back so far; null before the first. */
  readonly nextPane: string | null;
  /** The oldest record still needed, and one past the newest seen, by partition. */
  readonly positions: readonly (Position & { readonly seen: string })[];
  readonly extraction?: ExtractionState;
  readonly transactions?: TransactionsState;
  /** Spans of a topic of transactions: those of later panes that were stored with an earlier one. */
  readonly claims?: readonly Claim[];
}

/** The topic was deleted and made again: where it was read, and the calls that were to come again, mean nothing. Names, model and time go on. */
export function withoutPositions({ nextPane, transactions, claims }: Checkpoint): Checkpoint {
  return {
    version: 2,
    nextPane,
    positions: [],
    ...(transactions && { transactions: { ...transactions, window: { ...transactions.window, calls: [] } } }),
    ...(claims && { claims }),
  };
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** What a JSON record costs besides its text. */
const RECORD_BYTES = 1_000;
/** Packet time that is so far ahead of what came before in its partition is believed when so many records in a row say so: one stamp of a broken clock would else close all panes before. */
const FAR_NS = 600_000_000_000n;
const BELIEVED = 8;

export class Panes {
  /** Records that came when their pane was stored; panes stored before all partitions had reached their end, for want of memory. */
  late = 0;
  forced = 0;
  /** Records far ahead of those around them, left out. */
  ahead = 0;
  heldBytes = 0;
  private readonly lengthNs: bigint;
  private readonly overlapNs: bigint;
  private readonly maxBytes: number;
  private entries: PaneEntry[] = [];
  private next: bigint | null = null;
  /** Newest packet time by partition. */
  private readonly reached = new Map<number, bigint>();
  private readonly seen = new Map<number, bigint>();
  /** By partition: records far ahead that are not believed yet. */
  private readonly doubted = new Map<number, PaneEntry[]>();

  constructor(lengthNs: bigint, overlapNs: bigint, maxBytes: number, from?: Checkpoint) {
    this.lengthNs = lengthNs;
    this.overlapNs = overlapNs;
    this.maxBytes = maxBytes;
    if (!from) return;
    this.next = from.nextPane === null ? null : BigInt(from.nextPane);
    for (const p of from.positions) this.seen.set(p.partition, BigInt(p.seen));
  }

  add({ partition, offset }: Pick<TopicRecord, 'partition' | 'offset'>, content: Kept): void {
    const sizeBytes = content.kind === 'packets' ? content.capture.length : RECORD_BYTES;
    const again = offset < (this.seen.get(partition) ?? 0n);
    if (!again) this.seen.set(partition, offset + 1n);
    const entry = { partition, offset, content, sizeBytes };
    const doubted = this.doubted.get(partition) ?? [];
    const reached = this.reached.get(partition);
    if (reached !== undefined && content.lastNs > reached + FAR_NS) {
      this.doubted.set(partition, [...doubted, entry]);
      if (doubted.length + 1 >= BELIEVED) this.believe(partition);
      return;
    }
    this.ahead += doubted.length;
    this.doubted.delete(partition);
    this.put(entry, again);
  }

  /** Nothing more comes that could tell whether records far ahead are right. */
  believeAll(): void {
    for (const partition of [...this.doubted.keys()]) this.believe(partition);
  }
  private believe(partition: number): void {
    const entries = this.doubted.get(partition) ?? [];
    this.doubted.delete(partition);
    for (const entry of entries) this.put(entry, false);
  }

  private put(entry: PaneEntry, again: boolean): void {
    const { partition, content, sizeBytes } = entry;
    const reached = this.reached.get(partition);
    if (reached === undefined || content.lastNs > reached) this.reached.set(partition, content.lastNs);
    if (this.next !== null) {
      if (!again && content.firstNs < this.next * this.lengthNs) this.late++;
      if (content.lastNs < this.next * this.lengthNs - this.overlapNs) return;
    }
    this.entries.push(entry);
    this.heldBytes += sizeBytes;
  }

  /**
   * The next pane of which nothing more will come, if any. `open`: partitions that may bring more; each must have passed the pane and its
   * overlap (or: tells whether everything before a time has come). Above the memory limit the oldest pane goes whatever is missing.
   */
  closable(open: Iterable<number> | ((endNs: bigint) => boolean)): Pane | null {
    const index = this.oldest();
    if (index === null) return null;
    const endNs = (index + 1n) * this.lengthNs + this.overlapNs;
    let complete = true;
    if (typeof open === 'function') complete = open(endNs);
    else for (const p of open) complete &&= (this.reached.get(p) ?? -1n) >= endNs;
    if (!complete) {
      if (this.heldBytes <= this.maxBytes) return null;
      this.forced++;
    }
    const fromNs = index * this.lengthNs;
    const startNs = fromNs - this.overlapNs;
    const entries = this.entries.filter((e) => e.content.lastNs >= startNs && e.content.firstNs < endNs);
    entries.sort((a, b) => a.partition - b.partition || (a.offset < b.offset ? -1 : 1));
    return { index, fromNs, toNs: fromNs + this.lengthNs, entries };
  }

  /** Nothing that is held lies behind the pane. */
  isLast(pane: Pane): boolean {
    return this.doubted.size === 0 && this.entries.every((e) => e.content.lastNs < pane.toNs);
  }

  /** Lets go what no pane after this one needs. */
  closed(pane: Pane): void {
    this.next = pane.index + 1n;
    const neededNs = this.next * this.lengthNs - this.overlapNs;
    this.entries = this.entries.filter((e) => e.content.lastNs >= neededNs);
    this.heldBytes = this.entries.reduce((sum, e) => sum + e.sizeBytes, 0);
  }

  /** Where the records that are held, and all behind them, begin. */
  positions(read: readonly PartitionState[]): Position[] {
    const oldest = new Map<number, bigint>();
    for (const e of [...this.entries, ...[...this.doubted.values()].flat()])
      if (e.offset < (oldest.get(e.partition) ?? e.offset + 1n)) oldest.set(e.partition, e.offset);
    return read.map(({ partition, next }) => ({ partition, next: String(oldest.get(partition) ?? next) }));
  }

  /** Where reading must go on from. `from`: first pane to read, and where its records begin, when that is before what is held. */
  checkpoint(read: readonly PartitionState[], from?: { readonly pane: string; readonly positions: readonly Position[] }): Checkpoint {
    const begins = new Map((from?.positions ?? this.positions(read)).map((p) => [p.partition, p.next]));
    const positions = read.map(({ partition, next }) => ({
      partition,
      // One that came later is needed from its beginning.
      next: begins.get(partition) ?? '0',
      seen: String(max(this.seen.get(partition) ?? 0n, next)),
    }));
    return { version: 2, nextPane: from?.pane ?? (this.next === null ? null : String(this.next)), positions };
  }

  /** The first pane, at or after the next, that anything held reaches into. Empty ones are passed over. */
  private oldest(): bigint | null {
    const fromNs = this.next === null ? 0n : this.next * this.lengthNs;
    let first: bigint | null = null;
    for (const { content } of this.entries) {
      if (content.lastNs < fromNs) continue;
      const ns = max(content.firstNs, fromNs);
      if (first === null || ns < first) first = ns;
    }
    return first === null ? null : first / this.lengthNs;
  }
}
