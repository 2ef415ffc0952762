/** Which part of a transaction the bars show. Plain values: every function gives a new one, inside the whole. */
import type { TimeRange } from '../../src/shared/protocol.ts';

export interface Zoom {
  readonly whole: TimeRange;
  readonly shown: TimeRange;
}
/** No closer than this: a capture's clock has at best nanoseconds, bars would jump. */
export const MIN_SHOWN_NS = 1_000;

export const zoomOut = (whole: TimeRange): Zoom => ({ whole, shown: whole });
export const isZoomed = (z: Zoom): boolean => z.shown.fromNs > z.whole.fromNs || z.shown.toNs < z.whole.toNs;

/** Any range in any order, brought inside the whole and to the least width. */
export function zoomTo(z: Zoom, fromNs: number, toNs: number): Zoom {
  const { whole } = z;
  const wholeNs = Math.max(1, whole.toNs - whole.fromNs);
  const spanNs = Math.min(wholeNs, Math.max(Math.abs(toNs - fromNs), Math.min(MIN_SHOWN_NS, wholeNs)));
  const middleNs = (fromNs + toNs) / 2;
  const from = Math.min(Math.max(whole.fromNs, middleNs - spanNs / 2), whole.fromNs + wholeNs - spanNs);
  return { whole, shown: { fromNs: from, toNs: Math.min(whole.fromNs + wholeNs, from + spanNs) } };
}

/** factor > 1 comes closer; the time at `atNs` keeps its place. */
export function zoomBy(z: Zoom, factor: number, atNs: number): Zoom {
  const { fromNs, toNs } = z.shown;
  const at = Math.min(toNs, Math.max(fromNs, atNs));
  const share = (at - fromNs) / Math.max(1, toNs - fromNs);
  const spanNs = Math.max(MIN_SHOWN_NS, (toNs - fromNs) / factor);
  return zoomTo(z, at - share * spanNs, at + (1 - share) * spanNs);
}

/** Positive moves later. Stops at the ends without changing the width. */
export function pan(z: Zoom, byNs: number): Zoom {
  const { fromNs, toNs } = z.shown;
  const by = Math.min(z.whole.toNs - toNs, Math.max(z.whole.fromNs - fromNs, byNs));
  return { whole: z.whole, shown: { fromNs: fromNs + by, toNs: toNs + by } };
}

/** A span with a tenth of its length as margin on both sides. */
export function zoomToSpan(z: Zoom, startNs: number, endNs: number): Zoom {
  const end = Number.isFinite(endNs) ? endNs : z.whole.toNs;
  const marginNs = Math.max(end - startNs, MIN_SHOWN_NS) * 0.1;
  return zoomTo(z, startNs - marginNs, end + marginNs);
}
