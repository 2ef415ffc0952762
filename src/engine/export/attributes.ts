import { CallFlag } from '../calls/callTable.ts';
import { isDatabase } from '../protocols/names.ts';
import { isHttp, splitTarget } from './pieces.ts';
import type { ExportCall } from './source.ts';

export type AttributeValue = string | number | boolean | readonly number[] | { readonly double: number };

/** network.protocol.name, network.protocol.version. Calls don't keep whether a message said HTTP/1.0 or 1.1; both are spoken by 1.1 peers. */
const NETWORK: Readonly<Record<string, readonly [name: string, version: string]>> = {
  'http/1': ['http', '1.1'],
  'http/2': ['http', '2'],
  grpc: ['http', '2'],
  websocket: ['websocket', ''],
  tls: ['tls', ''],
  amqp: ['amqp', ''],
};

const UNCERTAIN: readonly (readonly [bit: number, word: string])[] = [
  [CallFlag.pairUnsure, 'pair'],
  [CallFlag.requestFirstUnsure, 'request start'],
  [CallFlag.requestLastUnsure, 'request end'],
  [CallFlag.responseFirstUnsure, 'response start'],
  [CallFlag.responseLastUnsure, 'response end'],
  [CallFlag.noResponse, 'no response seen'],
  [CallFlag.headCut, 'head cut'],
];
/** What about a call is not sure, in words; '' when all is. */
export const uncertainty = (flags: number): string =>
  UNCERTAIN.filter(([bit]) => flags & bit)
    .map(([, word]) => word)
    .join(', ');

/** Attributes of a call by OpenTelemetry's semantic conventions (HTTP, RPC, database spans, v1.2x), plus ours under "tracenest.". Empty values are left out. */
export function attributesOf(call: ExportCall, captureName: string): readonly (readonly [key: string, value: AttributeValue])[] {
  const all: [string, AttributeValue][] = [];
  const put = (key: string, value: AttributeValue) => {
    if (value !== '' && value !== 0) all.push([key, value]);
  };
  if (isHttp(call.protocol)) {
    const { path, query } = splitTarget(call.target);
    put('http.request.method', call.method);
    put('url.path', path);
    put('url.query', query);
    put('http.response.status_code', call.status);
  } else if (call.protocol === 'grpc') {
    const parts = call.target.split('/');
    put('rpc.system', 'grpc');
    put('rpc.service', parts[1] ?? '');
    put('rpc.method', parts[2] ?? '');
    all.push(['rpc.grpc.status_code', call.status]);
  } else if (isDatabase(call.protocol)) {
    put('db.system.name', call.protocol);
    put('db.operation.name', call.method);
    put('db.namespace', call.host);
  } else if (call.protocol === 'kafka') {
    put('messaging.system', 'kafka');
    put('messaging.operation.name', call.method);
  }
  put('server.address', call.serverAddress);
  put('server.port', call.serverPort);
  put('client.address', call.clientAddress);
  put('client.port', call.clientPort);
  const [name, version] = NETWORK[call.protocol] ?? [call.protocol, ''];
  put('network.protocol.name', name);
  put('network.protocol.version', version);
  put('network.transport', call.transport);
  if (call.flags & CallFlag.failed) put('error.type', call.status > 0 ? String(call.status) : '_OTHER');
  all.push(['tracenest.parent.confidence', { double: round(call.confidence) }]);
  all.push(['tracenest.tenant', call.tenant]);
  all.push(['tracenest.frames', [call.requestFrame, call.responseFrame].filter((frame) => frame > 0)]);
  put('tracenest.capture', captureName);
  put('tracenest.caller', call.caller);
  put('tracenest.uncertain', uncertainty(call.flags));
  // Its end is that of what was seen: a duration of 0 would look like a very fast answer.
  if (isUnanswered(call)) all.push(['tracenest.unanswered', true]);
  return all;
}

/** A response was due and none was seen. */
const isUnanswered = ({ flags, responseStartNs, endNs }: ExportCall): boolean =>
  (flags & CallFlag.oneWay) === 0 && !Number.isFinite(endNs) && !Number.isFinite(responseStartNs);

/** Confidence is a float32 in the tables: 4 digits are all it holds, and 0.1 shouldn't print as 0.10000000149. */
export const round = (value: number): number => Math.round(value * 10_000) / 10_000;
