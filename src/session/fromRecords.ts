/** Analyses of calls or spans that were read already (topics, stores, jobs): the same answers as for packets. */
import { type AnalyseOptions, type Analysis, analyse } from '../engine/analysis.ts';
import type { NameFact } from '../engine/calls/callTable.ts';
import type { ContentSeal } from '../engine/calls/contentSeal.ts';
import { fromRecords } from '../engine/calls/fromRecords.ts';
import { SpanRecordLoader } from '../engine/calls/fromSpans.ts';
import type { ExportSource } from '../engine/export/source.ts';
import { Queries } from '../engine/table/queries.ts';
import { exportSource } from './exportSource.ts';

const GENERATION = 1;
const source = (analysis: Analysis, title: string): ExportSource =>
  exportSource(analysis, new Queries(analysis, { generation: GENERATION, captures: [title], title }), { generation: GENERATION });

/** Calls -> transactions by inference. `facts`: names learnt with the calls; `names`: those that a person wrote. `model`: learned before, for the same algorithm. `contentKey`: opens what records carry of requests' contents. */
export function nestedRecords(
  records: Iterable<unknown>,
  title: string,
  options: Pick<AnalyseOptions, 'algorithm' | 'model' | 'names'> & {
    readonly facts?: readonly NameFact[];
    readonly contentKey?: ContentSeal | undefined;
  } = {},
): ExportSource {
  const { facts = [], contentKey, ...how } = options;
  return source(analyse(fromRecords(records, facts, contentKey), how), title);
}

/** Spans with the links they came with. */
export function storedAnalysis(records: Iterable<unknown>): {
  readonly analysis: Analysis;
  readonly rejected: number;
  readonly why: string;
} {
  const loader = new SpanRecordLoader();
  for (const record of records) loader.add(record);
  const { extraction, links } = loader.finish();
  return { analysis: analyse(extraction, { links }), rejected: loader.rejected, why: loader.why };
}
