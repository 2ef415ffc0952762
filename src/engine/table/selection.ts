import type { Scope, TimeRange } from '../../shared/protocol.ts';

import { type Analysis, Mark } from '../analysis.ts';
import { CallFlag } from '../calls/callTable.ts';
import { sampleHash } from '../condense/keep.ts';
import { Grouped } from '../stats/grouped.ts';
import { rootOf } from '../traces/forest.ts';
import { Dropped } from './dropped.ts';
import { evaluate, type Hits } from './filter/evaluate.ts';
import { parseFilter } from './filter/parse.ts';
import { QueryError } from './queryError.ts';

/** Rows of many groups in one array. */
export class Buckets {
  readonly rows: Int32Array;
  readonly first: Int32Array;
  constructor(rows: Int32Array, groups: number, group: Int32Array) {
    this.first = new Int32Array(groups + 1);
    for (let i = 0; i < rows.length; i++) this.first[group[rows[i]!]! + 1]!++;
    for (let g = 0; g < groups; g++) this.first[g + 1]! += this.first[g]!;
    const fill = this.first.slice(0, groups);
    this.rows = new Int32Array(rows.length);
    for (let i = 0; i < rows.length; i++) this.rows[fill[group[rows[i]!]!]!++] = rows[i]!;
  }
  of(group: number): Int32Array {
    return this.rows.subarray(this.first[group]!, this.first[group + 1]!);
  }
}

/** The calls and transactions of one scope, with what is often asked of them kept. */
export class Selection {
  readonly analysis: Analysis;
  readonly range: TimeRange;
  readonly measuredOnly: boolean;
  /** Call rows, transaction by transaction. */
  readonly rows: Int32Array;
  /** Those that statistics are made from: all of them, or the uniform sample where the memory rule kept more of the unusual and `dropped` can't make up for it. */
  readonly counted: Int32Array;
  /** What the memory rule dropped and answers about this selection include; it is known for everything only. */
  readonly dropped: Dropped | undefined;
  /** 1 by trace; and how many. */
  readonly traces: Uint8Array;
  /** 1 by trace of the uniform sample; absent: everything was kept. */
  private readonly sample: Uint8Array | undefined;
  readonly traceCount: number;
  /** Calls that meet the filter themselves, of those that statistics are made from. */
  readonly hits: number;
  private edgeBuckets: Buckets | undefined;
  private serviceBuckets: Buckets | undefined;
  private edgeLatencies: Grouped | undefined;
  private serviceLatencies: Grouped | undefined;
  /** Answers kept by their owner, for as long as the selection lives. */
  readonly memo = new Map<string, unknown>();

  constructor(a: Analysis, scope: Omit<Scope, 'generation'>, hits: Hits | undefined, sample: Uint8Array | undefined) {
    this.analysis = a;
    this.sample = sample;
    const everything = hits === undefined && scope.range === undefined && scope.measuredOnly !== true;
    this.dropped = a.condensed && everything ? new Dropped(a, a.condensed.digest, scope.tenant) : undefined;
    this.measuredOnly = scope.measuredOnly === true;
    this.range = scope.range ?? wholeRange(a);
    const { forest, times, traces } = a;
    const tenant = scope.tenant === undefined ? undefined : Uint8Array.from(a.services, (s) => (s.tenant === scope.tenant ? 1 : 0));
    this.traces = new Uint8Array(forest.traces);
    const rows = new Int32Array(a.count);
    let count = 0;
    let direct = 0;
    let traceCount = 0;
    const { range } = scope;
    for (let t = 0; t < forest.traces; t++) {
      const root = rootOf(forest, t);
      if (hits !== undefined && hits.traces[t] === 0) continue;
      if (tenant !== undefined && tenant[a.callee[root]!] === 0) continue;
      if (range !== undefined && (times.outerStart(root) >= range.toNs || traces.endNs[t]! < range.fromNs)) continue;
      this.traces[t] = 1;
      traceCount++;
      for (let p = forest.first[t]!; p < forest.first[t + 1]!; p++) {
        const row = forest.order[p]!;
        if (this.measuredOnly && (a.marks[row]! & Mark.callerInferred) !== 0) continue;
        if (range !== undefined) {
          const start = times.outerStart(row);
          if (start < range.fromNs || start >= range.toNs) continue;
        }
        rows[count++] = row;
        if ((hits === undefined || hits.calls[row] === 1) && (sample === undefined || sample[t] === 1)) direct++;
      }
    }
    this.rows = count === a.count ? rows : rows.slice(0, count);
    this.counted = this.dropped === undefined ? this.sampled(this.rows) : this.rows;
    this.traceCount = traceCount;
    this.hits = direct;
  }

  /** Those of the rows that belong to the uniform sample: what shares and distributions are drawn from. */
  sampled(rows: Int32Array): Int32Array {
    const { sample } = this;
    return sample === undefined ? rows : rows.filter((row) => sample[this.analysis.forest.trace[row]!] === 1);
  }
  /** 1 by transaction of the uniform sample (all where everything was kept), and how many. */
  get countedTraces(): Uint8Array {
    const { sample, traces } = this;
    return this.remember('counted traces', () => (sample === undefined ? traces : traces.map((is, t) => is & sample[t]!)));
  }
  get countedCount(): number {
    return this.remember('counted count', () => this.countedTraces.reduce((sum, is) => sum + is, 0));
  }

  get byEdge(): Buckets {
    this.edgeBuckets ??= new Buckets(this.counted, this.analysis.edges.length, this.analysis.edge);
    return this.edgeBuckets;
  }
  get byService(): Buckets {
    this.serviceBuckets ??= new Buckets(this.counted, this.analysis.services.length, this.analysis.callee);
    return this.serviceBuckets;
  }
  /** Measured latencies, ascending, by edge and by service that answers. */
  get latencyByEdge(): Grouped {
    this.edgeLatencies ??= this.latencies(this.analysis.edges.length, this.analysis.edge);
    return this.edgeLatencies;
  }
  get latencyByService(): Grouped {
    this.serviceLatencies ??= this.latencies(this.analysis.services.length, this.analysis.callee);
    return this.serviceLatencies;
  }
  private latencies(groups: number, group: Int32Array): Grouped {
    const { counted: rows, analysis } = this;
    return new Grouped(
      rows.length,
      groups,
      (i) => group[rows[i]!]!,
      (i) => analysis.times.latency(rows[i]!),
    );
  }

  remember<T>(key: string, make: () => T): T {
    if (!this.memo.has(key)) {
      if (this.memo.size >= 16) this.memo.delete(this.memo.keys().next().value!);
      this.memo.set(key, make());
    }
    return this.memo.get(key) as T;
  }
}

export function wholeRange(a: Analysis): TimeRange {
  let toNs = a.extraction.endNs;
  for (const end of a.traces.endNs) if (end > toNs) toNs = end;
  return { fromNs: 0, toNs: Math.max(1, toNs) };
}

export const isFailed = (a: Analysis, row: number): boolean => (a.extraction.calls.flags[row]! & CallFlag.failed) !== 0;

/** Selections by scope; the last few are kept, because every view asks for the same ones. */
export class Selections {
  private static readonly KEPT = 4;
  private readonly kept = new Map<string, Selection>();
  private readonly filters = new Map<string, Hits>();
  private readonly analysis: Analysis;
  /** 1 by transaction of the uniform sample, where the memory rule kept more of the unusual. */
  private readonly sample: Uint8Array | undefined;
  constructor(analysis: Analysis) {
    this.analysis = analysis;
    const { condensed, forest } = analysis;
    if (condensed)
      this.sample = Uint8Array.from({ length: forest.traces }, (_, t) => (sampleHash(analysis, t) < condensed.sampleBelow ? 1 : 0));
  }

  /** Throws QueryError 'invalid' when the filter can't be read. */
  of(scope: Omit<Scope, 'generation'>): Selection {
    const filter = scope.filter?.trim() ?? '';
    const key = JSON.stringify([
      scope.tenant ?? null,
      scope.range?.fromNs ?? null,
      scope.range?.toNs ?? null,
      filter,
      scope.measuredOnly === true,
    ]);
    let selection = this.kept.get(key);
    if (selection === undefined)
      selection = new Selection(this.analysis, scope, filter === '' ? undefined : this.hits(filter), this.sample);
    else this.kept.delete(key);
    this.kept.set(key, selection);
    if (this.kept.size > Selections.KEPT) this.kept.delete(this.kept.keys().next().value!);
    return selection;
  }

  /** Transactions in a scope, without building lists of calls. */
  count(scope: Omit<Scope, 'generation'> & { readonly filter: string }): number {
    const { forest, times, traces, services, callee } = this.analysis;
    const hits = this.hits(scope.filter.trim());
    let n = 0;
    for (let t = 0; t < forest.traces; t++) {
      if (hits.traces[t] === 0) continue;
      const root = rootOf(forest, t);
      if (scope.tenant !== undefined && services[callee[root]!]!.tenant !== scope.tenant) continue;
      if (scope.range !== undefined && (times.outerStart(root) >= scope.range.toNs || traces.endNs[t]! < scope.range.fromNs)) continue;
      n++;
    }
    return n;
  }

  private hits(filter: string): Hits {
    let hits = this.filters.get(filter);
    if (hits === undefined) {
      const parsed = parseFilter(filter);
      if (parsed.error) throw new QueryError('invalid', `Filter: ${parsed.error.text}`);
      hits = evaluate(this.analysis, parsed.terms);
      if (this.filters.size >= Selections.KEPT * 2) this.filters.delete(this.filters.keys().next().value!);
      this.filters.set(filter, hits);
    }
    return hits;
  }
}
