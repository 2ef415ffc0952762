/**
 * Unbounded records cut into panes of packet time. Pane k is [k * length, (k + 1) * length) since 1970; it is analysed with what lies
 * within `overlap` around it, and stores the transactions that begin in it. What a pane sees is a function of the topic's content, not
 * of when it was read: after a crash the same pane gives the same spans.
 */
import type { RunningModelState } from '../engine/nesting/window/runningModel.ts';
import type { Content } from '../sources/kafka/formats.ts';
import type { PartitionState, TopicRecord } from '../sources/kafka/topicReader.ts';
import type { Claim } from './analysePane.ts';

export type Kept = Exclude<Content, { readonly kind: 'bad' | 'progress' }>;
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
/** What is kept with the spans of the last pane: enough to go on as if nothing had happened. All numbers as decimal text. */
export interface Checkpoint {
  readonly version: 1;
  /** First pane not stored; null before the first. */
  readonly nextPane: string | null;
  /** The oldest record still needed, and one past the newest seen, by partition. */
  readonly positions: readonly { readonly partition: number; readonly next: string; readonly seen: string }[];
  /** Calls that begin in panes to come and were stored with a transaction of an earlier one. */
  readonly claims: readonly Claim[];
  /** What the panes so far taught, where an algorithm learns. */
  readonly model?: RunningModelState;
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
/** What a JSON record costs besides its text. */
const RECORD_BYTES = 1_000;

export class Panes {
  /** Records that came when their pane was stored; panes stored before all partitions had reached their end, for want of memory. */
  late = 0;
  forced = 0;
  heldBytes = 0;
  private readonly lengthNs: bigint;
  private readonly overlapNs: bigint;
  private readonly maxBytes: number;
  private entries: PaneEntry[] = [];
  private next: bigint | null = null;
  /** Newest packet time by partition. */
  private readonly reached = new Map<number, bigint>();
  private readonly seen = new Map<number, bigint>();

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
    const reached = this.reached.get(partition);
    if (reached === undefined || content.lastNs > reached) this.reached.set(partition, content.lastNs);
    const again = offset < (this.seen.get(partition) ?? 0n);
    if (!again) this.seen.set(partition, offset + 1n);
    if (this.next !== null) {
      if (!again && content.firstNs < this.next * this.lengthNs) this.late++;
      if (content.lastNs < this.next * this.lengthNs - this.overlapNs) return;
    }
    this.entries.push({ partition, offset, content, sizeBytes });
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

  /** Lets go what no pane after this one needs, and says where reading must go on from. Call before storing; nothing is lost if storing fails and the process ends. */
  closed(pane: Pane, read: readonly PartitionState[], claims: readonly Claim[]): Checkpoint {
    this.next = pane.index + 1n;
    const neededNs = this.next * this.lengthNs - this.overlapNs;
    this.entries = this.entries.filter((e) => e.content.lastNs >= neededNs);
    this.heldBytes = this.entries.reduce((sum, e) => sum + e.sizeBytes, 0);
    return this.checkpoint(read, claims);
  }

  checkpoint(read: readonly PartitionState[], claims: readonly Claim[]): Checkpoint {
    const oldest = new Map<number, bigint>();
    for (const e of this.entries) if (e.offset < (oldest.get(e.partition) ?? e.offset + 1n)) oldest.set(e.partition, e.offset);
    const positions = read.map(({ partition, next }) => ({
      partition,
      next: String(oldest.get(partition) ?? next),
      seen: String(max(this.seen.get(partition) ?? 0n, next)),
    }));
    return { version: 1, nextPane: this.next === null ? null : String(this.next), positions, claims };
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
