/**
 * Makes a damaged copy of a classic little-endian capture (what tcpdump writes), seeded:
 *   node test/testbed/mutate.ts IN OUT MODE [PARAMETER] [--seed N]
 *
 * dup         a second tap: every packet again 3-40 us later, TTL - 1 (IPv4 checksum mended)
 * reorder     file order: a share (2 %) of records moved up to 5 places later, their stamps unchanged
 * netreorder  the network's order: a share (2 %) of packets swapped with one less than 1 ms away, stamps stay in place
 * netloss     a share (1 %) of data segments lost in the network and sent again: see networkLoss.ts
 * drop        a share (1 %) of packets missing from the capture
 * midstream   the first share (30 %) cut off
 * snaplen     packets cut to N (96) bytes
 * onesided    only packets towards port P (8080)
 * ipv6        IPv4 packets rewritten as IPv6 (fd00::a.b.c.d), lengths and ports kept
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loseInNetwork } from './networkLoss.ts';
import { Random } from './random.ts';

export const MODES = ['dup', 'reorder', 'netreorder', 'netloss', 'drop', 'midstream', 'snaplen', 'onesided', 'ipv6'] as const;
export type Mode = (typeof MODES)[number];
const HEADER = 24;
const RECORD = 16;
const ETHERNET = 14;

/** A record of the capture with its 16-byte record header. */
type Frame = Buffer;

export function mutate(capture: Buffer, mode: Mode, parameter = Number.NaN, seed = 1): Buffer {
  const magic = capture.readUInt32LE(0);
  const perSecond = magic === 0xa1b23c4d ? 1e9 : magic === 0xa1b2c3d4 ? 1e6 : 0;
  if (perSecond === 0) throw new Error('mutate reads little-endian classic captures only');
  const perMicrosecond = perSecond / 1e6;
  const random = new Random(seed);
  const frames: Frame[] = [];
  for (let at = HEADER; at + RECORD <= capture.length; ) {
    const length = RECORD + capture.readUInt32LE(at + 8);
    if (at + length > capture.length) break;
    frames.push(capture.subarray(at, at + length));
    at += length;
  }
  const time = (f: Frame) => f.readUInt32LE(0) * perSecond + f.readUInt32LE(4);
  const stamped = (f: Frame, t: number) => {
    const copy = Buffer.from(f);
    copy.writeUInt32LE(Math.floor(t / perSecond), 0);
    copy.writeUInt32LE(t % perSecond, 4);
    return copy;
  };
  const ipv4 = (f: Frame) => f.length >= RECORD + ETHERNET + 20 && f.readUInt16BE(RECORD + 12) === 0x0800;
  const or = (fallback: number) => (Number.isNaN(parameter) ? fallback : parameter);
  let out = frames.slice();
  switch (mode) {
    case 'dup': {
      const both: { t: number; order: number; frame: Frame }[] = [];
      for (const [i, f] of frames.entries()) {
        const copy = stamped(f, time(f) + (3 + random.integer(37)) * perMicrosecond);
        if (ipv4(copy)) {
          copy[RECORD + ETHERNET + 8]! -= 1;
          // RFC 1624: the checksum grows by what the header word lost.
          const at = RECORD + ETHERNET + 10;
          const sum = copy.readUInt16BE(at) + 0x100;
          copy.writeUInt16BE((sum & 0xffff) + (sum >>> 16), at);
        }
        both.push({ t: time(f), order: i * 2, frame: f }, { t: time(copy), order: i * 2 + 1, frame: copy });
      }
      out = both.sort((a, b) => a.t - b.t || a.order - b.order).map((x) => x.frame);
      break;
    }
    case 'reorder':
      for (let i = 0; i + 6 < out.length; i++) {
        if (random.next() >= or(0.02)) continue;
        const [moved] = out.splice(i, 1);
        if (moved) out.splice(i + 1 + random.integer(5), 0, moved);
      }
      break;
    case 'netreorder': {
      // Once moved, a packet stays: none ends up more than 1 ms from where it was.
      const moved = new Set<number>();
      for (let i = 0; i + 6 < out.length; i++) {
        if (random.next() >= or(0.02)) continue;
        const j = i + 1 + random.integer(4);
        const a = out[i]!;
        const b = out[j]!;
        if (moved.has(i) || moved.has(j) || time(b) - time(a) >= 1000 * perMicrosecond) continue;
        out[i] = stamped(b, time(a));
        out[j] = stamped(a, time(b));
        moved.add(i).add(j);
      }
      break;
    }
    case 'netloss':
      out = loseInNetwork(
        frames.map((f) => ({ timeNs: (time(f) / perSecond) * 1e9, packet: f.subarray(RECORD), frame: f })),
        or(0.01),
        random,
      ).map(({ item, timeNs }) => stamped(item.frame, Math.round((timeNs / 1e9) * perSecond)));
      break;
    case 'drop':
      out = frames.filter(() => random.next() >= or(0.01));
      break;
    case 'midstream':
      out = frames.slice(Math.floor(frames.length * or(0.3)));
      break;
    case 'snaplen':
      out = frames.map((f) => {
        const keep = RECORD + or(96);
        if (f.length <= keep) return f;
        const cut = Buffer.from(f.subarray(0, keep));
        cut.writeUInt32LE(keep - RECORD, 8);
        return cut;
      });
      break;
    case 'onesided':
      out = frames.filter((f) => ipv4(f) && f.readUInt16BE(RECORD + ETHERNET + ((f[RECORD + ETHERNET]! & 15) << 2) + 2) === or(8080));
      break;
    case 'ipv6':
      out = frames.map((f) => {
        if (!ipv4(f)) return f;
        const ip = RECORD + ETHERNET;
        const headerBytes = (f[ip]! & 15) << 2;
        const payloadBytes = f.readUInt16BE(ip + 2) - headerBytes;
        const v6 = Buffer.alloc(40);
        v6.writeUInt32BE(0x60000000, 0);
        v6.writeUInt16BE(payloadBytes, 4);
        v6[6] = f[ip + 9]!;
        v6[7] = f[ip + 8]!;
        for (const [to, from] of [
          [8, 12],
          [24, 16],
        ] as const) {
          v6[to] = 0xfd;
          f.copy(v6, to + 12, ip + from, ip + from + 4);
        }
        const made = Buffer.concat([f.subarray(0, ip), v6, f.subarray(ip + headerBytes)]);
        made.writeUInt16BE(0x86dd, RECORD + 12);
        made.writeUInt32LE(f.readUInt32LE(8) + 40 - headerBytes, 8);
        made.writeUInt32LE(f.readUInt32LE(12) + 40 - headerBytes, 12);
        return made;
      });
      break;
  }
  return Buffer.concat([capture.subarray(0, HEADER), ...out]);
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { seed: { type: 'string', default: '1' } } });
  const [input, output, name, parameter] = positionals;
  const mode = MODES.find((m) => m === name);
  if (!input || !output || !mode) {
    console.error(`usage: node test/testbed/mutate.ts IN OUT ${MODES.join('|')} [PARAMETER] [--seed N]`);
    process.exit(2);
  }
  writeFileSync(output, mutate(readFileSync(input), mode, parameter === undefined ? Number.NaN : Number(parameter), Number(values.seed)));
}
