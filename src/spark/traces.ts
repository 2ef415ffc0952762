import type { NameFact } from '../engine/calls/callTable.ts';
import { namesOfRecord } from '../engine/calls/nameRecord.ts';
import { nestedRecords } from '../session/fromRecords.ts';
import { spanRecords, traceStarts } from '../session/spans.ts';
import { inputRows, Output } from './arrow.ts';
import { contentKeyOfRun } from './contentKey.ts';
import { spanColumns, spanRow } from './spanRows.ts';

export interface TracesOptions {
  readonly algorithm: string;
  readonly model?: unknown;
  /** Names that a person wrote, by address. */
  readonly names?: Readonly<Record<string, string>>;
}
interface Group {
  readonly tenant: string;
  readonly pane: bigint | null;
  readonly records: unknown[];
  readonly facts: NameFact[];
}

/**
 * Stage two, calls -> traces. In: tenant, pane (null: the tenant is not cut), call (a line of JSON: a call, or names); all calls of a
 * tenant and pane, and all names that any task learnt of the tenant, must be in this task. Out: one row a span (spanRows.ts).
 */
export async function traces(options: TracesOptions): Promise<void> {
  const out = new Output(spanColumns());
  const groups = new Map<string, Group>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const pane = typeof row['pane'] === 'bigint' ? row['pane'] : null;
    const key = `${tenant}\0${pane}`;
    const group = groups.get(key) ?? { tenant, pane, records: [], facts: [] };
    groups.set(key, group);
    const value: unknown = JSON.parse(String(row['call']));
    const facts = namesOfRecord(value);
    if (facts) for (const fact of facts) group.facts.push(fact);
    else group.records.push(value);
  }
  const contentKey = contentKeyOfRun();
  for (const [, { tenant, pane, records, facts }] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (records.length === 0) continue; // somebody asked for a name, and nobody called
    const spans = [...spanRecords(nestedRecords(records, tenant, { ...options, facts, contentKey }))];
    const starts = traceStarts(spans);
    for (const span of spans) out.add(spanRow({ ...span, tenant }, starts.get(span.trace) ?? BigInt(span.startNs ?? '0'), pane));
  }
  await out.end();
}
