/** A finished analysis of 300 services, for the workbench to open: generated calls, the engine's own result file. */
import { writeFileSync } from 'node:fs';
import { analyse } from '../../src/engine/analysis.ts';
import { fromRecords } from '../../src/engine/calls/fromRecords.ts';
import { Queries } from '../../src/engine/table/queries.ts';
import { exportSource } from '../../src/session/exportSource.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { platform } from '../webview/harness/records.ts';

/** `tenants`: each has the same calls, in a network of its own. */
export function writePlatform(file: string, services = 300, tenants: readonly string[] = ['']): void {
  // The fastest algorithm that finds most parents: this is about size.
  const analysis = analyse(
    fromRecords(tenants.flatMap((tenant) => [...platform(services)].map((call) => ({ ...call, id: `${tenant}${call.id}`, tenant })))),
    {
      algorithm: 'aguilera',
    },
  );
  const queries = new Queries(analysis, { generation: 1, captures: ['platform'] });
  // A scope is of one tenant.
  const spans = tenants.flatMap((tenant) => [...spanRecords(exportSource(analysis, queries, { generation: 1, tenant }))]);
  writeFileSync(file, JSON.stringify({ format: 'tracenest-analysis', version: 1, complete: true, spanCount: spans.length, spans }));
}
