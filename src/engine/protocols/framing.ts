import { LOST, NONE, OPAQUE, OPEN, PART, SEALED, SKIP, START, UNTIL_CLOSE, WAITING } from '../streams/connections.ts';
import { Gaps } from './gaps.ts';
import { BROKEN, MAYBE, MORE, NO, type Parser, YES } from './parser.ts';
import { MAX_PART, Parts } from './parts.ts';
import { Recognition } from './recognition.ts';
import { Tunnel } from './tls/tunnel.ts';
import type { Wire } from './wire.ts';

/**
 * Ordered bytes and holes of each direction -> pieces for the protocol's parser. One loop serves every protocol: it passes
 * over bodies without a call, joins heads that span segments, and after a loss finds back into step - inside a body of
 * known length by counting, else at a segment that begins with a head, or where the peer's acknowledgements say that a
 * message ended.
 */
export class Framing {
  readonly recognition: Recognition;
  private readonly wire: Wire;
  /** Heads in progress. */
  readonly parts = new Parts();
  /** TLS connections that are read inside, by flow. */
  private readonly tunnels = new Map<number, Tunnel>();
  readonly gaps: Gaps;
  /** Bytes that passed while no message could be read, for the quality facts. */
  unreadBytes = 0;
  /** Heads that were given up because they are longer than MAX_PART. */
  longHeads = 0;
  /** Heads in pieces that were given up because all of them together, or reading this one again and again, would cost too much. */
  crowdedHeads = 0;

  constructor(wire: Wire) {
    this.wire = wire;
    this.gaps = new Gaps(wire, this.parts, this.tunnels);
    this.recognition = new Recognition(wire);
    wire.parserOf = (flow) => this.recognition.parserOf(flow);
    wire.reachedInside = (d, ack) => this.tunnels.get(wire.flows.carrier[d >> 1]!)?.reached(d, ack) ?? Number.NaN;
    wire.openTunnel = (flow) => this.openTunnel(flow);
  }

  /** `length` stream bytes of direction d that end at `next`; what was captured of them is bytes[start, end). */
  data(d: number, bytes: Uint8Array, start: number, end: number, length: number): void {
    const { wire } = this;
    const { connections: c, now } = wire;
    const beforeNs = c.lastNs[d]!;
    const beforeFrame = c.lastFrame[d]!;
    const beforeCapture = c.lastCapture[d]!;
    const beforeAck = c.lastAck[d]!;
    const beforeLate = c.lastLate[d]!;
    if (now.timeNs >= c.lastNs[d]!) {
      c.lastNs[d] = now.timeNs;
      c.lastFrame[d] = now.frame;
      c.lastCapture[d] = now.capture;
      c.lastLate[d] = now.late;
    }
    c.lastAck[d] = now.ack;
    const unread = length - (end - start);
    let base = (c.next[d]! - length - start) | 0;
    let p = start;
    while (p < end) {
      if (p === start && c.message[d] === WAITING && this.bodySkipped(d, bytes, p, end, base + p)) continue;
      switch (c.state[d]) {
        case SKIP: {
          const rest = c.rest[d]!;
          if (c.body[d] === 1) wire.bodyOf(d, bytes, p, Math.min(end, p + rest));
          if (end - p < rest) {
            c.rest[d] = rest - (end - p);
            p = end;
          } else {
            p += rest;
            wire.passed(d, (base + p) >>> 0);
          }
          break;
        }
        case SEALED:
          this.tunnels.get(d >> 1)?.data(d, bytes, p, end, (base + p) >>> 0);
          p = end;
          break;
        case UNTIL_CLOSE:
        case OPAQUE:
          p = end;
          break;
        case OPEN: {
          // The end is unknown: a segment that begins with a head ends it, if nothing is missing in between.
          const parser = p === start ? this.recognition.parserOf(d >> 1) : undefined;
          if (parser !== undefined && (wire.pairing.askedAt(d, (base + p) >>> 0) || parser.recognise(d, bytes, p, end) === YES)) {
            c.lastNs[d] = beforeNs;
            c.lastFrame[d] = beforeFrame;
            c.lastCapture[d] = beforeCapture;
            c.lastAck[d] = beforeAck;
            c.lastLate[d] = beforeLate;
            wire.pairing.endOpen(d, (base + p) >>> 0);
          } else p = end;
          break;
        }
        case PART: {
          const part = this.parts.get(d)!;
          const fits = this.parts.append(part, bytes, p, end, now);
          const offset = fits ? this.readPart(d) : BROKEN;
          if (offset === MORE) {
            p = end;
            break;
          }
          if (!fits && !part.lost) {
            if (part.used > MAX_PART) this.longHeads++;
            else this.crowdedHeads++;
          }
          this.parts.delete(d);
          if (offset === BROKEN) {
            p = end;
            this.broken(d);
            break;
          }
          // The rest of this segment was appended to the part: go on there.
          bytes = part.bytes;
          start = -1;
          end = part.used;
          base = part.at;
          p = offset;
          break;
        }
        default: {
          const next = this.readHead(d, bytes, start, p, end, base);
          if (next === BROKEN) {
            this.broken(d);
            p = end;
          } else p = next;
        }
      }
    }
    if (unread > 0) this.gaps.hidden(d, unread);
  }

  /** Reads the piece at p in state START or LOST. Returns the offset to go on from, or BROKEN. */
  private readHead(d: number, bytes: Uint8Array, start: number, p: number, end: number, base: number): number {
    const { wire } = this;
    const c = wire.connections;
    const lost = c.state[d] === LOST;
    if (lost && p !== start) return end;
    let parser = this.recognition.parserOf(d >> 1);
    let verdict = YES;
    if (parser?.unframed === true && p === start) parser = this.recognition.reconsider(d, bytes, p, end);
    if (parser === undefined) {
      // The peer answers what could have been the beginning of several messages: it was one, of none of them. Unless it had more of it.
      if (c.state[d ^ 1] === PART && ((wire.now.ack - c.next[d ^ 1]!) | 0) <= 0) {
        this.takeForTurn(d ^ 1);
        parser = this.recognition.reconsider(d, bytes, p, end);
      } else {
        verdict = this.recognition.identify(d, bytes, p, end);
        parser = this.recognition.parserOf(d >> 1);
        if (c.state[d] === OPAQUE) return end;
      }
    } else if (lost) verdict = parser.recognise(d, bytes, p, end);
    if (verdict === NO) {
      this.unreadBytes += end - p;
      wire.flows.unreadBytes[d >> 1]! += end - p;
      return end;
    }
    if (wire.first !== wire.now) wire.first = wire.now;
    if (wire.last !== wire.now) wire.last = wire.now;
    if (verdict === YES && parser !== undefined) {
      const offset = this.read(parser, d, bytes, p, end, p, base);
      if (offset !== MORE) return offset;
    }
    if (this.parts.full) {
      if (verdict === YES) this.crowdedHeads++;
      return BROKEN;
    }
    this.parts.add(d, bytes, p, end, (base + p) | 0, wire.now, wire.now, verdict === MAYBE, lost);
    c.state[d] = PART;
    return end;
  }

  /** Tries the head in progress again. Returns the offset behind its piece in the part's bytes, MORE or BROKEN. */
  private readPart(d: number): number {
    const { wire } = this;
    const c = wire.connections;
    const part = this.parts.get(d)!;
    const flow = d >> 1;
    let parser = this.recognition.parserOf(flow);
    c.state[d] = part.lost && part.adrift ? LOST : START;
    if (parser === undefined) {
      const verdict = this.recognition.identify(d, part.bytes, 0, part.used);
      parser = this.recognition.parserOf(flow);
      if (c.state[d] === OPAQUE) return part.used;
      if (verdict === NO) return BROKEN;
      if (verdict === MAYBE || parser === undefined) {
        c.state[d] = PART;
        return MORE;
      }
    } else if (part.lost) {
      const verdict = parser.recognise(d, part.bytes, 0, part.used);
      if (verdict === NO) return BROKEN;
      if (verdict === MAYBE) {
        c.state[d] = PART;
        return MORE;
      }
    }
    part.lost = false;
    wire.first = part.first;
    wire.last = part.last;
    const offset = this.read(parser, d, part.bytes, 0, part.used, part.tried, part.at);
    wire.first = wire.now;
    wire.last = wire.now;
    part.tried = part.used;
    if (offset === MORE) c.state[d] = PART;
    return offset;
  }

  /** The flow ends inside a head: it is a message with what is known of it. */
  private cutOff(d: number): void {
    if (this.recognition.parserOf(d >> 1) === undefined) this.takeForTurn(d);
    else if (!this.parts.get(d)!.lost) this.gaps.cutHead(d);
  }

  /** A short beginning of no protocol in particular turns out to be all there was. */
  private takeForTurn(d: number): void {
    const { wire } = this;
    const part = this.parts.get(d)!;
    const parser = this.recognition.useFallback(d >> 1)!;
    wire.connections.state[d] = START;
    wire.first = part.first;
    wire.last = part.last;
    this.read(parser, d, part.bytes, 0, part.used, 0, part.at);
    wire.first = wire.now;
    wire.last = wire.now;
    this.parts.delete(d);
  }

  private read(parser: Parser, d: number, bytes: Uint8Array, p: number, end: number, seen: number, base: number): number {
    const { wire } = this;
    const c = wire.connections;
    wire.base = base;
    wire.pieceStart = (base + p) >>> 0;
    if (c.state[d] === LOST) c.state[d] = START;
    const offset = parser.read(d, bytes, p, end, seen);
    if (offset < 0) return offset;
    if (c.state[d] === SKIP && c.rest[d] === 0) wire.passed(d, (base + offset) >>> 0);
    wire.pairing.settle(d >> 1);
    // No progress would be an endless loop.
    return offset > p || c.state[d] !== START ? offset : BROKEN;
  }

  /** What stands at p is no piece of the protocol. */
  private broken(d: number): void {
    const { wire } = this;
    const c = wire.connections;
    if (c.message[d] !== NONE) {
      c.state[d] = OPEN;
      return;
    }
    if (c.state[d] === OPAQUE || wire.pairing.reopen(d)) return;
    c.state[d] = LOST;
    c.hole[d] = 1;
    this.recognition.parserOf(d >> 1)?.lost?.(d);
  }

  /** The answer to a HEAD that we didn't see: instead of its body, the next response begins at p. */
  private bodySkipped(d: number, bytes: Uint8Array, p: number, end: number, at: number): boolean {
    const { wire } = this;
    const parser = this.recognition.parserOf(d >> 1);
    const response = wire.ends.pending.get(d);
    if (parser?.maySkipBody !== true || response === undefined || response.headEnd !== at >>> 0) return false;
    if (parser.recognise(d, bytes, p, end) !== YES) return false;
    const { connections: c } = wire;
    const lastNs = c.lastNs[d]!;
    c.lastNs[d] = response.firstNs;
    wire.ends.finish(d, at >>> 0, false);
    c.lastNs[d] = lastNs;
    return true;
  }

  private openTunnel(flow: number): void {
    const { keyLog, connections: c } = this.wire;
    if (keyLog === undefined) return;
    const streams = {
      data: (d: number, bytes: Uint8Array, start: number, end: number, length: number) => this.data(d, bytes, start, end, length),
      hole: (d: number, length: number) => this.gaps.hole(d, length),
      close: (d: number) => this.close(d),
      forget: (inner: number) => this.forget(inner),
    };
    this.tunnels.set(flow, new Tunnel(this.wire, keyLog, streams, flow));
    c.state[flow * 2] = SEALED;
    c.state[flow * 2 + 1] = SEALED;
  }

  /** FIN in order, or RST. */
  close(d: number): void {
    const c = this.wire.connections;
    const state = c.state[d];
    this.tunnels.get(d >> 1)?.close(d);
    if (state === UNTIL_CLOSE || state === OPEN) this.wire.ends.finish(d, c.next[d]!, false);
  }

  /** What came last of the open response to the call answers a later request, which was not seen. */
  private answersMore(d: number, row: number): boolean {
    const { wire } = this;
    const { connections: c } = wire;
    if (c.done[d ^ 1] !== row) return false;
    return ((wire.reached(d ^ 1, c.lastAck[d]!) - c.doneEnd[d ^ 1]!) | 0) > 0;
  }

  /** The flow is over: nothing more will come for it. */
  forget(flow: number): void {
    const { wire } = this;
    const { connections: c, ends, early, pairing, keyed, flows } = wire;
    this.tunnels.get(flow)?.forget();
    this.tunnels.delete(flow);
    const asking = flow * 2 + flows.clientSide[flow]!;
    for (const d of [asking, asking ^ 1]) if (c.state[d] === PART) this.cutOff(d); // the request first: its response may be cut off too
    for (let d = flow * 2; d < flow * 2 + 2; d++) {
      const row = c.message[d]!;
      const state = c.state[d]!;
      if (row >= 0) {
        const endless = state === OPEN || state === UNTIL_CLOSE || this.recognition.parserOf(flow)?.unframed === true;
        ends.giveUp(d, row, endless && c.hole[d] === 0 && !early.has(d) && !this.answersMore(d, row));
      }
      c.message[d] = NONE;
      early.drop(d);
      this.parts.delete(d);
      ends.forget(d);
    }
    pairing.forget(flow);
    keyed.forget(flow);
    this.recognition.parserOf(flow)?.forget?.(flow);
    this.recognition.forget(flow);
  }
}
