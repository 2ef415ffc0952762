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
  weights: [-0.871, 0.391, 0.645, 0.229, 0.142, -0.154],
  curve: [
    [-2.566, 0.217],
    [-1.718, 0.239],
    [-1.229, 0.353],
    [-0.736, 0.394],
    [-0.23, 0.527],
    [0.256, 0.567],
    [0.758, 0.632],
    [1.272, 0.705],
    [1.769, 0.76],
    [2.246, 0.87],
    [2.774, 0.962],
    [3.764, 0.989],
  ],
};

/** Under a model that was given: by `npm run calibrate -- --algorithm given`. */
export const GIVEN_CALIBRATION: Calibration = {
  weights: [-0.716, 0.435, 0.29, -0.224],
  curve: [
    [-2.533, 0.17],
    [-1.745, 0.306],
    [-1.201, 0.364],
    [-0.719, 0.408],
    [-0.242, 0.492],
    [0.279, 0.604],
    [0.751, 0.636],
    [1.276, 0.688],
    [1.719, 0.779],
    [2.261, 0.806],
    [2.768, 0.954],
    [3.746, 0.987],
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

export function features({ share, agrees, likeAgreement, slowdown }: LinkEvidence): number[] {
  const sign = agrees ? 0.5 : -0.5;
  return [1, logit(share), sign, logit(likeAgreement), sign * logit(likeAgreement), slowdown * logit(share)];
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
