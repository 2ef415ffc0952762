/**
 * Many intervals in few pixels: one rectangle per pixel and lane, the longest interval wins and the number of intervals is kept
 * (Perfetto's rule for quantised slices). Work is linear in intervals; memory in lanes x columns.
 */
import type { TimeRange } from '../../src/shared/protocol.ts';

export interface Raster {
  readonly range: TimeRange;
  readonly columns: number;
  readonly lanes: number;
  /** Service of the longest interval that touches the pixel, -1 none. Index lane * columns + column. */
  readonly service: Int32Array;
  readonly longestNs: Float64Array;
  readonly count: Uint32Array;
}
export interface Run {
  readonly fromColumn: number;
  /** Exclusive. */
  readonly toColumn: number;
  readonly service: number;
  /** Most intervals under one pixel of the run. */
  readonly count: number;
}

export function newRaster(range: TimeRange, columns: number, lanes: number): Raster {
  const size = Math.max(1, columns) * Math.max(1, lanes);
  return {
    range,
    columns: Math.max(1, columns),
    lanes: Math.max(1, lanes),
    service: new Int32Array(size).fill(-1),
    longestNs: new Float64Array(size).fill(-1),
    count: new Uint32Array(size),
  };
}

/** Intervals deeper than the last lane fall into the last lane. Equal lengths: the one added first stays. */
export function addInterval(r: Raster, lane: number, startNs: number, endNs: number, service: number): void {
  const perNs = r.columns / Math.max(1, r.range.toNs - r.range.fromNs);
  const end = Number.isFinite(endNs) ? endNs : r.range.toNs;
  const first = Math.floor((startNs - r.range.fromNs) * perNs);
  const last = Math.max(first, Math.ceil((end - r.range.fromNs) * perNs) - 1);
  if (last < 0 || first >= r.columns) return;
  const base = Math.min(lane, r.lanes - 1) * r.columns;
  const lengthNs = end - startNs;
  for (let c = Math.max(0, first); c <= Math.min(last, r.columns - 1); c++) {
    const k = base + c;
    r.count[k]! += 1;
    if (lengthNs <= r.longestNs[k]!) continue;
    r.longestNs[k] = lengthNs;
    r.service[k] = service;
  }
}

/** Neighbouring pixels of one service as rectangles, left to right. */
export function runsOf(r: Raster, lane: number): Run[] {
  const out: Run[] = [];
  const base = lane * r.columns;
  let from = -1;
  let service = -1;
  let count = 0;
  for (let c = 0; c <= r.columns; c++) {
    const s = c < r.columns && r.count[base + c]! > 0 ? r.service[base + c]! : -2;
    if (from >= 0 && s === service) {
      count = Math.max(count, r.count[base + c]!);
      continue;
    }
    if (from >= 0) out.push({ fromColumn: from, toColumn: c, service, count });
    from = s === -2 ? -1 : c;
    service = s;
    count = s === -2 ? 0 : r.count[base + c]!;
  }
  return out;
}
