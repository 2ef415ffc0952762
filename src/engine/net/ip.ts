import type { Addresses } from './addresses.ts';
import type { Fragments } from './fragments.ts';
import { IP, type Layer, Stop } from './layer.ts';

/** Extension headers walked at most; real packets have three. */
const MAX_EXTENSIONS = 16;

/** RFC 791. Lengths come from the header, so that Ethernet padding goes and a snap length doesn't matter. */
export function ipv4(layer: Layer, fragments: Fragments): number {
  const { bytes, view, at, packet } = layer;
  if (layer.end - at < 20) return layer.lacks(20);
  const first = bytes[at]!;
  const header = (first & 15) << 2;
  if (first >> 4 !== 4 || header < 20) return Stop.malformed;
  const total = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  // 0: the sender's card cuts the packet into segments later; the capture has it whole.
  if (total !== 0) {
    if (total < header) return Stop.malformed;
    layer.wireEnd = at + total;
    if (layer.end > layer.wireEnd) layer.end = layer.wireEnd;
  }
  packet.ipVersion = 4;
  packet.source = view.getInt32(at + 12);
  packet.destination = view.getInt32(at + 16);
  packet.ipId = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  layer.ttl = bytes[at + 8]!;
  layer.at = at + header;
  const fragment = ((bytes[at + 6]! & 0x3f) << 8) | bytes[at + 7]!;
  const protocol = bytes[at + 9]!;
  if (fragment !== 0) {
    const more = (fragment & 0x2000) !== 0;
    const offset = (fragment & 0x1fff) * 8;
    if (!fragments.take(layer, 4, packet.source, packet.destination, packet.ipId, protocol, offset, more)) return Stop.fragment;
  }
  return IP + protocol;
}

/** RFC 8200, with extension headers; an atomic fragment (RFC 6946) is a whole packet. */
export function ipv6(layer: Layer, fragments: Fragments, addresses: Addresses): number {
  const { bytes, view, at, packet } = layer;
  if (layer.end - at < 40) return layer.lacks(40);
  if (bytes[at]! >> 4 !== 6) return Stop.malformed;
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  // 0: a jumbogram, or left to the sender's card as above.
  if (length !== 0) {
    layer.wireEnd = at + 40 + length;
    if (layer.end > layer.wireEnd) layer.end = layer.wireEnd;
  }
  packet.ipVersion = 6;
  packet.source = addresses.intern(view, at + 8);
  packet.destination = addresses.intern(view, at + 24);
  if (packet.source < 0 || packet.destination < 0) return Stop.addressesFull;
  packet.ipId = 0;
  layer.ttl = bytes[at + 7]!;
  layer.at = at + 40;
  const next = bytes[at + 6]!;
  return next === 6 || next === 17 ? IP + next : extensions(layer, fragments, next);
}

function extensions(layer: Layer, fragments: Fragments, next: number): number {
  for (let i = 0; i < MAX_EXTENSIONS; i++) {
    const { bytes, view, at, packet } = layer;
    switch (next) {
      case 0: // hop by hop
      case 43: // routing
      case 60: // destination options
      case 135: // mobility
      case 139: // host identity
      case 140: {
        if (layer.end - at < 8) return layer.lacks(8);
        next = bytes[at]!;
        layer.at = at + 8 + bytes[at + 1]! * 8;
        break;
      }
      case 51: {
        // authentication header, RFC 4302: length in 4-byte units
        if (layer.end - at < 8) return layer.lacks(8);
        next = bytes[at]!;
        layer.at = at + 8 + bytes[at + 1]! * 4;
        break;
      }
      case 44: {
        if (layer.end - at < 8) return layer.lacks(8);
        const where = view.getUint16(at + 2);
        const id = view.getInt32(at + 4);
        next = bytes[at]!;
        layer.at = at + 8;
        if ((where & 0xfff9) === 0) break;
        if (!fragments.take(layer, 6, packet.source, packet.destination, id, next, where & 0xfff8, (where & 1) !== 0)) return Stop.fragment;
        break;
      }
      default:
        return IP + next;
    }
    if (layer.at > layer.end) return layer.past();
  }
  return Stop.tooDeep;
}

/** RFC 4302 in IPv4. */
export function authentication(layer: Layer): number {
  const { bytes, at } = layer;
  if (layer.end - at < 8) return layer.lacks(8);
  layer.at = at + 8 + bytes[at + 1]! * 4;
  return layer.at > layer.end ? layer.past() : IP + bytes[at]!;
}
