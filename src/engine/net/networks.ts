import type { StringTable } from '../calls/callTable.ts';
import type { Packet } from './packet.ts';
import type { Tenants } from './tenants.ts';

/** Flows and addresses remembered; the former in two generations, so that the ones in use stay. */
const MAX_FLOWS = 1 << 17;
const MAX_ADDRESSES = 1 << 17;
/** Connection requests remembered, in two generations too. */
const MAX_ASKED = 1 << 14;
const ACK = 16;
/** An address seen under several networks: without a tag it can't be told which. */
const AMBIGUOUS = -1;

/**
 * What copies of packets tell about networks. Taps inside and outside of a tunnel, or on both sides of a router
 * between VLANs, see the same packet under different tenants, one way first inside, the other way first outside:
 * - all packets of a flow go under one tenant, that of its first copy (`flowTenant`), or both directions would part;
 * - two tagged networks that share a packet are routed to each other: one network (`published`);
 * - so are they when one carries the request for a connection and the other its answer: only one way is tagged, or each otherwise;
 * - an address whose untagged packets have tagged copies belongs to that network, also in its flows that never left
 *   the host and so were never tagged; unless two networks claim it.
 */
export class Networks {
  readonly #strings: StringTable;
  readonly #tenants: Tenants;
  readonly #addressText: (ipVersion: number, address: number) => string;
  #flows = new Map<number, number>();
  #olderFlows = new Map<number, number>();
  /** Requests for connections, by five-tuple and sequence number -> their tenant. */
  #asked = new Map<number, number>();
  #olderAsked = new Map<number, number>();
  /** Tenant -> a tenant it is one network with, nearer to the one that names it. */
  readonly #joined = new Map<number, number>();
  /** Id of an address text -> tagged tenant of its copies. */
  readonly #addresses = new Map<number, number>();
  /** Rises when `published` may answer differently. */
  version = 0;

  constructor(strings: StringTable, tenants: Tenants, addressText: (ipVersion: number, address: number) => string) {
    this.#strings = strings;
    this.#tenants = tenants;
    this.#addressText = addressText;
  }

  /** Nothing was learnt: every tenant stands for itself. */
  get trivial(): boolean {
    return this.version === 0;
  }

  /** Names of networks found to be one, e.g. ["vlan:10", "vlan:20"]: the second goes under the first. */
  get joined(): readonly (readonly [under: string, other: string])[] {
    return [...this.#joined.keys()].map((tenant) => [this.#strings.text(this.#root(tenant)), this.#strings.text(tenant)] as const);
  }

  /** `packet` is a copy; the first was seen under another tenant. */
  learn(packet: Packet, firstTenant: number): void {
    const key = flowKey(packet, packet.tenant);
    if (this.#flows.has(key)) return;
    this.#remember(key, this.#lookup(flowKey(packet, firstTenant)) ?? firstTenant);
    const { plain } = this.#tenants;
    if (packet.tenant !== plain && firstTenant !== plain) {
      this.#join(packet.tenant, firstTenant);
      return;
    }
    const tagged = packet.tenant === plain ? firstTenant : packet.tenant;
    this.#claim(packet.ipVersion, packet.source, tagged);
    this.#claim(packet.ipVersion, packet.destination, tagged);
  }

  /** A TCP packet with SYN: the answer to a request must have come from the request's network. */
  handshake(packet: Packet): void {
    if ((packet.tcpFlags & ACK) === 0) {
      const key = flowKey(packet, (packet.sequence + 1) | 0);
      if (this.#asked.size >= MAX_ASKED) {
        this.#olderAsked = this.#asked;
        this.#asked = new Map();
      }
      const known = this.#asked.get(key);
      this.#asked.set(key, known === undefined || known === packet.tenant ? packet.tenant : AMBIGUOUS);
      return;
    }
    const key = flowKey(packet, packet.acknowledgement | 0);
    const asked = this.#asked.get(key) ?? this.#olderAsked.get(key) ?? AMBIGUOUS;
    if (asked !== AMBIGUOUS && asked !== packet.tenant) this.learn(packet, asked);
  }

  /** The tenant under which the packet's flow runs. */
  flowTenant(packet: Packet): number {
    return this.#lookup(flowKey(packet, packet.tenant)) ?? packet.tenant;
  }

  /** The tenant of a flow, or of an address alone, for whoever looks at it: ids of tenant and address texts. */
  published(tenant: number, address: number, other = address): number {
    if (tenant === this.#tenants.plain) {
      const one = this.#addresses.get(address) ?? this.#addresses.get(other);
      const two = this.#addresses.get(other) ?? one;
      if (one === undefined || two === undefined || one === AMBIGUOUS || two === AMBIGUOUS || this.#root(one) !== this.#root(two))
        return tenant;
      return this.#root(one);
    }
    return this.#root(tenant);
  }

  #claim(ipVersion: number, address: number, tenant: number): void {
    const id = this.#strings.intern(this.#addressText(ipVersion, address));
    const known = this.#addresses.get(id);
    if (known === undefined) {
      if (this.#addresses.size >= MAX_ADDRESSES) return;
      this.#addresses.set(id, tenant);
    } else if (known !== AMBIGUOUS && this.#root(known) !== this.#root(tenant)) this.#addresses.set(id, AMBIGUOUS);
    else return;
    this.version++;
  }

  #join(a: number, b: number): void {
    const rootA = this.#root(a);
    const rootB = this.#root(b);
    if (rootA === rootB) return;
    // A tunnel's network names a VLAN's; else the one seen first.
    const aNames =
      this.#tenants.rank(rootA) > this.#tenants.rank(rootB) || (this.#tenants.rank(rootA) === this.#tenants.rank(rootB) && rootA < rootB);
    this.#joined.set(aNames ? rootB : rootA, aNames ? rootA : rootB);
    this.version++;
  }

  #root(tenant: number): number {
    let root = tenant;
    for (let next = this.#joined.get(root); next !== undefined; next = this.#joined.get(root)) root = next;
    return root;
  }

  #lookup(key: number): number | undefined {
    const found = this.#flows.get(key);
    if (found !== undefined || this.#olderFlows.size === 0) return found;
    const older = this.#olderFlows.get(key);
    if (older !== undefined) this.#remember(key, older);
    return older;
  }

  #remember(key: number, tenant: number): void {
    if (this.#flows.size >= MAX_FLOWS) {
      this.#olderFlows = this.#flows;
      this.#flows = new Map();
    }
    this.#flows.set(key, tenant);
  }
}

/** 53 bits from five-tuple and a number (the tenant's), the same for both directions. */
function flowKey(packet: Packet, tenant: number): number {
  const { source, destination, sourcePort, destinationPort } = packet;
  const forward = source < destination || (source === destination && sourcePort < destinationPort);
  const low = forward ? source : destination;
  const high = forward ? destination : source;
  const ports = forward ? (sourcePort << 16) | destinationPort : (destinationPort << 16) | sourcePort;
  const rest = packet.transport + packet.ipVersion * 256 + Math.imul(tenant, 0x9e3779b1);
  const a = mix(Math.imul(low, 0x85ebca6b) ^ mix(Math.imul(high, 0xc2b2ae35) ^ mix(Math.imul(ports, 0x27d4eb2f) ^ rest)));
  const b = mix(Math.imul(high, 0x165667b1) ^ mix(Math.imul(ports, 0x2c1b3c6d) ^ mix(Math.imul(low, 0x297a2d39) ^ rest)));
  return (a >>> 0) * 0x200000 + (b >>> 11);
}

function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
