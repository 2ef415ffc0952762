import { type Layer, Stop } from './layer.ts';

/**
 * The way through the packet nearly all are: Ethernet, IPv4 without options and fragments, TCP. The same as the layers
 * one by one (a test holds them together), without their steps. 0: not of that kind.
 */
export function plainTcp(layer: Layer, start: number, end: number): number {
  const { bytes, view, packet } = layer;
  const ip = start + 14;
  const at = start + 34;
  // Type 0x0800, version 4 with 20 bytes of header; no fragment; TCP.
  if (end - start < 54 || view.getUint32(start + 12) >>> 8 !== 0x080045 || (view.getUint16(ip + 6) & 0x3fff) !== 0 || bytes[ip + 9] !== 6)
    return 0;
  const total = view.getUint16(ip + 2);
  const header = (bytes[at + 12]! >> 4) << 2;
  const wireEnd = ip + total;
  const payload = at + header;
  if (header < 20 || payload > wireEnd) return 0;
  if (wireEnd < end) end = wireEnd;
  layer.linkEnd = ip;
  packet.ipId = view.getUint16(ip + 4);
  layer.ttl = bytes[ip + 8]!;
  packet.ipVersion = 4;
  packet.source = view.getInt32(ip + 12);
  packet.destination = view.getInt32(ip + 16);
  packet.transport = 6;
  packet.sourcePort = view.getUint16(at);
  packet.destinationPort = view.getUint16(at + 2);
  packet.sequence = view.getUint32(at + 4);
  packet.acknowledgement = view.getUint32(at + 8);
  packet.tcpFlags = bytes[at + 13]!;
  packet.window = view.getUint16(at + 14);
  const captured = Math.min(payload, end);
  packet.optionsStart = at + 20;
  packet.optionsEnd = captured;
  packet.payloadStart = captured;
  packet.payloadEnd = end;
  packet.payloadLength = wireEnd - payload;
  return Stop.found;
}
