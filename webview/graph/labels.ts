/** Where labels of edges go: the first place on the edge that touches no service, no other edge and no other label; else only on hover. */
import type { Layout, LayoutOptions } from './layout.ts';
import { type Point, pointAt, type Route } from './routes.ts';

export interface Label {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly widthPx: number;
  /** Stands above a short level edge, without a pill. */
  readonly above: boolean;
  /** There was no free place: shown while the edge is pointed at or selected. */
  readonly onHover: boolean;
}
interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}
const PLACES = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82, 0.88, 0.92, 0.12, 0.08];
const SAMPLES = 48;
const CHARACTER_PX = 5.7;
const HALF_PX = 8;

/** `order`: busiest first, they get the better places. Edges without a text get no label. */
export function labels(
  l: Layout,
  o: LayoutOptions,
  order: readonly Route[],
  text: (edge: number) => string,
  width: (edge: number) => number,
  everyLabel: boolean,
): Map<number, Label> {
  const taken: Box[] = [...l.nodes.values()].map(({ x, y, heightPx }) => ({
    x0: x - 2,
    x1: x + o.nodeWidthPx + 2,
    y0: y - heightPx / 2 - 2,
    y1: y + heightPx / 2 + 2,
  }));
  const ink = everyLabel ? order.map((r) => ({ edge: r.edge, half: width(r.edge) / 2, points: samples(r) })) : [];
  const free = (me: number, b: Box) =>
    !taken.some((t) => b.x0 < t.x1 && b.x1 > t.x0 && b.y0 < t.y1 && b.y1 > t.y0) &&
    !ink.some((i) => i.edge !== me && i.points.some(([x, y]) => x > b.x0 - 2 && x < b.x1 + 2 && y > b.y0 - i.half && y < b.y1 + i.half));
  const out = new Map<number, Label>();
  for (const r of order) {
    const words = text(r.edge);
    if (words === '') continue;
    const widthPx = words.length * CHARACTER_PX + 8;
    out.set(r.edge, everyLabel ? place(r, words, widthPx, width(r.edge), free, taken) : hovering(r, words, widthPx));
  }
  return out;
}

function place(r: Route, text: string, widthPx: number, strokePx: number, free: (edge: number, box: Box) => boolean, taken: Box[]): Label {
  const [first, last] = [r.points[0]!, r.points.at(-1)!];
  const level = !r.back && last[0] - first[0] < widthPx * 1.8 && Math.abs(last[1] - first[1]) < 6;
  if (level) return { text, x: (first[0] + r.tip[0]) / 2, y: last[1] - 8 - strokePx / 2, widthPx, above: true, onHover: false };
  for (const u of PLACES) {
    const [x, y] = way(r, u);
    const box = { x0: x - widthPx / 2, x1: x + widthPx / 2, y0: y - HALF_PX, y1: y + HALF_PX };
    if (!free(r.edge, box)) continue;
    taken.push(box);
    return { text, x, y, widthPx, above: false, onHover: false };
  }
  return hovering(r, text, widthPx);
}

function hovering(r: Route, text: string, widthPx: number): Label {
  const [x, y] = way(r, 0.5);
  return { text, x, y, widthPx, above: false, onHover: true };
}
const way = (r: Route, u: number): Point =>
  r.back ? [r.points[0]![0] + (r.points[1]![0] - r.points[0]![0]) * u, r.points[0]![1]] : pointAt(r.points, u);
const samples = (r: Route): Point[] => Array.from({ length: SAMPLES + 1 }, (_, k) => way(r, k / SAMPLES));
