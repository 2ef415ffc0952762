import type { Layer } from './layer.ts';

/** Copies of a packet further apart than this are a retransmission or chance. Two taps' clocks may differ by some ms. */
const WINDOW_NS = 128e6;
/** Without a telling IP id a repeat from the same place is a copy only when it follows at once: no sender retransmits that fast. */
const AT_ONCE_NS = 1e6;
const WINDOW_US = WINDOW_NS / 1000;
const AT_ONCE_US = AT_ONCE_NS / 1000;
/**
 * Sets of 4 packets. Most captures hold no copies at all: the table stays small enough for the first-level cache (a
 * third of the cost) until one is found. Several captures may be shifted against each other by some milliseconds.
 */
const WAYS = 4;
const SETS_NONE = 1 << 8;
const SETS_SOME = 1 << 12;
const SETS_MANY = 1 << 15;
/** An entry is two hashes of the content, one of the place, and the time in us (mod 2^32): a set fills one cache line. */
const ENTRY = 4;
const CHECK = 1;
const PLACE = 2;
const TIME = 3;
/** UDP has no sequence numbers: this much of the payload is compared. */
const UDP_BYTES = 64;

/**
 * Finds second copies of a packet: from another tap, from inside and outside of a tunnel, from a mirror port. Equal
 * are addresses, ports, IP id, sequence, acknowledgement, flags, window, options, length and (UDP) the first payload
 * bytes; link addresses, tags, tunnels, hop limit and checksums may differ (offload makes these differ tap by tap).
 *
 * A TCP retransmission carries a new IP id (and time stamp option); where there is none (IPv6, or id 0 with DF) only a
 * copy from a visibly different place, or one that follows within AT_ONCE_NS, counts as the same packet.
 * Memory is fixed: a set-associative table in which new packets push out the oldest of their set.
 *
 * Hashes are sums of words times odd constants: the products don't wait for each other (a chained mix took 42 ns).
 */
export class Duplicates {
  #entries = new Int32Array(0);
  #tenants = new Int32Array(0);
  #oldest = new Uint8Array(0);
  #mask = 0;
  readonly #plain: number;
  #check = 0;
  #tagged = false;
  /** Second copies found: from the same place, from another place in the same capture, from another capture. */
  readonly found = { samePlace: 0, otherPlace: 0, otherCapture: 0 };
  /** Which capture had the first copy, and how long at least before the other: tells clocks that differ. */
  readonly orders = new Map<number, { first: number; second: number; packets: number; leastUs: number }>();
  /** After `isSecond` said true: the tenant the first copy had. */
  firstTenant = 0;

  /** `plain`: tenant of packets without VNI and VLAN. */
  constructor(captures: number, plain: number) {
    this.#plain = plain;
    this.#resize(captures > 1 ? SETS_MANY : SETS_NONE);
  }

  get count(): number {
    return this.found.samePlace + this.found.otherPlace + this.found.otherCapture;
  }

  /** Whether the decoded packet in `layer` was seen before; remembers it when not. `linkView`: the bytes its link header is in. */
  isSecond(layer: Layer, linkView: DataView): boolean {
    const { packet } = layer;
    const entries = this.#entries;
    const hash = this.#content(layer);
    const check = this.#check;
    const first = setOf(hash, this.#mask) * WAYS * ENTRY;
    for (let at = first; at < first + WAYS * ENTRY; at += ENTRY) {
      if (entries[at] === hash && entries[at + CHECK] === check) return this.#again(layer, linkView, at);
    }
    const at = this.#place(hash);
    entries[at] = hash;
    entries[at + CHECK] = check;
    entries[at + PLACE] = place(layer, linkView);
    entries[at + TIME] = packet.timeNs * 1e-3;
    if (this.#tagged || layer.tenancy !== 0) this.#keepTenant(layer, at);
    return false;
  }

  /** The same content was seen: as a copy of this packet, or is it sent again? */
  #again(layer: Layer, linkView: DataView, at: number): boolean {
    const { packet } = layer;
    const entries = this.#entries;
    const here = place(layer, linkView);
    const there = entries[at + PLACE]!;
    const nowUs = (packet.timeNs * 1e-3) | 0;
    const apartUs = Math.abs((nowUs - entries[at + TIME]!) | 0);
    if (apartUs > WINDOW_US || (apartUs > AT_ONCE_US && there === here && packet.ipId === 0)) {
      // Sent again: later copies are copies of this one.
      entries[at + PLACE] = here;
      entries[at + TIME] = nowUs;
      this.#keepTenant(layer, at);
      return false;
    }
    this.firstTenant = this.#tenants[at / ENTRY]!;
    if (this.#mask === SETS_NONE - 1) this.#resize(SETS_SOME);
    if (there === here) this.found.samePlace++;
    else if (there >>> 24 === here >>> 24) this.found.otherPlace++;
    else {
      this.found.otherCapture++;
      this.#order(there >>> 24, here >>> 24, apartUs);
    }
    return true;
  }

  #order(first: number, second: number, apartUs: number): void {
    const key = first * 256 + second;
    const known = this.orders.get(key);
    if (known === undefined) this.orders.set(key, { first, second, packets: 1, leastUs: apartUs });
    else {
      known.packets++;
      if (apartUs < known.leastUs) known.leastUs = apartUs;
    }
  }

  /** While no packet was tagged, every entry has the plain tenant and nothing is written. */
  #keepTenant(layer: Layer, at: number): void {
    this.#tagged = true;
    this.#tenants[at / ENTRY] = layer.packet.tenant;
  }

  #resize(sets: number): void {
    const old = this.#entries;
    const oldTenants = this.#tenants;
    this.#mask = sets - 1;
    this.#entries = new Int32Array(sets * WAYS * ENTRY);
    this.#tenants = new Int32Array(sets * WAYS).fill(this.#plain);
    this.#oldest = new Uint8Array(sets);
    for (let at = 0; at < old.length; at += ENTRY) {
      const to = this.#place(old[at]!);
      this.#entries.set(old.subarray(at, at + ENTRY), to);
      this.#tenants[to / ENTRY] = oldTenants[at / ENTRY]!;
    }
  }

  /** Where a new entry goes: its set's oldest way. */
  #place(hash: number): number {
    const set = setOf(hash, this.#mask);
    const way = this.#oldest[set]!;
    this.#oldest[set] = (way + 1) & (WAYS - 1);
    return (set * WAYS + way) * ENTRY;
  }

  /** Two independent hashes of what stays the same: returned, and in #check. 32 bits alone would err once in a million. */
  #content(layer: Layer): number {
    const { packet } = layer;
    const { view, source, destination, sequence, acknowledgement, optionsEnd } = packet;
    const ports = (packet.sourcePort << 16) | packet.destinationPort;
    const rest = (packet.ipId << 16) ^ packet.window ^ (packet.payloadLength << 8) ^ (packet.tcpFlags << 26) ^ packet.ipVersion;
    let h =
      (Math.imul(source, 0x9e3779b1) +
        Math.imul(destination, 0x85ebca6b) +
        Math.imul(ports, 0xc2b2ae35) +
        Math.imul(sequence, 0x27d4eb2f) +
        Math.imul(acknowledgement, 0x165667b1) +
        Math.imul(rest, 0x2c1b3c6d)) |
      0;
    // Without the options: they tell apart only packets that agree in all this, and 32 bits are plenty for those.
    this.#check =
      (Math.imul(sequence, 0x297a2d39) + Math.imul(acknowledgement, 0x61c88647) + Math.imul(source ^ ports, 0x7feb352d) + rest) | 0;
    let k = 0x1b873593;
    // Options lie in whole words; only the last, when cut, doesn't.
    for (let at = packet.optionsStart; at + 4 <= optionsEnd; at += 4) {
      h = (h + Math.imul(view.getInt32(at), k)) | 0;
      k = (k + 0x3c6ef372) | 0;
    }
    if (packet.transport === 17) {
      const end = Math.min(packet.payloadEnd, packet.payloadStart + UDP_BYTES);
      for (let at = packet.payloadStart; at + 4 <= end; at += 4) {
        const word = view.getInt32(at);
        h = (h + Math.imul(word, k)) | 0;
        this.#check = (this.#check + Math.imul(word, k ^ 0x5bd1e994)) | 0;
        k = (k + 0x3c6ef372) | 0;
      }
    }
    return Math.imul(h ^ (h >>> 15), 0x45d9f3b);
  }
}

function setOf(hash: number, mask: number): number {
  return (hash ^ (hash >>> 15)) & mask;
}

/** Where a packet was seen: capture (upper 8 bits), and a hash of interface, link addresses, hop limit, tenant. */
function place(layer: Layer, view: DataView): number {
  const { packet } = layer;
  let h = (Math.imul(layer.ttl ^ (layer.interfaceId << 8), 0x9e3779b1) + Math.imul(packet.tenant, 0x85ebca6b)) | 0;
  let k = 0x1b873593;
  for (let at = layer.linkStart; at + 4 <= layer.linkEnd; at += 4) {
    h = (h + Math.imul(view.getInt32(at), k)) | 0;
    k = (k + 0x3c6ef372) | 0;
  }
  return ((h ^ (h >>> 16)) & 0xffffff) | (packet.capture << 24);
}
