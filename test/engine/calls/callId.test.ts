import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { callId, traceIdOf } from '../../../src/engine/calls/callId.ts';
import type { Extractor } from '../../../src/engine/extractor.ts';
import { mutate } from '../../testbed/mutate.ts';
import { extract, SAMPLE } from '../support/extract.ts';

const ids = (x: Extractor): string[] => Array.from({ length: x.calls.count }, (_, row) => callId(x, row));

describe('ids of calls', () => {
  const file = readFileSync(SAMPLE);
  const whole = ids(extract(file));

  it('are 16 hex digits, none zero, none twice', () => {
    for (const id of whole) expect(id).toMatch(/^(?!0{16})[0-9a-f]{16}$/);
    expect(new Set(whole).size).toBe(whole.length);
  });

  it('spread over all digits', () => {
    for (let digit = 0; digit < 16; digit++) {
      const seen = new Map<string, number>();
      for (const id of whole) seen.set(id[digit]!, (seen.get(id[digit]!) ?? 0) + 1);
      expect(seen.size).toBe(16);
      for (const count of seen.values()) expect(count).toBeLessThan(whole.length / 8);
    }
  });

  it('are the same in every run and however the capture is cut', () => {
    expect(ids(extract(file))).toEqual(whole);
    // A part of the capture has another first packet, hence another time 0 and other row numbers.
    const known = new Set(whole);
    const part = ids(extract(mutate(file, 'midstream', 0.4)));
    expect(part.length).toBeGreaterThan(1000);
    expect(part.filter((id) => !known.has(id))).toEqual([]);
  });

  it('do not change with the order in the file', () => {
    expect(ids(extract(mutate(file, 'reorder'))).sort()).toEqual([...whole].sort());
  });

  it('give trace ids of 32 hex digits', () => {
    const traces = whole.map(traceIdOf);
    for (const trace of traces) expect(trace).toMatch(/^(?!0{32})[0-9a-f]{32}$/);
    expect(new Set(traces).size).toBe(traces.length);
  });
});
