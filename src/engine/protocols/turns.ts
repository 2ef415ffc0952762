import { CallFlag } from '../calls/callTable.ts';
import { NONE } from '../streams/connections.ts';
import { NO, type Parser } from './parser.ts';
import type { Wire } from './wire.ts';

/**
 * TCP of no known protocol: what the client sends until the server answers is a request, what the server sends until the
 * client goes on is its response. Calls found this way are marked as such by their protocol.
 */
export class Turns implements Parser {
  static readonly protocols = ['turns'] as const;
  readonly unframed = true;
  private readonly wire: Wire;

  constructor(wire: Wire) {
    this.wire = wire;
  }

  recognise(): number {
    return NO;
  }

  read(d: number, _bytes: Uint8Array, _start: number, end: number): number {
    const { connections: c, ends, pairing, first, flows } = this.wire;
    const { ack } = first;
    const open = c.message[d]!;
    if (open !== NONE) {
      // Unless the sender had received more than we saw when it went on: then an answer passed between.
      if (((ack - c.turnAck[d]!) | 0) <= 0 || ((this.wire.reached(d ^ 1, ack) - c.next[d ^ 1]!) | 0) <= 0) return end;
      ends.flag(d, ends.isRequest(d) ? CallFlag.requestLastUnsure : CallFlag.responseLastUnsure);
      ends.finish(d, this.wire.pieceStart, false);
    }
    c.turnAck[d] = ack;
    if (c.message[d ^ 1] !== NONE) ends.finish(d ^ 1, c.next[d ^ 1]!, false);
    if (flows.clientSide[d >> 1] === (d & 1)) pairing.request(d, end, false);
    else if (pairing.outstanding(d >> 1) !== NONE) pairing.response(d, this.wire.pieceStart, end, false);
    return end;
  }
}
