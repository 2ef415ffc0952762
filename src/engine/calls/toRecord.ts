/** A row of an extraction as a record that a later stage names and nests: stamps, addresses and targets, without names of services and links. */

import { PROTOCOLS } from '../protocols/names.ts';
import { callId } from './callId.ts';
import type { CallRecord } from './callRecord.ts';
import { CallFlag, type CallTable, type Extraction } from './callTable.ts';
import type { ContentSeal } from './contentSeal.ts';

/** `seal`: for a stage that has the key, with hashes of what the request says. */
export function toRecord(x: Extraction, row: number, seal?: ContentSeal): CallRecord {
  const { calls, flows, strings, epochNs } = x;
  const flow = calls.flow[row]!;
  const text = (id: number) => strings.text(id);
  const startNs =
    [calls.requestFirstNs, calls.requestLastNs, calls.responseFirstNs].map((c) => c[row]!).find((ns) => !Number.isNaN(ns)) ?? 0;
  const after = (ns: number) => (Number.isNaN(ns) ? null : Math.round(ns - startNs));
  const traceKey = calls.traceId(row);
  const serverName = text(flows.serverName[flow]!);
  return {
    id: callId(x, row),
    tenant: text(flows.tenant[flow]!),
    protocol: PROTOCOLS[calls.protocol[row]!]!,
    method: text(calls.method[row]!),
    target: calls.target(row),
    host: text(calls.host[row]!),
    status: calls.status[row]!,
    flags: calls.flags[row]!,
    startNs: String(epochNs + BigInt(Math.round(startNs))),
    requestNs: after(calls.requestLastNs[row]!),
    responseNs: after(calls.responseFirstNs[row]!),
    durationNs: after(calls.responseLastNs[row]!),
    requestBytes: calls.requestBytes[row]!,
    responseBytes: calls.responseBytes[row]!,
    transport: flows.transport[flow] === 17 ? 'udp' : 'tcp',
    clientAddress: text(flows.clientAddress[flow]!),
    clientPort: flows.clientPort[flow]!,
    serverAddress: text(flows.serverAddress[flow]!),
    serverPort: flows.serverPort[flow]!,
    ...(traceKey !== '' && { traceKey }),
    ...spanKeys(calls, row),
    ...(serverName !== '' && { serverName }),
    ...sealedContents(x, row, seal),
  };
}

/** Only where there are any. */
export function spanKeys(calls: CallTable, row: number): Pick<CallRecord, 'spanKey' | 'parentSpanKey'> {
  const [spanKey, parentSpanKey] = [calls.spanKey[row]!, calls.parentSpanKey[row]!];
  return { ...(spanKey !== 0 && { spanKey }), ...(parentSpanKey !== 0 && { parentSpanKey }) };
}

export function sealedContents(x: Extraction, row: number, seal: ContentSeal | undefined): Pick<CallRecord, 'contents'> {
  const contents = seal ? x.calls.contents(row) : NONE;
  return contents.length > 0 ? { contents: seal!.seal(contents) } : {};
}
const NONE = new Int32Array();

/** What is known of a call whose answer has not come. */
export const unanswered = (r: CallRecord): CallRecord => ({
  ...r,
  status: 0,
  responseNs: null,
  durationNs: null,
  responseBytes: 0,
  flags: (r.flags ?? 0) | CallFlag.noResponse,
});
