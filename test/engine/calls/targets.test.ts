import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Calls } from '../../../src/engine/calls/calls.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('targets', () => {
  it('come back as they were, whatever came between', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ maxLength: 40 }), fc.constantFrom('/a', '/b', '')), { maxLength: 200 }), (texts) => {
        const calls = new Calls();
        for (const text of texts) {
          const row = calls.add(0);
          const all = bytes(`xx${text}yy`);
          calls.setTarget(row, all, 2, all.length - 2);
        }
        expect(texts.map((_, row) => calls.target(row))).toEqual(texts.map((text) => text.toWellFormed()));
      }),
    );
  });

  it('are cut at 65,535 bytes', () => {
    const calls = new Calls();
    calls.setTargetText(calls.add(0), 'x'.repeat(70_000));
    expect(calls.target(0).length).toBe(65_535);
  });
});

describe('the table', () => {
  it('keeps its rows while it grows; new rows have no stamps', () => {
    const calls = new Calls();
    for (let row = 0; row < 5000; row++) {
      expect(calls.add(row)).toBe(row);
      calls.requestFirstNs[row] = row;
      calls.setTargetText(row, `/r/${row % 7}`);
    }
    expect(calls.count).toBe(5000);
    for (let row = 0; row < 5000; row += 17) {
      expect([calls.flow[row], calls.requestFirstNs[row], calls.target(row)]).toEqual([row, row, `/r/${row % 7}`]);
      expect(calls.responseLastNs[row]).toBeNaN();
    }
  });
});
