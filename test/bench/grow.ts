/**
 * Grows a small real capture to any size: copies of it one after the other in time, each with client ports and sequence
 * numbers of its own, so that every copy's connections are other connections.
 */
import { closeSync, openSync, writeSync } from 'node:fs';

const ETHERNET = 14;

export function growCapture(capture: Buffer, bytes: number, file: string): void {
  const body = capture.subarray(24);
  const records: number[] = [];
  for (let at = 0; at + 16 <= body.length; at += 16 + body.readUInt32LE(at + 8)) records.push(at);
  const first = body.readUInt32LE(0);
  const seconds = body.readUInt32LE(records.at(-1)!) - first + 2;
  const fd = openSync(file, 'w');
  try {
    writeSync(fd, capture, 0, 24);
    const copies = Math.max(1, Math.ceil(bytes / body.length));
    for (let copy = 0; copy < copies; copy++) {
      const made = Buffer.from(body);
      for (const at of records) {
        made.writeUInt32LE(made.readUInt32LE(at) + copy * seconds, at);
        if (made.readUInt16BE(at + 28) !== 0x0800) continue;
        const ip = at + 16 + ETHERNET;
        if (made[ip + 9] !== 6) continue;
        const tcp = ip + ((made[ip]! & 15) << 2);
        // The higher port is the client's: moved within the dynamic range. The sequence numbers of both sides move alike.
        const [source, target] = [made.readUInt16BE(tcp), made.readUInt16BE(tcp + 2)];
        const client = source > target ? tcp : tcp + 2;
        made.writeUInt16BE(20_000 + ((Math.max(source, target) + copy * 97) % 45_000), client);
        made.writeUInt32BE((made.readUInt32BE(tcp + 4) + copy * 40_503_001) >>> 0, tcp + 4);
        if ((made[tcp + 13]! & 16) !== 0) made.writeUInt32BE((made.readUInt32BE(tcp + 8) + copy * 40_503_001) >>> 0, tcp + 8);
      }
      writeSync(fd, made);
    }
  } finally {
    closeSync(fd);
  }
}
