import { type Layer, Stop } from './layer.ts';

/** IEEE 802.11 data frames, bare (105, and in GRE between access points and their controllers) or behind radiotap (127). */

const LLC_SNAP = 0xaa;

/** Radiotap: version, pad, length (always little-endian). */
export function radiotap(layer: Layer): number {
  if (layer.end - layer.at < 8) return layer.lacks(8);
  const size = layer.view.getUint16(layer.at + 2, true);
  if (layer.bytes[layer.at] !== 0 || size < 8) return Stop.malformed;
  layer.at += size;
  return layer.at > layer.end ? layer.past() : wifi(layer);
}

/** The first (or only) packet of an unencrypted data frame; aggregates hold more, which are not looked for. */
export function wifi(layer: Layer): number {
  const { bytes, at } = layer;
  if (layer.end - at < 24) return layer.lacks(24);
  const type = bytes[at]!;
  const flags = bytes[at + 1]!;
  // Data (type 2) with a body (no 0x40), not protected.
  if ((type & 0x0c) !== 0x08 || (type & 0x40) !== 0 || (flags & 0x40) !== 0) return Stop.notIp;
  const fourAddresses = (flags & 3) === 3;
  const qos = (type & 0x80) !== 0;
  let size = 24 + (fourAddresses ? 6 : 0);
  let aggregate = false;
  if (qos) {
    aggregate = (bytes[at + size]! & 0x80) !== 0;
    size += 2;
    if ((flags & 0x80) !== 0) size += 4;
  }
  // Each part of an aggregate: two addresses and a length.
  if (aggregate) size += 14;
  if (layer.end - at < size + 8) return layer.lacks(size + 8);
  layer.at = at + size + 8;
  if (bytes[at + size] !== LLC_SNAP || bytes[at + size + 1] !== LLC_SNAP) return Stop.notIp;
  return layer.view.getUint16(at + size + 6);
}
