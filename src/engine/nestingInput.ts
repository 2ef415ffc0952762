import { contentHash } from './bytes/contentHash.ts';
import { CallFlag, type CallTable, type Extraction } from './calls/callTable.ts';
import { traceIdParts } from './calls/traceIds.ts';
import type { Endpoints, Identity } from './identity/index.ts';
import type { NestingInput } from './nesting/index.ts';
import { contentColumns, valueColumns } from './nesting/values.ts';
import type { Times } from './traces/times.ts';

/** Trace ids numbered by value, whatever system's header they came in, and those systems. */
function traceColumns(calls: CallTable, count: number): Pick<NestingInput, 'traceKey' | 'traceSystem' | 'spanKey' | 'parentSpanKey'> {
  const numberOf = new Map<string, number>();
  const seen = new Map<number, { readonly system: number; readonly key: number }>([[0, { system: 0, key: 0 }]]);
  const traceKey = new Int32Array(count);
  const traceSystem = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const id = calls.traceKey[row]!;
    let known = seen.get(id);
    if (known === undefined) {
      const { system, value } = traceIdParts(calls.traceId(row));
      const key = numberOf.get(value) ?? numberOf.size + 1;
      numberOf.set(value, key);
      seen.set(id, (known = { system, key }));
    }
    traceKey[row] = known.key;
    traceSystem[row] = known.system;
  }
  const spanKey = calls.spanKey.subarray(0, count);
  const parentSpanKey = calls.parentSpanKey.subarray(0, count);
  const named = spanKey.some((key) => key !== 0) || parentSpanKey.some((key) => key !== 0);
  return { traceKey, traceSystem, ...(named && { spanKey, parentSpanKey }) };
}

/** Calls as the algorithms want them. An unanswered call stays open for ever; a one-way message is over when it is sent. */
export function nestingInput(
  x: Extraction,
  identity: Identity,
  endpoints: Endpoints,
  times: Times,
  traceKeys: boolean,
  values: boolean,
  contents: boolean,
  connections: boolean,
): NestingInput {
  const { calls, flows, strings } = x;
  const count = identity.callee.length;
  const flowHash = new Float64Array(flows.count);
  const flowName = (flow: number) => {
    const client = `${strings.text(flows.clientAddress[flow]!)} ${flows.clientPort[flow]}`;
    const server = `${strings.text(flows.serverAddress[flow]!)} ${flows.serverPort[flow]}`;
    return `${strings.text(flows.tenant[flow]!)}\n${flows.transport[flow]}\n${client}\n${server}`;
  };
  for (let flow = 0; flow < flows.count; flow++) flowHash[flow] = contentHash(flowName(flow)) % 2 ** 32;
  const callerStartNs = new Float64Array(count);
  const callerEndNs = new Float64Array(count);
  const calleeStartNs = new Float64Array(count);
  const calleeEndNs = new Float64Array(count);
  const contentKey = new Float64Array(count);
  const { given } = x;
  for (let row = 0; row < count; row++) {
    // While reading goes on, calls in progress too.
    const unanswered =
      (calls.flags[row]! & CallFlag.noResponse) !== 0 ||
      (Number.isNaN(calls.responseFirstNs[row]!) && Number.isNaN(calls.responseLastNs[row]!));
    const open = unanswered && (calls.flags[row]! & CallFlag.oneWay) === 0;
    callerStartNs[row] = times.outerStart(row);
    calleeStartNs[row] = times.innerStart(row);
    callerEndNs[row] = open ? Number.POSITIVE_INFINITY : times.outerEnd(row);
    calleeEndNs[row] = open ? Number.POSITIVE_INFINITY : times.innerEnd(row);
    const sequence =
      calls.requestSequence[row]! ^ (given === undefined ? 0 : Math.imul(contentHash(strings.text(given.id[row]!)), 0x9e3779b1));
    contentKey[row] = (flowHash[calls.flow[row]!]! % 2 ** 21) * 2 ** 32 + (sequence >>> 0);
  }
  const { services } = identity;
  const seen = values ? valueColumns(count, (row) => calls.target(row)) : null;
  const within = values && contents ? contentColumns(count, (row) => calls.contents(row)) : null;
  return {
    count,
    caller: identity.caller,
    callee: identity.callee,
    callerInstance: identity.callerInstance,
    calleeInstance: identity.calleeInstance,
    callerAddress: identity.callerAddress,
    calleeAddress: identity.calleeAddress,
    endpoint: endpoints.of,
    callerStartNs,
    callerEndNs,
    calleeStartNs,
    calleeEndNs,
    contentKey,
    ...(connections && { connection: calls.flow.subarray(0, count), connectionName: flowName }),
    ...(seen && { values: seen }),
    ...(within && within.list.length > 0 && { contents: within }),
    ...(traceKeys && traceColumns(calls, count)),
    serviceName: (service) => (services[service] === undefined ? '' : `${services[service].tenant}/${services[service].name}`),
    endpointName: (endpoint) => endpoints.list[endpoint]?.text ?? '',
  };
}
