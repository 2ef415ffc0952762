/**
 * Transactions drawn in ASCII. One call a line: depth by two spaces of indent, service (and endpoint after a slash), then its time as
 * [---]; a column is a millisecond. The column of "[" is the start, that of "]" the end.
 *
 *   web      [----------]
 *     db       [--]
 */
import type { CallRecord } from '../../../src/engine/calls/callRecord.ts';
import { fromRecords } from '../../../src/engine/calls/fromRecords.ts';
import { buildForest, rowsByStart } from '../../../src/engine/traces/forest.ts';
import { Times } from '../../../src/engine/traces/times.ts';

const T0 = 1_700_000_000_000_000;
export const MS = 1e6;

export interface Drawing {
  readonly records: CallRecord[];
  readonly parents: Int32Array;
}

export function draw(text: string): Drawing {
  const lines = text.split('\n').filter((line) => line.includes('['));
  const indent = Math.min(...lines.map((line) => line.search(/\S/)));
  const records: CallRecord[] = [];
  const parents: number[] = [];
  const above: number[] = [];
  const first = Math.min(...lines.map((line) => line.indexOf('[')));
  for (const line of lines) {
    const depth = (line.search(/\S/) - indent) / 2;
    const [service, endpoint = ''] = line.trim().split(/\s+/)[0]!.split('/');
    const parent = depth === 0 ? -1 : above[depth - 1]!;
    above[depth] = records.length;
    above.length = depth + 1;
    records.push({
      id: `c${records.length}`,
      caller: parent < 0 ? 'client' : records[parent]!.callee!,
      callee: service!,
      endpoint: `/${endpoint}`,
      callerStartUs: T0 + (line.indexOf('[') - first) * 1000,
      callerEndUs: T0 + (line.indexOf(']') - first) * 1000,
      status: line.includes('!') ? 500 : 200,
    });
    parents.push(parent);
  }
  return { records, parents: Int32Array.from(parents) };
}

/** Trees as drawn, without inference. */
export function planted(drawing: Drawing) {
  const x = fromRecords(drawing.records);
  const times = new Times(x.calls);
  const forest = buildForest(x.calls.count, drawing.parents, rowsByStart(x.calls.count, times));
  const names = drawing.records.map((r) => r.callee!);
  return { x, times, forest, names };
}
