/**
 * Expectation-maximisation on single pairs (child, possible parent): Aguilera's scoreboard with learned densities. The first model of the default,
 * and the whole scoring of the fast mode.
 *   share(p | x) ~ f_start(x.start - p.start) * f_end(p.end - x.end) * min(1, calls of x's type per parent of p's type)
 */
import { BINS, binOf, density } from './histogram.ts';
import type { Scene } from './scene.ts';

export interface Pairwise {
  /** Per candidate, aligned with scene.c.parent: share of mass, and log score. */
  readonly share: Float64Array;
  readonly score: Float64Array;
  /** Calls of type c per parent of type P, at P * childTypes + c. */
  readonly rate: Float64Array;
}

/** O(rounds * (candidates + histograms * BINS)). Pairs of types that never meet cost nothing. */
export function pairwise(scene: Scene, rounds: number): Pairwise {
  const { start, end, sent, ends, parentType, childType, c } = scene;
  const { offset, parent } = c;
  const types = scene.childTypes.length;
  const pairs = scene.parentTypes.length * types;
  const size = parent.length;
  const share = new Float64Array(size);
  const score = new Float64Array(size);
  const rate = new Float64Array(pairs);
  const ofType = new Float64Array(scene.parentTypes.length);
  for (const type of parentType) ofType[type]!++;

  const histogramOf = new Int32Array(pairs).fill(-1);
  const pairOf: number[] = [];
  const histogram = new Int32Array(size);
  const startBin = new Int16Array(size);
  const endBin = new Int16Array(size);
  for (let i = 0; i < scene.children; i++) {
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const q = parent[k]!;
      const pair = parentType[q]! * types + childType[i]!;
      if (histogramOf[pair]! < 0) histogramOf[pair] = pairOf.push(pair) - 1;
      histogram[k] = histogramOf[pair]!;
      startBin[k] = binOf(sent[i]! - start[q]!);
      endBin[k] = ends[i]! > sent[i]! ? binOf(end[q]! - ends[i]!) : -1;
      share[k] = 1 / (offset[i + 1]! - offset[i]!);
    }
  }
  const histograms = pairOf.length;
  const starts = new Float64Array(histograms * BINS);
  const finishes = new Float64Array(histograms * BINS);
  const startDensity = new Float64Array(histograms * BINS);
  const finishDensity = new Float64Array(histograms * BINS);
  const weight = new Float64Array(histograms);
  const logRate = new Float64Array(histograms);
  for (let round = 0; round < rounds; round++) {
    starts.fill(0);
    finishes.fill(0);
    weight.fill(0);
    for (let k = 0; k < size; k++) {
      const value = share[k]!;
      if (value < 1e-4) continue;
      const h = histogram[k]!;
      starts[h * BINS + startBin[k]!]! += value;
      if (endBin[k]! >= 0) finishes[h * BINS + endBin[k]!]! += value;
      weight[h]! += value;
    }
    for (let h = 0; h < histograms; h++) {
      density(starts, h * BINS, weight[h]!, startDensity, false);
      density(finishes, h * BINS, weight[h]!, finishDensity, false);
      const parents = ofType[Math.floor(pairOf[h]! / types)]!;
      rate[pairOf[h]!] = weight[h]! / parents;
      logRate[h] = Math.log(Math.min(1, (weight[h]! + 0.01) / parents));
    }
    for (let i = 0; i < scene.children; i++) {
      const from = offset[i]!;
      const to = offset[i + 1]!;
      let most = Number.NEGATIVE_INFINITY;
      for (let k = from; k < to; k++) {
        const h = histogram[k]!;
        score[k] =
          Math.log(startDensity[h * BINS + startBin[k]!]! * (endBin[k]! >= 0 ? finishDensity[h * BINS + endBin[k]!]! : 1)) + logRate[h]!;
        if (score[k]! > most) most = score[k]!;
      }
      if (to - from < 2) continue;
      let sum = 0;
      for (let k = from; k < to; k++) sum += share[k] = Math.exp(score[k]! - most);
      for (let k = from; k < to; k++) share[k]! /= sum;
    }
  }
  return { share, score, rate };
}

/** Calls of a type that one parent is expected to take: its learned rate, rounded up unless it is hardly above a whole number. */
export const capacity = (rate: number): number => Math.max(1, Math.ceil(rate - 0.15));
