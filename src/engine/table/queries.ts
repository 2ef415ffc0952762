/** Answers every question of the views about one analysis. Bounded answers; what is asked again is kept. */
import type * as P from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { tally } from '../graph/tally.ts';
import { type GraphFacts, graphFacts, graphView, swatches } from '../graph/view.ts';
import { heatmap, histogram } from '../stats/charts.ts';
import { differences } from '../stats/differences.ts';
import { PatternIndex } from '../traces/patterns.ts';
import { LIKELY } from '../traces/summaries.ts';
import { callDetails } from './callDetails.ts';
import { allEndpoints } from './endpointRows.ts';
import { complete } from './filter/complete.ts';
import { parseFilter } from './filter/parse.ts';
import { Finder } from './finder.ts';
import { patternRow } from './patternRow.ts';
import { presets } from './presets.ts';
import { overallQuality, qualityOf } from './quality.ts';
import { QueryError } from './queryError.ts';
import { ownRetransmissions } from './rows.ts';
import { isFailed, type Selection, Selections } from './selection.ts';
import { structureOf } from './structure.ts';
import { latenciesOf, rowsOfSubject, subjectDetails } from './subject.ts';
import { summaryOf } from './summary.ts';
import { timeline } from './timeline.ts';
import { Transactions, transactionDetails } from './transactions.ts';
import { Waterfall } from './waterfall.ts';

/** Frames and bytes of a call: they live where the captures are, not in the engine. */
export interface PacketAccess {
  packets(call: P.CallRow): readonly P.PacketRef[] | Promise<readonly P.PacketRef[]>;
  bytes(capture: number, fileOffset: number, length: number): Uint8Array | Promise<Uint8Array>;
}
type Q<K extends keyof P.AnalysisRequests> = Parameters<P.AnalysisRequests[K]>[0];
type R<K extends keyof P.AnalysisRequests> = ReturnType<P.AnalysisRequests[K]>;
type Answers = { [K in keyof P.AnalysisRequests]: (q: Q<K>) => R<K> | Promise<R<K>> };

/** What the questions' owner knows and the analysis doesn't. */
export interface About {
  readonly generation: number;
  /** Names of the sources, in the order of the extraction's capture numbers. */
  readonly captures: readonly string[];
  /** What was analysed in words; made from `captures` when absent. */
  readonly title?: string;
  /** Length of the source's windows of time; 0: none. */
  readonly windowNs?: number;
  /** Absent where packets can't be read back. */
  readonly access?: PacketAccess;
}

const MAX_KEPT_WATERFALLS = 2;

export class Queries implements Answers {
  readonly analysis: Analysis;
  readonly generation: number;
  private readonly about: About;
  private facts: P.Quality | undefined;
  private figures: P.Summary | undefined;
  private readonly selections: Selections;
  private readonly lists: Transactions;
  private readonly finder: Finder;
  private readonly waterfalls = new Map<number, Waterfall>();
  private retransmissions: ((row: number) => number) | undefined;
  private swatch: Int32Array | undefined;
  private patternIndex: PatternIndex | undefined;

  constructor(analysis: Analysis, about: About) {
    this.analysis = analysis;
    this.generation = about.generation;
    this.about = about;
    this.selections = new Selections(analysis);
    this.lists = new Transactions(analysis);
    this.finder = new Finder(analysis);
  }

  graph(q: Q<'graph'>): P.Graph {
    return graphView(this.graphFacts(this.select(q)), q);
  }
  services(q: P.Scope): readonly P.ServiceNode[] {
    return this.graphFacts(this.select(q)).services.filter((s) => s !== undefined);
  }
  edges(q: P.Scope): readonly P.Edge[] {
    return this.graphFacts(this.select(q)).edges.filter((e) => e !== undefined);
  }
  structure(q: P.Scope): P.Structure {
    const s = this.select(q);
    return structureOf(this.analysis, s.traces, this.edges(q));
  }
  subject(q: Q<'subject'>): P.SubjectDetails {
    const s = this.select(q);
    return subjectDetails(s, this.graphFacts(s), q.of);
  }
  endpoints(q: P.Scope): readonly P.ObservedEndpoint[] {
    return allEndpoints(this.select(q));
  }
  histogram(q: Q<'histogram'>): P.Histogram {
    const s = this.select(q);
    return histogram(latenciesOf(this.analysis, rowsOfSubject(s, q.of)), q.bins, s.dropped?.latenciesOf(q.of));
  }
  heatmap(q: Q<'heatmap'>): P.Heatmap {
    const s = this.select(q);
    const rows = s.sampled(rowsOfSubject(s, q.of));
    const starts = Float64Array.from(rows, (row) => this.analysis.times.outerStart(row));
    return heatmap(starts, latenciesOf(this.analysis, rows), s.range, q.columns, q.rows);
  }
  timeline(q: Q<'timeline'>): P.Timeline {
    return timeline(this.analysis, this.select({ ...q, range: undefined }), q.tenant, q.buckets);
  }
  transactions(q: Q<'transactions'>): P.Paged<P.TransactionRow> {
    return this.lists.page(this.select(q), q);
  }
  transaction(q: Q<'transaction'>): P.TransactionDetails {
    this.check(q.generation);
    // What is looked at in the list is often opened next: then its critical path is there already.
    return transactionDetails(this.analysis, q.trace, this.opened(q.trace).criticalNs());
  }
  waterfall(q: Q<'waterfall'>): P.WaterfallSlice {
    this.check(q.generation);
    return this.opened(q.trace).slice(q);
  }
  waterfallFind(q: Q<'waterfallFind'>): P.CallRow {
    this.check(q.generation);
    const a = this.analysis;
    const uncertain = (row: number) => a.forest.parent[row]! >= 0 && a.nesting.confidence[row]! < LIKELY;
    return this.opened(q.trace).find(q.afterCall, q.what === 'error' ? (row) => isFailed(a, row) : uncertain);
  }
  call(q: Q<'call'>): P.CallDetails {
    this.check(q.generation);
    return callDetails(this.analysis, this.callRow(q.call));
  }
  packets(q: Q<'packets'>): readonly P.PacketRef[] | Promise<readonly P.PacketRef[]> {
    this.check(q.generation);
    return this.packetAccess().packets(this.callRow(q.call));
  }
  bytes(q: Q<'bytes'>): Uint8Array | Promise<Uint8Array> {
    this.check(q.generation);
    return this.packetAccess().bytes(q.capture, q.fileOffset, q.length);
  }
  quality(q: Q<'quality'>): P.Quality {
    this.check(q.generation);
    return this.allFacts();
  }
  patterns(q: Q<'patterns'>): P.Paged<P.PatternRow> {
    const s = this.select(q);
    this.patternIndex ??= new PatternIndex(this.analysis);
    const index = this.patternIndex;
    const list = s.remember('patterns', () => index.inScope(s.dropped ? s.traces : s.countedTraces, s.dropped?.digest));
    const offset = Math.max(0, Math.trunc(q.offset));
    const page = list.slice(offset, offset + Math.min(100, Math.max(0, Math.trunc(q.limit))));
    return { total: list.length, rows: page.map((p) => patternRow(this.analysis, index, p, s)) };
  }
  filterCheck(q: P.Scope): P.FilterCheck {
    this.check(q.generation);
    const { error } = parseFilter(q.filter?.trim() ?? '');
    const all = this.select({ ...q, filter: undefined });
    const sampled = this.analysis.condensed !== undefined;
    const totals = { transactions: all.countedCount, calls: all.sampled(all.rows).length, ...(sampled && { sampled }) };
    if (error) {
      const shift = (q.filter ?? '').length - (q.filter ?? '').trimStart().length;
      return { error: { ...error, at: error.at + shift }, matchingTransactions: 0, matchingCalls: 0, ...totals };
    }
    const matching = this.select(q);
    return { matchingTransactions: matching.countedCount, matchingCalls: matching.hits, ...totals };
  }
  complete(q: Q<'complete'>): readonly P.Completion[] {
    this.check(q.generation);
    return complete(this.analysis, q.text, q.caret);
  }
  presets(q: P.Scope): readonly P.Preset[] {
    this.check(q.generation);
    return presets(this.selections, { ...(q.tenant !== undefined && { tenant: q.tenant }), ...(q.range && { range: q.range }) });
  }
  differences(q: Q<'differences'>): readonly P.FieldDifference[] {
    const s = this.select(q);
    const [low, high] = q.bandNs;
    const inside: number[] = [];
    const outside: number[] = [];
    for (const row of s.sampled(rowsOfSubject(s, q.of))) {
      const v = this.analysis.times.latency(row);
      if (v >= low && v <= high) inside.push(row);
      else if (!Number.isNaN(v)) outside.push(row);
    }
    return differences(this.analysis, inside, outside, s.measuredOnly);
  }
  find(q: Q<'find'>): R<'find'> {
    this.check(q.generation);
    return {
      trace: q.trace === undefined ? -1 : this.finder.trace(q.trace),
      call: q.call === undefined ? -1 : this.finder.call(q.call),
      service: q.service === undefined ? -1 : this.finder.service(q.service),
    };
  }

  summary(): P.Summary {
    const { captures, title, windowNs } = this.about;
    const more = captures.length > 1 ? ` and ${captures.length - 1} more` : '';
    this.figures ??= summaryOf(this.analysis, {
      title: title ?? `${captures[0] ?? ''}${more}`,
      sources: captures,
      windowNs,
      quality: overallQuality(this.allFacts()),
    });
    return this.figures;
  }
  /** Call rows of a scope, transaction by transaction; not to be changed. */
  rowsOf(scope: P.Scope): Int32Array {
    return this.select(scope).rows;
  }
  /** Calls and transactions of a scope. */
  select(scope: P.Scope): Selection {
    this.check(scope.generation);
    return this.selections.of(scope);
  }
  graphFacts(s: Selection): GraphFacts {
    return s.remember('graph', () => {
      const a = this.analysis;
      this.swatch ??= swatches(
        a,
        tally(a, this.selections.of({}).rows, (row) => isFailed(a, row), this.selections.of({}).dropped),
      );
      return graphFacts(s, this.swatch);
    });
  }

  private allFacts(): P.Quality {
    this.facts ??= qualityOf(this.analysis, this.about.captures);
    return this.facts;
  }
  private check(generation: number): void {
    if (generation !== this.generation) throw new QueryError('stale', `Generation ${generation} is gone; now it is ${this.generation}`);
  }
  private callRow(row: number): number {
    if (!Number.isInteger(row) || row < 0 || row >= this.analysis.count) throw new QueryError('not-found', `There is no call ${row}`);
    return row;
  }
  private traceRow(trace: number): number {
    const { traces } = this.analysis.forest;
    if (!Number.isInteger(trace) || trace < 0 || trace >= traces) throw new QueryError('not-found', `There is no transaction ${trace}`);
    return trace;
  }
  private packetAccess(): PacketAccess {
    if (this.about.access === undefined) throw new QueryError('not-found', 'The packets of this analysis were not kept');
    return this.about.access;
  }
  private opened(trace: number): Waterfall {
    this.traceRow(trace);
    this.retransmissions ??= ownRetransmissions(this.analysis.extraction);
    let w = this.waterfalls.get(trace);
    if (w === undefined) {
      w = new Waterfall(this.analysis, trace, this.retransmissions);
      if (this.waterfalls.size >= MAX_KEPT_WATERFALLS) this.waterfalls.delete(this.waterfalls.keys().next().value!);
      this.waterfalls.set(trace, w);
    }
    return w;
  }
}
