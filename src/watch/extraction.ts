/**
 * Packets of panes -> calls, with connections and names followed from pane to pane. What an extraction knows can't be saved, but must not depend on
 * when a process was killed: so extractions follow each other at fixed panes, each reads the longest time of a call before the first pane that it answers for, and a
 * process that goes on reads the topic again from where its extraction began (`again`), without telling anything twice.
 *
 *   pane        0 . . . . . . . . . . . 60 . . . . . . . . .
 *   first       reads and answers . . . |
 *   second                      reads   | answers . . . . .
 */
import type { CallRecord } from '../engine/calls/callRecord.ts';
import { CallFlag, type NameFact } from '../engine/calls/callTable.ts';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';
import { toRecord, unanswered } from '../engine/calls/toRecord.ts';
import { Extractor } from '../engine/extractor.ts';
import { inflateStart } from '../sources/inflateStart.ts';
import type { Pane, PaneEntry, Position } from './panes.ts';

/** A call of a pane. */
export interface PaneCall {
  readonly record: CallRecord;
  /** In progress: told again when it is over. */
  readonly open: boolean;
}
export interface PaneCalls {
  readonly calls: readonly PaneCall[];
  /** Ids told before as in progress, of calls that another record tells of. */
  readonly forget: readonly string[];
  readonly names: readonly NameFact[];
  /** All of it was told before. */
  readonly again: boolean;
}
/** Plain JSON, with what is stored. */
export interface ExtractionState {
  /** First pane read, and where its records begin, of each extraction at work; the older one first. */
  readonly begun: readonly { readonly pane: string; readonly positions: readonly Position[] }[];
  /** First pane whose calls were not told. */
  readonly next: string;
}
export interface ExtractionOptions {
  readonly paneNs: bigint;
  /** A call that takes longer may lose its answer. */
  readonly longestNs: bigint;
  readonly ignoreHeaders: readonly string[];
  /** Seals hashes of what requests say for the stage that nests them; absent: they are not looked at. */
  readonly contentKey?: ContentSeal;
}

/** An extraction answers for so many panes, fewer when it follows so many connections at once. */
const PANES = 60n;
const MAX_FLOWS = 500_000;
/** Silence after which an answer of unknown length is over. */
const SILENCE_NS = 500_000_000n;

export class Extraction {
  private readonly options: ExtractionOptions;
  private readonly reads: Reading[] = [];
  private readonly saved: ExtractionState | undefined;
  /** First pane whose calls were not told; null before the first. */
  private next: bigint | null;

  constructor(options: ExtractionOptions, saved?: ExtractionState) {
    this.options = options;
    this.saved = saved;
    this.next = saved ? BigInt(saved.next) : null;
  }

  /** Calls that this pane brought to light. `positions`: where its records, and all that follow, begin. `over`: nothing comes behind it. */
  take(pane: Pane, positions: readonly Position[], over = false): PaneCalls {
    const { reads } = this;
    const again = this.next !== null && pane.index < this.next;
    const early = -(-this.options.longestNs / this.options.paneNs);
    const known = this.saved?.begun.find(({ pane: from }) => BigInt(from) === pane.index);
    const last = reads.at(-1);
    const isOld = last && (pane.index - last.from >= PANES || last.flows > MAX_FLOWS) && reads.length === 1;
    if (!last || (again ? known : isOld)) reads.push(new Reading(pane.index, known?.positions ?? positions, this.options));
    for (const reading of reads) reading.feed(pane.entries);
    // The younger one takes over when it has read as far back as the longest call.
    if (reads.length === 2 && pane.index - reads[1]!.from >= early) reads.shift();
    const found = reads.map((reading) => reading.calls(pane, over))[0]!;
    if (!again) this.next = pane.index + 1n;
    return { ...found, again };
  }

  state(): ExtractionState {
    return { begun: this.reads.map(({ from, positions }) => ({ pane: String(from), positions })), next: String(this.next ?? 0n) };
  }
}

/** One extraction a tenant: networks that their taps call differently are never read together. */
class Reading {
  readonly from: bigint;
  readonly positions: readonly Position[];
  private readonly ignoreHeaders: readonly string[];
  private readonly contentKey: ContentSeal | undefined;
  private readonly tenants = new Map<string, Extractor>();
  private readonly namesTold = new Map<Extractor, number>();
  private readonly fed = new WeakSet<PaneEntry>();
  /** Ids told as in progress. */
  private readonly open = new Set<string>();

  constructor(from: bigint, positions: readonly Position[], { ignoreHeaders, contentKey }: ExtractionOptions) {
    this.from = from;
    this.positions = positions;
    this.ignoreHeaders = ignoreHeaders;
    this.contentKey = contentKey;
  }

  get flows(): number {
    let flows = 0;
    for (const x of this.tenants.values()) flows += x.flows.count - x.freeFlows;
    return flows;
  }

  feed(entries: readonly PaneEntry[]): void {
    for (const e of inTimeOrder(entries.filter((each) => !this.fed.has(each)))) {
      this.fed.add(e);
      if (e.content.kind === 'packets') this.extractor(e.content.tenant).push(0, e.content.capture);
    }
  }

  private extractor(tenant: string): Extractor {
    const known = this.tenants.get(tenant);
    // One whose bytes could not be read any further is of no more use.
    if (known && known.wants() === 0) return known;
    const x = new Extractor({
      captures: ['topic'],
      ignoreHeaders: this.ignoreHeaders,
      ignoreContents: this.contentKey === undefined,
      contentsAlone: true,
      inflate: inflateStart,
      ...(tenant && { tenant }),
    });
    this.tenants.set(tenant, x);
    return x;
  }

  calls(pane: Pane, over: boolean): Omit<PaneCalls, 'again'> {
    const calls: PaneCall[] = [];
    const forget: string[] = [];
    const names: NameFact[] = [];
    for (const tenant of [...this.tenants.keys()].sort()) {
      const x = this.tenants.get(tenant)!;
      if (over && x.wants() === 0) {
        x.end(0);
        x.finish();
      } else x.endSilent(Number(pane.toNs - SILENCE_NS - x.epochNs));
      this.collect(x, calls, forget);
      names.push(...x.names.slice(this.namesTold.get(x) ?? 0));
      this.namesTold.set(x, x.names.length);
    }
    return { calls, forget, names };
  }

  private collect(x: Extractor, calls: PaneCall[], forget: string[]): void {
    const idle = x.endIdleFlows();
    const { count } = x.calls;
    const [free, used] = [new Uint8Array(count), new Uint8Array(count)];
    x.markFree(free);
    x.markInUse(used);
    const over: number[] = [];
    const open: number[] = [];
    for (let row = 0; row < count; row++) {
      if (free[row] === 1) continue;
      (used[row] === 1 && (x.calls.flags[row]! & CallFlag.oneWay) === 0 ? open : over).push(row);
    }
    for (const row of open) {
      const record = unanswered(toRecord(x, row, this.contentKey));
      this.open.add(record.id!);
      calls.push({ record, open: true });
    }
    const ids = new Set(over.map((row) => toRecord(x, row).id!).filter((id) => this.open.delete(id)));
    const once = x.excerpt(Int32Array.from(over), true);
    for (let row = 0; row < once.calls.count; row++) {
      const record = toRecord(once, row, this.contentKey);
      ids.delete(record.id!);
      calls.push({ record, open: false });
    }
    forget.push(...ids);
    const gone = free.slice();
    for (const row of over) if (used[row] === 0) gone[row] = 1;
    x.release(gone);
    x.releaseFlows(x.releasableFlows(idle, new Uint8Array(x.flows.count)));
  }
}

/** Those of a partition in their order, partitions merged by packet time. */
function* inTimeOrder(entries: readonly PaneEntry[]): Generator<PaneEntry> {
  const queues = new Map<number, PaneEntry[]>();
  for (const e of entries) {
    const queue = queues.get(e.partition);
    if (queue) queue.push(e);
    else queues.set(e.partition, [e]);
  }
  const heads = [...queues].sort(([a], [b]) => a - b).map(([, queue]) => ({ queue, at: 0 }));
  for (;;) {
    let first: (typeof heads)[number] | undefined;
    for (const head of heads) {
      const e = head.queue[head.at];
      if (e && (!first || e.content.firstNs < first.queue[first.at]!.content.firstNs)) first = head;
    }
    if (!first) return;
    yield first.queue[first.at++]!;
  }
}
