import { nestedRecords } from '../session/fromRecords.ts';
import { spanRecords, traceStarts } from '../session/spans.ts';
import { inputRows, Output } from './arrow.ts';
import { spanColumns, spanRow } from './spanRows.ts';

/**
 * Stage two, calls -> traces. In: tenant, pane (null: the tenant is not cut), call (a line of JSON); all calls of a tenant and pane must
 * be in this task. Out: one row a span (spanRows.ts).
 */
export async function traces(options: { readonly algorithm: string; readonly model?: unknown }): Promise<void> {
  const out = new Output(spanColumns());
  const groups = new Map<string, { readonly tenant: string; readonly pane: bigint | null; readonly records: unknown[] }>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const pane = typeof row['pane'] === 'bigint' ? row['pane'] : null;
    const key = `${tenant}\0${pane}`;
    const group = groups.get(key) ?? { tenant, pane, records: [] };
    groups.set(key, group);
    group.records.push(JSON.parse(String(row['call'])));
  }
  for (const [, { tenant, pane, records }] of [...groups].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const spans = [...spanRecords(nestedRecords(records, tenant, options))];
    const starts = traceStarts(spans);
    for (const span of spans) out.add(spanRow({ ...span, tenant }, starts.get(span.trace) ?? BigInt(span.startNs ?? '0'), pane));
  }
  await out.end();
}
