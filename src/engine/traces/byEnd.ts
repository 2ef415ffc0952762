import type { Forest } from './forest.ts';
import type { Times } from './times.ts';

/** As many as a list of 32 needs at worst; beyond, sorting anew costs less. */
const MOVES_A_CHILD = 16;

/** A stack of child lists, each sorted by falling end; reused so that walking a million spans allocates nothing. */
export class ChildrenByEnd {
  rows = new Int32Array(1024);
  private ends = new Float64Array(1024);
  private readonly forest: Forest;
  private readonly times: Times;

  constructor(forest: Forest, times: Times) {
    this.forest = forest;
    this.times = times;
  }

  /** Puts the children of `row` at `from`, the last to end first (ties: the last to start); returns the end of the list. */
  push(row: number, from: number): number {
    const { forest, times } = this;
    const p = forest.position[row]!;
    const stop = p + forest.size[p]!;
    let to = from;
    for (let k = p + 1; k < stop; k += forest.size[k]!) {
      if (to === this.rows.length) this.grow();
      this.rows[to] = forest.order[k]!;
      this.ends[to++] = times.outerEnd(forest.order[k]!);
    }
    if (!this.sortByMoving(from, to)) this.sortLong(from, to);
    return to;
  }

  /** Children come by start, so turned round they mostly are in order already, ties too. False: too much would have to be moved. */
  private sortByMoving(from: number, to: number): boolean {
    const { rows, ends } = this;
    for (let i = from, k = to - 1; i < k; i++, k--) {
      const row = rows[i]!;
      const end = ends[i]!;
      rows[i] = rows[k]!;
      ends[i] = ends[k]!;
      rows[k] = row;
      ends[k] = end;
    }
    let moves = MOVES_A_CHILD * (to - from);
    for (let i = from + 1; i < to && moves >= 0; i++) {
      const row = rows[i]!;
      const end = ends[i]!;
      let k = i - 1;
      while (k >= from && ends[k]! < end) {
        rows[k + 1] = rows[k]!;
        ends[k + 1] = ends[k]!;
        k--;
      }
      rows[k + 1] = row;
      ends[k + 1] = end;
      moves -= i - 1 - k;
    }
    return moves >= 0;
  }
  private sortLong(from: number, to: number): void {
    const { times, forest } = this;
    const part = this.rows.subarray(from, to);
    part.sort((a, b) => times.outerEnd(b) - times.outerEnd(a) || forest.position[b]! - forest.position[a]!);
  }
  private grow(): void {
    const rows = new Int32Array(this.rows.length * 2);
    rows.set(this.rows);
    this.rows = rows;
    const ends = new Float64Array(this.ends.length * 2);
    ends.set(this.ends);
    this.ends = ends;
  }
}
