/**
 * Layers of a picture: services in columns by rank, and on every edge that skips columns one lane per column between, so that no edge runs
 * behind a service. Ordered by barycentre sweeps after Sugiyama, Tagawa, Toda 1981; crossings counted after Barth, Jünger, Mutzel 2002.
 * Deterministic: ties by name, then id.
 */
export interface LayoutNode {
  readonly id: number;
  readonly name: string;
  readonly rank: number;
  /** Less than the others have: drawn as a bar without a name, and packed closer. */
  readonly heightPx?: number;
}
export interface LayoutEdge {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  /** Calls; heavier edges pull more. */
  readonly weight: number;
  readonly back: boolean;
}
/** A place in a column: a service, or a lane of an edge. */
export interface Item {
  readonly node: LayoutNode | null;
  readonly edge: LayoutEdge | null;
  readonly column: number;
  readonly left: Link[];
  readonly right: Link[];
  /** Place in its column. */
  at: number;
  /** Centre, set by placement. */
  y: number;
}
export interface Link {
  readonly to: Item;
  readonly weight: number;
}
/** An edge from left to right through its lanes, or one that leads back (or to itself) and is drawn outside. */
export interface Chain {
  readonly edge: LayoutEdge;
  readonly items: readonly Item[];
  readonly back: boolean;
}
export interface Layers {
  readonly columns: Item[][];
  readonly chains: readonly Chain[];
}

const SWEEPS = 12;
/** Neighbours are swapped one by one only where a column is not too long for it. */
const SWAP_BELOW = 80;

export function layers(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Layers {
  const used = [...new Set(nodes.map((n) => n.rank))].sort((a, b) => a - b);
  const columnOf = new Map(used.map((rank, column) => [rank, column]));
  const columns: Item[][] = used.map(() => []);
  const items = new Map<number, Item>();
  const add = (column: number, node: LayoutNode | null, edge: LayoutEdge | null): Item => {
    const item: Item = { node, edge, column, left: [], right: [], at: 0, y: 0 };
    columns[column]!.push(item);
    return item;
  };
  for (const n of [...nodes].sort((a, b) => compare(a.name, b.name) || a.id - b.id)) items.set(n.id, add(columnOf.get(n.rank)!, n, null));
  const chains: Chain[] = [];
  for (const edge of edges) {
    const from = items.get(edge.from);
    const to = items.get(edge.to);
    if (!from || !to) continue;
    const back = edge.back || to.column <= from.column;
    const chain = [from];
    if (!back) for (let c = from.column + 1; c < to.column; c++) chain.push(add(c, null, edge));
    chain.push(to);
    chains.push({ edge, items: chain, back });
    if (back) continue;
    // Square root: the busiest edge should not be straight at the price of all others.
    const weight = Math.sqrt(Math.max(1, edge.weight));
    for (let k = 1; k < chain.length; k++) {
      chain[k - 1]!.right.push({ to: chain[k]!, weight });
      chain[k]!.left.push({ to: chain[k - 1]!, weight });
    }
  }
  order(columns);
  return { columns, chains };
}

function order(columns: Item[][]): void {
  for (const column of columns) number(column);
  let best = crossings(columns);
  let kept = columns.map((c) => [...c]);
  for (let sweep = 0; sweep < SWEEPS * 2 && best > 0; sweep++) {
    const side = sweep % 2 === 0 ? 'left' : 'right';
    for (const column of sweep % 2 === 0 ? columns : columns.toReversed()) {
      const centre = new Map(column.map((item) => [item, barycentre(item, side)]));
      // Array.sort is stable: what ties keeps its order, which began by name.
      column.sort((a, b) => centre.get(a)! - centre.get(b)!);
      number(column);
    }
    for (const column of columns) if (column.length < SWAP_BELOW) swapNeighbours(column);
    const now = crossings(columns);
    if (now >= best) continue;
    best = now;
    kept = columns.map((c) => [...c]);
  }
  kept.forEach((column, c) => {
    columns[c] = column;
    number(column);
  });
}

function barycentre(item: Item, side: 'left' | 'right'): number {
  let sum = 0;
  let weight = 0;
  for (const link of item[side]) {
    sum += link.to.at * link.weight;
    weight += link.weight;
  }
  return weight === 0 ? item.at : sum / weight;
}
const number = (column: readonly Item[]): void => {
  for (let k = 0; k < column.length; k++) column[k]!.at = k;
};

function swapNeighbours(column: Item[]): void {
  for (let k = 0; k + 1 < column.length; k++) {
    const [a, b] = [column[k]!, column[k + 1]!];
    if (pairCrossings(b, a) >= pairCrossings(a, b)) continue;
    column[k] = b;
    column[k + 1] = a;
    b.at = k;
    a.at = k + 1;
  }
}
/** Crossings between the links of two items if `upper` stands above `lower`. */
function pairCrossings(upper: Item, lower: Item): number {
  let sum = 0;
  for (const e of upper.left) for (const f of lower.left) if (e.to.at > f.to.at) sum++;
  for (const e of upper.right) for (const f of lower.right) if (e.to.at > f.to.at) sum++;
  return sum;
}

/** Inversions of the ends of all links between neighbouring columns, counted with a binary indexed tree. */
export function crossings(columns: readonly (readonly Item[])[]): number {
  let sum = 0;
  for (let c = 0; c + 1 < columns.length; c++) {
    const size = columns[c + 1]!.length;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const item of columns[c]!) {
      const ends = item.right.map((l) => l.to.at);
      for (const end of ends) {
        let notAbove = 0;
        for (let i = end + 1; i > 0; i -= i & -i) notAbove += tree[i]!;
        sum += seen - notAbove;
      }
      for (const end of ends) for (let i = end + 1; i <= size; i += i & -i) tree[i]!++;
      seen += ends.length;
    }
  }
  return sum;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
