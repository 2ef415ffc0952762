/** Coordinates: columns to the right, each item as near to its neighbours as order and distance allow, then stretched into the room there is. */
import { type Chain, type Item, type LayoutEdge, type LayoutNode, layers } from './layers.ts';
import { type Route, route } from './routes.ts';

export interface LayoutOptions {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nodeWidthPx: number;
  readonly nodeHeightPx: number;
  /** Between services of a column, at least. */
  readonly gapPx: number;
  readonly laneHeightPx: number;
  readonly padPx: number;
  /** Between columns. */
  readonly minGapPx: number;
  readonly maxGapPx: number;
  /** How much spare height may pull the picture apart. */
  readonly stretch: number;
}
export interface PlacedNode {
  readonly id: number;
  readonly column: number;
  /** Left edge and centre. */
  readonly x: number;
  readonly y: number;
  readonly heightPx: number;
}
export interface Layout {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly nodes: ReadonlyMap<number, PlacedNode>;
  readonly routes: readonly Route[];
}
const ROUNDS = 40;
/** Between lanes and bars. */
const CLOSE_PX = 4;
/** Lanes pull at their edge: long edges run straight rather than service links. */
const LANE_PULL = 4;

export function layout(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], o: LayoutOptions): Layout {
  const { columns, chains } = layers(nodes, edges);
  const height = (item: Item) => (item.node ? (item.node.heightPx ?? o.nodeHeightPx) : o.laneHeightPx);
  const small = (item: Item) => item.node === null || item.node.heightPx !== undefined;
  const apart = (a: Item, b: Item) => (height(a) + height(b)) / 2 + (small(a) && small(b) ? CLOSE_PX : o.gapPx);
  for (const column of columns) stack(column, apart);
  for (let round = 0; round < ROUNDS; round++) for (const column of round % 2 ? columns.toReversed() : columns) settle(column, apart);

  const items = columns.flat();
  const top = Math.min(...items.map((i) => i.y - height(i) / 2));
  const bottom = Math.max(...items.map((i) => i.y + height(i) / 2));
  const backs = chains.filter((c) => c.back).length;
  const below = backs > 0 ? 20 + 10 * Math.min(8, backs) : 0;
  const room = o.heightPx - 2 * o.padPx - below;
  const factor = Math.max(1, Math.min(o.stretch, room / (bottom - top)));
  const tall = Math.max(o.heightPx, bottom - top + 2 * o.padPx + below);
  const step = columns.length < 2 ? 0 : stepOf(columns.length, o);
  const wide = Math.max(o.widthPx, step * (columns.length - 1) + o.nodeWidthPx + 2 * o.padPx);
  const left = (wide - step * (columns.length - 1) - o.nodeWidthPx) / 2;
  for (const item of items) item.y = Math.round((item.y - (top + bottom) / 2) * factor + (tall - below) / 2);

  const x = (item: Item) => Math.round(left + item.column * step);
  const placed = new Map<number, PlacedNode>();
  for (const item of items)
    if (item.node) placed.set(item.node.id, { id: item.node.id, column: item.column, x: x(item), y: item.y, heightPx: height(item) });
  return { widthPx: wide, heightPx: tall, nodes: placed, routes: routesOf(chains, columns, x, height, o) };
}

const stepOf = (count: number, o: LayoutOptions): number =>
  Math.min(o.nodeWidthPx + o.maxGapPx, Math.max(o.nodeWidthPx + o.minGapPx, (o.widthPx - 2 * o.padPx - o.nodeWidthPx) / (count - 1)));

const routesOf = (
  chains: readonly Chain[],
  columns: readonly (readonly Item[])[],
  x: (item: Item) => number,
  height: (item: Item) => number,
  o: LayoutOptions,
): Route[] => route(chains, columns, { x, height, nodeWidthPx: o.nodeWidthPx });

/** One below the other, centred on 0. */
function stack(column: readonly Item[], apart: (a: Item, b: Item) => number): void {
  let y = 0;
  column.forEach((item, k) => {
    if (k > 0) y += apart(column[k - 1]!, item);
    item.y = y;
  });
  for (const item of column) item.y -= y / 2;
}

/** The nearest positions to where links pull that keep order and distance: pool adjacent violators (Ayer et al. 1955). */
function settle(column: readonly Item[], apart: (a: Item, b: Item) => number): void {
  const offsets: number[] = [];
  const blocks: { sum: number; count: number }[] = [];
  let offset = 0;
  column.forEach((item, k) => {
    if (k > 0) offset += apart(column[k - 1]!, item);
    offsets.push(offset);
    let block = { sum: wanted(item) - offset, count: 1 };
    for (let last = blocks.at(-1); last && last.sum / last.count > block.sum / block.count; last = blocks.at(-1)) {
      blocks.pop();
      block = { sum: block.sum + last.sum, count: block.count + last.count };
    }
    blocks.push(block);
  });
  let k = 0;
  for (const { sum, count } of blocks) for (let j = 0; j < count; j++, k++) column[k]!.y = sum / count + offsets[k]!;
}

function wanted(item: Item): number {
  let sum = 0;
  let weight = 0;
  for (const links of [item.left, item.right])
    for (const link of links) {
      const w = link.weight * (item.node && link.to.node ? 1 : LANE_PULL);
      sum += link.to.y * w;
      weight += w;
    }
  return weight === 0 ? item.y : sum / weight;
}
