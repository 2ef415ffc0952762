/** Calls as JSON lines (the output of `calls`, the input of `nest`) to the columns that the algorithms read. */

import { contentHash } from '../bytes/contentHash.ts';
import { traceIdParts } from '../calls/traceIds.ts';
import type { NestingInput } from './api.ts';
import { contentColumns, valueColumns } from './values.ts';

const NONE = new Int32Array();

/** One call; microseconds since any epoch. Null or missing: unknown caller, unanswered call, or no stamp on that side. */
export interface CallLine {
  readonly id?: string | number;
  readonly caller?: string | null;
  readonly callee?: string | null;
  readonly callerInstance?: string | null;
  readonly calleeInstance?: string | null;
  readonly endpoint?: string | null;
  readonly callerStartUs?: number | null;
  readonly callerEndUs?: number | null;
  readonly calleeStartUs?: number | null;
  readonly calleeEndUs?: number | null;
  /** Trace id seen in the request, where the extraction gives one. */
  readonly traceKey?: string | null;
  readonly spanKey?: number | null;
  readonly parentSpanKey?: number | null;
  readonly tenant?: string | null;
  /** Path and query as sent, where the extraction gives them. */
  readonly target?: string | null;
  /** Hashes of what the request says. */
  readonly contentHashes?: Int32Array;
  readonly clientAddress?: string | null;
  readonly serverAddress?: string | null;
  readonly clientPort?: number | null;
  readonly serverPort?: number | null;
}

/** Numbers texts in alphabetical order, so that no number depends on the order of lines. Absent or empty: -1. */
function codes(texts: readonly (string | null | undefined)[]): { ids: Int32Array; names: string[] } {
  const names = [...new Set(texts)].filter((text): text is string => typeof text === 'string' && text !== '').sort();
  const numberOf = new Map(names.map((name, number) => [name, number]));
  return { ids: Int32Array.from(texts, (text) => numberOf.get(text ?? '') ?? -1), names };
}

/** As a whole analysis names services of a tenant (nestingInput.ts), so that a model that one has learned tells the other. */
function modelName(scoped: string): string {
  const cut = scoped.indexOf('\u0000');
  return cut < 0 ? `/${scoped}` : `${scoped.slice(0, cut)}/${scoped.slice(cut + 1)}`;
}

const given = (value: number | null | undefined): value is number => typeof value === 'number' && Number.isFinite(value);

/**
 * Columns of the given lines; row numbers are line numbers. A side without stamps takes those of the other; an end that is nowhere is +Infinity.
 * Services of different tenants are different services.
 */
export function compileNestingInput(lines: readonly CallLine[]): NestingInput {
  const count = lines.length;
  const scoped = (line: CallLine, text: string | null | undefined) => (text && line.tenant ? `${line.tenant}\u0000${text}` : text);
  // One numbering for both roles: a caller is some other call's callee.
  const services = codes([...lines.map((line) => scoped(line, line.caller)), ...lines.map((line) => scoped(line, line.callee))]);
  const instances = codes([
    ...lines.map((line) => scoped(line, line.callerInstance)),
    ...lines.map((line) => scoped(line, line.calleeInstance)),
  ]);
  const addresses = codes([
    ...lines.map((line) => scoped(line, line.clientAddress)),
    ...lines.map((line) => scoped(line, line.serverAddress)),
  ]);
  const ends = (line: CallLine) => `${line.clientAddress} ${line.clientPort} ${line.serverAddress} ${line.serverPort}`;
  const connections = codes(lines.map((line) => (line.clientAddress && line.clientPort ? scoped(line, ends(line)) : null)));
  const endpoints = codes(lines.map((line) => line.endpoint));
  const traceIds = lines.map((line) => traceIdParts(line.traceKey ?? ''));
  const traces = codes(lines.map((line, row) => scoped(line, traceIds[row]!.value)));

  let epochUs = Number.POSITIVE_INFINITY;
  for (const line of lines) {
    if (given(line.callerStartUs)) epochUs = Math.min(epochUs, line.callerStartUs);
    if (given(line.calleeStartUs)) epochUs = Math.min(epochUs, line.calleeStartUs);
  }
  const stamp = (own: number | null | undefined, other: number | null | undefined) => {
    const us = given(own) ? own : other;
    // Packets have whole nanoseconds, which differences of decimals miss by a hair.
    return given(us) ? Math.round((us - epochUs) * 1000) : Number.POSITIVE_INFINITY;
  };
  const starts = (value: number) => (Number.isFinite(value) ? value : 0);
  return {
    count,
    caller: services.ids.slice(0, count),
    callee: services.ids.slice(count),
    callerInstance: instances.ids.slice(0, count),
    calleeInstance: instances.ids.slice(count),
    endpoint: endpoints.ids,
    callerStartNs: Float64Array.from(lines, (line) => starts(stamp(line.callerStartUs, line.calleeStartUs))),
    callerEndNs: Float64Array.from(lines, (line) => stamp(line.callerEndUs, line.calleeEndUs)),
    calleeStartNs: Float64Array.from(lines, (line) => starts(stamp(line.calleeStartUs, line.callerStartUs))),
    calleeEndNs: Float64Array.from(lines, (line) => stamp(line.calleeEndUs, line.callerEndUs)),
    ...(traces.names.length > 0 && {
      traceKey: traces.ids.map((id) => id + 1),
      traceSystem: Uint8Array.from(traceIds, ({ system }) => system),
      ...(lines.some((line) => line.spanKey || line.parentSpanKey) && {
        spanKey: Uint32Array.from(lines, (line) => line.spanKey ?? 0),
        parentSpanKey: Uint32Array.from(lines, (line) => line.parentSpanKey ?? 0),
      }),
    }),
    ...(addresses.names.length > 0 && { callerAddress: addresses.ids.slice(0, count), calleeAddress: addresses.ids.slice(count) }),
    ...(lines.some((line) => line.target) && { values: valueColumns(count, (row) => lines[row]!.target ?? '') }),
    ...(lines.some((line) => line.contentHashes?.length) && {
      contents: contentColumns(count, (row) => lines[row]!.contentHashes ?? NONE),
    }),
    ...(connections.names.length > 0 && {
      connection: connections.ids,
      connectionName: (connection: number) => connections.names[connection]!,
    }),
    contentKey: Float64Array.from(lines, (line) => contentHash(String(line.id ?? ''))),
    serviceName: (service) => modelName(services.names[service] ?? ''),
    endpointName: (endpoint) => endpoints.names[endpoint] ?? '',
  };
}
