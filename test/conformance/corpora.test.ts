/** A bounded part of `npm run conformance`: the suites that need no other program. Skipped, and said, where the captures are absent. */
import { describe, expect, it } from 'vitest';
import { hasCorpora } from '../engine/support/extract.ts';
import { readAll, runSuite } from './corpora.ts';
import { deepflow } from './suites/deepflow.ts';
import { pcapng } from './suites/pcapng.ts';
import { pcapplusplus } from './suites/pcapplusplus.ts';
import { suricata } from './suites/suricata.ts';

it('every capture at hand is read to its end, whole and cut off', () => {
  const { captures, packets, failures } = readAll();
  expect(failures).toEqual([]);
  expect(captures).toBeGreaterThan(0);
  expect(packets).toBeGreaterThan(0);
});

describe.skipIf(!hasCorpora)('agreement with the captures of other projects', () => {
  it.each([
    [pcapng, 1],
    [pcapplusplus, 0.9],
    [suricata, 0.85],
    [deepflow, 0.85],
  ] as const)('$name', (suite, share) => {
    const { agreed, total } = runSuite(suite);
    expect(total).toBeGreaterThan(0);
    expect(agreed / total).toBeGreaterThanOrEqual(share);
  });
});
