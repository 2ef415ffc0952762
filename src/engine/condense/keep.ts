/** Which transactions stay in detail when there is no room for all: the rule behind "kept by rule" in the views. */
import type { Analysis } from '../analysis.ts';
import { contentHash } from '../bytes/contentHash.ts';
import { callId } from '../calls/callId.ts';
import { rootOf, spansOf } from '../traces/forest.ts';

/** Calls of an endpoint whose transactions are kept because they are its slowest: as many as its page lists. */
const SLOWEST_CALLS = 20;

export interface Kept {
  /** 1 by transaction. */
  readonly traces: Uint8Array;
  /** Transactions whose hash lies below are all kept, whatever they are like: a uniform sample of everything there was. */
  readonly sampleBelow: number;
}

/** The place of a transaction in the sample: 0..1, from its content, the same in every run. */
export function sampleHash(a: Analysis, trace: number): number {
  return (contentHash(callId(a.extraction, rootOf(a.forest, trace))) % 2 ** 32) / 2 ** 32;
}

/**
 * Chooses among the transactions marked 1 in `settled` until about `budget` calls are kept. First one example of every edge and endpoint and the
 * slowest calls of every endpoint; then, up to a quarter of the budget each, the slowest transactions of every entry, those with errors, those
 * with uncertain links; what is left, a quarter at least, is a uniform sample. Order within errors, uncertain and sample is that of the hashes, so choosing again
 * among the kept and newer ones is choosing among all. `below`: no hash above belongs to the sample any more.
 */
export function keepByRule(a: Analysis, settled: Uint8Array, hashes: Float64Array, budget: number, below: number): Kept {
  const { forest, traces } = a;
  const kept = new Uint8Array(forest.traces);
  let calls = 0;
  const keep = (t: number) => {
    if (kept[t] === 1) return;
    kept[t] = 1;
    calls += spansOf(forest, t);
  };
  const byHash: number[] = [];
  for (let t = 0; t < forest.traces; t++) if (settled[t] === 1) byHash.push(t);
  byHash.sort((x, y) => hashes[x]! - hashes[y]! || x - y);

  const edges = new Uint8Array(a.edges.length);
  const endpoints = new Uint8Array(a.endpoints.list.length);
  for (const t of byHash) {
    for (let p = forest.first[t]!; p < forest.first[t + 1]!; p++) {
      const row = forest.order[p]!;
      if (edges[a.edge[row]!] === 1 && endpoints[a.endpoints.of[row]!] === 1) continue;
      edges[a.edge[row]!] = 1;
      endpoints[a.endpoints.of[row]!] = 1;
      keep(t);
    }
  }
  for (const t of slowestCalls(a, settled)) keep(t);

  const quarter = (list: Iterable<number>) => {
    const limit = calls + budget / 4;
    for (const t of list) {
      if (calls >= limit) return;
      keep(t);
    }
  };
  quarter(slowestFirst(a, byHash));
  quarter(byHash.filter((t) => traces.errors[t]! > 0));
  quarter(byHash.filter((t) => traces.guesses[t]! > 0));
  // The sample has its quarter too, however much the rest has taken.
  const limit = Math.max(budget, calls + budget / 4);
  let sampleBelow = below;
  for (const t of byHash) {
    if (hashes[t]! >= below) break;
    if (kept[t] === 0 && calls >= limit) {
      sampleBelow = hashes[t]!;
      break;
    }
    keep(t);
  }
  return { traces: kept, sampleBelow };
}

/** Transactions that hold one of the slowest calls of an endpoint. */
function slowestCalls(a: Analysis, settled: Uint8Array): Set<number> {
  const { times } = a;
  // By endpoint, the slowest first.
  const lists: number[][] = a.endpoints.list.map(() => []);
  for (let row = 0; row < a.count; row++) {
    if (settled[a.forest.trace[row]!] !== 1) continue;
    const latency = times.latency(row);
    const list = lists[a.endpoints.of[row]!]!;
    if (Number.isNaN(latency) || (list.length === SLOWEST_CALLS && latency <= times.latency(list[SLOWEST_CALLS - 1]!))) continue;
    let at = list.length;
    while (at > 0 && times.latency(list[at - 1]!) < latency) at--;
    list.splice(at, 0, row);
    if (list.length > SLOWEST_CALLS) list.pop();
  }
  return new Set(lists.flat().map((row) => a.forest.trace[row]!));
}

/** The slowest of every entry endpoint, then the second slowest of every one, and so on. */
function slowestFirst(a: Analysis, list: readonly number[]): number[] {
  const entry = (t: number) => a.endpoints.of[rootOf(a.forest, t)]!;
  const sorted = list.toSorted((x, y) => entry(x) - entry(y) || a.traces.durationNs[y]! - a.traces.durationNs[x]! || x - y);
  const rank = new Int32Array(a.forest.traces);
  for (let i = 1; i < sorted.length; i++) if (entry(sorted[i]!) === entry(sorted[i - 1]!)) rank[sorted[i]!] = rank[sorted[i - 1]!]! + 1;
  return sorted.sort((x, y) => rank[x]! - rank[y]! || entry(x) - entry(y) || x - y);
}
