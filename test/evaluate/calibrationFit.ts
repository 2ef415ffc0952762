/** Logistic regression, and a monotone curve over its score (pooled adjacent violators). */

export interface Example {
  readonly features: readonly number[];
  readonly right: boolean;
  readonly weight: number;
}

const ROUNDS = 40;
const RIDGE = 1e-3;

const scoreOf = (features: readonly number[], weights: readonly number[]) => features.reduce((sum, x, k) => sum + x * weights[k]!, 0);

/** Solves a * x = b by elimination; changes both. */
function solve(a: number[][], b: number[]): number[] {
  const n = b.length;
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let row = k + 1; row < n; row++) if (Math.abs(a[row]![k]!) > Math.abs(a[pivot]![k]!)) pivot = row;
    [a[k], a[pivot]] = [a[pivot]!, a[k]!];
    [b[k], b[pivot]] = [b[pivot]!, b[k]!];
    for (let row = 0; row < n; row++) {
      if (row === k) continue;
      const by = a[row]![k]! / a[k]![k]!;
      for (let column = k; column < n; column++) a[row]![column]! -= by * a[k]![column]!;
      b[row]! -= by * b[k]!;
    }
  }
  return b.map((value, k) => value / a[k]![k]!);
}

/** Weights by Newton's method. */
export function logistic(examples: readonly Example[]): number[] {
  const size = examples[0]?.features.length ?? 0;
  let weights = new Array<number>(size).fill(0);
  for (let round = 0; round < ROUNDS; round++) {
    const gradient = weights.map((w) => -RIDGE * w);
    const hessian = weights.map((_, k) => weights.map((__, j) => (j === k ? RIDGE : 0)));
    for (const { features, right, weight } of examples) {
      const p = 1 / (1 + Math.exp(-scoreOf(features, weights)));
      for (let k = 0; k < size; k++) {
        gradient[k]! += weight * ((right ? 1 : 0) - p) * features[k]!;
        for (let j = 0; j < size; j++) hessian[k]![j]! += weight * p * (1 - p) * features[k]! * features[j]!;
      }
    }
    const step = solve(hessian, gradient);
    weights = weights.map((w, k) => w + step[k]!);
    if (step.every((by) => Math.abs(by) < 1e-6)) break;
  }
  return weights;
}

/** Borders of scores between which examples are averaged, and the least weight of such a group. */
const EDGES = [-9, -2, -1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 9];
const LEAST = 20;

/** Knots [score, share right], never falling. */
export function curveOf(examples: readonly Example[], weights: readonly number[]): [number, number][] {
  const groups = EDGES.slice(1).map(() => ({ score: 0, right: 0, weight: 0 }));
  for (const { features, right, weight } of examples) {
    const score = scoreOf(features, weights);
    const group = groups[EDGES.findIndex((edge, k) => k > 0 && score < edge) - 1];
    if (!group) continue;
    group.score += weight * score;
    group.right += right ? weight : 0;
    group.weight += weight;
  }
  const blocks: { scores: number[]; right: number; weight: number }[] = [];
  for (const { score, right, weight } of groups) {
    if (weight < LEAST) continue;
    blocks.push({ scores: [score / weight], right, weight });
    for (let n = blocks.length; n > 1; n = blocks.length) {
      const [before, last] = [blocks[n - 2]!, blocks[n - 1]!];
      if (before.right / before.weight <= last.right / last.weight) break;
      blocks.length = n - 2;
      blocks.push({ scores: [...before.scores, ...last.scores], right: before.right + last.right, weight: before.weight + last.weight });
    }
  }
  return blocks.flatMap(({ scores, right, weight }) => scores.map((score): [number, number] => [score, right / weight]));
}
