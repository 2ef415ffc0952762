/** Habits of connections that steps of a stream showed: those that showed last are remembered. */
import type { KnownHabits } from '../api.ts';

const MOST = 10_000;
/** No name holds it. */
const SEPARATOR = '\u0002';

/** Plain JSON. */
export type Habit = readonly [kindAndConnection: string, of: string];

export class Habits implements KnownHabits {
  /** The one that showed last comes last. */
  readonly #known: Map<string, string>;

  constructor(saved: readonly Habit[] = []) {
    this.#known = new Map(saved);
  }

  get size(): number {
    return this.#known.size;
  }

  get(kind: string, connection: string): string | undefined {
    return this.#known.get(kind + SEPARATOR + connection);
  }

  set(kind: string, connection: string, of: string): void {
    const key = kind + SEPARATOR + connection;
    this.#known.delete(key);
    this.#known.set(key, of);
    for (const [oldest] of this.#known) {
      if (this.#known.size <= MOST) break;
      this.#known.delete(oldest);
    }
  }

  delete(kind: string, connection: string): void {
    this.#known.delete(kind + SEPARATOR + connection);
  }

  save(): Habit[] {
    return [...this.#known];
  }
}
