import { analyse } from '../engine/analysis.ts';
import type { CallRecord } from '../engine/calls/callRecord.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import { Queries } from '../engine/table/queries.ts';
import { exportSource } from './exportSource.ts';
import { callRecords } from './spans.ts';

/** Calls as a later stage takes them: stamps, addresses, targets and trace ids; names and links are that stage's. */
export function callRecordsOf(extraction: Extraction): CallRecord[] {
  if (extraction.calls.count === 0) return [];
  const analysis = analyse(extraction, { quick: true });
  const queries = new Queries(analysis, { generation: 1, captures: ['topic'], title: 'topic' });
  return [...callRecords(exportSource(analysis, queries, { generation: 1 }))];
}
