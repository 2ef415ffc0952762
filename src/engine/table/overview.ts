import type { TimeRange, WaterfallOverview } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';

const MAX_LANES = 12;
const MAX_COLUMNS = 4096;

/** The whole transaction as a raster: per pixel the longest call wins, and the number of calls is kept (the rule of Perfetto's mipmaps). */
export function overviewOf(a: Analysis, trace: number, range: TimeRange, wanted: number): WaterfallOverview {
  const { forest, times } = a;
  const columns = Math.min(MAX_COLUMNS, Math.max(1, Math.trunc(wanted)));
  let depth = 0;
  for (let p = forest.first[trace]!; p < forest.first[trace + 1]!; p++) depth = Math.max(depth, forest.depth[forest.order[p]!]! + 1);
  const lanes = Math.min(depth, MAX_LANES);
  const from = forest.first[trace]!;
  const n = forest.first[trace + 1]! - from;
  const service = new Int32Array(lanes * columns).fill(-1);
  // Counts as differences, and pixels painted once each, the longest call first: work is rows plus pixels, however long the calls are.
  const change = new Int32Array(lanes * (columns + 1));
  const durations = new Float64Array(n);
  for (let i = 0; i < n; i++) durations[i] = times.outerEnd(forest.order[from + i]!) - times.outerStart(forest.order[from + i]!);
  const byDuration = longestFirst(durations, range.toNs - range.fromNs);
  const free = new Int32Array(lanes * (columns + 1)).map((_, i) => i);
  const scale = columns / (range.toNs - range.fromNs);
  for (let k = 0; k < n; k++) {
    const row = forest.order[from + byDuration[k]!]!;
    const lane = Math.min(lanes - 1, forest.depth[row]!);
    const low = Math.min(columns - 1, Math.max(0, Math.floor((times.outerStart(row) - range.fromNs) * scale)));
    const high = Math.min(columns - 1, Math.max(low, Math.ceil((times.outerEnd(row) - range.fromNs) * scale) - 1));
    const at = lane * (columns + 1);
    change[at + low]!++;
    change[at + high + 1]!--;
    for (let i = nextFree(free, at + low); i <= at + high; i = nextFree(free, i)) {
      service[i - lane] = a.callee[row]!;
      free[i] = i + 1;
    }
  }
  const count = new Uint32Array(lanes * columns);
  for (let lane = 0; lane < lanes; lane++) {
    let open = 0;
    for (let i = 0; i < columns; i++) {
      open += change[lane * (columns + 1) + i]!;
      count[lane * columns + i] = open;
    }
  }
  return { columns, lanes, depth, service, count };
}

/** Steps of a duration that count: far below a pixel. */
const STEPS = 2 ** 30;
const MAX_INDEX = 2 ** 22;

/** Indices by falling duration, ties by index. Sorted as numbers made of both, which needs no comparison by a function (a fifth of the time). */
function longestFirst(durations: Float64Array, wholeNs: number): Uint32Array {
  const n = durations.length;
  if (n > MAX_INDEX) return Uint32Array.from(durations, (_, i) => i).sort((x, y) => durations[y]! - durations[x]! || x - y);
  const keys = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    const step = Math.round(Math.min(1, Math.max(0, durations[i]! / wholeNs)) * STEPS);
    keys[i] = (STEPS - step) * MAX_INDEX + i;
  }
  keys.sort();
  return Uint32Array.from(keys, (key) => key % MAX_INDEX);
}

/** First pixel at or behind `i` that isn't painted; each lane ends with one that never is. Paths are halved as they are walked. */
function nextFree(free: Int32Array, i: number): number {
  while (free[i] !== i) {
    free[i] = free[free[i]!]!;
    i = free[i]!;
  }
  return i;
}
