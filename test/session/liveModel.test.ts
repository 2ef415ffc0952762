import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/analysis.ts';
import { callId } from '../../src/engine/calls/callId.ts';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { LiveModel } from '../../src/session/liveModel.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { traffic } from '../engine/nesting/calls.ts';

const window = (from: number, to: number) => fromRecords(calls.filter((c) => c.callerStartUs! >= from && c.callerStartUs! < to));
const start = 1.7e15;
const calls = traffic(8_000, 8);
const whole = fromRecords(calls);
const startOf = new Map(calls.map((c, row) => [callId(whole, row), c.callerStartUs!]));

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

  it('is also what happened: links that the window has passed stay while it moves on', async () => {
    const model = new LiveModel(undefined);
    const options = { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'aguilera' };
    const parents: Map<string, string>[] = [];
    let alone = 0;
    for (let at = start; at < start + 2e6; at += 1e6) {
      const x = window(at, at + 7e6);
      const analysis = await model.analysis(x, options, async (o, part) => analyse(x, { ...o, ...part }));
      const ids = Array.from({ length: analysis.count }, (_, row) => callId(x, row));
      parents.push(new Map(ids.map((id, row) => [id, ids[analysis.nesting.parent[row]!] ?? ''])));
      const fresh = analyse(x, { algorithm: 'aguilera' }).nesting.parent;
      fresh.forEach((parent, row) => {
        if (parent !== analysis.nesting.parent[row]) alone++;
      });
    }
    let both = 0;
    for (let k = 1; k < parents.length; k++) {
      const held = parents[k]!;
      for (const [id, parent] of parents[k - 1]!) {
        const startUs = startOf.get(id)!;
        const end = start + (k - 1) * 1e6 + 7e6;
        // Settled then, and still in view with its parent.
        if (startUs > end - 5.2e6 || !held.has(id) || (parent !== '' && !held.has(parent))) continue;
        both++;
        expect(held.get(id)).toBe(parent);
      }
    }
    expect(both).toBeGreaterThan(500);
    // Inferred from each window alone, some would have changed.
    expect(alone).toBeGreaterThan(0);
  });
});
