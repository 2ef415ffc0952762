/** One JSON object a line: the input of `nest`, and what others read calls from (engine/calls/callRecord.ts). */
import { UNSURE } from '../calls/callTable.ts';
import type { ContentSeal } from '../calls/contentSeal.ts';
import { json, pieces } from './pieces.ts';
import type { CallFacts, CallsSource, Pieces } from './source.ts';

/**
 * Microseconds since 1970, as a JSON number in text: whole microseconds stay whole, nanoseconds become decimals (a double would
 * round them to a quarter of a microsecond at today's date; whoever reads decimals exactly gets them exactly).
 */
export function microseconds(epochNs: string, ns: number): string {
  if (!Number.isFinite(ns)) return 'null';
  const at = BigInt(epochNs) + BigInt(Math.round(ns));
  const rest = at % 1000n;
  return rest === 0n ? String(at / 1000n) : `${at / 1000n}.${String(rest).padStart(3, '0').replace(/0+$/, '')}`;
}

/** `contents`: hashes of what the request says, sealed. */
export function callLine(call: CallFacts, epochNs: string, contents = ''): string {
  const us = (ns: number) => microseconds(epochNs, ns);
  const head = json({
    id: call.id,
    caller: call.caller,
    callee: call.callee,
    callerInstance: call.callerInstance,
    calleeInstance: call.calleeInstance,
    endpoint: call.endpoint,
  });
  const times = `"callerStartUs":${us(call.callerStartNs)},"callerEndUs":${us(call.callerEndNs)},"calleeStartUs":${us(call.startNs)},"calleeEndUs":${us(call.endNs)}`;
  const inner = `"requestEndUs":${us(call.requestEndNs)},"responseStartUs":${us(call.responseStartNs)}`;
  const tail = json({
    transport: call.transport,
    clientAddress: call.clientAddress,
    clientPort: call.clientPort,
    serverAddress: call.serverAddress,
    serverPort: call.serverPort,
    protocol: call.protocol,
    method: call.method,
    target: call.target,
    host: call.host,
    status: call.status,
    tenant: call.tenant,
    capture: call.capture,
    requestFrame: call.requestFrame,
    responseFrame: call.responseFrame,
    requestBytes: call.requestBytes,
    responseBytes: call.responseBytes,
    uncertain: (call.flags & UNSURE) !== 0,
    flags: call.flags,
    ...(call.traceKey !== '' && { traceKey: call.traceKey }),
    ...(call.spanKey !== 0 && { spanKey: call.spanKey }),
    ...(call.parentSpanKey !== 0 && { parentSpanKey: call.parentSpanKey }),
    ...(contents !== '' && { contents }),
  });
  return `${head.slice(0, -1)},${times},${tail.slice(1, -1)},${inner}}\n`;
}

function* texts(source: CallsSource, seal: ContentSeal | undefined): Generator<string> {
  for (let row = 0; row < source.callCount; row++) {
    const contents = (seal && source.contents?.(row)) ?? NONE;
    yield callLine(source.call(row), source.epochNs, contents.length > 0 ? seal!.seal(contents) : '');
  }
}
const NONE = new Int32Array();
export const calls = (source: CallsSource, seal?: ContentSeal): Pieces => pieces(texts(source, seal));
