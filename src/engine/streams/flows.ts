import type { FlowTable, StringTable } from '../calls/callTable.ts';
import { FIRST_CAPACITY, grown, nextCapacity } from '../calls/columns.ts';
import { Connections } from './connections.ts';
import { FlowIndex } from './flowIndex.ts';
import { FlowSums } from './flowSums.ts';

/** A table of its own with the flows as they are now. */
export function copyOfFlows(f: FlowTable): FlowTable {
  const { count } = f;
  return {
    count,
    ...(f.released && { released: { ...f.released } }),
    tenant: f.tenant.slice(0, count),
    clientAddress: f.clientAddress.slice(0, count),
    serverAddress: f.serverAddress.slice(0, count),
    clientPort: f.clientPort.slice(0, count),
    serverPort: f.serverPort.slice(0, count),
    transport: f.transport.slice(0, count),
    protocol: f.protocol.slice(0, count),
    packets: f.packets.slice(0, count),
    bytes: f.bytes.slice(0, count),
    retransmissions: f.retransmissions.slice(0, count),
    gaps: f.gaps.slice(0, count),
    zeroWindows: f.zeroWindows.slice(0, count),
    duplicates: f.duplicates.slice(0, count),
    cutPackets: f.cutPackets.slice(0, count),
    unreadBytes: f.unreadBytes.slice(0, count),
    rttNs: f.rttNs.slice(0, count),
    oneSided: f.oneSided.slice(0, count),
    serverName: f.serverName.slice(0, count),
  };
}

export type AddressText = (ipVersion: 4 | 6, address: number) => string;

/** The growing table of flows with their keys. A column is replaced when it grows: take it from the table, never keep it. */
export class Flows implements FlowTable {
  count = 0;
  private capacity = FIRST_CAPACITY;
  tenant = new Int32Array(this.capacity);
  clientAddress = new Int32Array(this.capacity);
  serverAddress = new Int32Array(this.capacity);
  clientPort = new Uint16Array(this.capacity);
  serverPort = new Uint16Array(this.capacity);
  transport = new Uint8Array(this.capacity);
  protocol = new Uint8Array(this.capacity);
  packets = new Uint32Array(this.capacity);
  /** Payload bytes on the wire, retransmissions included. */
  bytes = new Float64Array(this.capacity);
  retransmissions = new Uint32Array(this.capacity);
  gaps = new Uint32Array(this.capacity);
  zeroWindows = new Uint32Array(this.capacity);
  duplicates = new Uint32Array(this.capacity);
  cutPackets = new Uint32Array(this.capacity);
  unreadBytes = new Float64Array(this.capacity);
  rttNs = new Float64Array(this.capacity);
  oneSided = new Uint8Array(this.capacity);
  serverName = new Int32Array(this.capacity);
  /** Time of the latest packet, ns. */
  lastNs = new Float64Array(this.capacity);

  // Key: the lower address (and port) first, so that both directions find the same flow. realm: tenant, IP version, transport.
  low = new Int32Array(this.capacity);
  high = new Int32Array(this.capacity);
  ports = new Int32Array(this.capacity);
  realm = new Int32Array(this.capacity);
  /** 1: packets don't find it: another connection took over the key, it is carried inside another, or the row is free. */
  replaced = new Uint8Array(this.capacity);
  /** Side (0: the lower address) whose packet came first. */
  firstSide = new Uint8Array(this.capacity);
  /** Side that sends the requests, as assumed for the addresses above; `clientKnown`: a message or the handshake proved it. */
  clientSide = new Uint8Array(this.capacity);
  clientKnown = new Uint8Array(this.capacity);
  synNs = new Float64Array(this.capacity);
  /** The flow inside which this one is carried (decrypted), under which its calls are listed; else itself. */
  carrier = new Int32Array(this.capacity);
  /** Parser of the flow's protocol plus one; 0: not recognised yet. */
  parser = new Uint8Array(this.capacity);

  readonly connections = new Connections();
  /** What the rows given back were. */
  readonly released = new FlowSums();
  /** Rows used again since the last call of `takeReused`. */
  private reused: number[] = [];
  private free: number[] = [];
  private readonly index = new FlowIndex(this);
  private readonly strings: StringTable;
  private readonly addressText: AddressText;

  constructor(strings: StringTable, addressText: AddressText) {
    this.strings = strings;
    this.addressText = addressText;
  }

  find(low: number, high: number, ports: number, realm: number): number {
    return this.index.find(low, high, ports, realm);
  }

  /** A new flow under its key. `side` sent the packet seen first and is taken for the client if `opener`. */
  add(low: number, high: number, ports: number, realm: number, side: number, clientSide: number): number {
    const flow = this.append(low, high, ports, realm, side, clientSide);
    this.index.put(flow);
    return flow;
  }

  /** A flow for what is carried inside `flow`; packets never find it. */
  addInner(flow: number): number {
    const inner = this.append(
      this.low[flow]!,
      this.high[flow]!,
      this.ports[flow]!,
      this.realm[flow]!,
      this.firstSide[flow]!,
      this.clientSide[flow]!,
    );
    this.clientKnown[inner] = 1;
    this.transport[inner] = 0;
    this.oneSided[inner] = 0;
    this.replaced[inner] = 1;
    this.carrier[inner] = flow;
    return inner;
  }

  /** Rows below `count` that hold no flow. */
  get freeRows(): number {
    return this.free.length;
  }

  takeReused(): readonly number[] {
    const { reused } = this;
    this.reused = [];
    return reused;
  }

  /** Gives back the rows marked 1: new flows get their numbers, so nobody may hold them any more. */
  release(gone: Uint8Array): void {
    for (let flow = this.count - 1; flow >= 0; flow--) {
      if (gone[flow] !== 1) continue;
      this.released.add(this, flow);
      this.clear(flow);
      this.free.push(flow);
    }
    this.index.rebuild();
  }

  private nextRow(): number {
    const flow = this.free.pop();
    if (flow !== undefined) {
      this.reused.push(flow);
      this.replaced[flow] = 0;
      return flow;
    }
    if (this.count === this.capacity) this.grow();
    this.connections.ensure((this.count + 1) * 2);
    return this.count++;
  }

  private append(low: number, high: number, ports: number, realm: number, side: number, clientSide: number): number {
    const flow = this.nextRow();
    this.low[flow] = low;
    this.high[flow] = high;
    this.ports[flow] = ports;
    this.realm[flow] = realm;
    this.firstSide[flow] = side;
    this.oneSided[flow] = 1;
    this.rttNs[flow] = Number.NaN;
    this.synNs[flow] = Number.NaN;
    this.tenant[flow] = realm >> 2;
    this.transport[flow] = (realm & 1) === 1 ? 17 : 6;
    this.carrier[flow] = flow;
    this.orient(flow, clientSide);
    return flow;
  }

  /** Another connection on the same addresses and ports: a new flow takes over the key. */
  replace(flow: number, side: number): number {
    this.replaced[flow] = 1;
    return this.add(this.low[flow]!, this.high[flow]!, this.ports[flow]!, this.realm[flow]!, side, this.clientSide[flow]!);
  }

  /** The side is proved to be the client. */
  setClient(flow: number, side: number): void {
    this.clientKnown[flow] = 1;
    if (this.clientSide[flow] !== side) this.orient(flow, side);
  }

  addressOf(flow: number, side: number): string {
    return this.addressText((this.realm[flow]! & 2) === 2 ? 6 : 4, side === 0 ? this.low[flow]! : this.high[flow]!);
  }

  private orient(flow: number, clientSide: number): void {
    const lowPort = this.ports[flow]! >>> 16;
    const highPort = this.ports[flow]! & 0xffff;
    this.clientSide[flow] = clientSide;
    this.clientPort[flow] = clientSide === 0 ? lowPort : highPort;
    this.serverPort[flow] = clientSide === 0 ? highPort : lowPort;
    this.clientAddress[flow] = this.strings.intern(this.addressOf(flow, clientSide));
    this.serverAddress[flow] = this.strings.intern(this.addressOf(flow, clientSide ^ 1));
  }

  /** As a new row, but that packets don't find it. */
  private clear(flow: number): void {
    this.protocol[flow] = 0;
    this.packets[flow] = 0;
    this.bytes[flow] = 0;
    this.retransmissions[flow] = 0;
    this.gaps[flow] = 0;
    this.zeroWindows[flow] = 0;
    this.duplicates[flow] = 0;
    this.cutPackets[flow] = 0;
    this.unreadBytes[flow] = 0;
    this.oneSided[flow] = 0;
    this.serverName[flow] = 0;
    this.transport[flow] = 0;
    this.lastNs[flow] = 0;
    this.clientKnown[flow] = 0;
    this.parser[flow] = 0;
    this.replaced[flow] = 1;
    this.connections.clear(flow * 2);
    this.connections.clear(flow * 2 + 1);
  }

  private grow(): void {
    const n = nextCapacity(this.capacity);
    this.capacity = n;
    this.tenant = grown(this.tenant, n);
    this.clientAddress = grown(this.clientAddress, n);
    this.serverAddress = grown(this.serverAddress, n);
    this.clientPort = grown(this.clientPort, n);
    this.serverPort = grown(this.serverPort, n);
    this.transport = grown(this.transport, n);
    this.protocol = grown(this.protocol, n);
    this.packets = grown(this.packets, n);
    this.bytes = grown(this.bytes, n);
    this.retransmissions = grown(this.retransmissions, n);
    this.gaps = grown(this.gaps, n);
    this.zeroWindows = grown(this.zeroWindows, n);
    this.duplicates = grown(this.duplicates, n);
    this.cutPackets = grown(this.cutPackets, n);
    this.unreadBytes = grown(this.unreadBytes, n);
    this.rttNs = grown(this.rttNs, n);
    this.oneSided = grown(this.oneSided, n);
    this.serverName = grown(this.serverName, n);
    this.lastNs = grown(this.lastNs, n);
    this.low = grown(this.low, n);
    this.high = grown(this.high, n);
    this.ports = grown(this.ports, n);
    this.realm = grown(this.realm, n);
    this.replaced = grown(this.replaced, n);
    this.firstSide = grown(this.firstSide, n);
    this.clientSide = grown(this.clientSide, n);
    this.clientKnown = grown(this.clientKnown, n);
    this.synNs = grown(this.synNs, n);
    this.carrier = grown(this.carrier, n);
    this.parser = grown(this.parser, n);
  }
}
