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
  weights: [-1.118, 0.324, 0.406, 0.296, 0.18, -0.258, -0.512, 0.109, -0.07],
  curve: [
    [-2.485, 0.156],
    [-1.723, 0.289],
    [-1.213, 0.357],
    [-0.731, 0.406],
    [-0.232, 0.481],
    [0.266, 0.536],
    [0.764, 0.646],
    [1.255, 0.723],
    [1.729, 0.843],
    [2.271, 0.911],
    [2.743, 0.927],
    [3.575, 0.976],
    [4.193, 0.993],
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
  weights: [-0.204, -0.016, 0.048, 0.086, -0.271, 0.014, -0.12],
  curve: [
    [-0.729, 0.281],
    [-0.122, 0.382],
    [0.266, 0.571],
    [0.736, 0.709],
    [1.209, 0.765],
    [1.706, 0.863],
    [2.253, 0.906],
    [2.782, 0.92],
    [3.5, 0.973],
    [4.533, 0.979],
    [5.568, 0.999],
  ],
};

/** Shares beyond this are not told apart: there are too few samples. */
const LEAST = 0.0015;

/** Log-odds. */
export function logit(share: number): number {
  // Not a number: of a damaged model.
  const p = Math.min(1 - LEAST, Math.max(LEAST, Number.isNaN(share) ? 0.5 : share));
  return Math.log(p / (1 - p));
}

/** Smaller parts of a place are not told apart: the fit knows few, and would call the surer what is less known. */
const LEAST_CONTESTED = 0.1;
const doubtOf = (contested: number) => Math.log(Math.max(LEAST_CONTESTED, contested));

export function features({ share, agrees, likeAgreement, contested, slowdown }: LinkEvidence): number[] {
  const sign = agrees ? 0.5 : -0.5;
  const chance = logit(share);
  const agreement = logit(likeAgreement);
  const doubt = doubtOf(contested);
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
  const doubt = doubtOf(contested);
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
