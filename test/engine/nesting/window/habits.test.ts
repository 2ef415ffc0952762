/** Habits of connections that a stream goes on with from step to step. */
import { describe, expect, it } from 'vitest';
import { Reason } from '../../../../src/engine/nesting/api.ts';
import { compileNestingInput } from '../../../../src/engine/nesting/index.ts';
import { joint } from '../../../../src/engine/nesting/joint.ts';
import { Random } from '../../../../src/engine/nesting/random.ts';
import { Habits } from '../../../../src/engine/nesting/window/habits.ts';
import type { WindowState } from '../../../../src/engine/nesting/window/window.ts';
import { arrivals, lineWindow } from '../../../evaluate/lineWindow.ts';
import { connected, rightShare, type TrueCall, traffic } from '../calls.ts';

const before = connected(traffic(400, 8, 11), (up) => up);
/** So few that no connection can show a habit. */
const few = traffic(40, 8, 12, 1.7e15 + 3e6);

function nested(calls: readonly TrueCall[], habits?: Habits) {
  const { parent, reason } = joint.nest(compileNestingInput(calls), habits && { habits });
  const spoken = reason.reduce((sum, bits) => sum + ((bits & Reason.connectionHabit) !== 0 ? 1 : 0), 0);
  return { parent, spoken, right: rightShare(calls, (row) => calls[parent[row]!]?.id ?? '') };
}
const known = () => {
  const habits = new Habits();
  nested(before, habits);
  return habits;
};

describe('habits of connections', () => {
  it('that a step showed decide in the next, whose calls are too few to show them', () => {
    const own = connected(few, (up) => up);
    const alone = nested(own);
    expect(alone.spoken).toBe(0);
    expect(alone.right).toBeLessThan(0.97);
    const habits = new Habits(JSON.parse(JSON.stringify(known().save())));
    const { spoken, right } = nested(own, habits);
    expect(right).toBeGreaterThan(0.99);
    expect(spoken).toBeGreaterThan(0.9 * 4 * 40);
  });

  it('are forgotten where calls contradict them', () => {
    const random = new Random(3);
    const lent = connected(few, () => 1 + random.below(24));
    const habits = known();
    const { size } = habits;
    nested(lent, habits);
    expect(habits.size).toBeLessThan(0.6 * size);
    for (let k = 1; k < 4; k++)
      nested(
        connected(traffic(40, 8, 12 + k), () => 1 + random.below(24)),
        habits,
      );
    expect(habits.size).toBeLessThan(0.1 * size);
  });

  it('are none of requests whose connections are unknown', () => {
    const habits = known();
    const portless = ['web', 'shop'];
    const own = connected(few, (up) => up).map((call) => (portless.includes(call.callee!) ? { ...call, clientPort: null } : call));
    expect(nested(own, habits).spoken).toBe(0);
    for (const [, up] of habits.save()) expect(up).toEqual(expect.any(String));
  });

  it('that showed last are remembered, and no more than so many', () => {
    const habits = new Habits();
    for (let k = 0; k < 10_000; k++) habits.set('kind', `${k}`, 'up');
    habits.set('kind', '0', 'another');
    habits.set('kind', 'new', 'up');
    expect(habits.size).toBe(10_000);
    expect(habits.get('kind', '0')).toBe('another');
    expect(habits.get('kind', '1')).toBeUndefined();
    expect(new Habits(habits.save()).save()).toEqual(habits.save());
  });

  it('go on when a stream is stopped and resumed', () => {
    const run = (every: number) => {
      const links: string[] = [];
      const options = { stepUs: 80_000, aheadUs: 120_000, longestUs: 2e6, learnFirst: 500 };
      let window = lineWindow(options, ({ id, parent }) => links.push(`${id}<${parent}`));
      arrivals(before).forEach((call, k) => {
        window.push(call);
        if (k % every !== every - 1) return;
        const state = JSON.parse(JSON.stringify(window.save())) as WindowState<TrueCall>;
        if (k > 2500) expect(state.model.habits?.length).toBeGreaterThan(10);
        window = lineWindow(options, ({ id, parent }) => links.push(`${id}<${parent}`), state);
      });
      window.end();
      return links;
    };
    expect(run(700)).toEqual(run(Number.POSITIVE_INFINITY));
  });
});
