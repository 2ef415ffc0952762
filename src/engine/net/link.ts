import { type Layer, Stop } from './layer.ts';
import { radiotap, wifi } from './wifi.ts';

/** Link headers. Each reader moves `layer.at` past its header and answers with what comes next. */

const LLC_SNAP = 0xaa;
const PPP_MPLS = 0x281;

/** The reader of a link type (names: capture/linkTypes.ts). */
export function readLink(layer: Layer, link: number): number {
  switch (link) {
    case 1:
      return ethernet(layer);
    case 0:
    case 108:
      return loopback(layer);
    case 9:
    case 50:
      return ppp(layer);
    case 166:
    case 204:
      layer.at += 1;
      return ppp(layer);
    case 51:
      return pppoe(layer);
    case 12:
    case 14:
    case 101:
      return rawIp(layer);
    case 228:
      return 0x0800;
    case 229:
      return 0x86dd;
    case 104:
      return cisco(layer);
    case 105:
      return wifi(layer);
    case 127:
      return radiotap(layer);
    case 113:
      return cooked(layer, 16, 14);
    case 276:
      return cooked(layer, 20, 0);
    default:
      return Stop.unsupportedLink;
  }
}

/** IEEE 802.3: type, or length and LLC/SNAP. */
export function ethernet(layer: Layer): number {
  const { bytes, at } = layer;
  if (layer.end - at < 14) return layer.lacks(14);
  layer.at = at + 14;
  const type = (bytes[at + 12]! << 8) | bytes[at + 13]!;
  if (type >= 0x600) return type;
  if (layer.end - layer.at < 8 || bytes[at + 14] !== LLC_SNAP || bytes[at + 15] !== LLC_SNAP) return Stop.notIp;
  layer.at = at + 22;
  return (bytes[at + 20]! << 8) | bytes[at + 21]!;
}

/** Linux cooked capture, version 1 (113) and 2 (276): the protocol is an EtherType when it is one at all. */
function cooked(layer: Layer, size: number, protocolAt: number): number {
  const { bytes, at } = layer;
  if (layer.end - at < size) return layer.lacks(size);
  layer.at = at + size;
  const type = (bytes[at + protocolAt]! << 8) | bytes[at + protocolAt + 1]!;
  return type >= 0x600 ? type : Stop.notIp;
}

/** BSD loopback: the address family, in the capturing host's order (NULL) or the network's (LOOP). */
function loopback(layer: Layer): number {
  if (layer.end - layer.at < 4) return layer.lacks(4);
  let family = layer.view.getUint32(layer.at, true);
  if (family > 0xffff) family = layer.view.getUint32(layer.at, false);
  layer.at += 4;
  // AF_INET6 is 24, 28 or 30 on the BSDs and macOS, 10 on Linux, 23 on Windows.
  if (family === 2) return 0x0800;
  return family === 24 || family === 28 || family === 30 || family === 10 || family === 23 ? 0x86dd : Stop.notIp;
}

/** No link header: the version tells. */
export function rawIp(layer: Layer): number {
  if (layer.end <= layer.at) return layer.lacks(1);
  const version = layer.bytes[layer.at]! >> 4;
  return version === 4 ? 0x0800 : version === 6 ? 0x86dd : Stop.malformed;
}

/** PPP, RFC 1661 and 1662: address and control may be compressed away, the protocol to one byte. */
export function ppp(layer: Layer): number {
  const { bytes } = layer;
  if (layer.end - layer.at < 4) return layer.lacks(4);
  if (bytes[layer.at] === 0xff && bytes[layer.at + 1] === 0x03) layer.at += 2;
  let protocol = bytes[layer.at++]!;
  if ((protocol & 1) === 0) protocol = (protocol << 8) | bytes[layer.at++]!;
  if (protocol === 0x21) return 0x0800;
  if (protocol === 0x57) return 0x86dd;
  return protocol === PPP_MPLS ? 0x8847 : Stop.notIp;
}

/** PPPoE session, RFC 2516: version, code, session, length, then PPP without address and control. */
export function pppoe(layer: Layer): number {
  if (layer.end - layer.at < 8) return layer.lacks(8);
  if (layer.bytes[layer.at] !== 0x11 || layer.bytes[layer.at + 1] !== 0) return Stop.notIp;
  layer.at += 6;
  return ppp(layer);
}

/** Cisco HDLC: address, control, EtherType. */
function cisco(layer: Layer): number {
  if (layer.end - layer.at < 4) return layer.lacks(4);
  layer.at += 4;
  return layer.view.getUint16(layer.at - 2);
}
