import { CallFlag } from '../calls/callTable.ts';
import { NONE, WAITING } from '../streams/connections.ts';
import { EarlyAnswers } from './earlyAnswers.ts';
import type { PendingResponse } from './pending.ts';
import type { Wire } from './wire.ts';

/** Unanswered requests kept per flow; the oldest beyond are given up. */
const MAX_OUTSTANDING = 4096;

/**
 * Pairing by an id that both messages carry (correlation id, stream number, transaction id). Loss can't mix these up: a
 * message that is missing concerns no other.
 */
export class Keyed {
  private readonly flows = new Map<number, Map<number, number>>();
  /** Responses whose request may come later in the file. */
  readonly early: EarlyAnswers;
  /** The response to the latest request in pieces, if that came before it in the file. */
  given: PendingResponse | undefined;
  private unasked = 0;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
    this.early = new EarlyAnswers(wire);
  }

  /** Responses whose id no request had. */
  get orphans(): number {
    return this.unasked + this.early.orphans;
  }

  /** A response belongs to no request. */
  orphan(): void {
    this.unasked++;
  }

  /** A request with the id, a message whole, begins with the piece being read. Returns its row. */
  ask(d: number, id: number): number {
    const row = this.begin(d, id);
    if (this.early.give(d, id, row) !== undefined) this.close(d >> 1, id);
    return row;
  }

  /** As `ask`, of a request in several pieces: it goes on until `close`. */
  askPieces(d: number, id: number): number {
    const row = this.begin(d, id);
    this.given = this.early.give(d, id, row);
    return row;
  }

  private begin(d: number, id: number): number {
    const flow = d >> 1;
    this.wire.flows.setClient(flow, d & 1);
    const row = this.wire.newCall(d);
    let waiting = this.flows.get(flow);
    if (waiting === undefined) this.flows.set(flow, (waiting = new Map()));
    const before = waiting.get(id);
    if (before !== undefined) this.giveUp(before);
    waiting.delete(id);
    waiting.set(id, row);
    if (waiting.size > MAX_OUTSTANDING) {
      const [oldest] = waiting;
      if (oldest !== undefined) {
        this.giveUp(oldest[1]);
        waiting.delete(oldest[0]);
      }
    }
    return row;
  }

  /** The response to the call, so far asked for in another way, will come with the id. */
  expect(flow: number, id: number, row: number): void {
    let waiting = this.flows.get(flow);
    if (waiting === undefined) this.flows.set(flow, (waiting = new Map()));
    waiting.set(id, row);
  }

  /** The row waiting for the id, or -1. */
  find(flow: number, id: number): number {
    return this.flows.get(flow)?.get(id) ?? -1;
  }

  /** The response with the id begins with the piece being read. Returns its row, WAITING when its request may come later in the file, or NONE. */
  answer(d: number, id: number): number {
    const { flows, first, ends } = this.wire;
    const flow = d >> 1;
    const row = this.find(flow, id);
    if (row < 0) return this.early.keep(d, id) ? WAITING : NONE;
    if (flows.clientKnown[flow] === 0) flows.setClient(flow, (d & 1) ^ 1);
    ends.begin(d, row);
    ends.answered(row, first.timeNs);
    ends.late(first.late, row, CallFlag.responseFirstUnsure);
    return row;
  }

  /** Nothing more is expected for the id. */
  close(flow: number, id: number): void {
    const waiting = this.flows.get(flow);
    if (waiting?.delete(id) === true && waiting.size === 0) this.flows.delete(flow);
  }

  markInUse(used: Uint8Array): void {
    for (const waiting of this.flows.values()) for (const row of waiting.values()) used[row] = 1;
  }

  forget(flow: number): void {
    this.early.forget(flow);
    const waiting = this.flows.get(flow);
    if (waiting === undefined) return;
    for (const row of waiting.values()) this.giveUp(row);
    this.flows.delete(flow);
  }

  private giveUp(row: number): void {
    const { calls } = this.wire;
    calls.flags[row]! |= Number.isNaN(calls.responseFirstNs[row]!) ? CallFlag.noResponse : CallFlag.responseLastUnsure;
  }
}
