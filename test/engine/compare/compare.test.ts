import { describe, expect, it } from 'vitest';
import { compareSamples, MIN_CALLS } from '../../../src/engine/compare/compare.ts';
import { difference, pValue, quantileInterval, qValues, upperTail } from '../../../src/engine/compare/intervals.ts';
import type { LatencySample } from '../../../src/engine/compare/samples.ts';

/** Numerical Recipes' LCG: the same numbers in every run. */
function random(seed: number): () => number {
  let x = seed >>> 0;
  return () => (x = (Math.imul(x, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}
/** Latencies as services have them: lognormal, median 5 ms. */
function lognormal(next: () => number, n: number, change: (ns: number) => number = (ns) => ns): Float64Array {
  return Float64Array.from({ length: n }, () => {
    const z = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
    return change(5e6 * Math.exp(0.5 * z));
  }).sort();
}
const sample = (from: string, to: string, sortedNs: Float64Array): LatencySample => ({
  tenant: '',
  from,
  to,
  calls: sortedNs.length,
  errors: 0,
  measured: sortedNs.length,
  sortedNs,
});

describe('quantileInterval', () => {
  it('covers the true median about 95 times in 100', () => {
    const next = random(1);
    let covered = 0;
    for (let i = 0; i < 1000; i++) {
      const { low, high } = quantileInterval(lognormal(next, 80), 0.5);
      if (low <= 5e6 && high >= 5e6) covered++;
    }
    expect(covered).toBeGreaterThan(920);
    expect(covered).toBeLessThan(985);
  });
  it('is as narrow for a selection as for the whole', () => {
    const all = lognormal(random(2), 40_000);
    const kept = Float64Array.from({ length: 4000 }, (_, i) => all[Math.round((i * 39_999) / 3999)]!);
    const whole = quantileInterval(all, 0.95);
    const thin = quantileInterval(kept, 0.95, 40_000);
    for (const part of ['value', 'low', 'high'] as const) expect(Math.abs(thin[part] / whole[part] - 1)).toBeLessThan(0.005);
  });
});

describe('tests', () => {
  it('tail of the normal distribution', () => {
    expect(upperTail(0)).toBeCloseTo(0.5, 6);
    expect(upperTail(1.959963985)).toBeCloseTo(0.025, 6);
  });
  it('an interval that touches zero has p = 0.05', () => {
    const d = difference({ value: 10, low: 8, high: 12 }, { value: 10 + Math.sqrt(8), low: 8 + Math.sqrt(8), high: 12 + Math.sqrt(8) });
    expect(d.low).toBeCloseTo(0, 9);
    expect(pValue(d)).toBeCloseTo(0.05, 5);
  });
  it('q-values by the published example (Benjamini and Hochberg 1995, table 1)', () => {
    const p = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1];
    expect(qValues(p).filter((q) => q <= 0.05)).toHaveLength(4);
  });
});

describe('compareSamples', () => {
  it('calls few of 400 equal edges changed', () => {
    const next = random(3);
    const side = () => Array.from({ length: 400 }, (_, i) => sample('a', `s${String(i).padStart(3, '0')}`, lognormal(next, 60)));
    const changed = compareSamples(side(), side()).filter((row) => row.verdict !== 'same');
    expect(changed.length).toBeLessThanOrEqual(4);
  });
  it('finds a slower median, a slower tail only, and a faster edge, with intervals that hold the truth', () => {
    const next = random(4);
    const before = ['faster', 'median', 'same', 'tail'].map((name) => sample('web', name, lognormal(next, 600)));
    const after = [
      sample(
        'web',
        'faster',
        lognormal(next, 600, (ns) => ns * 0.7),
      ),
      sample(
        'web',
        'median',
        lognormal(next, 600, (ns) => ns + 2e6),
      ),
      sample('web', 'same', lognormal(next, 600)),
      sample(
        'web',
        'tail',
        lognormal(next, 600, (ns) => (ns > 9e6 ? ns + 30e6 : ns)),
      ),
    ];
    const rows = Object.fromEntries(compareSamples(before, after).map((row) => [row.to, row]));
    expect(rows['median']).toMatchObject({ verdict: 'slower' });
    expect(rows['median']!.intervalP50Ns[0]).toBeLessThan(2e6);
    expect(rows['median']!.intervalP50Ns[1]).toBeGreaterThan(2e6);
    expect(rows['faster']!.verdict).toBe('faster');
    expect(rows['same']!.verdict).toBe('same');
    expect(rows['tail']!.verdict).toBe('slower');
    expect(rows['tail']!.shiftP95Ns).toBeGreaterThan(10e6);
  });
  it('says too few, added and removed plainly', () => {
    const next = random(5);
    const few = sample('a', 'few', lognormal(next, MIN_CALLS - 1));
    const rows = compareSamples([few, sample('a', 'gone', lognormal(next, 50))], [few, sample('a', 'new', lognormal(next, 50))]);
    expect(rows.map((row) => [row.to, row.verdict])).toEqual([
      ['few', 'too-few'],
      ['gone', 'removed'],
      ['new', 'added'],
    ]);
    expect(rows[0]!.q).toBeNaN();
  });
  it('is antisymmetric', () => {
    const next = random(6);
    const a = [sample('x', 'y', lognormal(next, 200))];
    const b = [
      sample(
        'x',
        'y',
        lognormal(next, 300, (ns) => ns * 1.5),
      ),
    ];
    const [there] = compareSamples(a, b);
    const [back] = compareSamples(b, a);
    expect(there!.shiftP50Ns).toBeCloseTo(-back!.shiftP50Ns, 3);
    expect(there!.intervalP95Ns[0]).toBeCloseTo(-back!.intervalP95Ns[1], 3);
    expect([there!.verdict, back!.verdict]).toEqual(['slower', 'faster']);
  });
});
