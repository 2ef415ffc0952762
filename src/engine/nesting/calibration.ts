/**
 * From what the inference believes of a link to the share of such links that are right.
 *
 * The sampled share is too high where the model is wrong in a systematic way. What tells, without any truth, is whether a model learned from other
 * requests chooses the same parent (see crossFit.ts), for the link itself and for the place's links of like share; and whether requests take longer
 * than usual for a while: then a share counts for less (a temperature, as it were). Constants by `npm run calibrate` (test/evaluate/calibrate.ts): a
 * logistic regression, then a monotone curve; docs/nesting.md names the files and the error on files left out.
 */

/** What is known of a chosen link without knowing the truth. */
export interface LinkEvidence {
  /** Share of the sampled assignments that hold it. */
  readonly share: number;
  /** Whether the model of the other half chooses it too. */
  readonly agrees: boolean;
  /** Share of the place's contested links of like share that agree. */
  readonly likeAgreement: number;
  /** Share of the place's calls that are contested: where most are, agreement says less. */
  readonly contested: number;
  /** Octaves by which requests around its parent take longer than is usual (see slowdown.ts). */
  readonly slowdown: number;
}

export interface Calibration {
  /** Weights of `features`. */
  readonly weights: readonly number[];
  /** Knots [score, share right], ascending; linear between them, level outside. */
  readonly curve: readonly (readonly [number, number])[];
}

export const CALIBRATION: Calibration = {
  weights: [-1.022, 0.349, 0.294, 0.205, 0.286, -0.2, -0.438, 0.069, -0.03],
  curve: [
    [-2.395, 0.163],
    [-1.715, 0.291],
    [-1.229, 0.323],
    [-0.732, 0.439],
    [-0.222, 0.5],
    [0.264, 0.555],
    [0.744, 0.633],
    [1.287, 0.718],
    [1.736, 0.837],
    [2.283, 0.9],
    [2.755, 0.939],
    [3.653, 0.983],
    [4.299, 0.99],
  ],
};

/** Under a model that was given: by `npm run calibrate -- --algorithm given`. */
export const GIVEN_CALIBRATION: Calibration = {
  weights: [-0.792, 0.412, 0.317, -0.149],
  curve: [
    [-2.421, 0.188],
    [-1.73, 0.302],
    [-1.201, 0.302],
    [-0.706, 0.439],
    [-0.229, 0.496],
    [0.27, 0.606],
    [0.758, 0.627],
    [1.234, 0.715],
    [1.751, 0.726],
    [2.286, 0.835],
    [2.668, 0.95],
    [3.71, 0.987],
  ],
};

/** Of `fast` (see fastFeatures): by `npm run calibrate -- --algorithm fast`. */
export const FAST_CALIBRATION: Calibration = {
  weights: [-0.347, 0.043, 0.105, 0.067, -0.347, 0.045, -0.075],
  curve: [
    [-0.157, 0.384],
    [0.267, 0.57],
    [0.73, 0.685],
    [1.252, 0.781],
    [1.748, 0.874],
    [2.219, 0.947],
    [2.755, 0.948],
    [3.678, 0.948],
    [4.408, 0.99],
    [5.702, 0.999],
  ],
};

/** Shares beyond this are not told apart: there are too few samples. */
const LEAST = 0.0015;

/** Log-odds. */
export function logit(share: number): number {
  const p = Math.min(1 - LEAST, Math.max(LEAST, share));
  return Math.log(p / (1 - p));
}

export function features({ share, agrees, likeAgreement, contested, slowdown }: LinkEvidence): number[] {
  const sign = agrees ? 0.5 : -0.5;
  const chance = logit(share);
  const agreement = logit(likeAgreement);
  const doubt = Math.log(contested);
  return [1, chance, sign, agreement, sign * agreement, slowdown * chance, doubt, doubt * agreement, doubt * chance];
}

/** What is known of a link that was chosen under a model that was given: `agrees` is not. */
export const givenFeatures = ({ share, likeAgreement, slowdown }: Omit<LinkEvidence, 'agrees'>): number[] => [
  1,
  logit(share),
  logit(likeAgreement),
  slowdown * logit(share),
];

/** What `fast` knows of a chosen link. */
export interface FastEvidence {
  /** Its share among what the beam kept. */
  readonly share: number;
  /** Share of the place's links of like share on which a model of other requests agrees, of those asked about. */
  readonly likeAgreement: number;
  /** Share of the place's calls that are contested: where most are, agreement says less. */
  readonly contested: number;
}

export function fastFeatures({ share, likeAgreement, contested }: FastEvidence): number[] {
  const chance = logit(share);
  const agreement = logit(likeAgreement);
  const doubt = Math.log(contested);
  return [1, chance, agreement, agreement * chance, doubt, doubt * agreement, doubt * chance];
}

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
