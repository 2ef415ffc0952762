import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heatmap, histogram, trend } from '../../../src/engine/stats/charts.ts';
import { Grouped } from '../../../src/engine/stats/grouped.ts';
import { quantile, summarise } from '../../../src/engine/stats/latency.ts';
import { LatencySketch, RELATIVE_ERROR } from '../../../src/engine/stats/sketch.ts';

const latency = fc.double({ min: 1, max: 1e11, noNaN: true });
const sorted = (values: readonly number[]) => Float64Array.from(values).sort();

describe('a summary', () => {
  it('gives no percentile that the number of calls does not carry', () => {
    const upTo = (n: number) => summarise(sorted(Array.from({ length: n }, (_, i) => i + 1)), n, 0);
    expect(upTo(0)).toMatchObject({ n: 0, calls: 0, p50Ns: Number.NaN, maxNs: Number.NaN });
    expect(upTo(19)).toMatchObject({ p50Ns: 10, p95Ns: Number.NaN });
    expect(upTo(20).p95Ns).toBeCloseTo(19.05);
    expect(upTo(99).p99Ns).toBeNaN();
    expect(upTo(101)).toMatchObject({ p50Ns: 51, p95Ns: 96, p99Ns: 100, minNs: 1, maxNs: 101, meanNs: 51 });
  });
  it('interpolates between ranks', () => {
    expect(quantile([1, 2, 3, 4], 0.5)).toBe(2.5);
    expect(quantile([7], 0.95)).toBe(7);
    expect(quantile([], 0.5)).toBeNaN();
  });
});

describe('groups', () => {
  it('hold what a list for each would, sorted', () => {
    const item = fc.record({ group: fc.integer({ min: -1, max: 6 }), value: fc.oneof(latency, fc.constant(Number.NaN)) });
    fc.assert(
      fc.property(fc.array(item), (items) => {
        const g = new Grouped(
          items.length,
          7,
          (i) => items[i]!.group,
          (i) => items[i]!.value,
        );
        for (let k = 0; k < 7; k++) {
          const own = items.filter((i) => i.group === k && !Number.isNaN(i.value)).map((i) => i.value);
          expect([...g.of(k)]).toEqual([...sorted(own)]);
        }
      }),
    );
  });
});

describe('a histogram', () => {
  it('counts every measured call once, in its bin', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(latency, fc.constant(Number.NaN)), { minLength: 1 }),
        fc.integer({ min: 1, max: 80 }),
        (values, bins) => {
          const h = histogram(values, bins);
          const measured = values.filter((v) => !Number.isNaN(v));
          if (measured.length === 0) {
            expect(h.counts).toHaveLength(0);
            return;
          }
          expect(h.edgesNs).toHaveLength(bins + 1);
          expect(h.counts.reduce((a, b) => a + b, 0)).toBe(measured.length);
          for (let i = 0; i < bins; i++) {
            expect(h.edgesNs[i + 1]).toBeGreaterThan(h.edgesNs[i]!);
            const inside = measured.filter((v) => (i === 0 || v >= h.edgesNs[i]!) && (i === bins - 1 || v < h.edgesNs[i + 1]!)).length;
            expect(h.counts[i]).toBe(inside);
          }
        },
      ),
    );
  });
  it('has a band around a single value', () => {
    const h = histogram([5e6], 10);
    expect(h.edgesNs[0]).toBeLessThan(5e6);
    expect(h.edgesNs[10]).toBeGreaterThan(5e6);
  });
});

describe('a heatmap', () => {
  it('has the histogram as its row sums', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), latency), { minLength: 1 }), (points) => {
        const values = points.map((p) => p[1]);
        const map = heatmap(
          points.map((p) => p[0]),
          values,
          { fromNs: 0, toNs: 1000 },
          12,
          8,
        );
        const rows = Array.from({ length: 8 }, (_, r) => map.counts.subarray(r * 12, r * 12 + 12).reduce((a, b) => a + b, 0));
        expect(rows).toEqual([...histogram(values, 8).counts]);
      }),
    );
  });
  it('puts the fastest band first and time from left to right', () => {
    const map = heatmap([0, 999], [1e6, 1e9], { fromNs: 0, toNs: 1000 }, 2, 2);
    expect([...map.counts]).toEqual([1, 0, 0, 1]);
  });
});

describe('a trend', () => {
  it('is the median of each slice', () => {
    expect([...trend([0, 1, 2, 90], [5, 1, 3, 7], { fromNs: 0, toNs: 100 }, 4)]).toEqual([3, Number.NaN, Number.NaN, 7]);
  });
});

describe('a sketch', () => {
  const fill = (values: readonly number[]) => {
    const s = new LatencySketch();
    for (const v of values) s.add(v);
    return s;
  };
  it('stays within its error of the value at that rank', () => {
    fc.assert(
      fc.property(fc.array(latency, { minLength: 1, maxLength: 300 }), fc.constantFrom(0, 0.5, 0.95, 0.99, 1), (values, q) => {
        const all = sorted(values);
        const exact = all[Math.floor(q * (all.length - 1))]!;
        const next = all[Math.ceil(q * (all.length - 1))]!;
        const got = fill(values).quantile(q);
        expect(got).toBeGreaterThanOrEqual(exact * (1 - RELATIVE_ERROR * 1.01));
        expect(got).toBeLessThanOrEqual(next * (1 + RELATIVE_ERROR * 1.01));
      }),
    );
  });
  it('of parts merges to the sketch of the whole, in any order', () => {
    fc.assert(
      fc.property(fc.array(latency), fc.array(latency), (x, y) => {
        const whole = fill([...x, ...y]);
        for (const [a, b] of [
          [x, y],
          [y, x],
        ] as const) {
          const merged = fill(a);
          merged.merge(fill(b));
          expect(merged.count).toBe(whole.count);
          for (const q of [0.1, 0.5, 0.95]) expect(merged.quantile(q)).toBe(whole.quantile(q));
        }
      }),
    );
  });
  it('comes back from bytes', () => {
    fc.assert(
      fc.property(fc.array(latency), (values) => {
        const s = fill(values);
        const back = LatencySketch.fromBytes(s.toBytes())!;
        expect(back.count).toBe(s.count);
        expect([back.sumNs, back.minNs, back.maxNs]).toEqual([s.sumNs, s.minNs, s.maxNs]);
        for (const q of [0, 0.5, 0.95]) expect(back.quantile(q)).toBe(s.quantile(q));
        back.merge(s);
        expect(back.count).toBe(2 * s.count);
        expect(back.quantile(0.5)).toBe(fill([...values, ...values]).quantile(0.5));
      }),
    );
  });
  it('refuses bytes that are none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const s = LatencySketch.fromBytes(bytes);
        if (s !== undefined) expect(s.count).toBeGreaterThanOrEqual(0);
      }),
    );
    expect(LatencySketch.fromBytes(new Uint8Array(3))).toBeUndefined();
  });
});
