/**
 * Numbered histograms of delays and the densities made from them. Part of a histogram's events may be explained by bursts that hit several
 * requests at once rather than by the delay: the density is (1 - b) * f(delay) + b * (density of the time since the previous such call).
 */
import type { Cell } from './counters.ts';
import { BINS, BROAD, binOf, density, logLikelihood } from './histogram.ts';

/** Factor on the broad density for a transition whose delay was never seen. */
const UNSEEN = Math.exp(-2);
/** Below this weight a density counts half, the broad one the other half (geometric mean). */
const THIN = 5;
/** Fewest observations for which bursts are considered, their share to begin with, and rounds of its estimation. */
const BURST_LEAST = 30;
const BURST_FIRST = 0.3;
const BURST_ROUNDS = 2;
/** Numbers of a saved histogram's values that are no bins: observations explained by bursts, and the log-likelihood of all. */
export const BURSTS = -1;
const LIKELIHOOD = -2;

/** Fewest observations from which a delay is called usual or not. */
const TAIL_LEAST = 20;
/** Histograms that there is room for at first: a step of a stream makes many small models. */
const FEW = 8;

export class Delays {
  #histograms = 1;
  #counts = new Float64Array(FEW * BINS);
  #density = new Float64Array(FEW * BINS);
  /** Logarithms of them, when first asked for (NaN: not yet). */
  #log = new Float64Array(FEW * BINS);
  /** Observations of each histogram. */
  weight = new Float64Array(FEW);
  #burstShare = new Float64Array(FEW);
  // Of the last fit, per histogram: counts without what bursts explain, that part's weight, log-likelihood.
  #own = new Float64Array(0);
  #bursts = new Float64Array(0);
  #likelihood = new Float64Array(0);
  /** Observations up to each bin, made when first asked for. */
  readonly #upTo = new Map<number, Float64Array>();
  // Observations since clear: histogram, bin, burst density, weight.
  #observed = 0;
  #ofHistogram = new Int32Array(1024);
  #ofBin = new Int16Array(1024);
  #ofBurst = new Float64Array(1024);
  #ofWeight = new Float64Array(1024);

  clear(): void {
    this.#upTo.clear();
    this.#histograms = 1;
    this.#observed = 0;
    this.#burstShare.fill(0);
    for (let b = 0; b < BINS; b++) this.#density[b] = BROAD[b]! * UNSEEN;
    this.#log.fill(Number.NaN, 0, BINS);
  }

  /** Log-density of a delay in ns; histogram 0 is the one never seen. `burst`: density of the time since the previous such call. */
  logDensity(histogram: number, delay: number, burst: number): number {
    const at = histogram * BINS + binOf(delay);
    const byBurst = this.#burstShare[histogram]! * burst;
    if (byBurst > 0) return Math.log(this.#density[at]! + byBurst);
    const known = this.#log[at]!;
    return Number.isNaN(known) ? (this.#log[at] = Math.log(this.#density[at]!)) : known;
  }

  /** Share of the observations in the bins further out than the delay's, on the side where there are fewer, and half of its own bin; NaN below TAIL_LEAST. */
  tail(histogram: number, delay: number): number {
    const all = this.weight[histogram]!;
    if (histogram === 0 || all < TAIL_LEAST) return Number.NaN;
    let upTo = this.#upTo.get(histogram);
    if (!upTo) {
      upTo = new Float64Array(BINS + 1);
      for (let b = 0; b < BINS; b++) upTo[b + 1] = upTo[b]! + this.#counts[histogram * BINS + b]!;
      this.#upTo.set(histogram, upTo);
    }
    const bin = binOf(delay);
    const below = (upTo[bin]! + upTo[bin + 1]!) / 2 / all;
    return Math.min(below, 1 - below);
  }

  histogram(): number {
    const h = this.#histograms++;
    if (h >= this.weight.length) {
      const twice = (values: Float64Array) => {
        const grown = new Float64Array(values.length * 2);
        grown.set(values);
        return grown;
      };
      this.#counts = twice(this.#counts);
      this.#density = twice(this.#density);
      this.#log = twice(this.#log);
      this.#burstShare = twice(this.#burstShare);
      this.weight = twice(this.weight);
    }
    this.#counts.fill(0, h * BINS, (h + 1) * BINS);
    this.weight[h] = 0;
    return h;
  }

  observe(histogram: number, bin: number, burst: number, weight: number): void {
    this.#counts[histogram * BINS + bin]! += weight;
    this.weight[histogram]! += weight;
    if (burst === 0) return;
    if (this.#observed === this.#ofBin.length) {
      const grown = <T extends Int32Array | Int16Array | Float64Array>(from: T, to: T): T => {
        to.set(from);
        return to;
      };
      const size = 2 * this.#observed;
      this.#ofHistogram = grown(this.#ofHistogram, new Int32Array(size));
      this.#ofBin = grown(this.#ofBin, new Int16Array(size));
      this.#ofBurst = grown(this.#ofBurst, new Float64Array(size));
      this.#ofWeight = grown(this.#ofWeight, new Float64Array(size));
    }
    const at = this.#observed++;
    this.#ofHistogram[at] = histogram;
    this.#ofBin[at] = bin;
    this.#ofBurst[at] = burst;
    this.#ofWeight[at] = weight;
  }

  /**
   * Densities, and the shares of bursts by expectation-maximisation: an event's time comes from its request (share 1 - b, density f of the delay)
   * or from a burst that hits several requests at once (share b, density of the time since the previous such call of any request).
   * @returns log-likelihood of each histogram's observations
   */
  fit(choose: boolean): Float64Array {
    const size = this.#histograms;
    const likelihood = new Float64Array(size);
    const share = this.#burstShare.fill(0, 0, size);
    const own = this.#counts.slice(0, size * BINS);
    const bursts = new Float64Array(size);
    this.#log.fill(Number.NaN, 0, size * BINS);
    this.#own = own;
    this.#bursts = bursts;
    this.#likelihood = likelihood;
    for (let k = 0; k < this.#observed; k++) {
      const h = this.#ofHistogram[k]!;
      if (this.weight[h]! >= BURST_LEAST) share[h] = BURST_FIRST;
    }
    for (let h = 1; h < size; h++) {
      density(own, h * BINS, this.weight[h]!, this.#density, choose);
      if (choose && share[h] === 0) likelihood[h] = logLikelihood(own, h * BINS, this.#density);
      this.#broaden(h);
    }
    for (let round = 0; round < BURST_ROUNDS; round++) {
      for (let h = 1; h < size; h++) if (share[h] !== 0) own.set(this.#counts.subarray(h * BINS, (h + 1) * BINS), h * BINS);
      bursts.fill(0);
      for (let k = 0; k < this.#observed; k++) {
        const h = this.#ofHistogram[k]!;
        if (share[h] === 0) continue;
        const at = h * BINS + this.#ofBin[k]!;
        const byBurst = share[h]! * this.#ofBurst[k]!;
        const part = (this.#ofWeight[k]! * byBurst) / (byBurst + (1 - share[h]!) * this.#density[at]!);
        bursts[h]! += part;
        own[at]! -= part;
      }
      for (let h = 1; h < size; h++) {
        if (share[h] === 0) continue;
        share[h] = bursts[h]! / (this.weight[h]! + 1);
        density(own, h * BINS, this.weight[h]! - bursts[h]!, this.#density, choose);
      }
    }
    for (let h = 1; h < size; h++) {
      if (share[h] === 0) continue;
      for (let b = h * BINS; b < (h + 1) * BINS; b++) this.#density[b]! *= 1 - share[h]!;
    }
    // Likelihoods decide the clock, and are saved with models that could choose.
    for (let k = 0; choose && k < this.#observed; k++) {
      const h = this.#ofHistogram[k]!;
      if (share[h] === 0) continue;
      const value = this.#density[h * BINS + this.#ofBin[k]!]! + share[h]! * this.#ofBurst[k]!;
      likelihood[h]! += this.#ofWeight[k]! * Math.log(value);
    }
    return likelihood;
  }

  #broaden(h: number): void {
    if (this.weight[h]! >= THIN) return;
    for (let b = h * BINS; b < (h + 1) * BINS; b++) this.#density[b] = Math.sqrt(this.#density[b]! * BROAD[b - h * BINS]!);
  }

  /** Values of a histogram as last fitted; they add up with those of other calls. */
  *saved(h: number): Generator<readonly [index: number, value: number]> {
    for (let b = 0; b < BINS; b++) if (this.#own[h * BINS + b]! > 0) yield [b, this.#own[h * BINS + b]!];
    yield [BURSTS, this.#bursts[h]!];
    yield [LIKELIHOOD, this.#likelihood[h]!];
  }

  /** A new histogram with saved values. Call fitRestored when all are there. */
  restore(cell: Cell): number {
    const h = this.histogram();
    for (const [index, value] of cell) {
      if (index >= 0 && index < BINS) this.#counts[h * BINS + index] = value;
      if (index > LIKELIHOOD && index < BINS) this.weight[h]! += value;
    }
    return h;
  }

  /** As `fit`, from the histograms that `cells` gave, by number. */
  fitRestored(cells: ReadonlyMap<number, Cell>): Float64Array {
    const likelihood = new Float64Array(this.#histograms);
    this.#own = this.#counts.slice(0, this.#histograms * BINS);
    this.#bursts = new Float64Array(this.#histograms);
    this.#likelihood = likelihood;
    this.#log.fill(Number.NaN, 0, this.#histograms * BINS);
    this.#burstShare.fill(0, 0, this.#histograms);
    for (const [h, cell] of cells) {
      const bursts = cell.get(BURSTS) ?? 0;
      likelihood[h] = cell.get(LIKELIHOOD) ?? 0;
      density(this.#counts, h * BINS, this.weight[h]! - bursts, this.#density, true);
      this.#broaden(h);
      const share = bursts / (this.weight[h]! + 1);
      this.#bursts[h] = bursts;
      this.#burstShare[h] = share;
      if (share > 0) for (let b = h * BINS; b < (h + 1) * BINS; b++) this.#density[b]! *= 1 - share;
    }
    return likelihood;
  }
}
