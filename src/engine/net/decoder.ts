import type { StringTable } from '../calls/callTable.ts';
import { Addresses, ipv4Text } from './addresses.ts';
import { Fragments } from './fragments.ts';
import { authentication, ipv4, ipv6 } from './ip.ts';
import { IP, Layer, MAX_LAYERS, STOPS, Stop } from './layer.ts';
import { ethernet, pppoe, readLink } from './link.ts';
import type { Packet } from './packet.ts';
import { plainTcp } from './plain.ts';
import { Tenants } from './tenants.ts';
import { tcp, udp } from './transport.ts';
import { gre, mpls, udpTunnel, vlan } from './tunnels.ts';

const NONE = new Uint8Array(0);

function emptyPacket(): Packet {
  return {
    capture: 0,
    frame: 0,
    fileOffset: 0,
    untimed: false,
    timeNs: Number.NaN,
    bytes: NONE,
    view: new DataView(NONE.buffer),
    tenant: 0,
    ipVersion: 4,
    ipId: 0,
    source: 0,
    destination: 0,
    transport: 0,
    sourcePort: 0,
    destinationPort: 0,
    sequence: 0,
    acknowledgement: 0,
    tcpFlags: 0,
    window: 0,
    optionsStart: 0,
    optionsEnd: 0,
    payloadStart: 0,
    payloadEnd: 0,
    payloadLength: 0,
  };
}

/** Takes the layers off packets until TCP or UDP. One packet at a time, into one `Packet`. */
export class Decoder {
  readonly packet: Packet = emptyPacket();
  readonly layer = new Layer(this.packet);
  readonly addresses = new Addresses();
  readonly fragments = new Fragments();
  readonly tenants: Tenants;
  /** Packets and captured bytes that ended otherwise than found, by -Stop reason. */
  readonly stops = new Float64Array(STOPS);
  readonly stoppedBytes = new Float64Array(STOPS);
  /** Packets that came in a tunnel (tags and labels aside). */
  tunnelled = 0;

  constructor(strings: StringTable, tenant = '') {
    this.tenants = new Tenants(strings, tenant);
  }

  /**
   * Decodes the captured bytes view[start, end) of a packet that had `wireBytes` on the wire. The caller has set
   * packet.capture, frame, fileOffset and timeNs. Returns Stop.found when the packet's fields hold a TCP or UDP packet.
   */
  decode(bytes: Uint8Array, view: DataView, start: number, end: number, wireBytes: number, link: number): number {
    const { layer, packet } = this;
    // A pointer is only written where it is another: each costs the garbage collector's bookkeeping.
    if (layer.bytes !== bytes) layer.bytes = bytes;
    if (layer.view !== view) layer.view = view;
    layer.tenancy = 0;
    layer.linkStart = start;
    if (link === 1 && plainTcp(layer, start, end) !== 0) {
      if (packet.bytes !== bytes) packet.bytes = bytes;
      if (packet.view !== view) packet.view = view;
      packet.tenant = this.tenants.plain;
      return Stop.found;
    }
    layer.at = start;
    layer.end = end;
    layer.wireEnd = start + wireBytes;
    if (layer.wireEnd < end) layer.wireEnd = end;
    layer.depth = 0;
    layer.tagEnd = -1;
    const next = readLink(layer, link);
    layer.linkEnd = layer.at;
    const stop = this.#walk(next);
    if (stop !== Stop.found) {
      this.stops[-stop]!++;
      this.stoppedBytes[-stop]! += end - start;
      return stop;
    }
    packet.bytes = layer.bytes;
    packet.view = layer.view;
    packet.tenant = this.tenants.id(layer.tenancy, layer.tenantNumber);
    return stop;
  }

  addressText(ipVersion: number, address: number): string {
    return ipVersion === 4 ? ipv4Text(address) : this.addresses.text(address);
  }

  #walk(next: number): number {
    const { layer } = this;
    let depth = 0;
    let ips = 0;
    for (;;) {
      switch (next) {
        case 0x0800:
          if (++ips > 1) depth++;
          next = ipv4(layer, this.fragments);
          break;
        case 0x86dd:
          if (++ips > 1) depth++;
          next = ipv6(layer, this.fragments, this.addresses);
          break;
        case IP + 6:
          if (ips > 1) this.tunnelled++;
          return tcp(layer);
        case IP + 17: {
          const found = udp(layer);
          if (found !== Stop.found) return found;
          next = udpTunnel(layer, layer.packet.destinationPort);
          if (next === 0) {
            if (ips > 1) this.tunnelled++;
            return found;
          }
          break;
        }
        case 0x8100:
        case 0x88a8:
        case 0x9100:
        case 0x9200:
          depth++;
          next = vlan(layer);
          break;
        case 0x8847:
        case 0x8848:
        case IP + 137:
          depth++;
          next = mpls(layer);
          break;
        case 0x8864:
          next = pppoe(layer);
          break;
        case 0x6558:
          next = ethernet(layer);
          break;
        case IP + 4:
          next = 0x0800;
          break;
        case IP + 41:
          next = 0x86dd;
          break;
        case IP + 47:
          next = gre(layer);
          break;
        case IP + 51:
          next = authentication(layer);
          break;
        default:
          return next < 0 ? next : next >= IP ? Stop.otherTransport : Stop.notIp;
      }
      if (depth > MAX_LAYERS) return Stop.tooDeep;
    }
  }
}
