/**
 * Loss in the network, as opposed to loss in the capture: the share of TCP segments that carry data and don't arrive. The
 * sender sends each again 1-200 ms later; half of the lost copies pass the tap, half are lost before it. What the receiver
 * does once it has the segment, and everything of the connection after that, comes later by as much; what the sender had
 * under way stays where it was.
 */
import type { Random } from './random.ts';

const IP = 14;

export interface Timed {
  readonly timeNs: number;
  /** From the Ethernet header on. */
  readonly packet: Buffer;
}

export interface Sent<T> {
  readonly item: T;
  readonly timeNs: number;
  /** Of a second copy: where the first was lost. */
  readonly lost?: 'before the tap' | 'behind the tap';
}

interface Connection {
  laterNs: number;
  /** The segment the receiver waits for. */
  lost: { readonly fromLow: boolean; readonly sequence: number; readonly delayNs: number } | undefined;
}

export function loseInNetwork<T extends Timed>(packets: readonly T[], share: number, random: Random): Sent<T>[] {
  const connections = new Map<string, Connection>();
  const out: Sent<T>[] = [];
  for (const item of packets) {
    const { packet, timeNs } = item;
    if (packet.length < IP + 40 || packet.readUInt16BE(12) !== 0x0800 || packet[IP + 9] !== 6) {
      out.push({ item, timeNs });
      continue;
    }
    const tcp = IP + ((packet[IP]! & 15) << 2);
    const source = packet.subarray(IP + 12, IP + 16).toString('hex') + packet.readUInt16BE(tcp);
    const target = packet.subarray(IP + 16, IP + 20).toString('hex') + packet.readUInt16BE(tcp + 2);
    const fromLow = source < target;
    const key = fromLow ? source + target : target + source;
    let connection = connections.get(key);
    if (connection === undefined) connections.set(key, (connection = { laterNs: 0, lost: undefined }));
    const { lost } = connection;
    if (lost && lost.fromLow !== fromLow && ((packet.readUInt32BE(tcp + 8) - lost.sequence) | 0) > 0) {
      connection.laterNs += lost.delayNs;
      connection.lost = undefined;
    }
    const atNs = timeNs + connection.laterNs;
    const payloadBytes = packet.readUInt16BE(IP + 2) - (tcp - IP) - ((packet[tcp + 12]! >> 4) << 2);
    if (payloadBytes > 0 && !connection.lost && random.next() < share) {
      const delayNs = 1_000_000 * (1 + random.integer(200));
      connection.lost = { fromLow, sequence: packet.readUInt32BE(tcp + 4), delayNs };
      const passed = random.next() < 0.5;
      if (passed) out.push({ item, timeNs: atNs });
      out.push({ item, timeNs: atNs + delayNs, lost: passed ? 'behind the tap' : 'before the tap' });
    } else out.push({ item, timeNs: atNs });
  }
  return out.sort((a, b) => a.timeNs - b.timeNs);
}
