import { CallFlag } from '../calls/callTable.ts';
import { NONE, START, WAITING } from '../streams/connections.ts';
import type { PendingResponse } from './pending.ts';
import type { Wire } from './wire.ts';

/**
 * A message of unknown length after which nothing came until the capture's end is taken as ended: after SILENCE_NS in any
 * case, else if that is by far longer than the message took so far and than a sender waits for acknowledgements.
 */
const SILENCE_NS = 5e8;
const LEAST_SILENCE_NS = 1e7;
const UNKNOWN_RTT_NS = 5e7;
const TIMES_DURATION = 10;
const TIMES_RTT = 3;

/** Where messages begin and end, and what the stamps there are worth. */
export class Ends {
  /** Unpaired responses in progress, by direction. */
  readonly pending = new Map<number, PendingResponse>();
  /** Flags set because a duplicate was reported; taken back if the second copy turns up later in the file. */
  private readonly accused = new Map<number, { left: number; right: number; row: number; bits: number }>();
  /** Messages whose first transmission the capture missed. */
  lateCopies = 0;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  isRequest(d: number): boolean {
    return this.wire.flows.clientSide[d >> 1] === (d & 1);
  }

  /** A stamp of the call is that of a segment with this `late` (Stamp): `flag` says that it is not sure. */
  late(late: number, row: number, flag: number): void {
    const { calls, resends } = this.wire;
    if (late > 0) calls.flags[row]! |= flag;
    else if (late < 0) resends.suspect(late, row, flag, calls);
  }

  /** A message begins in direction d with the piece being read. */
  begin(d: number, message: number): void {
    const { connections: c, first, last } = this.wire;
    c.hole[d] = 0;
    c.phase[d] = 0;
    c.message[d] = message;
    c.from[d] = this.wire.pieceStart;
    c.fromTotal[d] = this.wire.totalAt(d, this.wire.pieceStart);
    c.lastNs[d] = Math.max(first.timeNs, last.timeNs);
    c.lastFrame[d] = last.frame;
    c.lastCapture[d] = last.capture;
    c.lastLate[d] = last.late;
  }

  /** Continues, with the piece being read, a message that pauses (interleaved streams). */
  resume(d: number, row: number): void {
    this.begin(d, row);
  }

  /** The open message's piece is over at `end`, the message is not. */
  pause(d: number, end: number): void {
    const { connections: c, calls } = this.wire;
    const row = c.message[d]!;
    c.state[d] = START;
    c.message[d] = NONE;
    const size = this.wire.totalAt(d, end) - c.fromTotal[d]!;
    if (row < 0) this.put(d, size);
    else if (this.isRequest(d)) {
      calls.requestBytes[row]! += size;
      calls.requestLastNs[row] = c.lastNs[d]!;
    } else {
      calls.responseBytes[row]! += size;
      this.responseEnds(row, c.lastNs[d]!, c.lastFrame[d]!, c.lastCapture[d]!);
    }
  }

  /**
   * The message of direction d is over; `end` is the sequence number behind it. `lost`: its last byte fell into a gap, so
   * it was sent between the last stamp and the first acknowledgement that covers it.
   */
  finish(d: number, end: number, lost: boolean): void {
    const { connections: c, calls, early, marks } = this.wire;
    const row = c.message[d]!;
    c.state[d] = START;
    c.phase[d] = 0;
    c.message[d] = NONE;
    if (row === NONE) return;
    c.done[d] = row;
    c.doneFrom[d] = c.from[d]!;
    c.doneEnd[d] = end;
    const lastNs = c.lastNs[d]!;
    const late = c.lastLate[d]!;
    const size = this.wire.totalAt(d, end) - c.fromTotal[d]!;
    let range: [number, number] | undefined;
    if (lost) range = [lastNs, Math.max(lastNs, early.covering(d, end))];
    else if (late > 0) range = late === Number.POSITIVE_INFINITY ? [lastNs, late] : [Number.NEGATIVE_INFINITY, late];
    if (late < 0 && row >= 0) this.late(late, row, this.isRequest(d) ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure);
    if (row === WAITING) {
      const response = this.put(d, size);
      if (response === undefined) return;
      response.done = true;
      response.range = range;
    } else if (this.isRequest(d)) {
      calls.requestBytes[row]! += size;
      calls.requestLastNs[row] = lastNs;
      if (!lost) marks.ackLast[row] = c.lastAck[d]!;
      if (range !== undefined) this.bound(row, true, range[0], range[1]);
    } else {
      calls.responseBytes[row]! += size;
      this.responseEnds(row, lastNs, c.lastFrame[d]!, c.lastCapture[d]!);
      if (range !== undefined) this.bound(row, false, range[0], range[1]);
    }
  }

  /** A piece of `size` bytes of the unpaired response of direction d, if one is open, is over. */
  private put(d: number, size: number): PendingResponse | undefined {
    const { connections: c } = this.wire;
    const response = this.pending.get(d);
    if (response === undefined) return undefined;
    this.pending.delete(d);
    response.bytes += size;
    response.lastNs = c.lastNs[d]!;
    response.lastFrame = c.lastFrame[d]!;
    response.lastCapture = c.lastCapture[d]!;
    return response;
  }

  /** The call is the one that the response, whose first byte's stamp it has already, answers. True: the response is still being read. */
  give(row: number, response: PendingResponse): boolean {
    const { calls, connections: c } = this.wire;
    response.row = row;
    calls.status[row] = response.status;
    calls.flags[row]! |= response.flags;
    if (response.protocol !== 0) calls.protocol[row] = response.protocol;
    calls.responseBytes[row] = response.bytes;
    if (!Number.isNaN(response.lastNs)) this.responseEnds(row, response.lastNs, response.lastFrame, response.lastCapture);
    if (response.range !== undefined) this.bound(row, false, response.range[0], response.range[1]);
    if (this.pending.get(response.d) !== response) return false;
    this.pending.delete(response.d);
    c.message[response.d] = row;
    return true;
  }

  /** The response to the call begins at `firstNs`. */
  answered(row: number, firstNs: number): void {
    const { calls, toleranceNs } = this.wire;
    const requestFirstNs = calls.requestFirstNs[row]!;
    calls.responseFirstNs[row] = firstNs;
    if (firstNs >= requestFirstNs) return;
    // Clocks of two taps, or packets that overtook each other before the tap: no answer comes before its question.
    if (requestFirstNs - firstNs <= toleranceNs) {
      calls.responseFirstNs[row] = requestFirstNs;
      calls.flags[row]! |= CallFlag.bounded;
    } else calls.flags[row]! |= CallFlag.requestFirstUnsure | CallFlag.responseFirstUnsure;
  }

  responseEnds(row: number, timeNs: number, frame: number, capture: number): void {
    const { calls } = this.wire;
    // The first byte's stamp may have been moved: see `answered`.
    if (timeNs < calls.responseFirstNs[row]!) timeNs = calls.responseFirstNs[row]!;
    calls.responseLastNs[row] = timeNs;
    calls.responseFrame[row] = capture === calls.capture[row] ? frame : 0;
  }

  /** The last byte was sent somewhere in [fromNs, toNs]: the middle if that is narrow, else one end and a flag. */
  bound(row: number, request: boolean, fromNs: number, toNs: number): void {
    const { calls, toleranceNs } = this.wire;
    const stamps = request ? calls.requestLastNs : calls.responseLastNs;
    if (toNs - fromNs <= toleranceNs) {
      stamps[row] = (fromNs + toNs) / 2;
      calls.flags[row]! |= CallFlag.bounded;
    } else {
      stamps[row] = Number.isFinite(toNs) ? toNs : fromNs;
      calls.flags[row]! |= request ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure;
    }
  }

  /** The flow is over before the message was; `complete`: everything that was sent has been seen and acknowledged. */
  giveUp(d: number, row: number, complete: boolean): void {
    const { connections: c, calls, clockNs } = this.wire;
    const lastNs = c.lastNs[d]!;
    const request = this.isRequest(d);
    const unsure = request ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure;
    const tookNs = lastNs - (request ? calls.requestFirstNs[row]! : calls.responseFirstNs[row]!);
    const rttNs = this.wire.flows.rttNs[d >> 1]! || UNKNOWN_RTT_NS;
    const silenceNs = Math.min(SILENCE_NS, Math.max(LEAST_SILENCE_NS, TIMES_DURATION * tookNs, TIMES_RTT * rttNs));
    if (complete && clockNs - lastNs >= silenceNs) calls.flags[row]! |= CallFlag.endsInSilence;
    else calls.flags[row]! |= unsure;
    this.late(c.lastLate[d]!, row, unsure);
    const size = this.wire.totalAt(d, c.next[d]!) - c.fromTotal[d]!;
    if (request) {
      calls.requestBytes[row]! += size;
      calls.requestLastNs[row] = lastNs;
    } else {
      calls.responseBytes[row]! += size;
      this.responseEnds(row, lastNs, c.lastFrame[d]!, c.lastCapture[d]!);
    }
  }

  /** Sets the flags on the open message of direction d. */
  flag(d: number, bits: number): void {
    const row = this.wire.connections.message[d]!;
    if (row >= 0) this.wire.calls.flags[row]! |= bits;
    else if (row === WAITING) {
      const response = this.pending.get(d);
      if (response !== undefined) response.flags |= bits;
    }
  }

  /** Sets the status of the open response of direction d. */
  setStatus(d: number, status: number, failed: boolean): void {
    const row = this.wire.connections.message[d]!;
    if (row >= 0) this.wire.calls.status[row] = status;
    else if (row === WAITING) {
      const response = this.pending.get(d);
      if (response !== undefined) response.status = status;
    }
    if (failed) this.flag(d, CallFlag.failed);
  }

  /** The peer reports (RFC 2883) that it received [left, right) of direction d twice, and we saw it once: we missed the first copy. */
  duplicateReported(d: number, left: number, right: number): void {
    const { connections: c, calls } = this.wire;
    const row = c.done[d]!;
    const end = c.doneEnd[d]!;
    if (row < 0 || ((end - left) | 0) <= 0 || ((right - end) | 0) < 0) return;
    const request = this.isRequest(d);
    let bits: number = request ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure;
    if (((c.doneFrom[d]! - left) | 0) >= 0) bits |= request ? CallFlag.requestFirstUnsure : CallFlag.responseFirstUnsure;
    bits &= ~calls.flags[row]!;
    calls.flags[row]! |= bits;
    this.accused.set(d, { left, right, row, bits });
    this.lateCopies++;
  }

  /** Bytes of direction d up to `end` were seen a second time. */
  duplicateSeen(d: number, end: number): void {
    if (this.accused.size === 0) return;
    const report = this.accused.get(d);
    if (report === undefined || ((end - report.left) | 0) <= 0 || ((report.right - end) | 0) < 0) return;
    this.wire.calls.flags[report.row]! &= ~report.bits;
    this.accused.delete(d);
    this.lateCopies--;
  }

  release(gone: Uint8Array): void {
    for (const [d, { row }] of this.accused) if (gone[row] === 1) this.accused.delete(d);
  }

  forget(d: number): void {
    this.pending.delete(d);
    this.accused.delete(d);
  }
}
