import { IP, type Layer, Stop, TAGS, Tenancy } from './layer.ts';
import { ethernet, ppp, rawIp } from './link.ts';
import { wifi } from './wifi.ts';

/** Tags, labels and tunnels between the link header and the innermost IP packet. */

const TRANSPARENT_ETHERNET = 0x6558;
const ERSPAN_I_II = 0x88be;
const ERSPAN_III = 0x22eb;

/** 802.1Q and 802.1ad: the tag names the tenant, inside a network and behind a tag together with them; 0 is a priority, not a network. */
export function vlan(layer: Layer): number {
  if (layer.end - layer.at < 4) return layer.lacks(4);
  const id = layer.view.getUint16(layer.at) & (TAGS - 1);
  if (id !== 0) {
    const within = tagWithin(layer);
    layer.tenantNumber = within === Tenancy.vlan ? id : layer.tenantNumber * TAGS + id;
    layer.tenancy = within;
  }
  layer.at += 4;
  layer.tagEnd = layer.at;
  const type = layer.view.getUint16(layer.at - 2);
  return type >= 0x600 ? type : Stop.notIp;
}

/** What a tag at layer.at makes of the tenancy so far; of more than two the innermost count. */
function tagWithin(layer: Layer): number {
  switch (layer.tenancy) {
    case Tenancy.vni:
      return Tenancy.vlanInVni;
    case Tenancy.key:
      return Tenancy.vlanInKey;
    case Tenancy.vlan:
      // A tag outside of a tunnel is the road's, not the traveller's.
      return layer.tagEnd === layer.at ? Tenancy.vlanInVlan : Tenancy.vlan;
    case Tenancy.none:
      return Tenancy.vlan;
    default:
      layer.tenantNumber %= TAGS;
      return layer.tagEnd === layer.at ? Tenancy.vlanInVlan : Tenancy.vlan;
  }
}

/** RFC 3032, 4385 (control word), 4448 (Ethernet pseudowire). What is inside isn't said: the first nibble tells. */
export function mpls(layer: Layer): number {
  const { bytes } = layer;
  for (;;) {
    if (layer.end - layer.at < 5) return layer.lacks(5);
    const bottom = (bytes[layer.at + 2]! & 1) !== 0;
    layer.at += 4;
    if (bottom) break;
    if (++layer.depth > 16) return Stop.tooDeep;
  }
  const nibble = bytes[layer.at]! >> 4;
  if (nibble === 4) return 0x0800;
  if (nibble === 6) return 0x86dd;
  // A control word starts with 16 zero bits; hardly any MAC address does.
  if (bytes[layer.at] === 0 && layer.end - layer.at >= 4 && bytes[layer.at + 1] === 0) layer.at += 4;
  return ethernet(layer);
}

/** RFC 2784, 2890 (key), 2637 (version 1), ERSPAN (draft-foschiano-erspan). */
export function gre(layer: Layer): number {
  const { view, at } = layer;
  if (layer.end - at < 4) return layer.lacks(4);
  const flags = view.getUint16(at);
  const type = view.getUint16(at + 2);
  const version = flags & 7;
  const key = (flags & 0x2000) !== 0;
  const sequence = (flags & 0x1000) !== 0;
  // RFC 1701's source routes are obsolete; nothing sends them.
  if (version > 1 || (flags & 0x4000) !== 0) return Stop.malformed;
  const acknowledged = version === 1 && (flags & 0x80) !== 0;
  const checksum = (flags & 0x8000) !== 0;
  const keyAt = at + 4 + (checksum ? 4 : 0);
  const size = 4 + (checksum ? 4 : 0) + (key ? 4 : 0) + (sequence ? 4 : 0) + (acknowledged ? 4 : 0);
  if (layer.end - at < size) return layer.lacks(size);
  layer.at = at + size;
  switch (type) {
    case TRANSPARENT_ETHERNET:
      if (key) {
        layer.tenancy = Tenancy.key;
        layer.tenantNumber = view.getUint32(keyAt);
      }
      return ethernet(layer);
    case ERSPAN_I_II:
      // Type I has no header of its own and no sequence number.
      if (sequence) layer.at += 8;
      return ethernet(layer);
    case ERSPAN_III:
      if (layer.end - layer.at < 12) return layer.lacks(12);
      layer.at += 12 + ((layer.bytes[layer.at + 11]! & 1) !== 0 ? 8 : 0);
      return ethernet(layer);
    case 0x880b:
      return layer.end > layer.at ? ppp(layer) : Stop.notIp;
    default:
      // Aruba's access points: 802.11 frames, the tunnel's number in the low byte.
      if (type >= 0x8200 && type <= 0x82ff) return wifi(layer);
      return type >= 0x600 ? type : Stop.notIp;
  }
}

/**
 * RFC 7348, and its generic protocol extension (draft-ietf-nvo3-vxlan-gpe). 0 when the first bytes say that it is
 * something else that came to the port: the I flag must be set and what is reserved be 0.
 */
function vxlan(layer: Layer): number {
  const { bytes, at } = layer;
  const flags = bytes[at]!;
  let inside = TRANSPARENT_ETHERNET;
  if ((flags & 0x04) !== 0)
    inside = bytes[at + 3] === 3 ? TRANSPARENT_ETHERNET : bytes[at + 3] === 1 ? 0x0800 : bytes[at + 3] === 2 ? 0x86dd : 0;
  // 0x80: group policy extension.
  if ((flags & 0x7b) !== 0x08 || bytes[at + 7] !== 0 || inside === 0) return 0;
  vni(layer, at + 4);
  layer.at = at + 8;
  return inside;
}

/** RFC 8926. */
export function geneve(layer: Layer): number {
  const { bytes, view, at } = layer;
  if (layer.end - at < 8) return layer.lacks(8);
  const type = view.getUint16(at + 2);
  vni(layer, at + 4);
  layer.at = at + 8 + (bytes[at]! & 0x3f) * 4;
  if (layer.at > layer.end) return layer.past();
  return type === TRANSPARENT_ETHERNET ? ethernet(layer) : type >= 0x600 ? type : Stop.notIp;
}

function vni(layer: Layer, at: number): void {
  layer.tenancy = Tenancy.vni;
  layer.tenantNumber = layer.view.getUint32(at) >>> 8;
}

/**
 * What a UDP payload at layer.at carries, when the destination port and the first bytes agree that it is a tunnel;
 * 0 when it is none. Beyond VXLAN and Geneve: GTP-U (3GPP TS 29.281), GRE in UDP (RFC 8086), Teredo (RFC 4380).
 */
export function udpTunnel(layer: Layer, port: number): number {
  const { bytes, at } = layer;
  const room = layer.end - at;
  switch (port) {
    case 4789:
    case 4790:
    case 8472:
      return room >= 8 + 14 ? vxlan(layer) : 0;
    case 6081:
      return room >= 8 && bytes[at]! >> 6 === 0 && (bytes[at + 1]! & 0x80) === 0 ? geneve(layer) : 0;
    case 4754:
      return room >= 4 && (bytes[at + 1]! & 7) === 0 ? IP + 47 : 0;
    case 2152:
      return room >= 8 && bytes[at]! >> 4 === 3 && bytes[at + 1] === 0xff ? gtp(layer) : 0;
    case 3544:
      return room >= 40 && bytes[at]! >> 4 === 6 ? 0x86dd : 0;
    default:
      return 0;
  }
}

/** GTP version 1 user data: an optional word, a chain of extension headers, then IP. */
function gtp(layer: Layer): number {
  const { bytes } = layer;
  const flags = bytes[layer.at]! & 7;
  layer.at += 8;
  if (flags !== 0) {
    if (layer.end - layer.at < 4) return layer.lacks(4);
    let next = (flags & 4) !== 0 ? bytes[layer.at + 3]! : 0;
    layer.at += 4;
    while (next !== 0) {
      const size = layer.at < layer.end ? bytes[layer.at]! * 4 : 0;
      if (size === 0 || layer.at + size > layer.end) return layer.lacks(size);
      next = bytes[layer.at + size - 1]!;
      layer.at += size;
    }
  }
  return rawIp(layer);
}
