/** Numbers behind the histogram, the heatmap and the time overview. */
import type { Heatmap, Histogram, TimeRange } from '../../shared/protocol.ts';

import type { LatencySketch } from './sketch.ts';

const MAX_BINS = 512;
const clamp = (v: number, low: number, high: number) => Math.min(high, Math.max(low, v));

/** `bins` + 1 edges of equal width in log, from the least to the greatest value; a single value gets a band of a tenth around it. */
export function logEdges(minNs: number, maxNs: number, bins: number): Float64Array {
  let low = Math.max(1, minNs);
  let high = Math.max(low, maxNs);
  if (high < low * 1.001) {
    high = low * 1.05;
    low /= 1.05;
  }
  const edges = new Float64Array(bins + 1);
  const step = Math.log(high / low) / bins;
  for (let i = 0; i <= bins; i++) edges[i] = low * Math.exp(step * i);
  edges[bins] = high;
  return edges;
}

/** Bin of a value among edges of equal log width; values at or beyond the ends fall in the outer bins. */
function binOf(edges: Float64Array, value: number): number {
  const bins = edges.length - 1;
  const step = Math.log(edges[bins]! / edges[0]!) / bins;
  let bin = clamp(Math.floor(Math.log(Math.max(1, value) / edges[0]!) / step), 0, bins - 1);
  // The logarithm rounds: an edge belongs to the bin above it.
  if (bin + 1 < bins && value >= edges[bin + 1]!) bin++;
  else if (bin > 0 && value < edges[bin]!) bin--;
  return bin;
}

/** `more`: further latencies, each of which falls in the bin of the value that stands for it. */
export function histogram(latencies: ArrayLike<number>, bins: number, more?: LatencySketch): Histogram {
  bins = clamp(Math.trunc(bins), 1, MAX_BINS);
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < latencies.length; i++) {
    const v = latencies[i]!;
    if (Number.isNaN(v)) continue;
    min = Math.min(min, v);
    max = Math.max(max, v);
  }
  if (more !== undefined && more.count > 0) {
    min = Math.min(min, more.minNs);
    max = Math.max(max, more.maxNs);
  }
  if (max < min) return { edgesNs: new Float64Array(0), counts: new Uint32Array(0) };
  const edgesNs = logEdges(min, max, bins);
  const counts = new Uint32Array(bins);
  for (let i = 0; i < latencies.length; i++) if (!Number.isNaN(latencies[i]!)) counts[binOf(edgesNs, latencies[i]!)]!++;
  more?.eachBin((ns, n) => {
    counts[binOf(edgesNs, ns)]! += n;
  });
  return { edgesNs, counts };
}

/** startsNs and latencies are parallel; NaN latencies are left out. */
export function heatmap(
  startsNs: ArrayLike<number>,
  latencies: ArrayLike<number>,
  range: TimeRange,
  columns: number,
  rows: number,
): Heatmap {
  columns = clamp(Math.trunc(columns), 1, MAX_BINS);
  rows = clamp(Math.trunc(rows), 1, MAX_BINS);
  const { edgesNs } = histogram(latencies, rows);
  const counts = new Uint32Array(edgesNs.length === 0 ? 0 : rows * columns);
  const scale = columns / Math.max(1, range.toNs - range.fromNs);
  for (let i = 0; i < latencies.length && counts.length > 0; i++) {
    const v = latencies[i]!;
    if (Number.isNaN(v)) continue;
    const column = clamp(Math.floor((startsNs[i]! - range.fromNs) * scale), 0, columns - 1);
    counts[binOf(edgesNs, v) * columns + column]!++;
  }
  return { columns: counts.length === 0 ? 0 : columns, rows: counts.length === 0 ? 0 : rows, range, edgesNs, counts };
}

/** Median of the values in each of `slices` equal parts of the range; NaN where there is none. */
export function trend(startsNs: ArrayLike<number>, values: ArrayLike<number>, range: TimeRange, slices: number): Float64Array {
  const parts: number[][] = Array.from({ length: slices }, () => []);
  const scale = slices / Math.max(1, range.toNs - range.fromNs);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i]!)) continue;
    parts[clamp(Math.floor((startsNs[i]! - range.fromNs) * scale), 0, slices - 1)]!.push(values[i]!);
  }
  return Float64Array.from(parts, (part) => {
    if (part.length === 0) return Number.NaN;
    part.sort((a, b) => a - b);
    return part[(part.length - 1) >> 1]!;
  });
}
