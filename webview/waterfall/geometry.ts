/** Where a waterfall puts things, in CSS pixels. One row is one call; the canvas covers the bars and the duration column. */
import type { TimeRange } from '../../src/shared/protocol.ts';

export const ROW_PX = 24;
export const BAR_PX = 14;
export const BAR_TOP_PX = 5;
export const INDENT_PX = 12;
export const OVERVIEW_PX = 40;
export const RULER_PX = 24;
/** Room left of the first bar and, on the right, for the column of durations. */
export const LEFT_PX = 8;
export const DURATIONS_PX = 72;
export const TREE_PX = { wide: 296, narrow: 216 } as const;
/** The critical path runs 2 px wide, 2 px under the bar. */
export const CRITICAL_Y_PX = BAR_TOP_PX + BAR_PX + 2;
/** Bytes of request and response are drawn at least this wide (an eighth of a short bar), and only in bars wide enough to keep them apart. */
const INSET_PX = 5;
const INSET_SHARE = 1 / 8;
const INSET_FROM_PX = 16;

/** Linear map between time (ns) and x inside the bars. `widthPx` includes the duration column. */
export interface TimeScale {
  readonly range: TimeRange;
  readonly leftPx: number;
  readonly rightPx: number;
  x(ns: number): number;
  ns(x: number): number;
}
export function timeScale(range: TimeRange, widthPx: number, offsetPx = 0): TimeScale {
  const leftPx = offsetPx + LEFT_PX;
  const rightPx = Math.max(leftPx + 1, offsetPx + widthPx - DURATIONS_PX);
  const spanNs = Math.max(1, range.toNs - range.fromNs);
  const perNs = (rightPx - leftPx) / spanNs;
  return {
    range,
    leftPx,
    rightPx,
    x: (ns) => leftPx + (ns - range.fromNs) * perNs,
    ns: (x) => range.fromNs + (x - leftPx) / perNs,
  };
}

/** A rectangle along one row: left edge and width in px. */
export interface Piece {
  readonly x: number;
  readonly w: number;
}
/** What one bar is made of: its whole, the parts that wait for children, and the insets of request and response bytes. */
export interface BarPieces {
  readonly bar: Piece;
  readonly waiting: readonly Piece[];
  readonly request: Piece | null;
  readonly response: Piece | null;
}
export interface BarTimes {
  readonly startNs: number;
  readonly endNs: number;
  readonly requestEndNs: number;
  readonly responseStartNs: number;
  /** Disjoint [from, to) pairs in order, inside the bar. */
  readonly waitingNs: ArrayLike<number>;
}

/** Clipped to [clipFrom, clipTo]; null when the bar lies outside. A bar is never thinner than 2 px, so that it stays visible. */
export function barPieces(scale: TimeScale, t: BarTimes, clipFrom: number, clipTo: number): BarPieces | null {
  const x0 = scale.x(t.startNs);
  const x1 = Math.max(scale.x(Number.isFinite(t.endNs) ? t.endNs : scale.range.toNs), x0 + 2);
  if (x1 < clipFrom || x0 > clipTo) return null;
  const clip = (a: number, b: number): Piece | null => {
    const from = Math.max(a, clipFrom);
    const to = Math.min(b, clipTo);
    return to > from ? { x: from, w: to - from } : null;
  };
  const bar = clip(x0, x1);
  if (!bar) return null;
  const waiting: Piece[] = [];
  for (let i = 0; i + 1 < t.waitingNs.length; i += 2) {
    const a = scale.x(t.waitingNs[i]!);
    const b = Math.min(scale.x(t.waitingNs[i + 1]!), x1);
    // Thinner than half a pixel would only darken the bar.
    const piece = b - a >= 0.5 ? clip(a, b) : null;
    if (piece) waiting.push(piece);
  }
  if (x1 - x0 <= INSET_FROM_PX) return { bar, waiting, request: null, response: null };
  const half = (x1 - x0) / 2;
  const least = Math.min(INSET_PX, (x1 - x0) * INSET_SHARE);
  const width = (ns: number) => Math.min(half, Math.max(least, scale.x(scale.range.fromNs + ns) - scale.leftPx));
  const finite = (v: number, or: number) => (Number.isFinite(v) ? v : or);
  return {
    bar,
    waiting,
    request: clip(x0, x0 + width(finite(t.requestEndNs, t.startNs) - t.startNs)),
    response: Number.isFinite(t.endNs) ? clip(x1 - width(t.endNs - finite(t.responseStartNs, t.endNs)), x1) : null,
  };
}

/** scrollTop that shows a row with the least movement. */
export function scrollToShow(row: number, scrollTopPx: number, heightPx: number, rowPx = ROW_PX): number {
  const top = row * rowPx;
  if (top < scrollTopPx) return top;
  if (top + rowPx > scrollTopPx + heightPx) return Math.max(0, top + rowPx - heightPx);
  return scrollTopPx;
}
