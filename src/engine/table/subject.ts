/** Everything about one service or one edge in a scope. */
import type { Edge, ExampleRow, NeighbourRow, Subject, SubjectDetails, TimeSplit } from '../../shared/protocol.ts';
import { type Analysis, Mark } from '../analysis.ts';
import type { GraphFacts } from '../graph/view.ts';
import { trend } from '../stats/charts.ts';
import { quantile, summarise } from '../stats/latency.ts';
import { rootOf } from '../traces/forest.ts';
import { SplitSums, Splitter } from '../traces/split.ts';
import { endpointRows } from './endpointRows.ts';
import { QueryError } from './queryError.ts';
import { isFailed, type Selection } from './selection.ts';

const SLOWEST = 20;
const TREND_SLICES = 24;
const MAX_ENDPOINTS = 500;

/** Call rows of the subject in the scope. Throws QueryError 'not-found' for a service or edge that doesn't exist. */
export function rowsOfSubject(s: Selection, of: Subject): Int32Array {
  const { analysis: a } = s;
  if ('service' in of) {
    if (a.services[of.service] === undefined) throw new QueryError('not-found', 'That service is not in this analysis');
    return s.byService.of(of.service);
  }
  if (a.edges[of.edge] === undefined) throw new QueryError('not-found', 'That edge is not in this analysis');
  return s.byEdge.of(of.edge);
}

export function latenciesOf(a: Analysis, rows: Int32Array): Float64Array {
  return Float64Array.from(rows, (row) => a.times.latency(row));
}

export function subjectDetails(s: Selection, facts: GraphFacts, of: Subject): SubjectDetails {
  const a = s.analysis;
  const rows = rowsOfSubject(s, of);
  const latencies = latenciesOf(a, rows);
  const sorted = latencies.filter((v) => !Number.isNaN(v)).sort();
  const node = 'service' in of ? facts.services[of.service] : undefined;
  const edge = 'edge' in of ? facts.edges[of.edge] : undefined;
  const latency = node?.inbound ?? edge?.latency ?? summarise(sorted, rows.length, countFailed(a, rows));
  // Bands of latency by what all calls took; the calls in them are those that were kept.
  const bands = s.dropped
    ? latenciesOf(a, s.sampled(rows))
        .filter((v) => !Number.isNaN(v))
        .sort()
    : sorted;
  const splitter = new Splitter(a.extraction, a.times, a.forest, a.callee);
  const proven = s.measuredOnly ? (row: number) => (a.marks[row]! & Mark.proven) !== 0 : undefined;
  const split = (lowNs: number, highNs: number, whole = false): TimeSplit => {
    const sums = new SplitSums();
    if (whole && 'service' in of) s.dropped?.addSplit(of.service, sums);
    const all = whole && 'service' in of;
    const from = all ? rows : s.sampled(rows);
    for (let i = 0; i < from.length; i++) {
      const v = a.times.latency(from[i]!);
      if (v >= lowNs && v <= highNs) splitter.add(from[i]!, sums, proven);
    }
    return meanSplit(sums);
  };
  const around = (q: number): TimeSplit => {
    const [low, high] = windowAround(bands, q);
    return split(low, high);
  };
  const isHere = (e: Edge, end: 'from' | 'to') => 'service' in of && e[end] === of.service;
  const edges = facts.edges.filter((e) => e !== undefined);
  return {
    title:
      'service' in of
        ? a.services[of.service]!.name
        : `${a.services[a.edges[of.edge]!.from]!.name} → ${a.services[a.edges[of.edge]!.to]!.name}`,
    ...(node && { node }),
    ...(edge && { edge }),
    latency,
    split: split(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, true),
    splitP50: around(0.5),
    splitP95: around(0.95),
    callers: (edge ? [edge] : edges.filter((e) => isHere(e, 'to'))).map((e) => neighbour(s, e, e.from)).sort(byCalls),
    callees: edge
      ? calledFrom(s, facts, s.sampled(rows))
      : edges
          .filter((e) => isHere(e, 'from'))
          .map((e) => neighbour(s, e, e.to))
          .sort(byCalls),
    endpoints: endpointRows(s, rows, MAX_ENDPOINTS, of).map(({ service: _, ...row }) => row),
    slowest: slowest(a, rows, latencies),
  };
}

function countFailed(a: Analysis, rows: Int32Array): number {
  let n = 0;
  for (let i = 0; i < rows.length; i++) if (isFailed(a, rows[i]!)) n++;
  return n;
}

/** Latencies of the twentieth of the calls nearest to a quantile by rank, as many below as above it: one call would be an anecdote. */
function windowAround(sorted: Float64Array, q: number): [number, number] {
  const n = sorted.length;
  if (n === 0) return [1, 0];
  const middle = Math.round((n - 1) * q);
  const half = Math.min(Math.max(2, Math.ceil(n * 0.025)), Math.max(1, n - 1 - middle));
  return [sorted[Math.max(0, middle - half)]!, sorted[Math.min(n - 1, middle + half)]!];
}

export function meanSplit(sums: SplitSums): TimeSplit {
  const n = Math.max(1, sums.calls);
  const waiting = [...sums.waitingNs]
    .map(([service, ns]) => ({ service, ns: ns / n }))
    .sort((x, y) => y.ns - x.ns || x.service - y.service);
  return { totalNs: sums.totalNs / n, selfNs: sums.selfNs / n, networkNs: sums.networkNs / n, unknownNs: sums.unknownNs / n, waiting };
}

const byCalls = (x: NeighbourRow, y: NeighbourRow) => y.latency.calls - x.latency.calls || x.service - y.service;

function neighbour(s: Selection, e: Edge, service: number): NeighbourRow {
  return {
    edge: e.id,
    service,
    latency: e.latency,
    rttP50Ns: e.rttP50Ns,
    retransmissions: e.retransmissions,
    confidence: e.confidence,
    guessedShare: e.guessedShare,
    trend: trendOf(s, s.sampled(s.byEdge.of(e.id))),
  };
}
function trendOf(s: Selection, rows: Int32Array): Float64Array {
  const { times } = s.analysis;
  const starts = Float64Array.from(rows, (row) => times.outerStart(row));
  return trend(starts, latenciesOf(s.analysis, rows), s.range, TREND_SLICES);
}

/** What the callee called while it answered these calls: known from links to parents, so nothing of it is measured. */
function calledFrom(s: Selection, facts: GraphFacts, rows: Int32Array): NeighbourRow[] {
  const a = s.analysis;
  const { forest } = a;
  const children = new Map<number, number[]>();
  for (let i = 0; i < rows.length; i++) {
    const p = forest.position[rows[i]!]!;
    const end = p + forest.size[p]!;
    for (let k = p + 1; k < end; k += forest.size[k]!) {
      const child = forest.order[k]!;
      if (s.measuredOnly && (a.marks[child]! & Mark.proven) === 0) continue;
      const held = children.get(a.edge[child]!);
      if (held) held.push(child);
      else children.set(a.edge[child]!, [child]);
    }
  }
  const out: NeighbourRow[] = [];
  for (const [id, list] of children) {
    const e = facts.edges[id];
    if (e === undefined) continue;
    const own = Int32Array.from(list);
    const sorted = latenciesOf(a, own)
      .filter((v) => !Number.isNaN(v))
      .sort();
    out.push({ ...neighbour(s, e, e.to), latency: summarise(sorted, own.length, countFailed(a, own)), trend: trendOf(s, own) });
  }
  return out.sort(byCalls);
}

function slowest(a: Analysis, rows: Int32Array, latencies: Float64Array): ExampleRow[] {
  const sorted = latencies.filter((v) => !Number.isNaN(v)).sort();
  const floor = sorted.length > SLOWEST ? sorted[sorted.length - SLOWEST]! : quantile(sorted, 0);
  const picked: number[] = [];
  for (let i = 0; i < rows.length; i++) if (latencies[i]! >= floor) picked.push(i);
  picked.sort((x, y) => latencies[y]! - latencies[x]! || rows[x]! - rows[y]!);
  return picked.slice(0, SLOWEST).map((i) => exampleOf(a, rows[i]!));
}

export function exampleOf(a: Analysis, row: number): ExampleRow {
  const trace = a.forest.trace[row]!;
  const root = rootOf(a.forest, trace);
  return {
    call: row,
    trace,
    startNs: a.times.outerStart(row),
    endpoint: a.endpoints.list[a.endpoints.of[row]!]!.text,
    entry: a.endpoints.list[a.endpoints.of[root]!]!.text,
    durationNs: a.times.innerEnd(row) - a.times.innerStart(row),
    traceDurationNs: a.traces.durationNs[trace]!,
    confidence: confidenceOf(a, row),
    failed: isFailed(a, row),
  };
}

/** Of a call's place. A call from outside stands first without any doubt. */
export function confidenceOf(a: Analysis, row: number): number {
  return a.forest.parent[row]! < 0 && a.services[a.caller[row]!]!.isClients ? 1 : a.nesting.confidence[row]!;
}
