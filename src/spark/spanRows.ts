/** Spans as rows of tables: what the second stage, stores and the jobs exchange (TRACES in jobs/tracenest_engine.py). */
import { type DataType, Float64, Int32, Int64, Utf8 } from 'apache-arrow';
import type { SpanRecord } from '../engine/calls/spanRecord.ts';
import type { Columns, Row } from './arrow.ts';

/** Columns that jobs aggregate, and `span`: the whole record as JSON (engine/calls/spanRecord.ts). */
export const spanColumns = (): Columns => ({
  tenant: new Utf8(),
  pane: new Int64() as DataType,
  trace: new Utf8(),
  id: new Utf8(),
  parent: new Utf8(),
  caller: new Utf8(),
  callee: new Utf8(),
  endpoint: new Utf8(),
  protocol: new Utf8(),
  start_ns: new Int64(),
  trace_start_ns: new Int64(),
  duration_ns: new Int64(),
  status: new Int32(),
  flags: new Int32(),
  confidence: new Float64(),
  span: new Utf8(),
});

/** `traceStartNs`: when the transaction's root began, ns since 1970. */
export function spanRow(span: SpanRecord, traceStartNs: bigint, pane: bigint | null = null): Row {
  return {
    tenant: span.tenant ?? '',
    pane,
    trace: span.trace,
    id: span.id,
    parent: span.parent ?? '',
    caller: span.caller,
    callee: span.callee,
    endpoint: span.endpoint,
    protocol: span.protocol,
    start_ns: BigInt(span.startNs ?? '0'),
    trace_start_ns: traceStartNs,
    duration_ns: span.durationNs == null ? null : BigInt(Math.round(span.durationNs)),
    status: span.status,
    flags: span.flags,
    confidence: span.confidence,
    span: JSON.stringify(span),
  };
}
