/** The sample capture, damaged: what is left must be right, and what can't be known must be flagged. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UNSURE } from '../../../src/engine/calls/callTable.ts';
import type { Extractor } from '../../../src/engine/extractor.ts';
import { type Mode, mutate } from '../../testbed/mutate.ts';
import { extract, SAMPLE } from '../support/extract.ts';

interface Pair {
  readonly stamps: readonly number[];
  readonly status: number;
  readonly sure: boolean;
}

/** Calls by client port and sequence number of the request: the same in every damaged copy. */
function pairs(x: Extractor): Map<string, Pair> {
  const { calls, flows, epochNs } = x;
  const zero = Number(epochNs - cleanEpoch);
  const found = new Map<string, Pair>();
  for (let row = 0; row < calls.count; row++) {
    const flow = calls.flow[row]!;
    const stamps = [calls.requestFirstNs[row]!, calls.requestLastNs[row]!, calls.responseFirstNs[row]!, calls.responseLastNs[row]!];
    found.set(`${flows.clientPort[flow]} ${flows.serverPort[flow]} ${calls.requestSequence[row]}`, {
      stamps: stamps.map((ns) => ns + zero),
      status: calls.status[row]!,
      sure: (calls.flags[row]! & UNSURE) === 0 && !Number.isNaN(stamps[3]!),
    });
  }
  return found;
}

const file = readFileSync(SAMPLE);
let cleanEpoch = 0n;
const cleanExtraction = extract(file);
cleanEpoch = cleanExtraction.epochNs;
const clean = pairs(cleanExtraction);

function damaged(mode: Mode, parameter = Number.NaN, seed = 1) {
  const found = pairs(extract(mutate(file, mode, parameter, seed)));
  let sure = 0;
  let wrong = 0;
  let unknown = 0;
  for (const [key, pair] of found) {
    const truth = clean.get(key);
    if (truth === undefined) unknown++;
    else if (pair.sure) {
      sure++;
      const off = Math.max(...pair.stamps.map((ns, i) => Math.abs(ns - truth.stamps[i]!)));
      if (off > 1e6 || (pair.status !== 0 && pair.status !== truth.status)) wrong++;
    }
  }
  return { calls: found.size, sure, wrong, unknown };
}

describe('the sample capture', () => {
  it('is complete: every call has sure stamps', () => {
    expect(clean.size).toBe(2028);
    expect([...clean.values()].filter((pair) => pair.sure).length).toBe(2028);
  });

  it.each(['reorder', 'dup', 'ipv6'] as const)('%s: every pair, with the same times', (mode) => {
    expect(damaged(mode)).toEqual({ calls: 2028, sure: 2028, wrong: 0, unknown: 0 });
  });

  it('netreorder: every pair', () => {
    expect(damaged('netreorder')).toEqual({ calls: 2028, sure: 2028, wrong: 0, unknown: 0 });
  });

  it.each([
    [0.001, 0.995],
    [0.01, 0.97],
    [0.02, 0.94],
  ])('%d of packets lost: nothing unflagged is wrong', (share, coverage) => {
    for (const seed of [1, 2, 3]) {
      const { sure, wrong, unknown } = damaged('drop', share, seed);
      expect({ wrong, unknown }).toEqual({ wrong: 0, unknown: 0 });
      expect(sure).toBeGreaterThan(coverage * 2028);
    }
  });

  it('starting in the middle: what is there is right', () => {
    const { calls, sure, wrong, unknown } = damaged('midstream', 0.3);
    expect({ wrong, unknown }).toEqual({ wrong: 0, unknown: 0 });
    expect(sure).toBe(calls);
    expect(calls).toBeGreaterThan(1400);
  });

  it.each([96, 256])('cut to %d bytes: heads that are cut are still messages', (length) => {
    expect(damaged('snaplen', length)).toEqual({ calls: 2028, sure: 2028, wrong: 0, unknown: 0 });
  });

  it('one direction only: requests without responses, and said so', () => {
    const x = extract(mutate(file, 'onesided'));
    expect(x.calls.count).toBe(2028);
    expect([...pairs(x).values()].filter((pair) => pair.sure)).toEqual([]);
    expect(x.quality().map((fact) => fact.id)).toContain('one-sided');
  });
});
