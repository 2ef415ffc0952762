import type { Packet } from './packet.ts';

/**
 * What a layer's reader says comes next: an EtherType (0..0xffff), an IP protocol (IP + number), or one of Stop.
 * Plain numbers, so that one switch drives the whole way through a packet.
 */
export const IP = 0x10000;

/** Why the way through a packet ended. Negative, so that it can't be taken for a protocol. */
export const Stop = {
  /** A TCP or UDP packet: the fields of `Packet` are set. */
  found: -1,
  /** The capture's snap length cut a header. */
  cut: -2,
  /** A header says something that can't be. */
  malformed: -3,
  /** Not IP: ARP, LLDP, spanning tree... */
  notIp: -4,
  /** IP, but neither TCP nor UDP: ICMP, SCTP, ESP... */
  otherTransport: -5,
  /** A fragment whose datagram isn't complete yet. */
  fragment: -6,
  /** More layers than MAX_LAYERS. */
  tooDeep: -7,
  /** No reader for this link type. */
  unsupportedLink: -8,
  /** A new IPv6 address when the table of addresses is full. */
  addressesFull: -9,
} as const;
/** Counters by reason are indexed by -reason. */
export const STOPS = 10;

/** Tunnels, tags and labels taken off one packet at most. */
export const MAX_LAYERS = 8;

/**
 * What names the tenant: the innermost of these. A tag says which network only together with the tag or tunnel directly
 * around it: its number is then TAGS * the outer number + its own.
 */
export const Tenancy = { none: 0, vni: 1, vlan: 2, key: 3, vlanInVni: 4, vlanInVlan: 5, vlanInKey: 6 } as const;
export const TENANCY_TEXT = ['', 'vni', 'vlan', 'key', 'vni', 'vlan', 'key'] as const;
export const TAGS = 1 << 12;

/** Where the way through one packet stands. One object is reused for every packet. */
export class Layer {
  readonly packet: Packet;
  bytes: Uint8Array;
  view: DataView;
  /** The next header's position, the end of what was captured, and the end of what was on the wire. */
  at = 0;
  end = 0;
  wireEnd = 0;
  /** Tunnels, tags and labels so far. */
  depth = 0;
  tenancy = 0;
  tenantNumber = 0;
  /** Where the last tag ended: one that begins there is stacked on it. */
  tagEnd = -1;
  /** The outermost link header, in the capture's bytes, and the interface: what differs from tap to tap. */
  linkStart = 0;
  linkEnd = 0;
  interfaceId = 0;
  /** Of the innermost IP header. */
  ttl = 0;

  constructor(packet: Packet) {
    this.packet = packet;
    this.bytes = packet.bytes;
    this.view = packet.view;
  }

  /** What to answer when `size` header bytes aren't there: were they cut, or never sent? */
  lacks(size: number): number {
    return this.wireEnd - this.at < size ? Stop.malformed : Stop.cut;
  }

  /** The same when `at` has been moved past `end` already. */
  past(): number {
    return this.at > this.wireEnd ? Stop.malformed : Stop.cut;
  }
}
