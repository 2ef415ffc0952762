/** Quantiles with confidence intervals that assume nothing of the distribution. */
import { quantile } from '../stats/latency.ts';

/** Two-sided 95 %. */
export const Z95 = 1.959963984540054;

export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/**
 * A quantile and its 95 % interval from order statistics: the ranks n q +- z sqrt(n q (1 - q)) (Conover, Practical Nonparametric
 * Statistics, ch. 3.2). Ranks beyond the sample are its extremes. `measured`: how many values stand behind `sorted` when it is a selection.
 */
export function quantileInterval(sorted: Float64Array, q: number, measured = sorted.length): Estimate {
  const n = measured;
  const spread = Z95 * Math.sqrt(n * q * (1 - q));
  const at = (rank: number) => quantile(sorted, Math.min(1, Math.max(0, rank / Math.max(1, n - 1))));
  const centre = (n - 1) * q;
  return { value: quantile(sorted, q), low: at(centre - spread), high: at(centre + spread) };
}

/** Difference after - before with its 95 % interval, from those of the two (MOVER: Zou and Donner, Statistics in Medicine 27, 2008). */
export function difference(before: Estimate, after: Estimate): Estimate {
  const value = after.value - before.value;
  return {
    value,
    low: value - Math.hypot(after.value - after.low, before.high - before.value),
    high: value + Math.hypot(after.high - after.value, before.value - before.low),
  };
}

/** Two-sided p-value of "no difference", reading the half of the interval that faces zero as 1.96 standard errors. */
export function pValue(d: Estimate): number {
  if (d.value === 0) return 1;
  const half = d.value > 0 ? d.value - d.low : d.high - d.value;
  return half === 0 ? 0 : 2 * upperTail((Math.abs(d.value) / half) * Z95);
}

/** 1 - Phi(z) for z >= 0: Abramowitz and Stegun 26.2.17, error below 7.5e-8. */
export function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
  return density * t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
}

/** Benjamini and Hochberg: p-values -> q-values, the share of false alarms among all that are called changed at that level. */
export function qValues(p: readonly number[]): number[] {
  const order = p.map((_, i) => i).sort((a, b) => p[b]! - p[a]!);
  const q = new Array<number>(p.length);
  let least = 1;
  order.forEach((index, k) => {
    least = Math.min(least, (p[index]! * p.length) / (p.length - k));
    q[index] = least;
  });
  return q;
}
