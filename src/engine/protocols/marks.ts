import { FIRST_CAPACITY, grown, nextCapacity } from '../calls/columns.ts';
import { NONE } from '../streams/connections.ts';

/** Unknown bytes lie directly before the request; and they began where a message could begin. */
export const AFTER_HOLE = 1;
export const HOLE_AT_BORDER = 2;
/** A value of `inStep`. */
export const ASSUMED = 2;

/** What pairing must remember of calls and flows beside their tables. Sequence numbers and ACKs are uint32. */
export class Marks {
  private calls = FIRST_CAPACITY;
  /** Queue of unanswered requests of a flow: the call behind this one. */
  nextCall = new Int32Array(this.calls);
  /** ACK on the request's first and last segment, end of its head. */
  ack = new Uint32Array(this.calls);
  ackLast = new Uint32Array(this.calls);
  headEnd = new Uint32Array(this.calls);
  hole = new Uint8Array(this.calls);

  private flows = FIRST_CAPACITY;
  head = new Int32Array(this.flows).fill(NONE);
  tail = new Int32Array(this.flows).fill(NONE);
  /** The request that began last, answered or not. */
  latest = new Int32Array(this.flows).fill(NONE);
  /** 1: the heads of both queues are known to correspond; ASSUMED: they are taken to. */
  inStep = new Uint8Array(this.flows);
  /** Two requests carried the same acknowledgement: this client pipelines. */
  pipelines = new Uint8Array(this.flows);
  /** A response without request was seen since the last pair. */
  orphan = new Uint8Array(this.flows);
  /** 1: the connection began in sight, or a pair was made: what is missing in front of a request was one. */
  begun = new Uint8Array(this.flows);

  ensureCall(row: number): void {
    if (row < this.calls) return;
    const n = Math.max(row + 1, nextCapacity(this.calls));
    this.calls = n;
    this.nextCall = grown(this.nextCall, n);
    this.ack = grown(this.ack, n);
    this.ackLast = grown(this.ackLast, n);
    this.headEnd = grown(this.headEnd, n);
    this.hole = grown(this.hole, n);
  }

  /** Makes room for the flow, which is new in its row. */
  addFlow(flow: number): void {
    this.ensureFlow(flow);
    this.head[flow] = NONE;
    this.tail[flow] = NONE;
    this.latest[flow] = NONE;
    this.inStep[flow] = 0;
    this.pipelines[flow] = 0;
    this.orphan[flow] = 0;
    this.begun[flow] = 0;
  }

  /** The flow's handshake is in the capture. */
  begins(flow: number): void {
    this.inStep[flow] = 1;
    this.begun[flow] = 1;
  }

  /** Rows that are given to other calls. */
  release(gone: Uint8Array): void {
    for (const [flow, row] of this.latest.entries()) if (row !== NONE && gone[row] === 1) this.latest[flow] = NONE;
  }

  private ensureFlow(flow: number): void {
    if (flow < this.flows) return;
    const n = Math.max(flow + 1, nextCapacity(this.flows));
    this.flows = n;
    this.head = grown(this.head, n, NONE);
    this.tail = grown(this.tail, n, NONE);
    this.latest = grown(this.latest, n, NONE);
    this.inStep = grown(this.inStep, n);
    this.pipelines = grown(this.pipelines, n);
    this.orphan = grown(this.orphan, n);
    this.begun = grown(this.begun, n);
  }
}
