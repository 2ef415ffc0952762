import { CallFlag } from '../calls/callTable.ts';
import { NOTHING, POSITION, WAITING } from '../streams/connections.ts';
import { newPending, type PendingResponse } from './pending.ts';
import type { Wire } from './wire.ts';

/** Kept per flow, and in all; an older one of the flow gives way. */
const MAX_FLOW = 64;
const MAX_ALL = 1 << 14;
const UDP = 17;

/**
 * Responses that lie in the file before the request with their id: packets in another order than that of the wire. They are kept only while
 * the server is known to have received more of the client than was seen. Ids are used again, so the request that comes must be one that the
 * response can belong to.
 */
export class EarlyAnswers {
  /** Those that turned out to belong to no request seen. */
  orphans = 0;
  private readonly flows = new Map<number, Map<number, PendingResponse>>();
  private size = 0;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  /** The response with an id that nobody asked for begins with the piece being read. True: it is kept, as direction d's open message. */
  keep(d: number, id: number): boolean {
    const { wire } = this;
    const { first, ends } = wire;
    if (this.size >= MAX_ALL || !this.mayBeAsked(d)) {
      this.orphans++;
      return false;
    }
    const flow = d >> 1;
    if (wire.flows.clientKnown[flow] === 0) wire.flows.setClient(flow, (d & 1) ^ 1);
    this.drop(flow, id);
    let kept = this.flows.get(flow);
    if (kept === undefined) this.flows.set(flow, (kept = new Map()));
    const [oldest] = kept;
    if (kept.size >= MAX_FLOW && oldest !== undefined) {
      kept.delete(oldest[0]);
      this.size--;
      this.orphans++;
    }
    const flags = first.late > 0 ? CallFlag.responseFirstUnsure : 0;
    ends.begin(d, WAITING);
    const response = newPending(wire, d, wire.pieceStart, wire.pieceStart, flags, 0);
    ends.pending.set(d, response);
    kept.set(id, response);
    this.size++;
    return true;
  }

  /** Continues, with the piece being read, a response that is kept. False: none is, or it is over. */
  resume(d: number, id: number): boolean {
    const response = this.get(d >> 1, id);
    if (response === undefined || response.done) return false;
    this.wire.ends.begin(d, WAITING);
    this.wire.ends.pending.set(d, response);
    return true;
  }

  get(flow: number, id: number): PendingResponse | undefined {
    return this.size === 0 ? undefined : this.flows.get(flow)?.get(id);
  }

  /** The call with the id, just begun in direction d, gets the response that is kept for it. Undefined: there is none that can be its own. */
  give(d: number, id: number, row: number): PendingResponse | undefined {
    const flow = d >> 1;
    const response = this.get(flow, id);
    if (response === undefined) return undefined;
    if (!this.fits(d, response)) {
      this.drop(flow, id);
      return undefined;
    }
    this.delete(flow, id);
    const { ends, calls, flows } = this.wire;
    ends.answered(row, response.firstNs);
    // Nothing but their times says which was first on the wire.
    if (flows.transport[flow] === UDP && response.firstNs < calls.requestFirstNs[row]!)
      calls.flags[row]! |= CallFlag.requestFirstUnsure | CallFlag.responseFirstUnsure;
    ends.give(row, response);
    return response;
  }

  /** What is kept for the id belongs to no request. */
  drop(flow: number, id: number): void {
    if (this.delete(flow, id)) this.orphans++;
  }

  forget(flow: number): void {
    const kept = this.flows.get(flow);
    if (kept === undefined) return;
    this.orphans += kept.size;
    this.size -= kept.size;
    this.flows.delete(flow);
  }

  private delete(flow: number, id: number): boolean {
    const kept = this.flows.get(flow);
    if (kept?.delete(id) !== true) return false;
    this.size--;
    if (kept.size === 0) this.flows.delete(flow);
    return true;
  }

  /** The response of direction d was sent by a server that had received more than was seen of the client; of datagrams that isn't known. */
  private mayBeAsked(d: number): boolean {
    const { wire } = this;
    const { connections: c, flows, first } = wire;
    const asks = d ^ 1;
    if (flows.transport[d >> 1] === UDP) return true;
    const received = wire.reached(asks, first.ack);
    if (Number.isNaN(received) || ((received - c.next[asks]!) | 0) > 0) return true;
    return c.known[asks] === NOTHING || (c.known[asks] === POSITION && c.total[asks] === 0);
  }

  /** Had the client not received the response when it sent the request that begins with the piece being read, and the server had the request? */
  private fits(d: number, response: PendingResponse): boolean {
    const { wire } = this;
    const { first, flows, toleranceNs } = wire;
    if (flows.transport[d >> 1] === UDP)
      return first.late === 0 && (response.flags & CallFlag.responseFirstUnsure) === 0 && first.timeNs <= response.firstNs + toleranceNs;
    return (
      ((response.at - wire.reached(response.d, first.ack)) | 0) >= 0 &&
      ((wire.reached(d, response.ack) - ((wire.pieceStart + 1) >>> 0)) | 0) >= 0
    );
  }
}
