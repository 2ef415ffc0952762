import type { Times } from './times.ts';

/**
 * All transactions as trees, in arrays. Rows of one transaction stand together in `order`, depth first, children by start; so the subtree of
 * the row at position p is order[p] .. order[p + size[p] - 1], and its children are found by hopping over subtrees.
 */
export interface Forest {
  readonly traces: number;
  /** First position of a trace in `order`; one entry more than traces. Traces are sorted by start. */
  readonly first: Int32Array;
  /** Call row by position, position by call row. */
  readonly order: Int32Array;
  readonly position: Int32Array;
  /** Calls in the subtree, by position. */
  readonly size: Int32Array;
  /** By call row. Parent -1: root. Depth of a root is 0; it stops at 65,535. */
  readonly parent: Int32Array;
  readonly trace: Int32Array;
  readonly depth: Uint16Array;
}

/** Rows by outer start, ties by row: one sort that everything else leans on. */
export function rowsByStart(count: number, times: Times): Uint32Array {
  const starts = new Float64Array(count);
  const rows = new Uint32Array(count);
  for (let i = 0; i < count; i++) {
    starts[i] = times.outerStart(i);
    rows[i] = i;
  }
  return rows.sort((a, b) => starts[a]! - starts[b]! || a - b);
}

/** Trees from parents. Iterative: a chain of a million calls is a tree as any other. A cycle, which no algorithm should give, is cut. */
export function buildForest(count: number, parents: Int32Array, byStart: Uint32Array): Forest {
  // Usually right as it is: then it is shared, not copied.
  let parent = parents.subarray(0, count);
  const repaired = () => {
    if (parent.buffer === parents.buffer) parent = parent.slice();
    return parent;
  };
  const childCount = new Int32Array(count + 1);
  for (let i = 0; i < count; i++) {
    if (parent[i]! >= count || parent[i] === i) repaired()[i] = -1;
    if (parent[i]! >= 0) childCount[parent[i]! + 1]!++;
  }
  for (let i = 0; i < count; i++) childCount[i + 1]! += childCount[i]!;
  const childFirst = childCount;
  const fill = childFirst.slice(0, count);
  const children = new Int32Array(childFirst[count]!);
  for (let k = 0; k < count; k++) {
    const row = byStart[k]!;
    if (parent[row]! >= 0) children[fill[parent[row]!]!++] = row;
  }

  const order = new Int32Array(count);
  const position = new Int32Array(count).fill(-1);
  const size = new Int32Array(count).fill(1);
  const trace = new Int32Array(count);
  const depth = new Uint16Array(count);
  const first: number[] = [];
  const stack = new Int32Array(count);
  let at = 0;
  const plant = (root: number) => {
    const here = first.length;
    first.push(at);
    let top = 0;
    stack[top++] = root;
    while (top > 0) {
      const row = stack[--top]!;
      const up = parent[row]!;
      position[row] = at;
      order[at++] = row;
      trace[row] = here;
      depth[row] = up < 0 ? 0 : Math.min(65_535, depth[up]! + 1);
      for (let k = childFirst[row + 1]! - 1; k >= childFirst[row]!; k--) {
        const child = children[k]!;
        if (position[child] === -1 && parent[child] === row) stack[top++] = child;
      }
    }
  };
  for (let k = 0; k < count; k++) if (parent[byStart[k]!]! < 0) plant(byStart[k]!);
  if (at < count) {
    // What no root reaches hangs on a cycle: cut it at its earliest call.
    for (let k = 0; k < count; k++) {
      const row = byStart[k]!;
      if (position[row] !== -1) continue;
      repaired()[row] = -1;
      plant(row);
    }
  }
  for (let p = count - 1; p >= 0; p--) {
    const up = parent[order[p]!]!;
    if (up >= 0) size[position[up]!]! += size[p]!;
  }
  first.push(at);
  return { traces: first.length - 1, first: Int32Array.from(first), order, position, size, parent, trace, depth };
}

/** Calls `visit` with each child's row, by start. */
export function eachChild(f: Forest, row: number, visit: (child: number) => void): void {
  const p = f.position[row]!;
  const end = p + f.size[p]!;
  for (let k = p + 1; k < end; k += f.size[k]!) visit(f.order[k]!);
}
export function childCountOf(f: Forest, row: number): number {
  const p = f.position[row]!;
  const end = p + f.size[p]!;
  let n = 0;
  for (let k = p + 1; k < end; k += f.size[k]!) n++;
  return n;
}
export const rootOf = (f: Forest, trace: number): number => f.order[f.first[trace]!]!;
export const spansOf = (f: Forest, trace: number): number => f.first[trace + 1]! - f.first[trace]!;
