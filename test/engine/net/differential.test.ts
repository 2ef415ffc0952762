import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Stop } from '../../../src/engine/net/layer.ts';
import { captures } from '../corpora.ts';
import { type Frame, frames } from './frames.ts';
import { hasTshark, type TsharkFrame, tsharkAll } from './tshark.ts';

/** Why a frame may differ: things said in docs, not mistakes. undefined: it must not. */
function stated(ours: Frame, theirs: TsharkFrame): string | undefined {
  const { layers } = theirs;
  if (layers.some((l) => l === 'teredo' || l === 'ayiya')) return 'tunnel that is not taken off';
  const aside = layers.some((l) => l === 'icmp' || l === 'icmpv6' || l === 'igmp' || l === 'arp');
  if (aside && (ours.stop === Stop.otherTransport || ours.stop === Stop.notIp))
    return 'tshark shows the ports around or quoted in a message that is neither TCP nor UDP';
  if (layers.filter((l) => l === 'llc').length > 1) return 'aggregate of 802.11: the first packet is read, tshark shows the last';
  return undefined;
}

function differences(ours: Frame, theirs: TsharkFrame, untimed: boolean): string[] {
  const found: string[] = [];
  const compare = (name: string, a: unknown, b: unknown) => {
    if (a !== b) found.push(`${name} ${a}, tshark ${b}`);
  };
  // A simple packet block has no time: tshark shows 0.
  if (!(untimed && theirs.ns === 0n)) compare('time', ours.ns, theirs.ns);
  compare('wire length', ours.wireBytes, theirs.wireBytes);
  compare('captured length', ours.capturedBytes, theirs.capturedBytes);
  if (ours.stop !== Stop.found) {
    if (theirs.transport !== 0) found.push(`stop ${ours.stop}, tshark ${theirs.from} > ${theirs.to}`);
    return found;
  }
  for (const name of ['transport', 'from', 'to', 'sequence', 'acknowledgement'] as const) compare(name, ours[name], theirs[name]);
  // tshark counts no further than the wire length; a length in the IP header beyond it is believed here.
  if (ours.payloadLength < theirs.payloadLength || ours.capturedBytes === 0 || ours.payloadLength - theirs.payloadLength > 64)
    compare('payload', ours.payloadLength, theirs.payloadLength);
  return found;
}

interface Tally {
  total: number;
  reasons: Map<string, number>;
  wrong: string[];
}

/** Compares captures that tshark reads as one: one after the other. */
function compare(files: readonly [name: string, path: string][], tally: Tally): void {
  // tshark 4 shows custom blocks as frames without time and layers.
  const theirs = tsharkAll(files.map(([, path]) => path)).filter((frame) => !(frame.ns === 0n && frame.layers.join() === 'data'));
  let at = 0;
  for (const [name, path] of files) {
    const { frames: ours, tap } = frames(readFileSync(path));
    const untimed = (tap.reader?.facts.untimed ?? 0) > 0;
    for (const frame of ours) {
      const other = theirs[at++];
      if (!other) continue;
      tally.total++;
      const reason = stated(frame, other);
      const found = reason ? [] : differences(frame, other, untimed);
      if (reason) tally.reasons.set(reason, (tally.reasons.get(reason) ?? 0) + 1);
      if (found.length > 0) tally.wrong.push(`${name} frame ${frame.frame}: ${found.join('; ')}`);
    }
  }
  if (at !== theirs.length) tally.wrong.push(`${files.map(([name]) => name).join(' ')}: ${at} frames, tshark ${theirs.length}`);
}

test.skipIf(!hasTshark)(
  'every frame of every capture as tshark reads it',
  async () => {
    const tally: Tally = { total: 0, reasons: new Map(), wrong: [] };
    compare(captures('**/*.pcap'), tally);
    for (const file of captures('**/*.pcapng')) compare([file], tally);
    const { total, reasons, wrong } = tally;
    console.info(`${total} frames; ${[...reasons].map(([reason, count]) => `${count}: ${reason}`).join('; ')}; ${wrong.length} disagree`);
    for (const line of wrong.slice(0, 40)) console.warn(line);
    expect(total).toBeGreaterThan(0);
    expect(wrong.length).toBeLessThanOrEqual(total * 0.002);
  },
  300_000,
);
