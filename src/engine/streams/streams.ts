import type { Strings } from '../bytes/strings.ts';
import type { Calls } from '../calls/calls.ts';
import type { FlowTable, NameFact, QualityFact } from '../calls/callTable.ts';
import { dropDoubles } from '../calls/doubles.ts';
import type { Packet } from '../net/packet.ts';
import { Framing } from '../protocols/framing.ts';
import { Wire, type WireOptions } from '../protocols/wire.ts';
import { streamFacts } from './facts.ts';
import type { AddressText } from './flows.ts';
import { type ConnectionMemory, Memories } from './memory.ts';
import { flowsOver } from './over.ts';
import { Tcp } from './tcp.ts';
import { Udp } from './udp.ts';

export type StreamsOptions = WireOptions;

const TCP = 6;
const UDP = 17;
const SYN = 2;

/** Packets -> calls: follows every flow, puts its bytes in order, reads its messages and pairs them. */
export class Streams {
  readonly wire: Wire;
  private readonly framing: Framing;
  private readonly tcp: Tcp;
  private readonly udp: Udp;
  readonly memories: Memories;
  /** Calls seen under two addresses and listed under one. */
  private doubles = 0;

  constructor(context: {
    strings: Strings;
    addressText: AddressText;
    options: WireOptions;
    /** Time 0, ns since 1970. */
    epochNs?: () => bigint;
    connections?: readonly ConnectionMemory[];
  }) {
    this.wire = new Wire(context.strings, context.addressText, context.options);
    this.framing = new Framing(this.wire);
    this.memories = new Memories(this.wire, this.framing, context.epochNs ?? (() => 0n), context.connections ?? []);
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
      wire.marks.addFlow(flow);
      if (this.memories.any && transport === TCP && (packet.tcpFlags & SYN) === 0) this.memories.recall(flow);
    }
    flows.lastNs[flow] = packet.timeNs;
    flows.packets[flow]!++;
    flows.bytes[flow]! += packet.payloadLength;
    if (packet.payloadEnd - packet.payloadStart < packet.payloadLength) flows.cutPackets[flow]!++;
    if (flows.oneSided[flow] === 1 && flows.firstSide[flow] !== side) flows.oneSided[flow] = 0;
    if (transport === TCP) this.tcp.take(flow * 2 + side, packet);
    else this.udp.take(flow * 2 + side, packet);
  }

  /** A second copy of a packet that was taken: it is counted with its flow, if that is there. */
  again(packet: Packet): void {
    const { transport, source, destination, sourcePort, destinationPort } = packet;
    if (transport !== TCP && transport !== UDP) return;
    const realm = (packet.tenant << 2) | (packet.ipVersion === 6 ? 2 : 0) | (transport === UDP ? 1 : 0);
    const isLow = source < destination || (source === destination && sourcePort < destinationPort);
    const ports = isLow ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
    const { flows } = this.wire;
    const flow = flows.find(isLow ? source : destination, isLow ? destination : source, ports, realm);
    if (flow >= 0) flows.duplicates[flow]!++;
  }

  /** The input is over: what is still open gets its end, flagged where it is not proved. */
  finish(): void {
    this.tcp.finish();
    this.wire.resends.settle(this.calls);
    if (!this.wire.rowsAreKnown) this.doubles += dropDoubles(this.wire.calls, this.wire.flows);
  }

  /** Ends the flows for which no more packets are expected: their calls in progress get their end. Returns them, marked 1. */
  endIdle(): Uint8Array {
    const { flows, clockNs } = this.wire;
    const over = flowsOver(flows, clockNs, (flow) => this.tcp.end(flow));
    this.wire.resends.settle(this.calls);
    return over;
  }

  /** Those of the flows marked 1 in `over` that carry no call and are not marked in `kept`. */
  releasable(over: Uint8Array, kept: Uint8Array): Uint8Array {
    const { flows, calls } = this.wire;
    const gone = over.map((is, flow) => (is === 1 && kept[flow] !== 1 ? 1 : 0));
    const free = new Uint8Array(calls.count);
    calls.markFree(free);
    for (let row = 0; row < calls.count; row++) if (free[row] === 0) gone[calls.flow[row]!] = 0;
    for (let flow = 0; flow < gone.length; flow++) if (flows.carrier[flow] !== flow) gone[flow] = gone[flows.carrier[flow]!]!;
    return gone;
  }

  /** Takes calls that were seen under two addresses out of a copy of these calls. */
  dropDoubles(calls: Calls): void {
    this.doubles += dropDoubles(calls, this.wire.flows);
  }

  /** Facts about the streams so far. */
  quality(): QualityFact[] {
    return streamFacts(this.wire, this.tcp, this.udp, this.framing, this.doubles);
  }
}
