/** The sample capture as several tenants have it. */
import type { Record } from '../engine/net/build.ts';

const HEADER = 24;
const PACKET_HEADER = 16;
const MACS = 12;
const NS_PER_S = 1_000_000_000n;

/** Packets of a little-endian capture with nanoseconds. */
export function packetsOf(capture: Buffer): Record[] {
  const packets: Record[] = [];
  for (let at = HEADER; at + PACKET_HEADER <= capture.length; ) {
    const [seconds, rest, kept, wire] = [0, 4, 8, 12].map((offset) => capture.readUInt32LE(at + offset)) as [
      number,
      number,
      number,
      number,
    ];
    at += PACKET_HEADER;
    packets.push({ ns: BigInt(seconds) * NS_PER_S + BigInt(rest), bytes: capture.subarray(at, at + kept), wire });
    at += kept;
  }
  return packets;
}

/** The same frames in a VLAN. */
export const tagged = (packets: readonly Record[], vlan: number): Record[] =>
  packets.map(({ ns, bytes, wire }) => ({
    ns,
    bytes: Buffer.concat([bytes.subarray(0, MACS), Buffer.from([0x81, 0, vlan >> 8, vlan & 255]), bytes.subarray(MACS)]),
    wire: (wire ?? bytes.length) + 4,
  }));

/** The first `seconds`, one and a half times as slow, and a second later: the same packets at the same time in two VLANs are routed ones. */
export function slowed(packets: readonly Record[], seconds: number): Record[] {
  const first = packets[0]!.ns;
  const taken = packets.filter(({ ns }) => ns - first < BigInt(Math.round(seconds * 1e9)));
  return taken.map((p) => ({ ...p, ns: first + NS_PER_S + ((p.ns - first) * 3n) / 2n }));
}

export const byTime = (...taps: readonly (readonly Record[])[]): Record[] =>
  taps.flat().sort((a, b) => (a.ns < b.ns ? -1 : a.ns > b.ns ? 1 : 0));
