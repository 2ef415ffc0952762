/** Ways of edges between placed services: ports in the order of where they lead, curves between columns, straight lanes across them. */
import type { Chain, Item } from './layers.ts';

export type Point = readonly [number, number];
export interface Route {
  readonly edge: number;
  /** SVG path data. */
  readonly path: string;
  /** Corners of the way: from the port through both ends of each lane to the arrow. Two for an edge that leads back. */
  readonly points: readonly Point[];
  /** Where the arrow's point is, and which way it looks. */
  readonly tip: Point;
  readonly tipUp: boolean;
  readonly back: boolean;
}
export interface RouteOptions {
  readonly x: (item: Item) => number;
  readonly height: (item: Item) => number;
  readonly nodeWidthPx: number;
}
const ARROW_PX = 7;
const PORTS_APART_PX = 10;
/** No port at the corners. */
const PORT_MARGIN_PX = 12;

export function route(chains: readonly Chain[], columns: readonly (readonly Item[])[], o: RouteOptions): Route[] {
  const out = ports(chains, o, 'out');
  const into = ports(chains, o, 'in');
  let backs = 0;
  return chains.map((chain) => {
    if (chain.back) return backRoute(chain, columns, o, backs++);
    const from = chain.items[0]!;
    const to = chain.items.at(-1)!;
    const points: Point[] = [[o.x(from) + o.nodeWidthPx, out.get(chain)!]];
    for (const lane of chain.items.slice(1, -1)) points.push([o.x(lane), lane.y], [o.x(lane) + o.nodeWidthPx, lane.y]);
    const tip: Point = [o.x(to), into.get(chain)!];
    points.push([tip[0] - ARROW_PX, tip[1]]);
    return { edge: chain.edge.id, path: pathOf(points), points, tip, tipUp: false, back: false };
  });
}

/** Heights at which edges leave or reach their service. */
function ports(chains: readonly Chain[], o: RouteOptions, way: 'in' | 'out'): Map<Chain, number> {
  const byItem = new Map<Item, Chain[]>();
  for (const chain of chains) {
    if (chain.back) continue;
    const item = way === 'out' ? chain.items[0]! : chain.items.at(-1)!;
    const list = byItem.get(item);
    if (list) list.push(chain);
    else byItem.set(item, [chain]);
  }
  const heights = new Map<Chain, number>();
  const next = (chain: Chain) => (way === 'out' ? chain.items[1]! : chain.items.at(-2)!);
  for (const [item, list] of byItem) {
    list.sort((a, b) => next(a).y - next(b).y || a.edge.id - b.edge.id);
    const step = list.length < 2 ? 0 : Math.min(PORTS_APART_PX, Math.max(0, o.height(item) - PORT_MARGIN_PX) / (list.length - 1));
    list.forEach((chain, k) => {
      heights.set(chain, item.y + (k - (list.length - 1) / 2) * step);
    });
  }
  return heights;
}

/** Curves between columns, straight lines along lanes. */
function pathOf(points: readonly Point[]): string {
  let d = `M${points[0]}`;
  for (let k = 1; k < points.length; k++) {
    const [a, b] = [points[k - 1]!, points[k]!];
    const mid = (a[0] + b[0]) / 2;
    d += k % 2 === 1 ? `C${mid},${a[1]} ${mid},${b[1]} ${b}` : `L${b}`;
  }
  return d;
}

/** Below everything between its ends, so that it crosses no service. */
function backRoute(chain: Chain, columns: readonly (readonly Item[])[], o: RouteOptions, place: number): Route {
  const [from, to] = [chain.items[0]!, chain.items.at(-1)!];
  const half = (item: Item) => o.height(item) / 2;
  let floor = Math.max(from.y + half(from), to.y + half(to));
  for (let c = Math.min(from.column, to.column); c <= Math.max(from.column, to.column); c++)
    for (const item of columns[c]!) floor = Math.max(floor, item.y + half(item));
  const y = floor + 16 + 10 * (place % 8);
  const self = from === to;
  const x1 = o.x(from) + o.nodeWidthPx * (self ? 0.7 : 0.5);
  const x2 = o.x(to) + o.nodeWidthPx * (self ? 0.3 : 0.5);
  const bend = Math.min(20, Math.abs(x1 - x2) / 2);
  const way = x2 < x1 ? -1 : 1;
  const [y1, y2] = [from.y + half(from), to.y + half(to)];
  const path = `M${x1},${y1}L${x1},${y - bend}Q${x1},${y} ${x1 + way * bend},${y}L${x2 - way * bend},${y}Q${x2},${y} ${x2},${y - bend}L${x2},${y2 + ARROW_PX}`;
  return {
    edge: chain.edge.id,
    path,
    points: [
      [x1, y],
      [x2, y],
    ],
    tip: [x2, y2],
    tipUp: true,
    back: true,
  };
}

/** The point of a way at share `u` of its width. */
export function pointAt(points: readonly Point[], u: number): Point {
  const [first, last] = [points[0]!, points.at(-1)!];
  const x = first[0] + (last[0] - first[0]) * u;
  let k = 1;
  while (k < points.length - 1 && x > points[k]![0]) k++;
  const [a, b] = [points[k - 1]!, points[k]!];
  if (k % 2 === 0) return [x, a[1]];
  // The curve C(mid,a) (mid,b): its x is 1.5 m (1-m)^2 + 1.5 m^2 (1-m) + m^3 of the width; solved for m by halving.
  const share = Math.min(1, Math.max(0, (x - a[0]) / (b[0] - a[0] || 1)));
  let [lo, hi] = [0, 1];
  for (let i = 0; i < 20; i++) {
    const m = (lo + hi) / 2;
    const at = 1.5 * m * (1 - m) * (1 - m) + 1.5 * m * m * (1 - m) + m * m * m;
    if (at < share) lo = m;
    else hi = m;
  }
  const m = (lo + hi) / 2;
  return [x, a[1] + (b[1] - a[1]) * (3 * m * m - 2 * m * m * m)];
}
