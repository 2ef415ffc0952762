import { describe, expect, it } from 'vitest';
import { slowdowns } from '../../../src/engine/nesting/slowdown.ts';

/** Requests of two types in turn, one taking ten times as long as the other, all `by` times as long as they usually do from `from` to `to`. */
function requests(many: number, by: number, from = 0, to = many) {
  const start = Float64Array.from({ length: many }, (_, q) => q * 1e6);
  const end = start.map((at, q) => at + (q % 2 ? 1e8 : 1e7) * (q >= from && q < to ? by : 1));
  return { parents: many, parentTypes: ['short', 'long'], parentType: Int32Array.from(start, (_, q) => q % 2), start, end };
}

describe('slowdown', () => {
  it('is counted in octaves beyond half a one, where the requests around take longer, of whatever type', () => {
    const found = slowdowns(requests(1000, 2.83, 600, 700));
    expect(found[100]).toBe(0);
    expect(found[500]).toBe(0);
    expect(found[650]).toBeCloseTo(1, 1);
    expect(found[900]).toBe(0);
  });

  it('is nothing for requests that are faster, or hardly slower, and limited', () => {
    expect(Math.max(...slowdowns(requests(1000, 0.2, 600, 700)))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 1.3, 600, 700)))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 100, 600, 700)))).toBe(1.5);
  });
});
