import { Binary, Int64, Utf8 } from 'apache-arrow';
import type { NameFact } from '../engine/calls/callTable.ts';
import type { NameRecord } from '../engine/calls/nameRecord.ts';
import { Extractor } from '../engine/extractor.ts';
import { callRecordsOf } from '../session/callRecordsOf.ts';
import type { ContentKey } from '../session/contentKey.ts';
import { inflateStart } from '../sources/inflateStart.ts';
import { checkRecord } from '../sources/kafka/recordCheck.ts';
import { inputRows, Output } from './arrow.ts';
import { contentKeyOfRun } from './contentKey.ts';

export interface Taken {
  readonly value: Uint8Array;
  readonly firstNs: bigint;
  readonly place: string;
}

/**
 * Stage one, packets -> calls. In: source (which tap), value (a little capture), key (the tenant given by the tap; may be null), place
 * (text, orders records of a source whose first packets are of one time); all records of a flow must be in this task. A record without
 * packets, of names, may come several times. Out: tenant, call (a line of JSON, engine/calls/callRecord.ts; without start_ns: names that the
 * traffic told, engine/calls/nameRecord.ts), start_ns, bad (a record that could not be read), why. A bad record never fails the task: it is handed back.
 */
export async function calls(): Promise<void> {
  const out = new Output({ tenant: new Utf8(), call: new Utf8(), start_ns: new Int64(), bad: new Binary(), why: new Utf8() });
  /** tenant given by the tap -> source -> records with the time of their first packet */
  const tenants = new Map<string, Map<string, Taken[]>>();
  for await (const row of inputRows()) {
    const value = row['value'];
    if (!(value instanceof Uint8Array)) continue;
    const facts = checkRecord(value);
    if (facts.problem !== '') out.add({ tenant: '', call: null, start_ns: null, bad: value, why: facts.problem }, value.length);
    if (facts.firstNs === null && facts.problem !== '') continue;
    const place = String(row['place'] ?? '');
    const key = row['key'] instanceof Uint8Array ? new TextDecoder().decode(row['key']) : '';
    const taps = tenants.get(key) ?? new Map<string, Taken[]>();
    tenants.set(key, taps);
    const source = String(row['source'] ?? '');
    const records = taps.get(source) ?? [];
    taps.set(source, records);
    if (facts.firstNs === null && records.some((r) => r.firstNs === NO_PACKETS && r.place === place)) continue;
    records.push({ value: value.slice(), firstNs: facts.firstNs ?? NO_PACKETS, place });
  }
  const key = contentKeyOfRun();
  for (const [tenant, taps] of tenants) {
    const extractor = extracted(tenant, taps, key);
    // Identity and links are the next stage's: this one sees only some of a tenant's flows.
    for (const call of callRecordsOf(extractor, key))
      out.add({ tenant: call.tenant ?? '', call: JSON.stringify(call), start_ns: BigInt(call.startNs ?? '0'), bad: null, why: '' });
    for (const fact of namesOf(extractor)) {
      const record: NameRecord = { names: [fact] };
      out.add({ tenant: fact.tenant, call: JSON.stringify(record), start_ns: null, bad: null, why: '' });
    }
  }
  await out.end();
}

/** Before all packets. */
export const NO_PACKETS = -1n;

/** By time, not by place alone: captures of one name are one source. */
export const byTime = (a: Taken, b: Taken): number =>
  a.firstNs < b.firstNs ? -1 : a.firstNs > b.firstNs ? 1 : a.place < b.place ? -1 : a.place > b.place ? 1 : 0;

function extracted(tenant: string, taps: ReadonlyMap<string, readonly Taken[]>, key: ContentKey | undefined): Extractor {
  const names = [...taps.keys()].sort();
  const queues = names.map((name) => (taps.get(name) ?? []).toSorted(byTime).map((r) => r.value));
  const extractor = new Extractor({
    captures: names,
    tenant,
    ignoreContents: key === undefined,
    contentsAlone: true,
    inflate: inflateStart,
  });
  for (let c = extractor.wants(); c >= 0; c = extractor.wants()) {
    const next = queues[c]?.shift();
    if (next) extractor.push(c, next);
    else extractor.end(c);
  }
  extractor.finish();
  return extractor;
}

/** Each once, in an order that doesn't depend on that of the records. */
export function namesOf(extractor: Extractor): readonly NameFact[] {
  const facts = new Map(extractor.names.map(({ tenant, address, name }) => [`${tenant}\n${address}\n${name}`, { tenant, address, name }]));
  return [...facts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, fact]) => fact);
}
