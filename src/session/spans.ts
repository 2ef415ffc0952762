/** Finished analyses as span records: what goes to stores, topics and result files. */

import type { Analysis } from '../engine/analysis.ts';
import type { SpanRecord } from '../engine/calls/spanRecord.ts';
import type { ExportCall, ExportSource } from '../engine/export/source.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import { CallView } from './callView.ts';
import { Instances } from './instances.ts';

const finite = (ns: number): number | null => (Number.isFinite(ns) ? Math.round(ns) : null);

/** Services that are only outside clients: their addresses are end users' and are never stored. */
function clientNames(source: ExportSource): ReadonlySet<string> {
  return new Set(source.services.filter((s) => s.isClients).map((s) => `${s.tenant}\0${s.name}`));
}

/** All calls of an analysis in order of start. Addresses of outside clients and raw targets are left out. */
export function* spanRecords(source: ExportSource): Generator<SpanRecord> {
  const clients = clientNames(source);
  const epochNs = BigInt(source.summary.epochNs);
  for (let row = 0; row < source.callCount; row++) yield spanRecord(source.call(row), epochNs, clients);
}

export function spanRecord(call: ExportCall, epochNs: bigint, clients: ReadonlySet<string>): SpanRecord {
  const outside = clients.has(`${call.tenant}\0${call.caller}`);
  return {
    id: call.id,
    trace: call.traceId,
    parent: call.parentId,
    confidence: call.confidence,
    tenant: call.tenant,
    caller: call.caller,
    callee: call.callee,
    callerInstance: outside ? '' : call.callerInstance,
    calleeInstance: call.calleeInstance,
    endpoint: call.endpoint,
    protocol: call.protocol,
    method: call.method,
    host: call.host,
    status: call.status,
    flags: call.flags,
    startNs: String(epochNs + BigInt(Math.round(call.startNs))),
    requestNs: finite(call.requestEndNs - call.startNs),
    responseNs: finite(call.responseStartNs - call.startNs),
    durationNs: finite(call.endNs - call.startNs),
    requestBytes: call.requestBytes,
    responseBytes: call.responseBytes,
    transport: call.transport,
    serverAddress: call.serverAddress,
    serverPort: call.serverPort,
    ...(outside ? {} : { clientAddress: call.clientAddress, clientPort: call.clientPort }),
  };
}

/** A row's span by an analysis that is not exported as a whole. */
export function spansByRow(analysis: Analysis): (row: number) => SpanRecord {
  const instances = new Instances(analysis);
  const clients = new Set(analysis.services.filter((s) => s.isClients).map((s) => `${s.tenant}\0${s.name}`));
  return (row) => spanRecord(new CallView(analysis, instances, row), analysis.extraction.epochNs, clients);
}

/** When each transaction's root began, ns since 1970. */
export function traceStarts(records: readonly SpanRecord[]): ReadonlyMap<string, bigint> {
  const starts = new Map<string, bigint>();
  for (const r of records) if (r.parent === '' || r.parent == null) starts.set(r.trace, BigInt(r.startNs ?? '0'));
  return starts;
}

/** The same as rows of a store. */
export function* storedSpans(source: ExportSource): Generator<StoredSpan> {
  // A root comes before its calls, except where a call starts before it by a clock's slack: roots first.
  const records = [...spanRecords(source)];
  const starts = traceStarts(records);
  for (const r of records) yield storedSpan(r, starts.get(r.trace) ?? BigInt(r.startNs ?? '0'));
}

export const storedSpan = (r: SpanRecord, traceStartNs: bigint): StoredSpan => ({
  id: r.id,
  trace: r.trace,
  parent: r.parent ?? '',
  traceStartNs,
  tenant: r.tenant ?? '',
  caller: r.caller ?? '',
  callee: r.callee ?? '',
  callerInstance: r.callerInstance ?? '',
  calleeInstance: r.calleeInstance ?? '',
  endpoint: r.endpoint ?? '',
  protocol: r.protocol ?? '',
  status: r.status ?? 0,
  flags: r.flags ?? 0,
  startNs: BigInt(r.startNs ?? '0'),
  requestNs: r.requestNs ?? Number.NaN,
  responseNs: r.responseNs ?? Number.NaN,
  durationNs: r.durationNs ?? Number.NaN,
  requestBytes: r.requestBytes ?? 0,
  responseBytes: r.responseBytes ?? 0,
  confidence: r.confidence,
});

export function recordOfStored(s: StoredSpan): SpanRecord {
  const number = (ns: number) => (Number.isNaN(ns) ? null : ns);
  const { traceStartNs: _began, ...rest } = s;
  return {
    ...rest,
    startNs: String(s.startNs),
    requestNs: number(s.requestNs),
    responseNs: number(s.responseNs),
    durationNs: number(s.durationNs),
  };
}
