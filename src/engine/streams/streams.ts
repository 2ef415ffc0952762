import type { Strings } from '../bytes/strings.ts';
import type { Calls } from '../calls/calls.ts';
import type { FlowTable, NameFact, QualityFact } from '../calls/callTable.ts';
import { dropDoubles } from '../calls/doubles.ts';
import type { Packet } from '../net/packet.ts';
import { Framing } from '../protocols/framing.ts';
import { Wire, type WireOptions } from '../protocols/wire.ts';
import { streamFacts } from './facts.ts';
import type { AddressText } from './flows.ts';
import { Tcp } from './tcp.ts';
import { Udp } from './udp.ts';

export type StreamsOptions = WireOptions;

const TCP = 6;
const UDP = 17;

/** Packets -> calls: follows every flow, puts its bytes in order, reads its messages and pairs them. */
export class Streams {
  readonly wire: Wire;
  private readonly framing: Framing;
  private readonly tcp: Tcp;
  private readonly udp: Udp;
  /** Calls seen under two addresses and listed under one. */
  private doubles = 0;

  constructor(context: { strings: Strings; addressText: AddressText; options: WireOptions }) {
    this.wire = new Wire(context.strings, context.addressText, context.options);
    this.framing = new Framing(this.wire);
    this.tcp = new Tcp(this.wire, this.framing);
    this.udp = new Udp(this.wire, this.framing);
  }

  get calls(): Calls {
    return this.wire.calls;
  }

  get flows(): FlowTable {
    return this.wire.flows;
  }

  get names(): readonly NameFact[] {
    return this.wire.names;
  }

  /** One decapsulated packet; nothing of it is kept but copies. */
  take(packet: Packet): void {
    const { transport, source, destination, sourcePort, destinationPort } = packet;
    if (transport !== TCP && transport !== UDP) return;
    const { wire } = this;
    const { flows } = wire;
    if (packet.timeNs > wire.clockNs) wire.clockNs = packet.timeNs;
    const realm = (packet.tenant << 2) | (packet.ipVersion === 6 ? 2 : 0) | (transport === UDP ? 1 : 0);
    const side = source < destination || (source === destination && sourcePort < destinationPort) ? 0 : 1;
    const low = side === 0 ? source : destination;
    const high = side === 0 ? destination : source;
    const ports = side === 0 ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    let flow = flows.find(low, high, ports, realm);
    if (flow < 0) {
      flow = flows.add(low, high, ports, realm, side, sourcePort < destinationPort ? side ^ 1 : side);
      wire.marks.ensureFlow(flow);
    }
    flows.packets[flow]!++;
    flows.bytes[flow]! += packet.payloadLength;
    if (flows.oneSided[flow] === 1 && flows.firstSide[flow] !== side) flows.oneSided[flow] = 0;
    if (transport === TCP) this.tcp.take(flow * 2 + side, packet);
    else this.udp.take(flow * 2 + side, packet);
  }

  /** The input is over: what is still open gets its end, flagged where it is not proved. */
  finish(): void {
    this.tcp.finish();
    if (!this.wire.rowsAreKnown) this.doubles += dropDoubles(this.wire.calls, this.wire.flows);
  }

  /** Facts about the streams so far. */
  quality(): QualityFact[] {
    return streamFacts(this.wire, this.tcp, this.udp, this.framing, this.doubles);
  }
}
