import { CallFlag } from '../calls/callTable.ts';
import { ENDS, LOST, NONE, OPEN, SKIP, START, WAITING } from '../streams/connections.ts';
import { AFTER_HOLE, ASSUMED, HOLE_AT_BORDER } from './marks.ts';
import { impossible, MAX_SEARCH, ownerOf } from './owners.ts';
import { newPending, type PendingResponse } from './pending.ts';
import { callOfResponse } from './unasked.ts';
import type { Wire } from './wire.ts';

/** A jump in sequence numbers wider than this is another connection on the same ports. */
export const FAR = 1 << 26;
const MAX_WAITING = 256;

/**
 * Which response belongs to which request where the order decides (HTTP/1, most databases). Order alone breaks at the
 * first missing packet; acknowledgements don't. S: the response's first sequence number, A: the ACK on the request's first
 * segment, K: the ACK on the response's first segment. Always S >= A (the client had not received it when it asked) and
 * K >= the end of the request's head (the server had). After an unknown hole the owner is the first request with S = A or
 * S = the ACK on its last segment; requests before it have no response.
 */
export class Pairing {
  /** Responses not given to a request yet, in sequence order, by flow. */
  private readonly waiting = new Map<number, PendingResponse[]>();
  /** Calls whose end was inferred from the peer's acknowledgement, by direction. */
  private readonly assumed = new Map<number, number>();
  /** Responses that belong to no request seen. */
  orphans = 0;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** A request begins with the piece being read; its head ends at `headEnd` (offset). Returns its row. */
  request(d: number, headEnd: number, cut: boolean): number {
    const { calls, connections: c, marks, first, flows } = this.wire;
    const flow = d >> 1;
    const hole = c.hole[d]!;
    flows.setClient(flow, d & 1);
    const row = this.wire.newCall(d);
    this.assumed.delete(d);
    marks.nextCall[row] = NONE;
    marks.ack[row] = first.ack;
    marks.ackLast[row] = first.ack;
    marks.headEnd[row] = this.wire.sequenceAt(headEnd);
    marks.hole[row] = hole === 2 ? AFTER_HOLE | HOLE_AT_BORDER : hole === 1 ? AFTER_HOLE : 0;
    const tail = marks.tail[flow]!;
    this.compare(flow, row);
    calls.flags[row]! |= (cut ? CallFlag.headCut : 0) | (tail === NONE ? 0 : CallFlag.pipelined);
    if (tail === NONE) marks.head[flow] = row;
    else {
      marks.nextCall[tail] = row;
    }
    marks.tail[flow] = row;
    // A client that doesn't pipeline has the whole response before it asks again.
    const peer = c.state[d ^ 1];
    if (peer === LOST) this.resume(d ^ 1);
    else if (peer === OPEN && marks.head[flow] === row) {
      // Another request and its response may have passed between.
      if (hole !== 0) this.wire.ends.flag(d ^ 1, CallFlag.responseLastUnsure);
      this.endsAt(d ^ 1, this.wire.reached(d ^ 1, first.ack));
    }
    return row;
  }

  /** Two requests with the same acknowledgement: the client pipelines. Of one behind a hole, what it was given may be another's. */
  private compare(flow: number, row: number): void {
    const { marks, calls } = this.wire;
    const before = marks.latest[flow]!;
    marks.latest[flow] = row;
    if (before === NONE || marks.ack[before] !== marks.ack[row]) return;
    marks.pipelines[flow] = 1;
    if ((marks.hole[before]! & AFTER_HOLE) === 0 || Number.isNaN(calls.responseFirstNs[before]!)) return;
    calls.flags[before]! |= CallFlag.pairUnsure;
    marks.inStep[flow] = 0;
  }

  /** Direction d is lost: the unanswered requests know where its next message begins, the oldest of them first. */
  resume(d: number): void {
    const { connections: c, marks, ends } = this.wire;
    const flow = d >> 1;
    if (ends.isRequest(d) || marks.pipelines[flow] === 1) return;
    for (let row = marks.head[flow]!, i = 0; row !== NONE && i < MAX_SEARCH; row = marks.nextCall[row]!, i++) {
      const begin = this.wire.reached(d, marks.ack[row]!);
      const ahead = (begin - c.next[d]!) | 0;
      if (Number.isNaN(begin) || ahead < 0 || ahead > FAR) continue;
      this.endsAt(d, begin);
      return;
    }
  }

  /** A message to which no response is sent begins with the piece being read. Returns its row. */
  oneWay(d: number): number {
    this.wire.flows.setClient(d >> 1, d & 1);
    const row = this.wire.newCall(d);
    this.assumed.delete(d);
    this.wire.calls.flags[row]! |= CallFlag.oneWay;
    return row;
  }

  /**
   * A response begins with the piece being read; its head ends at `headEnd` (offset). `anchor`: sequence number of its
   * first byte, or of the interim response directly before it. Returns the row of its call, or WAITING.
   */
  response(d: number, anchor: number, headEnd: number, cut: boolean): number {
    const { connections: c, marks, first, calls, flows } = this.wire;
    const flow = d >> 1;
    const hole = c.hole[d]!;
    if (flows.clientKnown[flow] === 0) flows.setClient(flow, (d & 1) ^ 1);
    this.assumed.delete(d);
    const flags = (first.late > 0 ? CallFlag.responseFirstUnsure : 0) | (cut ? CallFlag.headCut : 0);
    let row = marks.head[flow]!;
    if (
      row !== NONE &&
      hole === 0 &&
      marks.inStep[flow] === 1 &&
      marks.hole[row] === 0 &&
      ((anchor - this.wire.reached(d, marks.ack[row]!)) | 0) >= 0 &&
      ((this.wire.reached(d ^ 1, first.ack) - marks.headEnd[row]!) | 0) >= 0 &&
      (this.waiting.size === 0 || !this.waiting.has(flow))
    ) {
      this.wire.ends.begin(d, row);
      this.pair(flow, row, first.timeNs);
      calls.flags[row]! |= flags;
    } else {
      this.wire.ends.begin(d, WAITING);
      const response = newPending(this.wire, d, anchor, this.wire.sequenceAt(headEnd), flags, hole);
      let queue = this.waiting.get(flow);
      if (queue === undefined) this.waiting.set(flow, (queue = []));
      queue.push(response);
      this.wire.ends.pending.set(d, response);
      this.align(flow);
      if (queue.length > MAX_WAITING) {
        this.unasked(flow, queue.shift()!);
      }
      row = response.row >= 0 ? response.row : WAITING;
    }
    if (first.late < 0 && row >= 0) this.wire.ends.late(first.late, row, CallFlag.responseFirstUnsure);
    // The server has the whole request before it answers; before it answers another, it may have had more.
    const peer = c.state[d ^ 1];
    const asked = c.message[d ^ 1]!;
    const others = asked >= 0 && asked !== row && !Number.isNaN(calls.responseFirstNs[asked]!);
    if ((peer === OPEN && !others) || peer === LOST) this.endsAt(d ^ 1, this.wire.reached(d ^ 1, first.ack));
    return row;
  }

  private pair(flow: number, row: number, firstNs: number): void {
    const { marks, ends } = this.wire;
    const next = marks.nextCall[row]!;
    marks.head[flow] = next;
    if (next === NONE) marks.tail[flow] = NONE;
    marks.inStep[flow] = 1;
    marks.orphan[flow] = 0;
    marks.begun[flow] = 1;
    ends.answered(row, firstNs);
  }

  private unasked(flow: number, response: PendingResponse): void {
    if (!callOfResponse(this.wire, flow, response)) this.orphans++;
  }

  private dropAsOrphan(flow: number, queue: PendingResponse[]): void {
    queue.shift();
    this.orphans++;
    this.wire.marks.orphan[flow] = 1;
  }

  /** After a piece: a request may have begun that a response waits for. */
  settle(flow: number): void {
    if (this.waiting.size !== 0) this.align(flow);
  }

  /** Gives waiting responses of the flow to requests as far as that can be decided. */
  private align(flow: number): void {
    const queue = this.waiting.get(flow);
    if (queue === undefined) return;
    const { marks, calls, held, flows } = this.wire;
    while (queue.length !== 0) {
      const response = queue[0]!;
      let row = marks.head[flow]!;
      if (row === NONE) break;
      if (impossible(this.wire, response, row)) {
        this.dropAsOrphan(flow, queue);
        continue;
      }
      const afterHole = (marks.hole[row]! & AFTER_HOLE) !== 0;
      if (marks.inStep[flow] === 0 || afterHole || response.hole !== 0) {
        const atBorder = afterHole && (marks.hole[row]! & HOLE_AT_BORDER) !== 0;
        if (atBorder && response.hole === 0 && marks.inStep[flow] === 1 && marks.orphan[flow] === 0 && marks.begun[flow] === 1) {
          marks.inStep[flow] = 0; // the answer to the request that was lost
          this.dropAsOrphan(flow, queue);
          continue;
        }
        const owner = ownerOf(this.wire, response, row);
        if (owner === NONE) {
          marks.inStep[flow] = 0;
          if (held.has(flow * 2 + flows.clientSide[flow]!)) break; // its request may be among the segments held
          this.dropAsOrphan(flow, queue);
          continue;
        }
        for (; row !== owner; row = marks.nextCall[row]!) calls.flags[row]! |= CallFlag.noResponse;
        marks.head[flow] = row;
      }
      const step = marks.inStep[flow]!;
      const proved = step === 1 && !afterHole && response.hole === 0;
      // The capture's beginning is taken for a pause, but proves nothing.
      const assumed = step === ASSUMED || (afterHole && marks.begun[flow] === 0);
      // Sent with nothing outstanding; behind a hole that can't be told.
      const alone = !afterHole && (calls.flags[row]! & CallFlag.pipelined) === 0;
      const anchored = alone && response.at === this.wire.reached(response.d, marks.ack[row]!);
      queue.shift();
      this.give(flow, row, response);
      if (marks.pipelines[flow] === 1 && !proved && !anchored) {
        calls.flags[row]! |= CallFlag.pairUnsure;
        marks.inStep[flow] = assumed ? ASSUMED : 0;
      }
    }
    if (queue.length === 0) this.waiting.delete(flow);
  }

  private give(flow: number, row: number, response: PendingResponse): void {
    this.pair(flow, row, response.firstNs);
    if (this.wire.ends.give(row, response)) this.wire.parserOf(flow)?.paired?.(response.d, row, response.headEnd);
  }

  /** The peer's next message tells where the unknown message of direction d ended: at sequence number `end`. */
  private endsAt(d: number, end: number): void {
    const { connections: c, ends } = this.wire;
    const rest = (end - c.next[d]!) | 0;
    const open = c.state[d] === OPEN;
    // What was read of the open message is more than it: when its last byte came is not known.
    if (open && rest < 0 && rest > -FAR) c.hole[d] = c.hole[d] || 1;
    if (Number.isNaN(end) || rest < 0 || rest > FAR) return;
    if (rest > 0) {
      c.state[d] = SKIP;
      c.rest[d] = rest;
      c.after[d] = ENDS;
      if (!open) c.message[d] = NONE;
      return;
    }
    const message = c.message[d]!;
    const hole = c.hole[d]!;
    if (!open) c.message[d] = NONE;
    ends.finish(d, end, false);
    c.hole[d] = hole;
    if (open && message >= 0) this.assumed.set(d, message);
  }

  /** What follows an inferred end is no head: a client that pipelines. The message goes on, flagged. False: nothing was inferred. */
  reopen(d: number): boolean {
    const row = this.assumed.get(d);
    if (row === undefined) return false;
    this.assumed.delete(d);
    const { connections: c, calls, ends } = this.wire;
    c.message[d] = row;
    c.state[d] = OPEN;
    calls.flags[row]! |= ends.isRequest(d) ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure | CallFlag.pairUnsure;
    return true;
  }

  /** A new head directly after an open message: if nothing is missing between, the byte before it was that message's last. */
  endOpen(d: number, end: number): void {
    const { connections: c, calls, ends } = this.wire;
    if (c.hole[d] === 0) {
      ends.finish(d, end, false);
      return;
    }
    const lastNs = c.lastNs[d]!;
    const row = c.message[d]!;
    c.state[d] = START;
    c.message[d] = NONE;
    const response = ends.pending.get(d);
    if (response !== undefined) {
      response.done = true;
      response.lastNs = lastNs;
      response.flags |= CallFlag.responseLastUnsure;
      ends.pending.delete(d);
    }
    if (row < 0) return;
    calls.flags[row]! |= ends.isRequest(d) ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure;
    if (!ends.isRequest(d)) ends.responseEnds(row, lastNs, c.lastFrame[d]!, c.lastCapture[d]!);
  }

  /** Had a client that doesn't pipeline received direction d up to `at`, a whole response, when it asked what was answered next? */
  askedAt(d: number, at: number): boolean {
    const { marks, ends, connections } = this.wire;
    const flow = d >> 1;
    const head = marks.head[flow]!;
    if (head === NONE || marks.pipelines[flow] === 1 || ends.isRequest(d)) return false;
    // While the open response waits, the first is its own request.
    for (const row of [head, marks.nextCall[head]!]) {
      if (row === NONE || this.wire.reached(d, marks.ack[row]!) !== at) continue;
      // Another request and its response may have passed between.
      if ((marks.hole[row]! & AFTER_HOLE) !== 0) connections.hole[d] = connections.hole[d] || 1;
      return true;
    }
    return false;
  }

  /** The row of the oldest unanswered request of the flow, or NONE. */
  outstanding(flow: number): number {
    return this.wire.marks.head[flow]!;
  }

  release(gone: Uint8Array): void {
    for (const [d, row] of this.assumed) if (gone[row] === 1) this.assumed.delete(d);
    this.wire.marks.release(gone);
  }

  /** The flow is over: what has no response gets none. */
  forget(flow: number): void {
    const { marks, calls } = this.wire;
    const queue = this.waiting.get(flow);
    if (queue !== undefined) {
      for (const response of queue) this.unasked(flow, response);
      this.waiting.delete(flow);
    }
    for (let row = marks.head[flow]!; row !== NONE; row = marks.nextCall[row]!) calls.flags[row]! |= CallFlag.noResponse;
    marks.head[flow] = NONE;
    marks.tail[flow] = NONE;
    this.assumed.delete(flow * 2);
    this.assumed.delete(flow * 2 + 1);
  }
}
