import { ChildrenByEnd } from './byEnd.ts';
import type { Forest } from './forest.ts';
import type { Times } from './times.ts';

/**
 * A child that ends after its parent did not hold it up, unless by so little that clocks explain it. Measured: the call files of
 * two-sided traces overshoot by up to 1 ms.
 */
const SLACK_NS = 1e6;

export type Emit = (row: number, fromNs: number, toNs: number) => void;

/**
 * The critical path of a tree: from the root's end back, always through the child that ended last before the point reached; what lies between
 * is the call's own. (Jaeger's rule; ties go to the child that started last.) Pieces are emitted from the latest to the earliest, disjoint, and
 * cover the root's interval exactly. Iterative.
 */
export class CriticalPath {
  private readonly children: ChildrenByEnd;
  private readonly times: Times;
  private row = new Int32Array(256);
  private next = new Int32Array(256);
  private stop = new Int32Array(256);
  private low = new Float64Array(256);
  private high = new Float64Array(256);
  private reach = new Float64Array(256);

  constructor(forest: Forest, times: Times) {
    this.children = new ChildrenByEnd(forest, times);
    this.times = times;
  }

  walk(root: number, emit: Emit): void {
    const { times, children } = this;
    let top = 0;
    this.open(0, root, times.innerStart(root), times.innerEnd(root), 0, times.innerEnd(root) + SLACK_NS);
    while (top >= 0) {
      const high = this.high[top]!;
      const low = this.low[top]!;
      if (high <= low || this.next[top] === this.stop[top]) {
        if (high > low) emit(this.row[top]!, low, high);
        top--;
        continue;
      }
      const child = children.rows[this.next[top]!++]!;
      const end = times.outerEnd(child);
      const start = times.outerStart(child);
      // Only before the first child was taken may an end lie beyond: that of a child cut at its parent's end.
      if (start >= high || (end > high && end > this.reach[top]!)) continue;
      const to = Math.min(end, high);
      const from = Math.max(start, low);
      if (to <= from) continue;
      if (to < high) emit(this.row[top]!, to, high);
      this.high[top] = from;
      this.reach[top] = Number.NEGATIVE_INFINITY;
      this.open(top + 1, child, from, to, this.stop[top]!, end > to ? end + SLACK_NS : times.innerEnd(child) + SLACK_NS);
      top++;
    }
  }

  private open(at: number, row: number, low: number, high: number, pool: number, reach: number): void {
    if (at === this.row.length) this.grow();
    this.row[at] = row;
    this.low[at] = low;
    this.high[at] = high;
    this.reach[at] = reach;
    this.next[at] = pool;
    this.stop[at] = this.children.push(row, pool);
  }

  private grow(): void {
    const wider = <T extends Int32Array | Float64Array>(a: T): T => {
      const b = new (a.constructor as new (n: number) => T)(a.length * 2);
      b.set(a);
      return b;
    };
    this.row = wider(this.row);
    this.next = wider(this.next);
    this.stop = wider(this.stop);
    this.low = wider(this.low);
    this.high = wider(this.high);
    this.reach = wider(this.reach);
  }
}
