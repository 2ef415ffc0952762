import { type Layer, Stop } from './layer.ts';

/** RFC 9293 header at layer.at -> layer.packet. */
export function tcp(layer: Layer): number {
  const { bytes, view, at, packet } = layer;
  if (layer.end - at < 20) return layer.lacks(20);
  const header = (bytes[at + 12]! >> 4) << 2;
  const payload = at + header;
  if (header < 20 || payload > layer.wireEnd) return Stop.malformed;
  packet.transport = 6;
  packet.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
  packet.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  packet.sequence = view.getUint32(at + 4);
  packet.acknowledgement = view.getUint32(at + 8);
  packet.tcpFlags = bytes[at + 13]!;
  packet.window = (bytes[at + 14]! << 8) | bytes[at + 15]!;
  const { end } = layer;
  const start = Math.min(payload, end);
  packet.optionsStart = at + 20;
  packet.optionsEnd = start;
  packet.payloadStart = start;
  packet.payloadEnd = end;
  packet.payloadLength = layer.wireEnd - payload;
  return Stop.found;
}

/** RFC 768 header at layer.at -> layer.packet; leaves layer.at at the payload. */
export function udp(layer: Layer): number {
  const { bytes, at, packet } = layer;
  if (layer.end - at < 8) return layer.lacks(8);
  const length = (bytes[at + 4]! << 8) | bytes[at + 5]!;
  if (length !== 0) {
    if (length < 8) return Stop.malformed;
    if (at + length < layer.wireEnd) layer.wireEnd = at + length;
    if (layer.end > layer.wireEnd) layer.end = layer.wireEnd;
  }
  packet.transport = 17;
  packet.sourcePort = (bytes[at]! << 8) | bytes[at + 1]!;
  packet.destinationPort = (bytes[at + 2]! << 8) | bytes[at + 3]!;
  packet.sequence = 0;
  packet.acknowledgement = 0;
  packet.tcpFlags = 0;
  packet.window = 0;
  layer.at = at + 8;
  packet.optionsStart = layer.at;
  packet.optionsEnd = layer.at;
  packet.payloadStart = layer.at;
  packet.payloadEnd = layer.end;
  packet.payloadLength = layer.wireEnd - layer.at;
  return Stop.found;
}
