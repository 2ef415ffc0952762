/** A model that follows traffic: every stretch of calls is a lesson, older lessons fade. */
import { fade, mergeModels } from '../learned.ts';
import { type Habit, Habits } from './habits.ts';

/** Calls that the model remembers, and calls that it must have seen before it is better than learning afresh from a stretch (measured: docs/nesting.md). */
const MEMORY = 80_000;
const ENOUGH = 1_000;
/** Lessons are gathered until they are about so many calls: to fade and write a model takes longer than to place a few. */
const GATHER = 500;

/** Plain JSON: what the rest of a run depends on. */
export interface RunningModelState {
  readonly model: unknown;
  readonly calls: number;
  /** Lessons that are not part of the model yet; omitted: none. */
  readonly gathered?: Gathered;
  readonly habits?: readonly Habit[];
}
interface Gathered {
  readonly lessons: readonly unknown[];
  readonly calls: number;
}

export class RunningModel {
  #model: unknown;
  /** Calls learned from. */
  #calls: number;
  #gathered: Gathered;
  /** Of connections. */
  readonly habits: Habits;

  /** `given`: a model learned before, trusted from the beginning. */
  constructor(given?: unknown, state?: RunningModelState) {
    this.#model = state ? (state.model ?? undefined) : given;
    this.#calls = state ? state.calls : given === undefined ? 0 : ENOUGH;
    this.habits = new Habits(state?.habits);
    this.#gathered = state?.gathered ?? { lessons: [], calls: 0 };
  }

  /** To choose by; undefined while learning from the calls at hand is better. */
  get trusted(): unknown {
    return this.#calls >= ENOUGH ? this.#model : undefined;
  }

  /** Models (NestingResult.model) that a stretch of so many calls taught. */
  learn(lessons: readonly unknown[], calls: number): void {
    if (lessons.length === 0 || calls === 0) return;
    this.#gathered = { lessons: [...this.#gathered.lessons, ...lessons], calls: this.#gathered.calls + calls };
    if (this.#gathered.calls >= GATHER) this.#fold();
  }

  save(): RunningModelState {
    const { lessons, calls } = this.#gathered;
    return {
      model: this.#model ?? null,
      calls: this.#calls,
      // Sums of lessons are exact: merged now or later, the model will be the same.
      ...(calls > 0 && { gathered: { lessons: [mergeModels(lessons)], calls } }),
      ...(this.habits.size > 0 && { habits: this.habits.save() }),
    };
  }

  #fold(): void {
    const { lessons, calls } = this.#gathered;
    const lesson = mergeModels(lessons);
    this.#model = this.#model === undefined ? lesson : fade(this.#model, Math.max(0, 1 - calls / MEMORY), lesson);
    this.#calls = Math.min(MEMORY, this.#calls + calls);
    this.#gathered = { lessons: [], calls: 0 };
  }
}
