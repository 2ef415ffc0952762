import { describe, expect, it } from 'vitest';
import { Counters } from '../../../src/engine/nesting/counters.ts';
import { saveLatencies, slowdowns } from '../../../src/engine/nesting/slowdown.ts';

/** Requests of two types in turn, one taking ten times as long as the other, all `by` times as long as they usually do from `from` to `to`. */
function requests(many: number, by: number, from = 0, to = many) {
  const start = Float64Array.from({ length: many }, (_, q) => q * 1e6);
  const end = start.map((at, q) => at + (q % 2 ? 1e8 : 1e7) * (q >= from && q < to ? by : 1));
  return { parents: many, parentTypes: ['short', 'long'], parentType: Int32Array.from(start, (_, q) => q % 2), start, end };
}

describe('slowdown', () => {
  it('is counted in octaves beyond half a one, where the requests around take longer, of whatever type', () => {
    const found = slowdowns(requests(1000, 2.83, 600, 700), null);
    expect(found[100]).toBe(0);
    expect(found[500]).toBe(0);
    expect(found[650]).toBeCloseTo(1, 1);
    expect(found[900]).toBe(0);
  });

  it('is nothing for requests that are faster, or hardly slower, and limited', () => {
    expect(Math.max(...slowdowns(requests(1000, 0.2, 600, 700), null))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 1.3, 600, 700), null))).toBe(0);
    expect(Math.max(...slowdowns(requests(1000, 100, 600, 700), null))).toBe(1.5);
  });

  it('is told by a model where all at hand are slow, and types that it does not know are left out', () => {
    const model = new Counters();
    saveLatencies(requests(500, 1), model);
    const slow = requests(60, 2.83);
    expect(Math.max(...slowdowns(slow, null))).toBe(0);
    for (const each of slowdowns(slow, model)) expect(each).toBeCloseTo(1, 1);
    expect(Math.max(...slowdowns({ ...slow, parentTypes: ['new', 'newer'] }, model))).toBe(0);
  });

  it('is learned from some of the requests, where the others are not to count', () => {
    const model = new Counters();
    const mixed = requests(300, 8, 100, 300);
    saveLatencies(
      mixed,
      model,
      Array.from({ length: 100 }, (_, q) => q),
    );
    expect(slowdowns(requests(60, 1), model)[30]).toBe(0);
    const all = new Counters();
    saveLatencies(mixed, all);
    expect(slowdowns(requests(60, 8), all)[30]).toBe(0);
  });
});
