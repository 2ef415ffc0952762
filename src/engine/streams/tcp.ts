import type { Packet } from '../net/packet.ts';
import type { Framing } from '../protocols/framing.ts';
import { FAR } from '../protocols/pairing.ts';
import type { Wire } from '../protocols/wire.ts';
import { EARLY_ACK, FINISHED, HANDSHAKE, HELD, LOST, NOTHING, OPAQUE, POSITION, SINCE_SYN, START, ZERO_WINDOW } from './connections.ts';
import { duplicateReport } from './dsack.ts';
import type { HeldSegment } from './held.ts';
import { Lingering } from './lingering.ts';

const FIN = 1;
const SYN = 2;
const RST = 4;
const ACK = 16;

/** Packets a hole may stay open although the peer has acknowledged past it: file order is not time order. */
const SLACK_PACKETS = 64;
/** Packets that changed places in the network: both may be off by the tolerance. */
const BOTH_MOVED = 2;
/** ns a hole may stay open without acknowledgement (one-sided captures). */
const GIVE_UP_NS = 3e9;

/** TCP segments (RFC 9293) -> ordered bytes and holes for the framing layer; every byte keeps the stamp of its own segment. */
export class Tcp {
  /** Keep-alive and zero-window probes: segments that carry no new data. */
  probes = 0;
  /** Connections that took over the addresses and ports of an earlier one. */
  reused = 0;
  gapBytes = 0;
  outOfOrder = 0;
  private readonly wire: Wire;
  private readonly framing: Framing;
  private packets = 0;
  private readonly lingering = new Lingering();

  constructor(wire: Wire, framing: Framing) {
    this.wire = wire;
    this.framing = framing;
  }

  /** A segment of direction d. */
  take(d: number, packet: Packet): void {
    const { wire } = this;
    const { connections: c, now, resends } = wire;
    if ((++this.packets & (SLACK_PACKETS - 1)) === 0) this.sweep(packet.timeNs);
    const flags = packet.tcpFlags;
    if (c.state[d] === OPAQUE && (flags & SYN) === 0) return;
    const { sequence, acknowledgement, payloadLength: length } = packet;
    now.timeNs = packet.timeNs;
    now.ack = acknowledgement;
    now.late = packet.untimed ? Number.POSITIVE_INFINITY : 0;
    now.capture = packet.capture;
    now.frame = packet.frame;
    if ((flags & SYN) !== 0) {
      d = this.syn(d, sequence, acknowledgement, flags);
      resends.spoke(d, packet);
      // TCP Fast Open (RFC 7413): data may come with the SYN.
      if (length > 0 && c.next[d] === (sequence + 1) >>> 0) this.deliver(d, packet.bytes, packet.payloadStart, packet.payloadEnd, length);
      return;
    }
    // Not from an empty segment but a FIN: a keep-alive probe's number is one too low.
    if (c.known[d] === NOTHING && (length > 0 || (flags & FIN) !== 0)) this.startAt(d, sequence);
    let ahead = (sequence - c.next[d]!) | 0;
    if (length > 0 && (ahead > FAR || ahead < -FAR)) {
      d = this.replace(d);
      this.startAt(d, sequence);
      ahead = 0;
    } else if (ahead < 0 && length > 0 && this.startsBefore(d, sequence) && now.timeNs - c.lastNs[d]! <= BOTH_MOVED * wire.toleranceNs) {
      this.startAt(d, sequence);
      ahead = 0;
    }
    if ((flags & ACK) !== 0) {
      const o = d ^ 1;
      if (
        packet.window === 0 ||
        (c.watch[o]! & (ZERO_WINDOW | HANDSHAKE)) !== 0 ||
        ((acknowledgement - c.next[o]!) | 0) > 0 ||
        c.known[o] === NOTHING
      )
        this.acknowledged(o, acknowledgement, packet);
      // Longer than timestamps: there may be SACK blocks.
      if (packet.optionsEnd - packet.optionsStart > 12) this.selective(o, acknowledgement, packet);
    }
    if (length > 0 || (flags & FIN) !== 0) {
      if (length === 1 && (c.watch[d]! & ZERO_WINDOW) !== 0) {
        this.probes++; // not accepted by the receiver
        return;
      }
      if (ahead === 0 && (c.watch[d]! & (HELD | EARLY_ACK)) === 0) {
        if (length > 0) {
          if (now.late === 0) now.late = resends.newBytes(d, packet, undefined, BOTH_MOVED * wire.toleranceNs);
          this.deliver(d, packet.bytes, packet.payloadStart, packet.payloadEnd, length);
        }
        if ((flags & FIN) !== 0) this.fin(d);
      } else this.slow(d, ahead, packet);
    }
    resends.spoke(d, packet);
    if ((flags & RST) !== 0) {
      this.framing.close(d);
      this.framing.close(d ^ 1);
      this.finished(d);
      this.finished(d ^ 1);
    }
  }

  /** In order: `length` bytes that begin at `next`. */
  private deliver(d: number, bytes: Uint8Array, start: number, end: number, length: number): void {
    const { connections: c } = this.wire;
    c.next[d] = (c.next[d]! + length) >>> 0;
    c.total[d]! += length;
    this.framing.data(d, bytes, start, end, length);
  }

  private startAt(d: number, sequence: number): void {
    const { connections: c } = this.wire;
    c.next[d] = sequence;
    c.known[d] = POSITION;
    c.state[d] = LOST;
    c.hole[d] = 1;
  }

  private replace(d: number): number {
    const flow = d >> 1;
    this.reused++;
    this.end(flow);
    const { flows, now } = this.wire;
    const next = flows.replace(flow, d & 1);
    flows.lastNs[next] = now.timeNs;
    this.wire.marks.addFlow(next);
    return next * 2 + (d & 1);
  }

  private syn(d: number, sequence: number, ack: number, flags: number): number {
    const { connections: c, flows, marks, now } = this.wire;
    const isn = (sequence + 1) >>> 0;
    if (c.known[d] === POSITION) {
      // The position is known from data or an acknowledgement only: a SYN that fits came late in the file.
      const behind = (c.next[d]! - isn) | 0;
      if (behind >= 0 && behind < FAR) {
        c.isn[d] = isn;
        c.known[d] = SINCE_SYN;
        if (behind === 0 && c.state[d] === LOST) {
          c.state[d] = START;
          c.hole[d] = 0;
        }
        if (c.known[d ^ 1] === SINCE_SYN) marks.inStep[d >> 1] = 1;
        return d;
      }
    }
    if (c.known[d] !== NOTHING) {
      if (c.isn[d] === isn) {
        flows.synNs[d >> 1] = Number.NaN; // sent twice: which one was answered can't be told
        return d;
      }
      d = this.replace(d);
    }
    const flow = d >> 1;
    c.next[d] = isn;
    c.isn[d] = isn;
    c.known[d] = SINCE_SYN;
    c.state[d] = START;
    c.hole[d] = 0;
    marks.begins(flow);
    if ((flags & ACK) === 0) {
      flows.setClient(flow, d & 1);
      flows.synNs[flow] = now.late === 0 ? now.timeNs : Number.NaN;
      return d;
    }
    flows.setClient(flow, (d & 1) ^ 1);
    c.watch[d]! |= HANDSHAKE;
    const o = d ^ 1;
    if (c.known[o] === NOTHING) {
      // The peer's SYN was not seen, its position is known all the same.
      c.next[o] = ack;
      c.isn[o] = ack;
      c.known[o] = SINCE_SYN;
      c.state[o] = START;
    } else if (this.startsBefore(o, ack)) {
      this.startAt(o, ack);
      c.isn[o] = ack;
      c.known[o] = SINCE_SYN;
      c.state[o] = START;
      c.hole[o] = 0;
    }
    return d;
  }

  /** The position of direction d is that of an acknowledgement, and what it acknowledged may come late in the file, from `sequence` on. */
  private startsBefore(d: number, sequence: number): boolean {
    const { connections: c } = this.wire;
    const behind = (c.next[d]! - sequence) | 0;
    return c.known[d] === POSITION && c.total[d] === 0 && behind > 0 && behind < FAR;
  }

  /** The peer of direction d acknowledges up to `ack`. */
  private acknowledged(d: number, ack: number, packet: Packet): void {
    const { connections: c, flows, early, now } = this.wire;
    const flow = d >> 1;
    if (c.known[d] === NOTHING) {
      this.startAt(d, ack);
      c.lastNs[d] = packet.timeNs;
      return;
    }
    if ((c.watch[d]! & HANDSHAKE) !== 0) {
      c.watch[d]! &= ~HANDSHAKE;
      flows.rttNs[flow] = packet.untimed ? Number.NaN : packet.timeNs - flows.synNs[flow]!;
    }
    if (packet.window === 0) {
      if ((packet.tcpFlags & RST) === 0) {
        c.watch[d]! |= ZERO_WINDOW;
        flows.zeroWindows[flow]!++;
      }
    } else c.watch[d]! &= ~ZERO_WINDOW;
    const ahead = (ack - c.next[d]!) | 0;
    // Bytes arrived that we have not seen: capture loss, or file order.
    if (ahead > 0 && ahead < FAR && c.state[d] !== OPAQUE) early.add(d, ack, now.late || packet.timeNs);
  }

  /** Duplicates that the peer reports, of bytes that we saw once: their first copy was missed. */
  private selective(d: number, ack: number, packet: Packet): void {
    const report = duplicateReport(packet.view, packet.optionsStart, packet.optionsEnd, ack);
    if (report === undefined) return;
    const { connections: c, held, ends } = this.wire;
    const { left, right } = report;
    const twice = c.twice[d]!;
    if (((right - twice) | 0) <= 0 && ((twice - right) | 0) < FAR) return; // seen twice here as well
    held.accuse(d, left, right);
    ends.duplicateReported(d, left, right);
  }

  /** Out of order, retransmitted, or while something is missing. */
  private slow(d: number, ahead: number, packet: Packet): void {
    const { connections: c, early, held, ends, now, resends, toleranceNs } = this.wire;
    const { sequence, payloadLength: length, bytes, payloadStart: start, payloadEnd: end } = packet;
    const fin = (packet.tcpFlags & FIN) !== 0;
    const behind = (sequence + length) >>> 0;
    const late = length > 0 ? early.late(d, behind, now.timeNs, BOTH_MOVED * toleranceNs) : 0;
    if (late > 0) now.late = late;
    if (late > 0 && late < Number.POSITIVE_INFINITY) {
      ends.lateCopies++;
      resends.missed++;
      if (length === 1) {
        this.probes++; // keep-alive probe with a garbage byte behind a lost tail
        return;
      }
    }
    const fresh = ahead + length;
    if (fresh < 0 || (fresh === 0 && !fin)) {
      if (length > 0) this.seenTwice(d, behind, length, packet);
      early.trim(d);
      return;
    }
    if (now.late === 0 && length > 0) now.late = resends.newBytes(d, packet, held.list(d), BOTH_MOVED * toleranceNs);
    if (ahead <= 0 && (c.watch[d]! & HELD) === 0) {
      if (ahead < 0 && length > 0) this.wire.seenAgain(d, packet);
      if (fresh > 0) this.deliver(d, bytes, Math.min(start - ahead, end), end, fresh);
      if (fin) this.fin(d);
      early.trim(d);
      return;
    }
    this.outOfOrder++;
    if (held.add(d, sequence, length, bytes, start, end, fin, now, this.packets)) this.skip(d);
    this.drain(d);
  }

  private seenTwice(d: number, end: number, length: number, packet: Packet): void {
    const { connections: c, ends } = this.wire;
    if (length === 1 && end === c.next[d]) this.probes++;
    else this.wire.seenAgain(d, packet);
    c.twice[d] = end;
    ends.duplicateSeen(d, end);
  }

  /** Delivers held segments that are in order now, each with its own stamp. */
  private drain(d: number): void {
    const { connections: c, held, now, early } = this.wire;
    const { timeNs, ack, late, capture, frame } = now;
    for (let s = held.takeReady(d); s !== undefined; s = held.takeReady(d)) this.release(d, s);
    early.trim(d);
    now.timeNs = timeNs;
    now.ack = ack;
    now.late = late;
    now.capture = capture;
    now.frame = frame;
    if (c.state[d] === OPAQUE) early.drop(d);
  }

  private release(d: number, s: HeldSegment): void {
    const { connections: c, now } = this.wire;
    const fresh = ((s.sequence - c.next[d]!) | 0) + s.length;
    now.timeNs = s.timeNs;
    now.ack = s.ack;
    now.late = s.late;
    now.capture = s.capture;
    now.frame = s.frame;
    if (fresh > 0) this.deliver(d, s.bytes, Math.min(s.length - fresh, s.bytes.length), s.bytes.length, fresh);
    if (s.fin && fresh >= 0) this.fin(d);
  }

  /** Gives up holes that will not be filled: acknowledged bytes passed unseen. Bounded: one direction a packet. */
  private sweep(nowNs: number): void {
    const { held, early } = this.wire;
    for (let i = Math.min(held.size, SLACK_PACKETS); i > 0; i--) {
      const step = held.nextInTurn();
      if (step === undefined) break;
      const [d, list] = step;
      const first = list[0];
      if (first === undefined) continue;
      const acknowledged = early.reaches(d, first.sequence);
      if ((acknowledged && this.packets - first.packet >= SLACK_PACKETS) || nowNs - first.timeNs > GIVE_UP_NS) {
        this.skip(d);
        this.drain(d);
      }
    }
    for (const flow of this.lingering.over(this.packets)) this.putAway(flow);
  }

  /** The bytes before the first held segment are missing for good. */
  private skip(d: number): void {
    const { connections: c, held, flows } = this.wire;
    const first = held.list(d)?.[0];
    if (first === undefined) return;
    const gap = (first.sequence - c.next[d]!) >>> 0;
    flows.gaps[d >> 1]!++;
    this.wire.resends.missed++;
    this.gapBytes += gap;
    c.next[d] = first.sequence;
    c.total[d]! += gap;
    this.framing.gaps.hole(d, gap);
  }

  private fin(d: number): void {
    const { connections: c } = this.wire;
    this.framing.close(d);
    c.next[d] = (c.next[d]! + 1) >>> 0; // a FIN takes one number
    this.finished(d);
  }

  private finished(d: number): void {
    const { connections: c } = this.wire;
    if ((c.watch[d]! & FINISHED) !== 0) return;
    c.watch[d]! |= FINISHED;
    if ((c.watch[d ^ 1]! & FINISHED) !== 0) this.lingering.add(d >> 1, this.packets);
  }

  private putAway(flow: number): void {
    const { flows, connections: c } = this.wire;
    // Its row may have become another's meanwhile.
    const closed = (c.watch[flow * 2]! & c.watch[flow * 2 + 1]! & FINISHED) !== 0;
    if (closed && flows.replaced[flow] === 0) this.end(flow);
  }

  /** Nothing more comes for the flow: holes are given up, what is open is closed with flags. */
  end(flow: number): void {
    const { held } = this.wire;
    for (let d = flow * 2; d < flow * 2 + 2; d++)
      while (held.has(d)) {
        this.skip(d);
        this.drain(d);
      }
    this.framing.forget(flow);
  }

  finish(): void {
    const { flows, held } = this.wire;
    for (const d of held.directions())
      while (held.has(d)) {
        this.skip(d);
        this.drain(d);
      }
    for (let flow = 0; flow < flows.count; flow++) if (flows.replaced[flow] === 0) this.end(flow);
  }
}
