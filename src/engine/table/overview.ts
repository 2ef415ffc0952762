import type { TimeRange, WaterfallOverview } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';

const MAX_LANES = 12;
const MAX_COLUMNS = 4096;

/** The whole transaction as a raster: per pixel the longest call wins, and the number of calls is kept (the rule of Perfetto's mipmaps). */
export function overviewOf(a: Analysis, trace: number, range: TimeRange, wanted: number): WaterfallOverview {
  const { forest, times } = a;
  const columns = Math.min(MAX_COLUMNS, Math.max(1, Math.trunc(wanted)));
  const from = forest.first[trace]!;
  const n = forest.first[trace + 1]! - from;
  let depth = 0;
  for (let p = from; p < from + n; p++) depth = Math.max(depth, forest.depth[forest.order[p]!]! + 1);
  const lanes = Math.min(depth, MAX_LANES);
  const raster = new Raster(lanes, columns, n);
  const scale = columns / (range.toNs - range.fromNs);
  for (let i = 0; i < n; i++) {
    const row = forest.order[from + i]!;
    const start = times.outerStart(row);
    const end = times.outerEnd(row);
    raster.add(i, Math.min(lanes - 1, forest.depth[row]!), end - start, (start - range.fromNs) * scale, (end - range.fromNs) * scale);
  }
  const longest = raster.longest();
  const service = new Int32Array(lanes * columns);
  for (let at = 0; at < service.length; at++) service[at] = longest[at]! < 0 ? -1 : a.callee[forest.order[from + longest[at]!]!]!;
  return { columns, lanes, depth, service, count: raster.counts() };
}

/**
 * Calls on lanes of pixels. Those of one pixel, in a large transaction nearly all, need no order; the others paint pixels once each, the
 * longest first: work is calls plus pixels, however long the calls are. A method a call, which is compiled long before a long loop is.
 */
class Raster {
  private readonly columns: number;
  /** A pixel more than a lane has: where counts that reach the end go down. */
  private readonly stride: number;
  private readonly change: Int32Array;
  /** Index of the longest call of each pixel, -1: none; ties go to the first. */
  private readonly winner: Int32Array;
  private readonly durationNs: Float64Array;
  private readonly wide: { readonly i: number; readonly low: number; readonly high: number }[] = [];

  constructor(lanes: number, columns: number, calls: number) {
    this.columns = columns;
    this.stride = columns + 1;
    this.change = new Int32Array(lanes * this.stride);
    this.winner = new Int32Array(lanes * this.stride).fill(-1);
    this.durationNs = new Float64Array(calls);
  }

  /** `start`, `end`: in pixels. */
  add(i: number, lane: number, durationNs: number, start: number, end: number): void {
    const { columns, change } = this;
    const first = lane * this.stride;
    const low = first + Math.min(columns - 1, Math.max(0, Math.floor(start)));
    const high = Math.min(first + columns - 1, Math.max(low, first + Math.ceil(end) - 1));
    change[low]!++;
    change[high + 1]!--;
    this.durationNs[i] = durationNs;
    if (high > low) this.wide.push({ i, low, high });
    else this.paint(low, i);
  }

  private paint(pixel: number, i: number): void {
    const { winner, durationNs } = this;
    const held = winner[pixel]!;
    if (held < 0 || durationNs[i]! > durationNs[held]! || (durationNs[i] === durationNs[held] && i < held)) winner[pixel] = i;
  }

  /** Lane by lane; -1: no call. */
  longest(): Int32Array {
    const { wide, durationNs, winner, columns, stride } = this;
    const free = new Int32Array(winner.length);
    for (let pixel = 0; pixel < free.length; pixel++) free[pixel] = pixel;
    wide.sort((x, y) => durationNs[y.i]! - durationNs[x.i]! || x.i - y.i);
    for (const { i, low, high } of wide) {
      for (let pixel = nextFree(free, low); pixel <= high; pixel = nextFree(free, pixel)) {
        this.paint(pixel, i);
        free[pixel] = pixel + 1;
      }
    }
    const out = new Int32Array((winner.length / stride) * columns);
    for (let lane = 0; lane * columns < out.length; lane++)
      out.set(winner.subarray(lane * stride, lane * stride + columns), lane * columns);
    return out;
  }

  counts(): Uint32Array {
    const { change, columns, stride } = this;
    const out = new Uint32Array((change.length / stride) * columns);
    for (let at = 0, open = 0; at < out.length; at++) {
      if (at % columns === 0) open = 0;
      open += change[at + Math.floor(at / columns)]!;
      out[at] = open;
    }
    return out;
  }
}

/** First pixel at or behind `i` that isn't painted; each lane ends with one that never is. Paths are halved as they are walked. */
function nextFree(free: Int32Array, i: number): number {
  while (free[i] !== i) {
    free[i] = free[free[i]!]!;
    i = free[i]!;
  }
  return i;
}
