/** OTLP/JSON, https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding: ids in hex, 64-bit integers as decimal strings, enums as numbers. */
import { CallFlag } from '../calls/callTable.ts';
import { type AttributeValue, attributesOf } from './attributes.ts';
import { absoluteNs, endOf, json, pieces } from './pieces.ts';
import { SAMPLE_KEY, sampleNote } from './sampled.ts';
import type { ExportCall, ExportSource, Pieces } from './source.ts';

const KIND_SERVER = 2;
const STATUS_ERROR = 2;

function value(v: AttributeValue): object {
  if (typeof v === 'string') return { stringValue: v };
  if (typeof v === 'boolean') return { boolValue: v };
  if (typeof v === 'number') return { intValue: String(v) };
  if ('double' in v) return { doubleValue: v.double };
  return { arrayValue: { values: v.map((each) => ({ intValue: String(each) })) } };
}
const attribute = ([key, v]: readonly [string, AttributeValue]) => ({ key, value: value(v) });

function span(call: ExportCall, source: ExportSource): object {
  const { epochNs, sources } = source.summary;
  const failed = (call.flags & CallFlag.failed) !== 0;
  return {
    traceId: call.traceId,
    spanId: call.id,
    parentSpanId: call.parentId,
    name: call.endpoint || call.method || call.protocol,
    kind: KIND_SERVER,
    startTimeUnixNano: String(absoluteNs(epochNs, call.startNs)),
    endTimeUnixNano: String(absoluteNs(epochNs, endOf(call))),
    attributes: attributesOf(call, sources[call.capture] ?? '').map(attribute),
    status: failed ? { code: STATUS_ERROR, message: call.status > 0 ? `${call.protocol} ${call.status}` : 'failed' } : {},
  };
}

/** Rows of each service, in order of start: a counting sort, so that memory is 4 bytes a call. */
export function byService(source: ExportSource): { readonly rows: Int32Array; readonly first: Int32Array } {
  const first = new Int32Array(source.services.length + 1);
  for (let row = 0; row < source.callCount; row++) first[source.calleeOf(row) + 1]!++;
  for (let s = 0; s < source.services.length; s++) first[s + 1]! += first[s]!;
  const next = first.slice();
  const rows = new Int32Array(source.callCount);
  for (let row = 0; row < source.callCount; row++) rows[next[source.calleeOf(row)]!++] = row;
  return { rows, first };
}

function* texts(source: ExportSource): Generator<string> {
  const { rows, first } = byService(source);
  const note = sampleNote(source.summary);
  yield '{"resourceSpans":[';
  let separator = '';
  for (const [index, service] of source.services.entries()) {
    if (first[index] === first[index + 1]) continue;
    const resource = {
      attributes: [
        ['service.name', service.name] as const,
        ['tracenest.named_by', service.namedBy] as const,
        ...(note === '' ? [] : [[SAMPLE_KEY, note] as const]),
      ].map(attribute),
    };
    yield `${separator}{"resource":${json(resource)},"scopeSpans":[{"scope":{"name":"tracenest"},"spans":[`;
    for (let i = first[index]!; i < first[index + 1]!; i++) {
      yield `${i === first[index] ? '' : ','}\n${json(span(source.call(rows[i]!), source))}`;
    }
    yield ']}]}';
    separator = ',\n';
  }
  yield ']}\n';
}

/** One TracesData object: one resource per service, one span per call. */
export const otlp = (source: ExportSource): Pieces => pieces(texts(source));
