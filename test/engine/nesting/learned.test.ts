/** Models as values: saved, merged, reused. */
import { describe, expect, it } from 'vitest';
import { algorithm, compileNestingInput, ModelError, mergeModels } from '../../../src/engine/nesting/index.ts';
import type { ModelValue } from '../../../src/engine/nesting/learned.ts';
import { rightShare, type TrueCall, traffic } from './calls.ts';

const joint = algorithm('joint')!;
const learn = (calls: readonly TrueCall[]) => joint.nest(compileNestingInput(calls), { keepModel: true }).model as ModelValue;
const parents = (calls: readonly TrueCall[], model?: unknown) => {
  const { parent } = joint.nest(compileNestingInput(calls), { ...(model !== undefined && { model }) });
  return [...parent].map((p) => (p < 0 ? '' : calls[p]!.id));
};
const share = (calls: readonly TrueCall[], links: readonly string[]) => rightShare(calls, (row) => links[row]!);
/** Every value of a model by its path of names. */
function values(model: ModelValue): Map<string, number> {
  const all = new Map<string, number>();
  for (const [path, cell] of model.cells)
    for (let k = 0; k < cell.length; k += 2) all.set(`${path.map((n) => model.names[n]).join('|')}#${cell[k]}`, cell[k + 1]!);
  return all;
}
/** Rounding to a millionth at each merge. */
function expectEqual(a: ModelValue, b: ModelValue): void {
  const [x, y] = [values(a), values(b)];
  for (const key of new Set([...x.keys(), ...y.keys()])) expect(Math.abs((x.get(key) ?? 0) - (y.get(key) ?? 0)), key).toBeLessThan(5e-6);
}

const calls = traffic(400, 4);
const model = learn(calls);

describe('a learned model', () => {
  it('gives the same links after it was written as JSON and read', () => {
    const links = parents(calls, model);
    expect(parents(calls, JSON.parse(JSON.stringify(model)))).toEqual(links);
    // Nearly those of the run that learned it: choosing sets out from elsewhere.
    const first = parents(calls);
    const same = first.filter((p, row) => p === links[row]).length;
    expect(same / calls.length).toBeGreaterThan(0.99);
    expect(share(calls, links)).toBeGreaterThan(0.9);
  });

  it('is used: on few calls it beats what can be learned from them', () => {
    let own = 0;
    let reused = 0;
    for (let seed = 2; seed < 8; seed++) {
      const few = traffic(12, 8, seed);
      own += share(few, parents(few));
      reused += share(few, parents(few, model));
    }
    expect(reused).toBeGreaterThan(own);
  });

  it('is not used where it knows less of a place than the calls at hand teach', () => {
    const crowded = traffic(300, 12, 5);
    const own = share(crowded, parents(crowded));
    // As the first lessons of a stream about a service that appears on the way.
    const lessons = [
      joint.nest(compileNestingInput(crowded), { keepModel: true, learnFromNs: [1e18, 2e18] }).model,
      ...[1, 2, 3].map((seed) => learn(traffic(5, 12, seed))),
    ];
    for (const lesson of lessons) expect(share(crowded, parents(crowded, lesson))).toBeGreaterThan(own - 0.01);
  });

  it('merges in any order, and in any grouping but for rounding', () => {
    const [a, b, c] = [model, learn(traffic(300, 6, 2)), learn(traffic(200, 2, 3))];
    expect(mergeModels([a, b])).toEqual(mergeModels([b, a]));
    expectEqual(mergeModels([mergeModels([a, b]), c]), mergeModels([a, mergeModels([b, c])]));
    expectEqual(mergeModels([a]), a);
    const fresh = traffic(400, 4, 9);
    expect(share(fresh, parents(fresh, mergeModels([b, c])))).toBeGreaterThan(0.9);
  });

  it('of panes of the calls, merged, chooses as well as one of all calls', () => {
    const quarter = calls.length / 4;
    const panes = [0, 1, 2, 3].map((k) => learn(calls.slice(k * quarter, (k + 1) * quarter)));
    const whole = share(calls, parents(calls, model));
    expect(share(calls, parents(calls, mergeModels(panes)))).toBeGreaterThan(whole - 0.01);
  });

  it('teaches from the interval asked for only', () => {
    const input = compileNestingInput(calls);
    const middle = input.calleeStartNs.toSorted()[calls.length / 2]!;
    const half = (from: number, to: number) => joint.nest(input, { keepModel: true, learnFromNs: [from, to] }).model as ModelValue;
    const requests = (m: ModelValue) => [...values(m)].filter(([key]) => /\|state\|.*#0$/.test(key)).reduce((sum, [, v]) => sum + v, 0);
    const [first, second] = [requests(half(0, middle)), requests(half(middle, Number.POSITIVE_INFINITY))];
    expect(first).toBeGreaterThan(0);
    expect(first + second).toBeCloseTo(requests(model), 3);
  });

  it('learns afresh where it knows nothing of a service', () => {
    const other = calls.map((c) => ({
      ...c,
      caller: c.caller === 'shop' ? 'store' : c.caller,
      callee: c.callee === 'shop' ? 'store' : c.callee,
    }));
    expect(share(other as TrueCall[], parents(other as TrueCall[], model))).toBeGreaterThan(0.85);
  });

  it('is refused when it is something else', () => {
    const input = compileNestingInput(calls);
    const use = (value: unknown) => () => joint.nest(input, { model: value });
    for (const wrong of [null, 7, {}, { ...model, format: 'x' }, { ...model, version: 2 }, { ...model, algorithm: 'other' }])
      expect(use(wrong)).toThrow(ModelError);
    expect(
      use({
        ...model,
        cells: [
          [
            [0, 1e6],
            [0, 1],
          ],
        ],
      }),
    ).toThrow('damaged');
    expect(
      use({
        ...model,
        cells: [
          [
            [0, 1],
            [0, 'x'],
          ],
        ],
      }),
    ).toThrow('damaged');
    expect(() => mergeModels([])).toThrow(ModelError);
  });
});
