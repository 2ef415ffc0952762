/**
 * Parsing (capture and net rooms, no streams) against a bare loop over the same bytes in the same run:
 *   node test/bench/parse.bench.ts [CAPTURE] [--megabytes N]
 * Without a capture the sample is repeated, later each time, to N (256) MB. Both read from memory in pieces of 1 MB.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Strings } from '../../src/engine/bytes/strings.ts';
import { Intake } from '../../src/engine/net/intake.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { megabytes: { type: 'string', default: '256' }, rounds: { type: 'string', default: '5' } },
});
const PIECE = 1 << 20;

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
function bare(bytes: Uint8Array): number {
  let sum = 0;
  let packets = 0;
  let at = 24;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  while (at + 16 <= bytes.length) {
    const captured = view.getUint32(at + 8, true);
    const timeNs = view.getUint32(at, true) * 1e9 + view.getUint32(at + 4, true);
    const ip = at + 30;
    if (view.getUint16(at + 28) === 0x0800 && bytes[ip + 9] === 6) {
      const tcp = ip + ((bytes[ip]! & 15) << 2);
      const length = view.getUint16(ip + 2);
      sum +=
        timeNs +
        view.getInt32(ip + 12) +
        view.getInt32(ip + 16) +
        view.getUint32(tcp) +
        view.getUint32(tcp + 4) +
        view.getUint32(tcp + 8) +
        bytes[tcp + 13]! +
        length;
    }
    packets++;
    at += 16 + captured;
  }
  return sum === 0.5 ? 0 : packets;
}

function parse(bytes: Uint8Array): number {
  let sum = 0;
  const sink = {
    take(packet: { timeNs: number; sequence: number; payloadLength: number }) {
      sum += packet.timeNs + packet.sequence + packet.payloadLength;
    },
  };
  const intake = new Intake(1, new Strings(), sink, () => {});
  for (let at = 0; at < bytes.length; at += PIECE) intake.push(0, bytes.subarray(at, Math.min(at + PIECE, bytes.length)));
  intake.end(0);
  return sum === 0.5 ? 0 : intake.packets;
}

const [path] = positionals;
const capture = path
  ? readFileSync(path)
  : repeated(readFileSync(new URL('../../media/sample/shop.pcap', import.meta.url)), Number(values.megabytes) * 1e6);
const best = (run: (bytes: Uint8Array) => number) => {
  let seconds = Number.POSITIVE_INFINITY;
  let packets = 0;
  for (let round = 0; round < Number(values.rounds); round++) {
    // CPU time: other work on the machine doesn't count.
    const start = process.cpuUsage();
    packets = run(capture);
    const { user, system } = process.cpuUsage(start);
    seconds = Math.min(seconds, (user + system) / 1e6);
  }
  return { seconds, packets };
};
const floor = best(bare);
const parsed = best(parse);
const row = (name: string, { seconds, packets }: { seconds: number; packets: number }) =>
  console.log(
    `${name.padEnd(12)} ${seconds.toFixed(3)} s  ${Math.round(capture.length / seconds / 1e6)} MB/s  ${((seconds / packets) * 1e9).toFixed(0)} ns a packet  ${packets} packets`,
  );
row('bare loop', floor);
row('parse', parsed);
console.log(`parse / bare loop: ${(parsed.seconds / floor.seconds).toFixed(2)}`);
