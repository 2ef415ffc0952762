/** An analysis as the exports see it. */
import type { Analysis } from '../engine/analysis.ts';
import type { CallsSource, ExportSource } from '../engine/export/source.ts';
import type { Queries } from '../engine/table/queries.ts';
import { rowsByStart } from '../engine/traces/forest.ts';
import type { Scope } from '../shared/protocol.ts';
import { CallView, FactsView, type Identified } from './callView.ts';
import { Instances } from './instances.ts';

const SLOWEST = 20;

/** The calls of a scope in order of start, with everything an export may ask. */
export function exportSource(a: Analysis, queries: Queries, scope: Scope): ExportSource {
  const rows = rowsInOrder(a, queries, scope);
  const instances = new Instances(a);
  const services = queries.services(scope);
  const place = new Map(services.map((service, index) => [service.id, index]));
  let placeOfRow: Int32Array | undefined;
  const placeOf = (row: number): number => {
    placeOfRow ??= placesOf(rows, a.count);
    return placeOfRow[row]!;
  };
  return {
    summary: queries.summary(),
    services,
    edges: queries.edges(scope),
    slowest: queries.transactions({ ...scope, offset: 0, limit: SLOWEST, sort: 'duration', descending: true }).rows,
    quality: queries.quality({ generation: scope.generation }),
    callCount: rows.length,
    call: (i) => new CallView(a, instances, rows[i]!),
    calleeOf: (i) => place.get(a.callee[rows[i]!]!) ?? 0,
    parentOf: (i) => {
      const parent = a.forest.parent[rows[i]!]!;
      return parent < 0 ? -1 : placeOf(parent);
    },
  };
}

/** Calls of which nobody asked what caused them. */
export function callsSource(a: Identified): CallsSource {
  const rows = rowsByStart(a.count, a.times);
  const instances = new Instances(a);
  return {
    epochNs: String(a.extraction.epochNs),
    callCount: rows.length,
    call: (i) => new FactsView(a, instances, rows[i]!),
    contents: (i) => a.extraction.calls.contents(rows[i]!),
  };
}

/** Place in `rows` by call row, -1: not among them. */
function placesOf(rows: Int32Array, count: number): Int32Array {
  const places = new Int32Array(count).fill(-1);
  for (let i = 0; i < rows.length; i++) places[rows[i]!] = i;
  return places;
}

function rowsInOrder(a: Analysis, queries: Queries, scope: Scope): Int32Array {
  const rows = queries.select(scope).rows.slice();
  const starts = Float64Array.from({ length: a.count }, (_, row) => a.times.outerStart(row));
  return rows.sort((x, y) => starts[x]! - starts[y]! || a.forest.position[x]! - a.forest.position[y]!);
}
