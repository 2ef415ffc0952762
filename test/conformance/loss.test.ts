/** A bounded part of the loss table: every damage of the sample, one seed. `npm run loss-table` makes the whole. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { extract, SAMPLE } from '../engine/support/extract.ts';
import { clean, DAMAGES, type Damage, damaged } from './damages.ts';
import { Pairs, score } from './pairs.ts';
import { hasTshark, tsharkScore } from './tsharkPairs.ts';

const sample = readFileSync(SAMPLE);
const SEED = 2;

function run(damage: Damage, seed = SEED) {
  const before = clean(sample, damage, seed);
  const x = extract(before);
  const truth = new Pairs(x);
  const bytes = damaged(before, damage, seed);
  return { truth, bytes, ...score(truth, new Pairs(extract(bytes), x.epochNs)) };
}

describe('pairs of a damaged capture', () => {
  it.each(DAMAGES)('$name: nothing unflagged is wrong', (damage) => {
    const { truth, calls, sure, wrong, moved } = run(damage);
    expect(wrong).toBe(0);
    expect(calls).toBeLessThanOrEqual(truth.count);
    if (damage.complete === true) expect({ calls, sure }).toEqual({ calls: truth.count, sure: truth.count });
    if (damage.complete === true && damage.name !== 'network order, 2 % (netreorder)') expect(moved).toBe(0);
  });

  // 106: an acknowledgement 1.5 ms before what it acknowledges; 108, 118: the handshake in reverse, behind data.
  it.each([106, 108, 118])('network order, seed %i: every pair is found', (seed) => {
    const damage = DAMAGES.find((d) => d.name.startsWith('network order'))!;
    const { truth, sure, wrong } = run(damage, seed);
    expect({ sure, wrong }).toEqual({ sure: truth.count, wrong: 0 });
  });

  it.skipIf(!hasTshark).each(DAMAGES.filter((d) => /1 % dropped|snaplen 96|mid-stream/.test(d.name)))(
    '$name: at least as many as tshark finds',
    (damage) => {
      const { bytes, sure, truth } = run(damage);
      const folder = mkdtempSync(path.join(tmpdir(), 'tracenest-loss-'));
      try {
        const file = path.join(folder, 'damaged.pcap');
        writeFileSync(file, bytes);
        const { pairs } = tsharkScore(file, truth);
        expect(pairs).toBeGreaterThan(900);
        expect(sure).toBeGreaterThanOrEqual(pairs);
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});
