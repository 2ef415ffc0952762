import { describe, expect, it } from 'vitest';
import { algorithm, compileNestingInput } from '../../../../src/engine/nesting/index.ts';
import { fade, mergeModels } from '../../../../src/engine/nesting/learned.ts';
import { RunningModel, type RunningModelState } from '../../../../src/engine/nesting/window/runningModel.ts';
import { traffic } from '../calls.ts';

const lessonOf = (requests: number, seed: number) =>
  algorithm('joint')!.nest(compileNestingInput(traffic(requests, 3, seed)), { keepModel: true }).model;

describe('a running model', () => {
  it('is trusted when it has seen enough, or was given', () => {
    const model = new RunningModel();
    const lesson = lessonOf(50, 1);
    for (let calls = 0; calls < 1_000; calls += 250) {
      expect(model.trusted).toBe(undefined);
      model.learn([lesson], 250);
    }
    expect(model.trusted).toMatchObject({ format: 'tracenest-model' });
    expect(new RunningModel(lesson).trusted).toBe(lesson);
  });

  it('gathers lessons of few calls, in its state too, and forgets none of them', () => {
    const lessons = [1, 2, 3, 4, 5].map((seed) => lessonOf(10, seed));
    const given = lessonOf(50, 6);
    let model = new RunningModel(given);
    for (const lesson of lessons.slice(0, 4)) {
      model.learn([lesson], 100);
      expect(model.trusted).toEqual(given);
      model = new RunningModel(undefined, JSON.parse(JSON.stringify(model.save())) as RunningModelState);
    }
    model.learn([lessons[4]], 100);
    expect(model.trusted).toEqual(fade(given, 1 - 500 / 80_000, mergeModels(lessons)));
    expect(model.save()).not.toHaveProperty('gathered');
  });

  it('goes on from its state as if it had not stopped, and old lessons fade', () => {
    const lessons = [1, 2, 3, 4].map((seed) => lessonOf(40, seed));
    const whole = new RunningModel();
    let stopped = new RunningModel();
    for (const lesson of lessons) {
      whole.learn([lesson], 20_000);
      stopped.learn([lesson], 20_000);
      stopped = new RunningModel(undefined, JSON.parse(JSON.stringify(stopped.save())) as RunningModelState);
    }
    expect(stopped.save()).toEqual(whole.save());
    const weight = (m: unknown) => JSON.stringify(m).length;
    for (let k = 0; k < 20; k++) whole.learn([lessons[k % 4]], 80_000);
    // A stretch as long as the memory replaces everything before.
    expect(weight(whole.trusted)).toBeLessThan(1.2 * weight(lessons[3]));
  });
});
