import { Float64, Int32, Int64, Utf8 } from 'apache-arrow';
import { nestedRecords } from '../session/fromRecords.ts';
import { spanRecords } from '../session/spans.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Stage two, calls -> traces. In: tenant, pane (null: the tenant is not cut), call (a line of JSON); all calls of a tenant and pane must
 * be in this task. Out: one row a span, with the columns that jobs aggregate and `span`, the whole record as JSON (engine/calls/spanRecord.ts).
 */
export async function traces(options: { readonly algorithm: string; readonly model?: unknown }): Promise<void> {
  const out = new Output({
    tenant: new Utf8(),
    pane: new Int64(),
    trace: new Utf8(),
    id: new Utf8(),
    parent: new Utf8(),
    caller: new Utf8(),
    callee: new Utf8(),
    endpoint: new Utf8(),
    protocol: new Utf8(),
    start_ns: new Int64(),
    duration_ns: new Int64(),
    status: new Int32(),
    flags: new Int32(),
    confidence: new Float64(),
    span: new Utf8(),
  });
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
    for (const span of spanRecords(nestedRecords(records, tenant, options))) {
      out.add({
        tenant,
        pane,
        trace: span.trace,
        id: span.id,
        parent: span.parent ?? '',
        caller: span.caller,
        callee: span.callee,
        endpoint: span.endpoint,
        protocol: span.protocol,
        start_ns: BigInt(span.startNs ?? '0'),
        duration_ns: span.durationNs == null ? null : BigInt(span.durationNs),
        status: span.status,
        flags: span.flags,
        confidence: span.confidence,
        span: JSON.stringify(span),
      });
    }
  }
  await out.end();
}
