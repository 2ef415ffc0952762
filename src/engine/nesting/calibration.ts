/**
 * From what the inference believes of a link to the share of such links that are right.
 *
 * The sampled share is too high where the model is wrong in a systematic way. What tells, without any truth, is whether a model learned from other
 * requests chooses the same parent (see crossFit.ts), for the link itself and for the place. Constants by `npm run calibrate`
 * (test/evaluate/calibrate.ts): a logistic regression, then a monotone curve; docs/nesting.md names the files and the error on files left out.
 */

/** What is known of a chosen link without knowing the truth. */
export interface LinkEvidence {
  /** Share of the sampled assignments that hold it. */
  readonly share: number;
  /** Whether the model of the other half chooses it too. */
  readonly agrees: boolean;
  /** Share of the place's contested links that agree. */
  readonly placeAgreement: number;
  /** Calls that could be the parent. */
  readonly candidates: number;
}

export interface Calibration {
  /** Weights of `features`. */
  readonly weights: readonly number[];
  /** Knots [score, share right], ascending; linear between them, level outside. */
  readonly curve: readonly (readonly [number, number])[];
}

export const CALIBRATION: Calibration = {
  weights: [0.035, 0.357, 0.378, 0.234, 0.261, -0.622],
  curve: [
    [-2.518, 0.175],
    [-1.716, 0.338],
    [-1.227, 0.338],
    [-0.725, 0.367],
    [-0.22, 0.453],
    [0.244, 0.539],
    [0.705, 0.652],
    [1.234, 0.7],
    [1.739, 0.83],
    [2.27, 0.882],
    [2.766, 0.928],
    [3.538, 0.982],
    [4.33, 0.99],
  ],
};

/** Shares beyond this are not told apart: there are too few samples. */
const LEAST = 0.0015;

function logit(share: number): number {
  const p = Math.min(1 - LEAST, Math.max(LEAST, share));
  return Math.log(p / (1 - p));
}

export function features({ share, agrees, placeAgreement, candidates }: LinkEvidence): number[] {
  const sign = agrees ? 0.5 : -0.5;
  return [1, logit(share), sign, logit(placeAgreement), sign * logit(share), Math.log(candidates)];
}

/** Share of such links that are right. */
export function calibrated(evidence: LinkEvidence, { weights, curve }: Calibration = CALIBRATION): number {
  const score = features(evidence).reduce((sum, value, k) => sum + value * weights[k]!, 0);
  const first = curve[0]!;
  if (score <= first[0]) return first[1];
  for (let k = 1; k < curve.length; k++) {
    const [to, above] = curve[k]!;
    if (score > to) continue;
    const [from, below] = curve[k - 1]!;
    return below + ((above - below) * (score - from)) / (to - from);
  }
  return curve[curve.length - 1]![1];
}
