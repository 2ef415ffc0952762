/**
 * Delay densities on logarithmic bins: 16 an octave above 4 us (linear below), up to three days; a coarse mirrored scale for negative delays,
 * which only slack can produce. Log-densities are per ns.
 */

const NEGATIVE = 40;
const POSITIVE = 16 * 26;
export const BINS_AN_OCTAVE = 16;
/** Width of the linear part, ns. */
const UNIT = 4000;
export const BINS = NEGATIVE + POSITIVE;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
// Index of the word that holds the exponent, whatever the byte order.
float[0] = 1;
const HIGH = words[0] === 0 ? 1 : 0;
const FRACTION = Uint8Array.from({ length: 1024 }, (_, i) => Math.floor(BINS_AN_OCTAVE * Math.log2(1 + i / 1024)));

/** Bin of a delay in ns. Reads exponent and ten bits of mantissa instead of calling log2: this runs for every event of every hypothesis. */
export function binOf(delayNs: number): number {
  if (delayNs >= 0) {
    float[0] = 1 + delayNs * (1 / UNIT);
    const high = words[HIGH]!;
    const i = ((high >>> 20) - 1023) * BINS_AN_OCTAVE + FRACTION[(high >>> 10) & 1023]!;
    return NEGATIVE + (i < POSITIVE ? i : POSITIVE - 1);
  }
  const i = Math.floor(2 * Math.log2(1 - delayNs / UNIT));
  return NEGATIVE - 1 - (i < NEGATIVE ? i : NEGATIVE - 1);
}

const LOG_WIDTH = new Float64Array(BINS);
for (let i = 0; i < POSITIVE; i++) LOG_WIDTH[NEGATIVE + i] = Math.log(UNIT * (2 ** ((i + 1) / BINS_AN_OCTAVE) - 2 ** (i / BINS_AN_OCTAVE)));
for (let i = 0; i < NEGATIVE; i++) LOG_WIDTH[NEGATIVE - 1 - i] = Math.log(UNIT * (2 ** ((i + 1) / 2) - 2 ** (i / 2)));

const PER_WIDTH = LOG_WIDTH.map((width) => Math.exp(-width));

/** Density when nothing is known: uniform over the bins. */
export const BROAD = PER_WIDTH.map((perNs) => perNs / BINS);

/** Smallest and largest delay (ns) of a bin; for drawing delays from a density. */
export function binRange(bin: number): readonly [number, number] {
  const i = bin - NEGATIVE;
  if (i >= 0) return [UNIT * (2 ** (i / BINS_AN_OCTAVE) - 1), UNIT * (2 ** ((i + 1) / BINS_AN_OCTAVE) - 1)];
  const k = NEGATIVE - 1 - bin;
  return [-UNIT * (2 ** ((k + 1) / 2) - 1), -UNIT * (2 ** (k / 2) - 1)];
}

/** Standard deviations, in bins, among which smoothing chooses. */
const WIDTHS = [1.5, 3, 5, 8, 12];
const KERNELS = WIDTHS.map((width) => {
  const reach = Math.ceil(3 * width);
  const weights = Float64Array.from({ length: 2 * reach + 1 }, (_, k) => Math.exp(-((k - reach) ** 2) / (2 * width * width)));
  const sum = weights.reduce((a, b) => a + b, 0);
  return { reach, weights: weights.map((weight) => weight / sum) };
});
/** Widths worth trying for that many observations; many observations allow narrow ones. */
const tried = (weight: number): readonly number[] => (weight < 12 ? [4] : weight < 60 ? [2, 3, 4] : weight < 400 ? [1, 2, 3] : [0, 1, 2]);

/** What each bin gets of one observation's worth of the broad density. */
const EVEN = 1 / BINS;
let smoothed = new Float64Array(BINS);
let best = new Float64Array(BINS);
const occupied = new Int32Array(BINS);

/** Smooths what the first `bins` of `occupied` count. Only smoothed[from .. to) is written: all else is out of reach. */
function smooth(counts: Float64Array, at: number, bins: number, width: number): { from: number; to: number } {
  const { reach, weights } = KERNELS[width]!;
  if (bins === 0) return { from: 0, to: 0 };
  const from = Math.max(0, occupied[0]! - reach);
  const to = Math.min(BINS, Math.max(occupied[bins - 1]!, occupied[0]! - reach < NEGATIVE ? NEGATIVE : 0) + reach + 1);
  smoothed.fill(0, from, to);
  for (let z = 0; z < bins; z++) {
    const i = occupied[z]!;
    const value = counts[at + i]!;
    if (i < NEGATIVE) {
      smoothed[i]! += value * 0.5;
      smoothed[i > 0 ? i - 1 : i]! += value * 0.25;
      smoothed[i + 1]! += value * 0.25;
      continue;
    }
    if (i - reach >= NEGATIVE && i + reach < BINS) {
      for (let k = 0, to = i - reach; k <= 2 * reach; k++, to++) smoothed[to]! += value * weights[k]!;
      continue;
    }
    // Mirrored at zero, so that mass near zero stays positive.
    for (let k = -reach; k <= reach; k++) {
      const to = i + k < NEGATIVE ? 2 * NEGATIVE - 1 - i - k : i + k < BINS ? i + k : BINS - 1;
      smoothed[to]! += value * weights[k + reach]!;
    }
  }
  return { from, to };
}

/**
 * Smooths counts[at .. at + BINS) into densities (per ns) at out[at ..], with one observation's worth of the broad density added.
 * `choose`: the bandwidth that maximises the leave-one-out likelihood; else by number of observations.
 */
export function density(counts: Float64Array, at: number, weight: number, out: Float64Array, choose: boolean): void {
  let bins = 0;
  for (let i = 0; i < BINS; i++) if (counts[at + i]! > 0) occupied[bins++] = i;
  let range = { from: 0, to: 0 };
  let highest = Number.NEGATIVE_INFINITY;
  for (const width of choose ? tried(weight) : [weight < 30 ? 4 : weight < 300 ? 3 : 2]) {
    const reached = smooth(counts, at, bins, width);
    let sum = 0;
    if (choose) {
      const { reach, weights } = KERNELS[width]!;
      const self = weights[reach]!;
      for (let z = 0; z < bins; z++) {
        const i = occupied[z]!;
        const value = counts[at + i]!;
        sum += value * (Math.log((Math.max(0, smoothed[i]! - self * Math.min(1, value)) + EVEN) / Math.max(1, weight)) - LOG_WIDTH[i]!);
      }
    }
    if (sum <= highest) continue;
    highest = sum;
    range = reached;
    [smoothed, best] = [best, smoothed];
  }
  const none = EVEN / (weight + 1);
  for (let i = 0; i < range.from; i++) out[at + i] = none * PER_WIDTH[i]!;
  for (let i = range.from; i < range.to; i++) out[at + i] = ((best[i]! + EVEN) / (weight + 1)) * PER_WIDTH[i]!;
  for (let i = range.to; i < BINS; i++) out[at + i] = none * PER_WIDTH[i]!;
}

/** Log-likelihood of counts[at .. at + BINS) under densities at out[at ..]. */
export function logLikelihood(counts: Float64Array, at: number, out: Float64Array): number {
  let sum = 0;
  for (let k = at; k < at + BINS; k++) if (counts[k]! > 0) sum += counts[k]! * Math.log(out[k]!);
  return sum;
}
