/** The floor of all reading: a loop over a classic capture's records and their Ethernet, IPv4 and TCP fields. */
import { readSync } from 'node:fs';

const PIECE = 1 << 20;

/** Packets read; the fields are summed so that nothing is optimised away. */
export function bareLoop(fd: number): number {
  const bytes = new Uint8Array(PIECE + (1 << 17));
  const view = new DataView(bytes.buffer);
  let sum = 0;
  let packets = 0;
  let left = 0;
  for (let skip = 24; ; skip = 0) {
    const count = readSync(fd, bytes, left, PIECE, null);
    if (count === 0) break;
    const end = left + count;
    let at = skip;
    while (at + 16 <= end) {
      const captured = view.getUint32(at + 8, true);
      if (at + 16 + captured > end) break;
      const ip = at + 30;
      if (view.getUint16(at + 28) === 0x0800 && bytes[ip + 9] === 6) {
        const tcp = ip + ((bytes[ip]! & 15) << 2);
        sum += view.getUint32(at, true) * 1e9 + view.getUint32(at + 4, true) + view.getUint16(ip + 2);
        sum +=
          view.getInt32(ip + 12) +
          view.getInt32(ip + 16) +
          view.getUint32(tcp) +
          view.getUint32(tcp + 4) +
          view.getUint32(tcp + 8) +
          bytes[tcp + 13]!;
      }
      packets++;
      at += 16 + captured;
    }
    bytes.copyWithin(0, at, end);
    left = end - at;
  }
  return sum === 0.5 ? 0 : packets;
}
