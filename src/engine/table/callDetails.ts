import type { CallDetails, Candidate } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { callId, traceIdOf } from '../calls/callId.ts';
import { PROTOCOLS } from '../protocols/names.ts';
import { rootOf } from '../traces/forest.ts';
import { SplitSums, Splitter } from '../traces/split.ts';
import { retransmissionsOf } from './rows.ts';
import { isFailed } from './selection.ts';
import { confidenceOf, meanSplit } from './subject.ts';

export function callDetails(a: Analysis, row: number): CallDetails {
  const { calls, flows, strings } = a.extraction;
  const flow = calls.flow[row]!;
  const trace = a.forest.trace[row]!;
  const sums = new SplitSums();
  new Splitter(a.extraction, a.times, a.forest, a.callee).add(row, sums);
  const endpoint = a.endpoints.list[a.endpoints.of[row]!]!;
  return {
    call: row,
    id: callId(a.extraction, row),
    trace,
    traceId: traceIdOf(callId(a.extraction, rootOf(a.forest, trace))),
    parent: a.forest.parent[row]!,
    service: a.callee[row]!,
    caller: a.caller[row]!,
    endpoint: endpoint.text,
    protocol: PROTOCOLS[endpoint.protocol]!,
    method: strings.text(calls.method[row]!),
    target: calls.target(row),
    host: strings.text(calls.host[row]!),
    status: calls.status[row]!,
    failed: isFailed(a, row),
    flow: {
      transport: flows.transport[flow] === 17 ? 'udp' : 'tcp',
      clientAddress: strings.text(flows.clientAddress[flow]!),
      clientPort: flows.clientPort[flow]!,
      serverAddress: strings.text(flows.serverAddress[flow]!),
      serverPort: flows.serverPort[flow]!,
      tenant: strings.text(flows.tenant[flow]!),
      rttNs: flows.rttNs[flow]!,
      retransmissions: retransmissionsOf(a.extraction, row),
      gaps: flows.gaps[flow]!,
      zeroWindows: flows.zeroWindows[flow]!,
      oneSided: flows.oneSided[flow] === 1,
      duplicates: flows.duplicates[flow]!,
      cutPackets: flows.cutPackets[flow]!,
      unreadBytes: flows.unreadBytes[flow]!,
    },
    startNs: a.times.outerStart(row),
    requestEndNs: calls.requestLastNs[row]!,
    responseStartNs: calls.responseFirstNs[row]!,
    endNs: a.times.outerEnd(row),
    requestBytes: calls.requestBytes[row]!,
    responseBytes: calls.responseBytes[row]!,
    flags: calls.flags[row]!,
    split: meanSplit(sums),
    confidence: confidenceOf(a, row),
    candidateCount: a.nesting.candidates[row]!,
    candidates: candidatesOf(a, row),
    traceKey: calls.traceId(row),
    capture: calls.capture[row]!,
    requestFrame: calls.requestFrame[row]!,
    responseFrame: calls.responseFrame[row]!,
  };
}

/** The chosen parent first, then what else it could have been, likeliest first. */
function candidatesOf(a: Analysis, row: number): Candidate[] {
  const parent = a.forest.parent[row]!;
  const describe = (call: number, share: number, reason: number, chosen: boolean): Candidate => ({
    call,
    trace: a.forest.trace[call]!,
    service: a.callee[call]!,
    endpoint: a.endpoints.list[a.endpoints.of[call]!]!.text,
    openSinceNs: a.times.outerStart(row) - a.times.innerStart(call),
    share,
    chosen,
    reason,
  });
  const chosen = parent < 0 ? [] : [describe(parent, a.nesting.confidence[row]!, a.nesting.reason[row]!, true)];
  const others = a.nesting
    .alternatives(row)
    .filter((other) => other.parent >= 0 && other.parent < a.count && other.parent !== parent)
    .map((other) => describe(other.parent, other.share, other.reason, false));
  return [...chosen, ...others];
}
