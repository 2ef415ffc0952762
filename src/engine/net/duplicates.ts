import type { Layer } from './layer.ts';

/** Copies of a packet further apart than this are a retransmission or chance. Two taps' clocks may differ by some ms. */
const WINDOW_NS = 128e6;
/** Without a telling IP id a repeat from the same place is a copy only when it follows at once: no sender retransmits that fast. */
const AT_ONCE_NS = 1e6;
const WAYS = 4;
/** Sets of WAYS packets. One capture has its copies microseconds apart; several may be shifted against each other. */
const SETS_ONE = 1 << 11;
const SETS_MANY = 1 << 15;
/** Payload bytes compared: TCP has sequence numbers and stamps; UDP has only these. */
const TCP_BYTES = 16;
const UDP_BYTES = 64;

/**
 * Finds second copies of a packet: from another tap, from inside and outside of a tunnel, from a mirror port. Equal
 * are addresses, ports, IP id, sequence, acknowledgement, flags, window, options, length and the first payload bytes;
 * link addresses, tags, tunnels, hop limit and checksums may differ (offload makes checksums differ from tap to tap).
 *
 * A TCP retransmission carries a new IP id (and time stamp option); where there is none (IPv6, or id 0 with DF) only a
 * copy from a visibly different place, or one that follows within AT_ONCE_NS, counts as the same packet.
 * Memory is fixed: a set-associative table in which new packets push out the oldest of their set.
 */
export class Duplicates {
  readonly #hashes: Int32Array;
  readonly #checks: Int32Array;
  readonly #places: Int32Array;
  readonly #tenants: Int32Array;
  readonly #times: Float64Array;
  readonly #oldest: Uint8Array;
  readonly #mask: number;
  /** Second copies found: from the same place, from another place in the same capture, from another capture. */
  readonly found = { samePlace: 0, otherPlace: 0, otherCapture: 0 };
  /** After `isSecond` said true: the tenant the first copy had. */
  firstTenant = 0;

  constructor(captures: number) {
    const sets = captures > 1 ? SETS_MANY : SETS_ONE;
    this.#mask = sets - 1;
    this.#hashes = new Int32Array(sets * WAYS);
    this.#checks = new Int32Array(sets * WAYS);
    this.#places = new Int32Array(sets * WAYS);
    this.#tenants = new Int32Array(sets * WAYS);
    this.#times = new Float64Array(sets * WAYS).fill(Number.NEGATIVE_INFINITY);
    this.#oldest = new Uint8Array(sets);
  }

  get count(): number {
    return this.found.samePlace + this.found.otherPlace + this.found.otherCapture;
  }

  /** Whether the decoded packet in `layer` was seen before; remembers it when not. `linkView`: the bytes its link header is in. */
  isSecond(layer: Layer, linkView: DataView): boolean {
    const { packet } = layer;
    const hash = contentHash(layer);
    const check = contentCheck(layer);
    const set = (hash ^ (hash >>> 15)) & this.#mask;
    const first = set * WAYS;
    const place = (placeHash(layer, linkView) & 0xffffff) | (packet.capture << 24);
    const now = packet.timeNs;
    for (let way = first; way < first + WAYS; way++) {
      if (this.#hashes[way] !== hash || this.#checks[way] !== check) continue;
      const apart = Math.abs(now - this.#times[way]!);
      const seenAt = this.#places[way]!;
      if (apart > WINDOW_NS || (apart > AT_ONCE_NS && seenAt === place && layer.ipId === 0)) {
        // A real repeat: it is what later copies are copies of.
        this.#times[way] = now;
        this.#places[way] = place;
        this.#tenants[way] = packet.tenant;
        return false;
      }
      this.firstTenant = this.#tenants[way]!;
      if (seenAt === place) this.found.samePlace++;
      else if (seenAt >>> 24 === place >>> 24) this.found.otherPlace++;
      else this.found.otherCapture++;
      return true;
    }
    const way = first + this.#oldest[set]!;
    this.#oldest[set] = (this.#oldest[set]! + 1) & (WAYS - 1);
    this.#hashes[way] = hash;
    this.#checks[way] = check;
    this.#places[way] = place;
    this.#tenants[way] = packet.tenant;
    this.#times[way] = now;
    return false;
  }
}

function contentHash(layer: Layer): number {
  const { packet } = layer;
  const { view } = packet;
  let h = Math.imul(packet.source ^ 0x9e3779b1, 0x85ebca6b) ^ packet.destination;
  h = Math.imul(h ^ (h >>> 15), 0x2c1b3c6d) ^ ((packet.sourcePort << 16) | packet.destinationPort);
  h = Math.imul(h ^ (h >>> 13), 0x297a2d39) ^ (packet.sequence | 0);
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ (packet.acknowledgement | 0);
  h = Math.imul(h ^ (h >>> 13), 0x2c1b3c6d) ^ ((layer.ipId << 16) | packet.window);
  h = Math.imul(h ^ (h >>> 15), 0x297a2d39) ^ (packet.payloadLength << 12) ^ (packet.tcpFlags << 4) ^ packet.ipVersion;
  // Options lie in whole words; only the last, when cut, doesn't.
  for (let at = packet.optionsStart; at + 4 <= packet.optionsEnd; at += 4) h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ view.getInt32(at);
  const start = packet.payloadStart;
  const end = Math.min(packet.payloadEnd, start + (packet.transport === 6 ? TCP_BYTES : UDP_BYTES));
  for (let at = start; at + 4 <= end; at += 4) h = Math.imul(h ^ (h >>> 13), 0x2c1b3c6d) ^ view.getInt32(at);
  return Math.imul(h ^ (h >>> 16), 0x45d9f3b);
}

/** A second, different mix: 32 bits alone would take one packet in a million for a copy of another. */
function contentCheck(layer: Layer): number {
  const { packet } = layer;
  const first = packet.payloadEnd - packet.payloadStart >= 4 ? packet.view.getInt32(packet.payloadStart) : 0;
  const ports = Math.imul(packet.sourcePort, 0x10001) + packet.destinationPort;
  return (
    (Math.imul(packet.sequence, 0x9e3779b1) +
      Math.imul(packet.acknowledgement, 0x61c88647) +
      Math.imul(ports ^ packet.source, 0x27d4eb2f)) ^
    first
  );
}

/** Where a packet was seen: interface, link addresses, hop limit, tenant. */
function placeHash(layer: Layer, view: DataView): number {
  let h = Math.imul(layer.ttl ^ (layer.interfaceId << 8), 0x9e3779b1) ^ layer.packet.tenant;
  for (let at = layer.linkStart; at + 4 <= layer.linkEnd; at += 4) h = Math.imul(h ^ (h >>> 15), 0x85ebca6b) ^ view.getInt32(at);
  return h ^ (h >>> 16);
}
