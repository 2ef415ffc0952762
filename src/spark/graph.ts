/** What needs a graph: stages over tables that Spark has aggregated, and over whole transactions. */
import { Int64, Utf8 } from 'apache-arrow';
import { communities as communitiesOf, type WeightedEdge } from '../engine/graph/communities.ts';
import { heaviestPaths } from '../engine/traces/heaviest.ts';
import { storedAnalysis } from '../session/fromRecords.ts';
import { inputRows, Output } from './arrow.ts';

/** In: tenant, caller, callee, calls; all edges of a tenant in one task. Out: tenant, service, community. */
export async function communities(): Promise<void> {
  const out = new Output({ tenant: new Utf8(), service: new Utf8(), community: new Utf8() });
  const tenants = new Map<string, WeightedEdge[]>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const edges = tenants.get(tenant) ?? [];
    tenants.set(tenant, edges);
    edges.push({ caller: String(row['caller'] ?? ''), callee: String(row['callee'] ?? ''), calls: Number(row['calls']) });
  }
  for (const [tenant, edges] of [...tenants].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [service, community] of communitiesOf(edges)) out.add({ tenant, service, community });
  await out.end();
}

/** In: span (JSON); all spans of a transaction in one task. Out: tenant, path (JSON list of services), transactions, total_ns. */
export async function paths(): Promise<void> {
  const out = new Output({ tenant: new Utf8(), path: new Utf8(), transactions: new Int64(), total_ns: new Int64() });
  const spans: unknown[] = [];
  for await (const row of inputRows()) spans.push(JSON.parse(String(row['span'])));
  for (const p of heaviestPaths(storedAnalysis(spans).analysis)) {
    const total = BigInt(Math.round(p.totalNs));
    out.add({ tenant: p.tenant, path: JSON.stringify(p.services), transactions: BigInt(p.transactions), total_ns: total });
  }
  await out.end();
}
