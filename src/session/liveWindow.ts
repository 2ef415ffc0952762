/** The last stretch of a topic: what a live analysis is made of. Bounded in time and in bytes; what doesn't fit is counted and said. */

import type { Extraction } from '../engine/calls/callTable.ts';
import { fromRecords } from '../engine/calls/fromRecords.ts';
import { SpanRecordLoader } from '../engine/calls/fromSpans.ts';
import { Extractor } from '../engine/extractor.ts';
import type { NestingResult } from '../engine/nesting/api.ts';
import type { WireOptions } from '../engine/protocols/wire.ts';
import { inflateStart } from '../sources/inflateStart.ts';
import type { Content } from '../sources/kafka/formats.ts';
import { callRecordsOf } from './callRecordsOf.ts';
import { WITHIN_PROCESS } from './contentKey.ts';
import { Shedding } from './shedding.ts';

/** What is looked at in requests. */
export type Looking = Pick<WireOptions, 'ignoreHeaders' | 'ignoreContents'>;
type Kept = Extract<Content, { readonly firstNs: bigint }>;
interface Entry {
  /** Both directions of a flow are in one partition; partitions are merged by packet time. */
  readonly partition: number;
  readonly content: Kept;
  readonly sizeBytes: number;
}
/** What a JSON record costs besides its text. */
const RECORD_BYTES = 1_000;
/** With less than this share of the memory used, so many times in a row, twice as many flows are kept from then on. */
const ROOMY_SHARE = 0.3;
const ROOMY_TIMES = 20;
/** So many records of a partition in a row, all older than its window: its clock was set back. Fewer may be stragglers of another tap. */
const SET_BACK_RECORDS = 32;

export class LiveWindow {
  /** Records that came when their time had left the window already; that could not be read. */
  late = 0;
  badRecords = 0;
  why = '';
  sizeBytes = 0;
  private readonly shedding = new Shedding();
  /** Times in a row that there was room for more flows. */
  private roomy = 0;
  private entries: Entry[] = [];
  private readonly windowNs: bigint;
  private readonly maxBytes: number;
  private newestNs = 0n;
  /** Everything before was let go. */
  private horizonNs = 0n;
  /** How often the packets' clock went back further than the window: it began anew each time. */
  setBacks = 0;
  /** By partition: its newest packet time, and records in a row that are older than its window. */
  private readonly newestOf = new Map<number, bigint>();
  private readonly behind = new Map<number, number>();

  constructor(windowMs: number, maxBytes: number) {
    this.windowNs = BigInt(Math.round(windowMs)) * 1_000_000n;
    this.maxBytes = maxBytes;
  }

  /** Packets, calls or spans let go to stay within the memory. */
  get shed(): number {
    return this.shedding.letGo;
  }
  /** One in so many flows is kept. */
  get oneFlowIn(): number {
    return 2 ** this.shedding.level;
  }
  get records(): number {
    return this.entries.length;
  }
  get spanMs(): number {
    let first = this.newestNs;
    for (const e of this.entries) if (e.content.firstNs < first) first = e.content.firstNs;
    return Number((this.newestNs - first) / 1_000_000n);
  }

  add(partition: number, content: Content): void {
    if (!('firstNs' in content) && content.kind !== 'bad') return;
    if (content.kind === 'bad') {
      this.badRecords++;
      this.why ||= content.why;
      return;
    }
    if (this.wasSetBack(partition, content.lastNs)) {
      this.clear();
      this.setBacks++;
    }
    if (content.lastNs < this.horizonNs) {
      this.late++;
      return;
    }
    if (content.lastNs > this.newestNs) this.newestNs = content.lastNs;
    const kept = this.shedding.kept(content);
    if (kept !== null) this.put(partition, kept);
    if (this.sizeBytes > this.maxBytes) this.shedFlows();
  }

  private put(partition: number, content: Kept): void {
    const sizeBytes = content.kind === 'packets' ? content.capture.length : RECORD_BYTES;
    this.entries.push({ partition, content, sizeBytes });
    this.sizeBytes += sizeBytes;
  }

  /** Half of the flows go, until there is room. */
  private shedFlows(): void {
    this.roomy = 0;
    while (this.sizeBytes > this.maxBytes && this.shedding.mayRise) {
      this.shedding.level++;
      const all = this.entries;
      this.entries = [];
      this.sizeBytes = 0;
      for (const { partition, content } of all) {
        const kept = this.shedding.kept(content);
        if (kept !== null) this.put(partition, kept);
      }
    }
  }

  /** Lets go what is older than the window; the oldest records too when a few flows alone are too much. */
  trim(): void {
    const from = this.newestNs - this.windowNs;
    if (from > this.horizonNs) this.horizonNs = from;
    this.entries = this.entries.filter((e) => e.content.lastNs >= this.horizonNs);
    this.sizeBytes = this.entries.reduce((sum, e) => sum + e.sizeBytes, 0);
    this.roomy = this.sizeBytes < this.maxBytes * ROOMY_SHARE ? this.roomy + 1 : 0;
    if (this.roomy >= ROOMY_TIMES && this.shedding.level > 0) {
      this.shedding.level--;
      this.roomy = 0;
    }
    if (this.sizeBytes <= this.maxBytes) return;
    this.entries.sort((a, b) => (a.content.lastNs < b.content.lastNs ? -1 : a.content.lastNs > b.content.lastNs ? 1 : 0));
    let drop = 0;
    while (this.sizeBytes > this.maxBytes && drop < this.entries.length) {
      const { content, sizeBytes } = this.entries[drop++]!;
      this.sizeBytes -= sizeBytes;
      this.shedding.letGo += content.kind === 'packets' ? content.packets : 1;
    }
    const kept = this.entries.slice(drop);
    this.entries = kept;
    if (kept[0] && kept[0].content.lastNs > this.horizonNs) this.horizonNs = kept[0].content.lastNs;
  }

  /** A partition whose own clock is behind where it was: without this, all that comes would be late until it catches up. */
  private wasSetBack(partition: number, ns: bigint): boolean {
    const newest = this.newestOf.get(partition) ?? 0n;
    if (ns > newest) this.newestOf.set(partition, ns);
    const inRow = ns < newest - this.windowNs ? (this.behind.get(partition) ?? 0) + 1 : 0;
    this.behind.set(partition, inRow);
    return inRow >= SET_BACK_RECORDS;
  }

  clear(): void {
    this.newestOf.clear();
    this.behind.clear();
    this.entries = [];
    this.sizeBytes = 0;
    this.newestNs = 0n;
    this.horizonNs = 0n;
  }

  /** Calls of the window, with links where the records brought them. */
  extract(how: Looking = {}): { readonly extraction: Extraction; readonly links?: NestingResult } {
    const spans = this.entries.filter((e) => e.content.kind === 'span');
    if (spans.length > 0) {
      const loader = new SpanRecordLoader();
      for (const e of spans) if (e.content.kind === 'span') loader.add(e.content.value);
      return loader.finish();
    }
    const calls = this.entries.flatMap((e) => (e.content.kind === 'call' ? [e.content.value] : []));
    if (calls.length > 0) return { extraction: fromRecords(calls) };
    return { extraction: this.packets(how) };
  }

  /** The window's packets as one capture file. */
  *capture(): Generator<Uint8Array> {
    for (const e of this.inOrder()) if (e.content.kind === 'packets') yield e.content.capture;
  }

  private inOrder(): readonly Entry[] {
    return this.entries.toSorted((a, b) => (a.content.firstNs < b.content.firstNs ? -1 : a.content.firstNs > b.content.firstNs ? 1 : 0));
  }

  private packets(how: Looking): Extraction {
    const tenants = new Set<string>();
    for (const { content } of this.entries) if (content.kind === 'packets') tenants.add(content.tenant);
    const [only = ''] = tenants;
    if (tenants.size < 2) return this.packetsOf(only, how);
    // Networks that their taps call differently may use the same addresses: each is read by itself. Their packets are not linked to then.
    const calls = [...tenants].sort().flatMap((tenant) => [...callRecordsOf(this.packetsOf(tenant, how), WITHIN_PROCESS)]);
    return fromRecords(calls, [], WITHIN_PROCESS);
  }

  private packetsOf(tenant: string, how: Looking): Extractor {
    const queues = new Map<number, Uint8Array[]>();
    for (const e of this.inOrder()) {
      if (e.content.kind !== 'packets' || e.content.tenant !== tenant) continue;
      const queue = queues.get(e.partition);
      if (queue) queue.push(e.content.capture);
      else queues.set(e.partition, [e.content.capture]);
    }
    const partitions = [...queues.keys()].sort((a, b) => a - b);
    const extractor = new Extractor({
      captures: partitions.map((p) => `partition ${p}`),
      ...how,
      inflate: inflateStart,
      ...(tenant && { tenant }),
    });
    for (let c = extractor.wants(); c >= 0; c = extractor.wants()) {
      const next = queues.get(partitions[c]!)?.shift();
      if (next) extractor.push(c, next);
      else extractor.end(c);
    }
    extractor.finish();
    return extractor;
  }
}
