/** A little-endian pcap, so many seconds later. Changes it. */
export function shifted(capture: Buffer, seconds: number): Buffer {
  for (let at = 24; at < capture.length; at += 16 + capture.readUInt32LE(at + 8))
    capture.writeUInt32LE(capture.readUInt32LE(at) + seconds, at);
  return capture;
}
