import type { EventEmitter } from 'node:events';
import { createReadStream, existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import type { PcapngReader } from '../../../src/engine/capture/pcapng.ts';
import { captures } from '../corpora.ts';
import { frames } from '../net/frames.ts';

interface ParsedPacket {
  header: { timestampSeconds: number; timestampMicroseconds: number; capturedLength: number; originalLength: number };
  data: Buffer;
}
const pcapParser = createRequire(import.meta.url)('pcap-parser') as { parse(stream: NodeJS.ReadableStream): EventEmitter };

/** Reads a classic capture with npm's pcap-parser; undefined when it refuses (it knows no nanosecond files). */
function parsed(path: string): Promise<ParsedPacket[] | undefined> {
  return new Promise((done) => {
    const packets: ParsedPacket[] = [];
    const parser = pcapParser.parse(createReadStream(path));
    parser.on('packet', (packet: ParsedPacket) => packets.push(packet));
    parser.on('error', () => done(undefined));
    parser.on('end', () => done(packets));
  });
}

test('classic captures: record by record what pcap-parser reads', async () => {
  let compared = 0;
  for (const [name, path] of captures('**/*.pcap')) {
    const theirs = await parsed(path);
    if (!theirs) continue;
    const { frames: ours } = frames(readFileSync(path));
    expect(ours.length, name).toBe(theirs.length);
    for (const [i, { header }] of theirs.entries()) {
      const frame = ours[i]!;
      expect(frame.ns, name).toBe(BigInt(header.timestampSeconds) * 1_000_000_000n + BigInt(header.timestampMicroseconds) * 1000n);
      expect(frame.capturedBytes, name).toBe(header.capturedLength);
      expect(frame.wireBytes, name).toBe(header.originalLength);
    }
    compared += theirs.length;
  }
  console.info(`${compared} records compared with pcap-parser`);
  expect(compared).toBeGreaterThan(0);
}, 120_000);

const NAMES: Record<string, number> = { SHB: 0x0a0d0d0a, IDB: 1, PB: 2, SPB: 3, NRB: 4, ISB: 5, EPB: 6 };
test('pcapng: block counts are those the test generator states', () => {
  let files = 0;
  for (const [name, path] of captures('**/*.pcapng')) {
    const statement = path.replace(/\.pcapng$/, '.txt');
    if (!existsSync(statement)) continue;
    files++;
    const { frames: ours, warnings, tap } = frames(readFileSync(path));
    const { blocks } = tap.reader as PcapngReader;
    const counted = (type: number) => blocks.get(type) ?? 0;
    const wanted = new Map(
      [...readFileSync(statement, 'utf8').matchAll(/^\s+([A-Z]+): (\d+)$/gm)].map(([, block, count]) => [block!, Number(count)]),
    );
    expect(warnings, name).toEqual([]);
    for (const [block, type] of Object.entries(NAMES)) {
      // Enhanced packets are counted by their frames only.
      const count = block === 'EPB' ? ours.length - counted(NAMES['PB']!) - counted(NAMES['SPB']!) : counted(type);
      expect(count, `${name} ${block}`).toBe(wanted.get(block) ?? 0);
    }
  }
  expect(files).toBeGreaterThan(0);
});
