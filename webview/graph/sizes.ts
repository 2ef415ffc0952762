/** Which size services are drawn in, and the distances that go with it. */
import type { LayoutOptions } from './layout.ts';
import { NODE_HEIGHT_PX, type NodeSize } from './node.ts';

export interface Box {
  readonly widthPx: number;
  readonly heightPx: number;
}
/** Nodes by column. */
export type Columns = ReadonlyMap<number, number>;
const LARGE_UP_TO = 30;
const LOW_UP_TO = 80;
/** A picture shown smaller than this is better drawn with smaller services. */
const LEAST_SCALE = 0.8;

export function sizeFor(columns: Columns, box: Box): NodeSize {
  const nodes = [...columns.values()].reduce((a, b) => a + b, 0);
  const tallest = Math.max(0, ...columns.values());
  const fits = (size: NodeSize) => {
    const o = optionsFor(size, box, columns.size);
    const high = tallest * (o.nodeHeightPx + o.gapPx) + 2 * o.padPx;
    const wide = columns.size * (o.nodeWidthPx + o.minGapPx) + 2 * o.padPx;
    return Math.min(box.widthPx / wide, box.heightPx / high) >= LEAST_SCALE;
  };
  if (nodes <= LARGE_UP_TO && fits('large')) return 'large';
  return nodes <= LOW_UP_TO && fits('low') ? 'low' : 'line';
}

export function optionsFor(size: NodeSize, box: Box, columns: number): LayoutOptions {
  const { widthPx, heightPx } = box;
  const narrow = widthPx < 900;
  const flat = heightPx < 420;
  const common = { widthPx, heightPx, nodeHeightPx: NODE_HEIGHT_PX[size] };
  if (size === 'large')
    return {
      ...common,
      nodeWidthPx: narrow ? 136 : widthPx < 1100 ? 148 : 168,
      gapPx: flat ? 10 : 28,
      laneHeightPx: 12,
      padPx: flat ? 8 : 16,
      minGapPx: narrow ? 28 : 48,
      maxGapPx: 132,
      stretch: 2.2,
    };
  const room = Math.floor((widthPx - 24 - (columns - 1) * (size === 'low' ? 40 : 28)) / Math.max(1, columns));
  if (size === 'low')
    return {
      ...common,
      nodeWidthPx: Math.max(104, Math.min(144, room)),
      gapPx: narrow ? 8 : 12,
      laneHeightPx: 6,
      padPx: 12,
      minGapPx: narrow ? 28 : 32,
      maxGapPx: 120,
      stretch: 1.8,
    };
  return {
    ...common,
    nodeWidthPx: Math.max(120, Math.min(176, room)),
    gapPx: 7,
    laneHeightPx: 4,
    padPx: 12,
    minGapPx: 28,
    maxGapPx: 140,
    stretch: 1.6,
  };
}
