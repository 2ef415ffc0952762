/** How sure a sample quantile is, without assuming a distribution. */

/**
 * Standard error of a sample quantile from order statistics: the distance between the values at ranks nq ± sqrt(nq(1-q)) covers one standard
 * error to each side (David and Nagaraja, Order Statistics, §7.1). At least one rank to each side, so that few calls aren't taken as sure.
 */
export function orderStatisticError(sorted: Float64Array, q: number): number {
  const n = sorted.length;
  const half = Math.max(1, Math.sqrt(n * q * (1 - q)));
  const low = at(sorted, n * q - half - 0.5);
  const high = at(sorted, n * q + half - 0.5);
  const ranks = Math.min(n - 1, n * q + half - 0.5) - Math.max(0, n * q - half - 0.5);
  // Near an end one side of the window is cut off: what is left stands for the whole.
  return ranks > 0 ? (((high - low) / ranks) * 2 * half) / 2 : 0;
}

function at(sorted: Float64Array, rank: number): number {
  const r = Math.min(sorted.length - 1, Math.max(0, rank));
  const low = Math.floor(r);
  const a = sorted[low]!;
  return low + 1 < sorted.length ? a + (sorted[low + 1]! - a) * (r - low) : a;
}

/** P(Z > z) of the standard normal, z >= 0 (Abramowitz and Stegun 26.2.17; absolute error below 7.5e-8). */
export function normalTail(z: number): number {
  if (z > 38) return 0;
  const t = 1 / (1 + 0.2316419 * z);
  const poly = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * poly;
}
