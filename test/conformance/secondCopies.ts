/**
 * Loss in the network together with loss in the capture: how many unflagged pairs rest on the second copy of a segment whose
 * first one is not in the capture, either because it was lost before the tap (the second copy's time is right) or because it
 * was lost behind the tap and then is missing from the capture (it is wrong). The capture is the same in both cases.
 *   node test/conformance/secondCopies.ts [--seeds 300] [--capture FILE]
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { extract, SAMPLE } from '../engine/support/extract.ts';
import { mutate } from '../testbed/mutate.ts';
import { loseInNetwork } from '../testbed/networkLoss.ts';
import { Random } from '../testbed/random.ts';
import { Pairs, score } from './pairs.ts';

const SHARE = 0.01;
const HEADER = 24;
const RECORD = 16;
const { values } = parseArgs({ options: { seeds: { type: 'string', default: '300' }, capture: { type: 'string', default: SAMPLE } } });
const bytes = readFileSync(values.capture);
const perSecond = bytes.readUInt32LE(0) === 0xa1b23c4d ? 1e9 : 1e6;
const frames: { timeNs: number; packet: Buffer }[] = [];
for (let at = HEADER; at + RECORD <= bytes.length; ) {
  const end = at + RECORD + bytes.readUInt32LE(at + 8);
  const timeNs = ((bytes.readUInt32LE(at) * perSecond + bytes.readUInt32LE(at + 4)) / perSecond) * 1e9;
  frames.push({ timeNs, packet: bytes.subarray(at + RECORD, end) });
  at = end;
}
/** Sums of ns since 1970 in floating point agree to the microsecond. */
const us = (ns: number) => Math.round(ns / 1000);

const total = { unflagged: 0, wrong: 0, secondCopyRight: 0, secondCopyWrong: 0 };
for (let seed = 1; seed <= Number(values.seeds); seed++) {
  const before = mutate(bytes, 'netloss', SHARE, seed);
  const clean = extract(before);
  const damaged = extract(mutate(before, 'drop', SHARE, seed));
  const sent = loseInNetwork(frames, SHARE, new Random(seed));
  const drop = new Random(seed);
  const kept = sent.map(() => drop.next() >= SHARE);
  const firstKept = new Set(sent.filter((copy, i) => copy.lost === undefined && kept[i]).map(({ item }) => item));
  const stamps = { right: new Set<number>(), wrong: new Set<number>() };
  for (const [i, { item, timeNs, lost }] of sent.entries())
    if (lost !== undefined && kept[i] && !firstKept.has(item)) stamps[lost === 'before the tap' ? 'right' : 'wrong'].add(us(timeNs));
  const { sure, wrong } = score(new Pairs(clean), new Pairs(damaged, clean.epochNs));
  total.unflagged += sure;
  total.wrong += wrong;
  for (const group of new Pairs(damaged, 0n).byConversation.values()) {
    for (const pair of group.values()) {
      const rests = (on: Set<number>) => pair.stamps.some((ns) => [-1, 0, 1].some((off) => on.has(us(ns) + off)));
      if (!pair.sure) continue;
      if (rests(stamps.wrong)) total.secondCopyWrong++;
      else if (rests(stamps.right)) total.secondCopyRight++;
    }
  }
}
console.log(JSON.stringify(total));
