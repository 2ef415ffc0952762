/** Zipkin v2 JSON, https://zipkin.io/zipkin-api/#/default/post_spans: an array of spans, times in microseconds. */
import { CallFlag } from '../calls/callTable.ts';
import { attributesOf } from './attributes.ts';
import { absoluteNs, endOf, json, pieces } from './pieces.ts';
import { SAMPLE_KEY, sampleNote } from './sampled.ts';
import type { ExportCall, ExportSource, Pieces } from './source.ts';

function endpoint(serviceName: string, address: string, port: number): object {
  return {
    serviceName: serviceName.toLowerCase(),
    ...(address.includes(':') ? { ipv6: address } : { ipv4: address }),
    ...(port > 0 && { port }),
  };
}

function span(call: ExportCall, source: ExportSource): object {
  const { epochNs, sources } = source.summary;
  const tags: Record<string, string> = {};
  for (const [key, value] of attributesOf(call, sources[call.capture] ?? '')) {
    tags[key] = typeof value === 'object' ? ('double' in value ? String(value.double) : value.join(',')) : String(value);
  }
  // A list of spans has no place of its own for it.
  if (call.parentId === '' && source.summary.kept) tags[SAMPLE_KEY] = sampleNote(source.summary);
  // Zipkin marks failed spans by the presence of this tag.
  if (call.flags & CallFlag.failed) tags['error'] = tags['error.type'] ?? 'true';
  return {
    traceId: call.traceId,
    id: call.id,
    ...(call.parentId !== '' && { parentId: call.parentId }),
    kind: 'SERVER',
    name: (call.endpoint || call.method || call.protocol).toLowerCase(),
    timestamp: Number(absoluteNs(epochNs, call.startNs) / 1000n),
    // The specification asks for at least 1.
    duration: Math.max(1, Math.round((endOf(call) - call.startNs) / 1000)),
    localEndpoint: endpoint(call.callee, call.serverAddress, call.serverPort),
    remoteEndpoint: endpoint(call.caller, call.clientAddress, call.clientPort),
    tags,
  };
}

function* texts(source: ExportSource): Generator<string> {
  yield '[';
  for (let row = 0; row < source.callCount; row++) yield `${row === 0 ? '' : ','}\n${json(span(source.call(row), source))}`;
  yield ']\n';
}
export const zipkin = (source: ExportSource): Pieces => pieces(texts(source));
