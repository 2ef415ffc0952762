import type { Packet } from '../net/packet.ts';
import type { Framing } from '../protocols/framing.ts';
import type { Wire } from '../protocols/wire.ts';

/** UDP datagrams -> the parser of their flow, if a protocol knows them. */
export class Udp {
  /** Payload bytes of no known protocol. */
  unreadBytes = 0;
  private readonly wire: Wire;
  private readonly framing: Framing;

  constructor(wire: Wire, framing: Framing) {
    this.wire = wire;
    this.framing = framing;
  }

  /** A datagram of direction d. */
  take(d: number, packet: Packet): void {
    const { wire } = this;
    const { now } = wire;
    const { bytes, payloadStart, payloadEnd, payloadLength } = packet;
    if (payloadLength === 0) return;
    const parser = this.framing.recognition.ofDatagram(d, bytes, payloadStart, payloadEnd);
    if (parser?.datagram === undefined) {
      this.unreadBytes += payloadLength;
      wire.flows.unreadBytes[d >> 1]! += payloadLength;
      return;
    }
    now.timeNs = packet.timeNs;
    now.ack = 0;
    now.late = packet.untimed ? Number.POSITIVE_INFINITY : 0;
    now.capture = packet.capture;
    now.frame = packet.frame;
    wire.first = now;
    wire.last = now;
    wire.base = 0;
    wire.pieceStart = 0;
    parser.datagram(d, bytes, payloadStart, payloadEnd, payloadLength);
  }
}
