/**
 * Parsing (capture and net rooms, no streams) against a bare loop over the same file in the same run:
 *   node test/bench/parse.bench.ts [CAPTURE] [--megabytes N] [--rounds N]
 * Without a capture the sample is repeated, later each time, to N (256) MB. Both read in pieces of 1 MB from the page
 * cache; CPU time of the best round, so that other work on the machine doesn't count.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, readSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Strings } from '../../src/engine/bytes/strings.ts';
import { Intake } from '../../src/engine/net/intake.ts';
import type { Packet } from '../../src/engine/net/packet.ts';

const PIECE = 1 << 20;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { megabytes: { type: 'string', default: '256' }, rounds: { type: 'string', default: '7' } },
});

/** The sample again and again, a minute later each time, until there are `bytes` of it. */
function repeated(file: Buffer, bytes: number): Buffer {
  const body = file.subarray(24);
  const copies = Math.max(1, Math.floor(bytes / body.length));
  const out = Buffer.alloc(24 + copies * body.length);
  file.copy(out, 0, 0, 24);
  for (let i = 0; i < copies; i++) {
    const start = 24 + i * body.length;
    body.copy(out, start);
    for (let at = start; at < start + body.length; at += 16 + out.readUInt32LE(at + 8))
      out.writeUInt32LE(out.readUInt32LE(at) + i * 60, at);
  }
  return out;
}

/** The floor: every record's header and its Ethernet, IPv4 and TCP fields, summed so that nothing is optimised away. */
function bare(fd: number): number {
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
      const timeNs = view.getUint32(at, true) * 1e9 + view.getUint32(at + 4, true);
      const ip = at + 30;
      if (view.getUint16(at + 28) === 0x0800 && bytes[ip + 9] === 6) {
        const tcp = ip + ((bytes[ip]! & 15) << 2);
        sum += timeNs + view.getUint16(ip + 2) + view.getInt32(ip + 12) + view.getInt32(ip + 16);
        sum += view.getUint32(tcp) + view.getUint32(tcp + 4) + view.getUint32(tcp + 8) + bytes[tcp + 13]!;
      }
      packets++;
      at += 16 + captured;
    }
    bytes.copyWithin(0, at, end);
    left = end - at;
  }
  return sum === 0.5 ? 0 : packets;
}

function parse(fd: number): number {
  const bytes = new Uint8Array(PIECE);
  let sum = 0;
  const sink = {
    take(packet: Packet) {
      sum += packet.timeNs + packet.sequence + packet.payloadLength;
    },
  };
  const intake = new Intake(1, new Strings(), sink, () => {});
  for (let count = readSync(fd, bytes); count > 0; count = readSync(fd, bytes))
    intake.push(0, count === PIECE ? bytes : bytes.subarray(0, count));
  intake.end(0);
  return sum === 0.5 ? 0 : intake.packets;
}

function best(path: string, run: (fd: number) => number): { seconds: number; packets: number } {
  let seconds = Number.POSITIVE_INFINITY;
  let packets = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    const fd = openSync(path, 'r');
    const start = process.cpuUsage();
    packets = run(fd);
    const { user, system } = process.cpuUsage(start);
    seconds = Math.min(seconds, (user + system) / 1e6);
    closeSync(fd);
  }
  return { seconds, packets };
}

const folder = mkdtempSync(join(tmpdir(), 'tracenest-bench-'));
try {
  let [path] = positionals;
  if (path === undefined) {
    path = join(folder, 'repeated.pcap');
    writeFileSync(path, repeated(readFileSync(new URL('../../media/sample/shop.pcap', import.meta.url)), Number(values.megabytes) * 1e6));
  }
  const floor = best(path, bare);
  const parsed = best(path, parse);
  const row = (name: string, { seconds, packets }: { seconds: number; packets: number }) =>
    console.log(`${name.padEnd(10)} ${seconds.toFixed(3)} s  ${((seconds / packets) * 1e9).toFixed(0)} ns a packet  ${packets} packets`);
  row('bare loop', floor);
  row('parse', parsed);
  console.log(`parse / bare loop: ${(parsed.seconds / floor.seconds).toFixed(2)}`);
} finally {
  rmSync(folder, { recursive: true });
}
