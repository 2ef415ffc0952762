import { CallFlag } from '../calls/callTable.ts';
import { ENDS, GOES_ON, LOST, NONE, OPAQUE, OPEN, PART, PAUSES, SEALED, SKIP, START, UNTIL_CLOSE } from '../streams/connections.ts';
import { AFTER_HOLE } from './marks.ts';
import { FAR } from './pairing.ts';
import type { Parts } from './parts.ts';
import type { Tunnel } from './tls/tunnel.ts';
import type { Wire } from './wire.ts';

/**
 * What missing bytes do to the framing. Inside a body of known length the end stays known; where it doesn't, the message is
 * open (its end unknown) or the direction lost (no place where a message could begin is known), until a head or the peer's
 * acknowledgements show the way back.
 */
export class Gaps {
  /** Bytes of known time and unknown content between messages. */
  unreadBytes = 0;
  private readonly wire: Wire;
  private readonly parts: Parts;
  private readonly tunnels: ReadonlyMap<number, Tunnel>;

  constructor(wire: Wire, parts: Parts, tunnels: ReadonlyMap<number, Tunnel>) {
    this.wire = wire;
    this.parts = parts;
    this.tunnels = tunnels;
  }

  /** Bytes of the segment that a snap length cut away: their time is known, their content isn't. */
  hidden(d: number, length: number): void {
    const { wire } = this;
    const c = wire.connections;
    if (c.state[d] === PART && !this.cutHead(d)) return;
    const state = c.state[d]!;
    if (state === SKIP) {
      const rest = c.rest[d]!;
      if (rest > length) c.rest[d] = rest - length;
      else if (rest === length || c.after[d] === ENDS) {
        wire.passed(d, (c.next[d]! - length + rest) >>> 0);
        if (rest < length) this.lose(d, 1);
      } else if (c.after[d] === GOES_ON && wire.parserOf(d >> 1)?.endsWith?.(d, length - rest) === true) {
        wire.ends.finish(d, c.next[d]!, false);
      } else this.openOrLose(d, c.hole[d]!);
    } else if (state === SEALED) this.tunnels.get(d >> 1)?.hole(d, length);
    else if (state === START && wire.parserOf(d >> 1)?.unframed !== true) this.openOrLose(d, c.hole[d]!);
    if (state !== LOST && state !== START) return;
    this.unreadBytes += length;
    wire.flows.unreadBytes[d >> 1]! += length;
  }

  /** `length` bytes of direction d before `next` were never seen. */
  hole(d: number, length: number): void {
    const { wire } = this;
    const c = wire.connections;
    const to = c.next[d]!;
    const start = (to - length) >>> 0;
    if (c.state[d] === SEALED) {
      this.tunnels.get(d >> 1)?.hole(d, length);
      return;
    }
    wire.ends.flag(d, CallFlag.holed);
    this.endFromNextRequest(d, start, length);
    if (c.state[d] === PART) {
      if (!this.cutHead(d)) {
        c.hole[d] = c.hole[d] || 1;
        return;
      }
      wire.ends.flag(d, CallFlag.holed);
    }
    const state = c.state[d]!;
    if (state === SKIP) {
      const rest = c.rest[d]!;
      if (rest > length) c.rest[d] = rest - length;
      else if (c.after[d] === ENDS) {
        wire.ends.finish(d, (start + rest) >>> 0, true);
        if (rest < length) this.lose(d, 2);
      } else if (rest === length) wire.passed(d, to);
      else this.openOrLose(d, 1);
    } else if (state === START) {
      if (wire.parserOf(d >> 1)?.unframed === true) return;
      if (c.message[d] !== NONE) this.openOrLose(d, 1);
      else this.lose(d, c.hole[d] === 0 ? 2 : c.hole[d]!);
    } else if (state === LOST) c.hole[d] = c.hole[d] || 1;
    else if (state === OPEN) c.hole[d] = 1;
  }

  /** Framing is lost, but the next request is known already: what it acknowledged is this response's end. */
  private endFromNextRequest(d: number, start: number, length: number): void {
    const { connections: c, pairing, marks, calls, ends } = this.wire;
    const state = c.state[d]!;
    const message = c.message[d]!;
    if (message < 0 || state === UNTIL_CLOSE || state === OPAQUE || ends.isRequest(d)) return;
    if (state === SKIP && (c.after[d] === ENDS || c.rest[d]! >= length)) return;
    const next = pairing.outstanding(d >> 1);
    if (next === NONE || next === message || (calls.flags[next]! & CallFlag.pipelined) !== 0) return;
    const end = this.wire.reached(d, marks.ack[next]!);
    const rest = (end - start) | 0;
    if (Number.isNaN(end) || rest < 0 || rest >= FAR) return;
    // Of a request that is missing in front of it, the response would be in there too.
    if ((marks.hole[next]! & AFTER_HOLE) !== 0) ends.flag(d, CallFlag.responseLastUnsure);
    this.parts.delete(d);
    this.wire.skip(d, rest, ENDS);
  }

  private openOrLose(d: number, hole: number): void {
    const { wire } = this;
    const c = wire.connections;
    if (c.message[d] === NONE) {
      this.lose(d, hole || 1);
      return;
    }
    if (c.state[d] === SKIP && c.after[d] === PAUSES) {
      wire.ends.pause(d, c.next[d]!);
      this.lose(d, hole || 1);
      return;
    }
    c.state[d] = OPEN;
    c.hole[d] = hole || this.answered(d);
    wire.parserOf(d >> 1)?.lost?.(d);
  }

  /** 1: the open request has its response, whose acknowledgement no longer tells where it ends. */
  private answered(d: number): number {
    const { connections: c, calls, ends } = this.wire;
    const row = c.message[d]!;
    return row >= 0 && ends.isRequest(d) && !Number.isNaN(calls.responseFirstNs[row]!) ? 1 : 0;
  }

  private lose(d: number, hole: number): void {
    const { wire } = this;
    const c = wire.connections;
    c.state[d] = LOST;
    c.hole[d] = hole;
    wire.parserOf(d >> 1)?.lost?.(d);
    wire.pairing.resume(d);
  }

  /**
   * A head whose rest is missing is still a message: its start and its acknowledgement are known. True: how much follows is
   * known too, from the end of what there is; else its end is not known.
   */
  cutHead(d: number): boolean {
    const { wire } = this;
    const c = wire.connections;
    const part = this.parts.get(d)!;
    this.parts.delete(d);
    if (c.message[d] !== NONE) {
      this.openOrLose(d, 1);
      return false;
    }
    const hole = c.hole[d]!;
    const parser = wire.parserOf(d >> 1);
    wire.first = part.first;
    wire.last = part.last;
    wire.base = part.at;
    wire.pieceStart = part.at >>> 0;
    c.state[d] = LOST;
    const known = parser?.readCut?.(d, part.bytes, 0, part.used) === true;
    wire.first = wire.now;
    wire.last = wire.now;
    if (!known) this.lose(d, hole || 1);
    else if (c.state[d] === LOST && c.message[d] !== NONE) c.state[d] = OPEN;
    wire.pairing.settle(d >> 1);
    return c.state[d] === SKIP;
  }
}
