/** Stated confidence against the share right, on made-up traffic of other seeds than the fit's. */
import { describe, expect, it } from 'vitest';
import { calibrated } from '../../../src/engine/nesting/calibration.ts';
import { compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { fast, joint } from '../../../src/engine/nesting/joint.ts';
import { curveOf, type Example, logistic } from '../../evaluate/calibrationFit.ts';
import { type TrueCall, traffic } from './calls.ts';

/** The same calls, everything `by` times as long, from `fromUs` on. */
function slower(calls: readonly TrueCall[], by: number, fromUs: number): TrueCall[] {
  const at = (us: number | null | undefined) => fromUs + Math.round(by * us!);
  return calls.map((call) => ({
    ...call,
    callerStartUs: at(call.callerStartUs),
    callerEndUs: at(call.callerEndUs),
    calleeStartUs: at(call.calleeStartUs),
    calleeEndUs: at(call.calleeEndUs),
  }));
}

describe('calibration', () => {
  it.each([0.05, 0.3, 1])('never falls with the share, and counts agreement, where %d of the calls are contested', (contested) => {
    const slowdown = 0;
    for (const likeAgreement of [0.6, 0.9, 0.99]) {
      for (const agrees of [false, true]) {
        let before = 0;
        for (let share = 0; share <= 1; share += 0.05) {
          const now = calibrated({ share, agrees, likeAgreement, contested, slowdown });
          expect(now).toBeGreaterThanOrEqual(before);
          before = now;
        }
      }
      expect(calibrated({ share: 0.95, agrees: true, likeAgreement, contested, slowdown })).toBeGreaterThan(
        calibrated({ share: 0.95, agrees: false, likeAgreement, contested, slowdown }),
      );
    }
  });

  it('is the less sure the slower requests are, of what it would be sure of', () => {
    const at = (slowdown: number) => calibrated({ share: 0.95, agrees: true, likeAgreement: 0.95, contested: 0.5, slowdown });
    expect(at(1)).toBeLessThan(at(0) - 0.02);
    expect(at(2)).toBeLessThan(at(1) - 0.02);
  });

  it.each([21, 22])('is not much surer than right where everything takes four times as long for a while: traffic %i', (seed) => {
    const usual = traffic(1000, 3, seed);
    const endUs = Math.max(...usual.map((call) => call.callerEndUs!));
    const calls = [...usual, ...slower(traffic(240, 12, seed + 1000, 0), 4, endUs)];
    const result = joint.nest(compileNestingInput(calls));
    const judged = calls.flatMap((call, row) => {
      const parent = result.parent[row]!;
      if (parent < 0 || result.candidates[row]! < 2) return [];
      return [{ slow: row >= usual.length, said: result.confidence[row]!, right: calls[parent]!.id === call.parent ? 1 : 0 }];
    });
    const mean = (of: typeof judged, what: 'said' | 'right') => of.reduce((sum, each) => sum + each[what], 0) / of.length;
    const slow = judged.filter((each) => each.slow);
    expect(slow.length).toBeGreaterThan(700);
    expect(mean(slow, 'said') - mean(slow, 'right')).toBeLessThan(0.12);
    // Without notice of the slowness those above 0.8 are right in 91 and 94 %.
    const sure = slow.filter((each) => each.said >= 0.8);
    expect(sure.length).toBeGreaterThan(200);
    expect(mean(sure, 'right')).toBeGreaterThan(0.95);
    const rest = judged.filter((each) => !each.slow);
    expect(Math.abs(mean(rest, 'said') - mean(rest, 'right'))).toBeLessThan(0.03);
  });

  it.each([joint, fast])('gives all candidates together the whole probability: $name', (algorithm) => {
    const calls = traffic(300, 12);
    const result = algorithm.nest(compileNestingInput(calls));
    let many = 0;
    calls.forEach((_, row) => {
      const others = result.alternatives(row);
      if (result.candidates[row]! < 2 || result.candidates[row]! > 1 + others.length) return;
      expect(others.reduce((sum, { share }) => sum + share, result.confidence[row]!)).toBeCloseTo(1, 2);
      many++;
    });
    expect(many).toBeGreaterThan(300);
  });

  const errorOf = (calls: readonly TrueCall[], model?: unknown): number => {
    const result = joint.nest(compileNestingInput(calls), { model });
    const bins = Array.from({ length: 10 }, () => ({ said: 0, right: 0, count: 0 }));
    calls.forEach((call, row) => {
      const parent = result.parent[row]!;
      if (parent < 0 || result.candidates[row]! < 2) return;
      const said = result.confidence[row]!;
      const bin = bins[Math.min(9, Math.floor(10 * said))]!;
      bin.said += said;
      bin.right += calls[parent]!.id === call.parent ? 1 : 0;
      bin.count++;
    });
    const all = bins.reduce((sum, bin) => sum + bin.count, 0);
    expect(all).toBeGreaterThan(500);
    return bins.reduce((sum, bin) => sum + Math.abs(bin.said - bin.right), 0) / all;
  };

  it.each([3, 8])('states what is right on made-up traffic, %i requests at a time, within a share of 0.05', (load) => {
    expect(errorOf(traffic(1500, load, 7))).toBeLessThan(0.05);
  });

  it.each([3, 8])('and under a model of other calls, %i requests at a time', (load) => {
    const { model } = joint.nest(compileNestingInput(traffic(1500, load, 8)), { keepModel: true });
    expect(errorOf(traffic(1500, load, 7), model)).toBeLessThan(0.05);
  });
});

describe('the fit', () => {
  // Right with probability sigmoid(2 x - 1), at evenly spread x.
  const examples: Example[] = Array.from({ length: 400 }, (_, k) => k / 100 - 2).flatMap((x) => {
    const p = 1 / (1 + Math.exp(1 - 2 * x));
    return [
      { features: [1, x], right: true, weight: p },
      { features: [1, x], right: false, weight: 1 - p },
    ];
  });
  it('finds the weights that made the data', () => {
    const [constant, slope] = logistic(examples);
    expect(constant).toBeCloseTo(-1, 1);
    expect(slope).toBeCloseTo(2, 1);
  });
  it('gives a curve that never falls, near the truth', () => {
    const curve = curveOf(examples, [-1, 2]);
    expect(curve.length).toBeGreaterThan(4);
    for (const [k, [score, share]] of curve.entries()) {
      expect(share).toBeGreaterThanOrEqual(curve[k - 1]?.[1] ?? 0);
      expect(share).toBeCloseTo(1 / (1 + Math.exp(-score)), 1);
    }
  });
});
