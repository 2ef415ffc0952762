import { CallFlag, type Extraction, UNSURE } from '../calls/callTable.ts';
import { type Forest, rootOf } from './forest.ts';
import type { Times } from './times.ts';

/** Below this a link is a guess. */
export const LIKELY = 0.6;

/** One transaction a row, in arrays. */
export interface TraceSummaries {
  /** Root's duration, ns. */
  readonly durationNs: Float64Array;
  readonly errors: Int32Array;
  readonly guesses: Int32Array;
  /** Of its inferred links; 1 when there is none. */
  readonly minConfidence: Float32Array;
  /** Share of the transactions of the same entry endpoint that are faster; NaN where the root's duration was not measured, and those don't count. */
  readonly slowerThan: Float32Array;
  /** Latest end of any of its calls: background work outlives the root. */
  readonly endNs: Float64Array;
  /** 1: every call is answered and the root's time is measured. */
  readonly complete: Uint8Array;
}

export function* summariseTraces(
  x: Extraction,
  f: Forest,
  times: Times,
  confidence: Float32Array,
  endpoint: Int32Array,
): Generator<number, TraceSummaries> {
  const n = f.traces;
  const s: TraceSummaries = {
    durationNs: new Float64Array(n),
    errors: new Int32Array(n),
    guesses: new Int32Array(n),
    minConfidence: new Float32Array(n).fill(1),
    slowerThan: new Float32Array(n).fill(Number.NaN),
    endNs: new Float64Array(n),
    complete: new Uint8Array(n),
  };
  const { flags } = x.calls;
  let work = 0;
  for (let t = 0; t < n; t++) {
    const root = rootOf(f, t);
    let complete = (flags[root]! & UNSURE) === 0;
    s.durationNs[t] = Math.max(0, times.innerEnd(root) - times.innerStart(root));
    let endNs = Number.NEGATIVE_INFINITY;
    for (let p = f.first[t]!; p < f.first[t + 1]!; p++) {
      const row = f.order[p]!;
      if ((flags[row]! & CallFlag.failed) !== 0) s.errors[t]!++;
      if ((flags[row]! & CallFlag.noResponse) !== 0) complete = false;
      endNs = Math.max(endNs, times.outerEnd(row));
      if (f.parent[row]! < 0) continue;
      if (confidence[row]! < LIKELY) s.guesses[t]!++;
      if (confidence[row]! < s.minConfidence[t]!) s.minConfidence[t] = confidence[row]!;
      if (++work % 65_536 === 0) yield work;
    }
    s.endNs[t] = endNs;
    s.complete[t] = complete ? 1 : 0;
  }
  const measured = Uint32Array.from({ length: n }, (_, t) => t).filter((t) => (flags[rootOf(f, t)]! & UNSURE) === 0);
  rankWithinEntry(
    s,
    measured,
    Int32Array.from({ length: n }, (_, t) => endpoint[rootOf(f, t)]!),
  );
  return s;
}

/** Fills `slowerThan` of these transactions, among themselves. Equal durations get the same share. */
function rankWithinEntry(s: TraceSummaries, order: Uint32Array, entry: Int32Array): void {
  order.sort((a, b) => entry[a]! - entry[b]! || s.durationNs[a]! - s.durationNs[b]! || a - b);
  for (let from = 0; from < order.length; ) {
    let to = from;
    while (to < order.length && entry[order[to]!] === entry[order[from]!]) to++;
    let faster = 0;
    for (let k = from; k < to; k++) {
      if (k > from && s.durationNs[order[k]!]! > s.durationNs[order[k - 1]!]!) faster = k - from;
      s.slowerThan[order[k]!] = faster / (to - from);
    }
    from = to;
  }
}
