/** Scores links against the truth. */
import type { DataSet } from './data.ts';

export interface Links {
  readonly parent: Int32Array;
  readonly confidence: Float32Array;
  readonly candidates: Uint16Array;
}
/** `said` mean stated confidence, `right` share that was right, of `count` links. */
export interface Bin {
  readonly said: number;
  readonly right: number;
  readonly count: number;
}
export interface Score {
  readonly spanAccuracy: number;
  readonly traceAccuracy: number;
  readonly singleTraceAccuracy: number;
  /** Ten bins of stated confidence, over links that had more than one candidate. */
  readonly calibration: readonly Bin[];
  /** Expected calibration error over the same links, and the worst bin of at least 50 links. */
  readonly calibrationError: number;
  readonly worstBin: number;
  /** The same over every link with a parent. */
  readonly calibrationAll: readonly Bin[];
  /** Whether each transaction is right, for paired tests. */
  readonly rightTrace: Uint8Array;
}

const BINS = 10;

function bins(pairs: Iterable<readonly [number, boolean]>): Bin[] {
  const sums = Array.from({ length: BINS }, () => ({ said: 0, right: 0, count: 0 }));
  for (const [said, right] of pairs) {
    const bin = sums[Math.min(BINS - 1, Math.floor(said * BINS))]!;
    bin.said += said;
    bin.right += right ? 1 : 0;
    bin.count++;
  }
  return sums.map(({ said, right, count }) => ({ said: count ? said / count : 0, right: count ? right / count : 0, count }));
}

/**
 * Span accuracy: share of calls with a true parent whose parent was found. Trace accuracy: share of transactions all of whose links are right and
 * which received no foreign call. Single: only links sent by services with one caller count (TraceWeaver's protocol).
 */
export function score(data: DataSet, links: Links): Score {
  const callersOf = new Map<string, Set<string>>();
  for (const line of data.lines) {
    const callee = line.callee ?? '';
    const callers = callersOf.get(callee);
    if (callers) callers.add(line.caller ?? '');
    else callersOf.set(callee, new Set([line.caller ?? '']));
  }
  const wrong = new Uint8Array(data.traces);
  const wrongSingle = new Uint8Array(data.traces);
  const ambiguous: [number, boolean][] = [];
  const all: [number, boolean][] = [];
  let total = 0;
  let good = 0;
  data.lines.forEach((line, row) => {
    const truth = data.parent[row]!;
    const said = links.parent[row]!;
    const right = truth === said;
    if (truth !== -1) {
      total++;
      if (right) good++;
    }
    if (said >= 0) {
      all.push([links.confidence[row]!, right]);
      if (links.candidates[row]! > 1) ambiguous.push([links.confidence[row]!, right]);
    }
    if (right) return;
    const single = (callersOf.get(line.caller ?? '')?.size ?? 0) <= 1;
    for (const trace of said >= 0 ? [data.trace[row]!, data.trace[said]!] : [data.trace[row]!]) {
      wrong[trace] = 1;
      if (single) wrongSingle[trace] = 1;
    }
  });
  const share = (flags: Uint8Array) => 1 - flags.reduce((sum, flag) => sum + flag, 0) / Math.max(1, data.traces);
  const calibration = bins(ambiguous);
  const links2 = Math.max(1, ambiguous.length);
  return {
    spanAccuracy: total ? good / total : 1,
    traceAccuracy: share(wrong),
    singleTraceAccuracy: share(wrongSingle),
    calibration,
    calibrationError: calibration.reduce((sum, bin) => sum + (bin.count / links2) * Math.abs(bin.said - bin.right), 0),
    worstBin: calibration.reduce((worst, bin) => (bin.count >= 50 ? Math.max(worst, Math.abs(bin.said - bin.right)) : worst), 0),
    calibrationAll: bins(all),
    rightTrace: wrong.map((flag) => 1 - flag),
  };
}

/** McNemar's test on transactions, two-sided and exact (binomial): how often only one of two algorithms is right. */
export function mcnemar(a: Uint8Array, b: Uint8Array): { onlyFirst: number; onlySecond: number; p: number } {
  let onlyFirst = 0;
  let onlySecond = 0;
  a.forEach((right, i) => {
    if (right && !b[i]) onlyFirst++;
    if (!right && b[i]) onlySecond++;
  });
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  let logTerm = -n * Math.LN2;
  let tail = 0;
  for (let k = 0; k <= least; k++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((n - k) / (k + 1));
  }
  return { onlyFirst, onlySecond, p: Math.min(1, 2 * tail) };
}
