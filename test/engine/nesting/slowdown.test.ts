import { describe, expect, it } from 'vitest';
import { slowdowns } from '../../../src/engine/nesting/slowdown.ts';

/** Requests of two types in turn, one taking ten times as long as the other, all `by` times as long as they usually do from `from` to `to`. */
function requests(many: number, by: number, from = 0, to = many, isAnswered = (_q: number) => true) {
  const start = Float64Array.from({ length: many }, (_, q) => q * 1e6);
  const end = start.map((at, q) => at + (q % 2 ? 1e8 : 1e7) * (q >= from && q < to ? by : 1));
  const answered = Uint8Array.from(start, (_, q) => (isAnswered(q) ? 1 : 0));
  return { parents: many, parentTypes: ['short', 'long'], parentType: Int32Array.from(start, (_, q) => q % 2), start, end, answered };
}

describe('slowdown', () => {
  it('is counted in octaves beyond half a one, where the requests around take longer, of whatever type', () => {
    const found = slowdowns(requests(1000, 2.83, 600, 700));
    expect(found[100]).toBe(0);
    expect(found[500]).toBe(0);
    expect(found[650]).toBeCloseTo(1, 1);
    expect(found[900]).toBe(0);
  });

  it('is not known of requests without an answer, whose ends are made up', () => {
    // Lost in one stretch; half of them; those that are still open at the end.
    for (const isAnswered of [(q: number) => q < 600 || q >= 700, (q: number) => q % 4 < 2, (q: number) => q < 980]) {
      const lost = requests(1000, 1, 0, 1000, isAnswered);
      lost.end.forEach((_, q) => {
        if (!isAnswered(q)) lost.end[q] = lost.start[q]! + 1e9;
      });
      expect(Math.max(...slowdowns(lost))).toBe(0);
    }
  });

  it('is nothing for requests that are faster, or hardly slower, and limited', () => {
    expect(Math.max(...slowdowns(requests(1000, 0.2, 600, 700)))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 1.3, 600, 700)))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 100, 600, 700)))).toBe(1.5);
  });
});
