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
  const service = new Int32Array(lanes * columns).fill(-1);
  const count = new Uint32Array(lanes * columns);
  const longest = new Float64Array(lanes * columns).fill(-1);
  const scale = columns / (range.toNs - range.fromNs);
  for (let p = forest.first[trace]!; p < forest.first[trace + 1]!; p++) {
    const row = forest.order[p]!;
    const start = times.outerStart(row);
    const end = times.outerEnd(row);
    const lane = Math.min(lanes - 1, forest.depth[row]!) * columns;
    const from = Math.min(columns - 1, Math.max(0, Math.floor((start - range.fromNs) * scale)));
    const to = Math.min(columns - 1, Math.max(from, Math.ceil((end - range.fromNs) * scale) - 1));
    for (let i = lane + from; i <= lane + to; i++) {
      count[i]!++;
      if (end - start <= longest[i]!) continue;
      longest[i] = end - start;
      service[i] = a.callee[row]!;
    }
  }
  return { columns, lanes, depth, service, count };
}
