/** Which size services are drawn in, and the distances that go with it. */
import type { LayoutOptions } from './layout.ts';
import { NODE_HEIGHT_PX, type NodeSize } from './node.ts';

const LARGE_UP_TO = 30;
const LOW_UP_TO = 80;

export const sizeFor = (nodes: number): NodeSize => (nodes <= LARGE_UP_TO ? 'large' : nodes <= LOW_UP_TO ? 'low' : 'line');

export function optionsFor(size: NodeSize, widthPx: number, heightPx: number, columns: number): LayoutOptions {
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
  const room = Math.floor((widthPx - 24 - (columns - 1) * 40) / Math.max(1, columns));
  const nodeWidthPx = Math.max(size === 'low' ? 104 : 92, Math.min(144, room));
  if (size === 'low')
    return {
      ...common,
      nodeWidthPx,
      gapPx: narrow ? 8 : 12,
      laneHeightPx: 6,
      padPx: 12,
      minGapPx: narrow ? 30 : 36,
      maxGapPx: 120,
      stretch: 1.6,
    };
  return { ...common, nodeWidthPx, gapPx: 6, laneHeightPx: 4, padPx: 12, minGapPx: 48, maxGapPx: 120, stretch: 1.2 };
}
