import { CallFlag } from '../calls/callTable.ts';
import type { PendingResponse } from './pending.ts';
import type { Wire } from './wire.ts';

/**
 * A capture of the server's direction only: each response is a call whose request is not known, and its time neither: the
 * response's first byte stands for it, flagged. False: the client's direction was captured, so the request is missing for another reason.
 */
export function callOfResponse(wire: Wire, flow: number, response: PendingResponse): boolean {
  const { connections: c, calls, flows, ends, marks } = wire;
  if (c.total[response.d ^ 1] !== 0) return false;
  const row = calls.add(flows.carrier[flow]!);
  marks.ensureCall(row);
  calls.requestFirstNs[row] = response.firstNs;
  calls.requestLastNs[row] = response.firstNs;
  calls.responseFirstNs[row] = response.firstNs;
  calls.requestSequence[row] = response.ack;
  calls.protocol[row] = flows.protocol[flow]!;
  calls.capture[row] = response.lastCapture;
  calls.status[row] = response.status;
  calls.responseBytes[row] = response.bytes;
  calls.flags[row] = response.flags | CallFlag.requestFirstUnsure | CallFlag.requestLastUnsure | CallFlag.headCut;
  ends.responseEnds(row, response.done ? response.lastNs : response.firstNs, response.lastFrame, response.lastCapture);
  if (!response.done) calls.flags[row]! |= CallFlag.responseLastUnsure;
  else if (response.range !== undefined) ends.bound(row, false, response.range[0], response.range[1]);
  return true;
}
