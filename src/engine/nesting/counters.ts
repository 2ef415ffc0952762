/**
 * What is learned at one place, as named sparse counters: cells (a path of names) of numbered values. Everything in them adds up, so models of
 * disjoint calls merge by summing, in any order.
 */

/** Separates the names of a cell's path; no name of a service or endpoint holds it. */
const SEPARATOR = '\u0002';

export type Cell = Map<number, number>;

export const addTo = (cell: Cell, index: number, value = 1): void => void cell.set(index, (cell.get(index) ?? 0) + value);

/** Of all values, or of those with numbers below `to`. */
export function sumOf(cell: Cell, to = Number.POSITIVE_INFINITY): number {
  let sum = 0;
  for (const [index, value] of cell) if (index < to) sum += value;
  return sum;
}

export class Counters {
  readonly #cells = new Map<string, Cell>();

  get size(): number {
    return this.#cells.size;
  }

  add(path: readonly string[], index: number, value: number): void {
    if (value === 0) return;
    addTo(this.#cell(path.join(SEPARATOR)), index, value);
  }

  cell(path: readonly string[]): Cell | undefined {
    return this.#cells.get(path.join(SEPARATOR));
  }

  /** Cells of a kind (the first name of the path), in the order of their paths: each with the rest of its path. */
  *of(kind: string): Generator<readonly [path: readonly string[], cell: Cell]> {
    const from = kind + SEPARATOR;
    for (const key of [...this.#cells.keys()].filter((each) => each.startsWith(from)).sort())
      yield [key.slice(from.length).split(SEPARATOR), this.#cells.get(key)!];
  }

  /** Adds another's values, `share` times. */
  merge(other: Counters, share = 1): void {
    for (const [key, cell] of other.#cells) {
      const own = this.#cell(key);
      for (const [index, value] of cell) addTo(own, index, share * value);
    }
  }

  /** All cells, by path, their values by number. */
  *entries(): Generator<readonly [path: readonly string[], cell: readonly (readonly [number, number])[]]> {
    for (const key of [...this.#cells.keys()].sort()) yield [key.split(SEPARATOR), [...this.#cells.get(key)!].sort((a, b) => a[0] - b[0])];
  }

  #cell(key: string): Cell {
    let cell = this.#cells.get(key);
    if (!cell) this.#cells.set(key, (cell = new Map()));
    return cell;
  }
}
