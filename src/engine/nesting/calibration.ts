/**
 * From what the inference believes of a link to the share of such links that are right.
 *
 * The sampled share is too high where the model is wrong in a systematic way. What tells, without any truth, is whether a model learned from other
 * requests chooses the same parent (see crossFit.ts), for the link itself and for the place's links of like share. Constants by `npm run calibrate`
 * (test/evaluate/calibrate.ts): a logistic regression, then a monotone curve; docs/nesting.md names the files and the error on files left out.
 */

/** What is known of a chosen link without knowing the truth. */
export interface LinkEvidence {
  /** Share of the sampled assignments that hold it. */
  readonly share: number;
  /** Whether the model of the other half chooses it too. */
  readonly agrees: boolean;
  /** Share of the place's contested links of like share that agree. */
  readonly likeAgreement: number;
}

export interface Calibration {
  /** Weights of `features`. */
  readonly weights: readonly number[];
  /** Knots [score, share right], ascending; linear between them, level outside. */
  readonly curve: readonly (readonly [number, number])[];
}

export const CALIBRATION: Calibration = {
  weights: [-0.744, 0.412, 0.343, 0.11, 0.35],
  curve: [
    [-2.448, 0.183],
    [-1.671, 0.276],
    [-1.221, 0.367],
    [-0.753, 0.4],
    [-0.219, 0.512],
    [0.238, 0.556],
    [0.752, 0.681],
    [1.247, 0.695],
    [1.718, 0.736],
    [2.253, 0.876],
    [2.795, 0.937],
    [3.768, 0.989],
  ],
};

/** Of `fast`: by `npm run calibrate -- --algorithm fast`. */
export const FAST_CALIBRATION: Calibration = {
  weights: [1.937, 0.447, -1.194],
  curve: [
    [-1.189, 0.361],
    [-0.71, 0.488],
    [-0.216, 0.499],
    [0.26, 0.608],
    [0.729, 0.666],
    [1.262, 0.694],
    [1.746, 0.813],
    [2.248, 0.879],
    [2.746, 0.941],
    [3.4, 0.98],
    [4.015, 0.999],
  ],
};

/** Shares beyond this are not told apart: there are too few samples. */
const LEAST = 0.0015;

function logit(share: number): number {
  const p = Math.min(1 - LEAST, Math.max(LEAST, share));
  return Math.log(p / (1 - p));
}

export function features({ share, agrees, likeAgreement }: LinkEvidence): number[] {
  const sign = agrees ? 0.5 : -0.5;
  return [1, logit(share), sign, logit(likeAgreement), sign * logit(likeAgreement)];
}

/** What `fast` knows of a chosen link: its share among what the beam kept, and how many candidates it had. */
export const fastFeatures = (share: number, candidates: number): number[] => [1, logit(share), Math.log(candidates)];

/** Share of links with these features that are right. */
export function rightOf(values: readonly number[], { weights, curve }: Calibration): number {
  const score = values.reduce((sum, value, k) => sum + value * weights[k]!, 0);
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

/** Share of such links that are right, of `joint`. */
export const calibrated = (evidence: LinkEvidence): number => rightOf(features(evidence), CALIBRATION);
