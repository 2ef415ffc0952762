import { Binary, Bool, Int32, Int64, Utf8 } from 'apache-arrow';
import type { NameRecord } from '../engine/calls/nameRecord.ts';
import { toRecord, unanswered } from '../engine/calls/toRecord.ts';
import { Extractor } from '../engine/extractor.ts';
import type { ConnectionMemory } from '../engine/streams/memory.ts';
import { inflateStart } from '../sources/inflateStart.ts';
import { checkRecord, cutRecord } from '../sources/kafka/recordCheck.ts';
import { inputRows, Output } from './arrow.ts';
import { byTime, NO_PACKETS, namesOf } from './calls.ts';
import { contentKeyOfRun } from './contentKey.ts';

/** Times: ns since 1970; null: none. */
export interface WindowTimes {
  /** Packets before it were read with the window before: what they said of connections comes along. */
  readonly fromNs: bigint | null;
  readonly endNs: bigint;
  /** Up to here connections are remembered for the next window, which reads on from there; null: nothing comes behind this one. */
  readonly cutNs: bigint | null;
}
interface Taken {
  readonly value: Uint8Array;
  readonly firstNs: bigint;
  readonly place: string;
  readonly bucket: number;
}
interface Kept {
  readonly bucket: number;
  readonly memory: ConnectionMemory;
}

/** Silence after which an answer of unknown length is over. */
const SILENCE_NS = 500_000_000n;
/** Connections remembered of a tenant and bucket; those that were silent longest go. */
const MAX_CONNECTIONS = 100_000;

/**
 * Stage one of a window of a stream. In: bucket (of flows: all of one go to one task), key (tenant given by the tap; may be null), and either
 * value (a little capture) with its place (orders records of one time), or memory (a connection, JSON), as the window before gave it.
 * Out: tenant, call (JSON: a call, or names when start_ns is null), start_ns, open (in progress: the next window tells it again); or
 * bucket, key and memory for the next window.
 */
export async function windowCalls(times: WindowTimes): Promise<void> {
  const out = new Output({
    tenant: new Utf8(),
    call: new Utf8(),
    start_ns: new Int64(),
    open: new Bool(),
    bucket: new Int32(),
    key: new Binary(),
    memory: new Utf8(),
  });
  const tenants = new Map<string, { readonly records: Taken[]; readonly kept: Kept[] }>();
  for await (const row of inputRows()) {
    const key = row['key'] instanceof Uint8Array ? new TextDecoder().decode(row['key']) : '';
    const of = tenants.get(key) ?? { records: [], kept: [] };
    tenants.set(key, of);
    const bucket = Number(row['bucket'] ?? 0);
    const value = row['value'];
    if (typeof row['memory'] === 'string') of.kept.push({ bucket, memory: JSON.parse(row['memory']) as ConnectionMemory });
    else if (value instanceof Uint8Array)
      of.records.push({
        value: value.slice(),
        firstNs: checkRecord(value).firstNs ?? NO_PACKETS,
        place: String(row['place'] ?? ''),
        bucket,
      });
  }
  for (const [key, { records, kept }] of [...tenants].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const window = new TenantWindow(key, records.sort(byTime), kept, times);
    for (const { bucket, memory } of window.kept) {
      const text = JSON.stringify(memory);
      const row = { tenant: null, call: null, start_ns: null, open: null, bucket, key: new TextEncoder().encode(key), memory: text };
      out.add(row, text.length);
    }
    const none = { bucket: null, key: null, memory: null };
    for (const { record, open } of window.calls())
      out.add({ tenant: record.tenant ?? '', call: JSON.stringify(record), start_ns: BigInt(record.startNs ?? '0'), open, ...none });
    for (const fact of namesOf(window.extractor)) {
      const record: NameRecord = { names: [fact] };
      out.add({ tenant: fact.tenant, call: JSON.stringify(record), start_ns: null, open: false, ...none });
    }
  }
  await out.end();
}

class TenantWindow {
  readonly extractor: Extractor;
  /** For the next window. */
  readonly kept: readonly Kept[];
  private readonly times: WindowTimes;
  private readonly key = contentKeyOfRun();
  /** Bucket of a flow: that of the record in which it first was seen. */
  private readonly buckets: number[] = [];

  constructor(tenant: string, records: readonly Taken[], kept: readonly Kept[], times: WindowTimes) {
    this.times = times;
    const { fromNs, cutNs } = times;
    this.extractor = new Extractor({
      captures: ['topic'],
      tenant,
      ignoreContents: this.key === undefined,
      contentsAlone: true,
      inflate: inflateStart,
      connections: kept.map((k) => k.memory),
    });
    const own = records.map((r) => ({ ...r, value: fromNs === null ? r.value : cutRecord(r.value, fromNs)[1] }));
    // First everything before the cut, then everything behind it: what is remembered depends on times alone.
    for (const r of own) this.push(r.bucket, r.value && cutNs !== null ? cutRecord(r.value, cutNs)[0] : r.value);
    if (cutNs === null) {
      this.kept = [];
      return;
    }
    this.kept = this.remembered(cutNs, kept);
    for (const r of own) this.push(r.bucket, r.value && cutRecord(r.value, cutNs)[1]);
  }

  private push(bucket: number, value: Uint8Array | null): void {
    if (value === null) return;
    this.extractor.push(0, value);
    while (this.buckets.length < this.extractor.flows.count) this.buckets.push(bucket);
  }

  private remembered(cutNs: bigint, before: readonly Kept[]): readonly Kept[] {
    const bucketOf = new Map(before.map((k) => [k.memory, k.bucket]));
    const all = this.extractor
      .connections(cutNs)
      .map(({ flow, memory }) => ({ memory, bucket: flow < 0 ? bucketOf.get(memory)! : this.buckets[flow]! }));
    const room = new Map<number, number>();
    // Decimal times of one length.
    all.sort((a, b) => (a.memory.lastNs > b.memory.lastNs ? -1 : a.memory.lastNs < b.memory.lastNs ? 1 : 0));
    return all.filter(({ bucket }) => {
      const taken = room.get(bucket) ?? 0;
      room.set(bucket, taken + 1);
      return taken < MAX_CONNECTIONS;
    });
  }

  /** Every call once, with whether its answer may still come. */
  *calls() {
    const { extractor: x, times } = this;
    const { cutNs, fromNs } = times;
    const open = new Set<string>();
    if (cutNs !== null) {
      x.endSilent(Number(times.endNs - SILENCE_NS - x.epochNs));
      const used = new Uint8Array(x.calls.count);
      x.markInUse(used);
      used.forEach((is, row) => {
        if (is === 1) open.add(toRecord(x, row).id!);
      });
    }
    if (x.wants() === 0) x.end(0);
    x.finish();
    for (let row = 0; row < x.calls.count; row++) {
      const record = toRecord(x, row, this.key);
      const startNs = BigInt(record.startNs ?? '0');
      if (fromNs !== null && startNs < fromNs) continue;
      // One that the next window does not see from its beginning stays as it is known here.
      const seenAgain = cutNs !== null && startNs >= cutNs && open.has(record.id!);
      yield { record: seenAgain ? unanswered(record) : record, open: seenAgain };
    }
  }
}
