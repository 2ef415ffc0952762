import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/analysis.ts';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { LiveModel } from '../../src/session/liveModel.ts';
import { traffic } from '../engine/nesting/calls.ts';

const window = (from: number, to: number) => fromRecords(calls.filter((c) => c.callerStartUs! >= from && c.callerStartUs! < to));
const start = 1.7e15;
const calls = traffic(8_000, 8);

describe('what an attached editor learns', () => {
  it('comes from new calls only, and is used once there were enough', () => {
    const model = new LiveModel(undefined);
    let before = 0;
    let used = 0;
    // Windows of 8 s that move by 4 s: every call is in two of them.
    for (let at = start; at < start + 20e6; at += 4e6) {
      const x = window(at, at + 8e6);
      const { learnFromNs, ...options } = model.options(x, 'default');
      const from = Number(x.epochNs) / 1000 + learnFromNs[0] / 1000;
      // Goes on where the last lesson ended.
      if (before > 0) expect(Math.abs(from - before)).toBeLessThan(1);
      before = Number(x.epochNs) / 1000 + learnFromNs[1] / 1000;
      if (options.model !== undefined) used++;
      model.learn(analyse(x, { ...options, learnFromNs }), learnFromNs);
    }
    // Some 8,000 new calls a window: enough after two.
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThan(5);
  });

  it('is nothing where the algorithm does not learn', () => {
    expect(new LiveModel(undefined).options(window(start, start + 1e6), 'fcfs')).toMatchObject({ keepModel: false });
  });
});
