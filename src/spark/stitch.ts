import { Int64, Utf8 } from 'apache-arrow';
import { traceIdOf } from '../engine/calls/callId.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Panes -> whole transactions. Panes of time overlap; each call's link is taken from the pane in whose core it starts, and ids derive
 * from content, so links of neighbouring panes fit together without doubles. This follows them to the roots.
 * In: tenant, id, parent ('' for a root), start_ns. Out: tenant, id, trace, trace_start_ns.
 */
export async function stitch(): Promise<void> {
  const out = new Output({ tenant: new Utf8(), id: new Utf8(), trace: new Utf8(), trace_start_ns: new Int64() });
  const tenants = new Map<string, Map<string, Link>>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const links = tenants.get(tenant) ?? new Map<string, Link>();
    tenants.set(tenant, links);
    links.set(String(row['id']), { parent: String(row['parent'] ?? ''), startNs: row['start_ns'] as bigint, trace: '' });
  }
  for (const [tenant, links] of [...tenants].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const ids = [...links.keys()].sort();
    for (const id of ids) traceOf(id, links);
    const starts = traceStarts(links);
    for (const id of ids) {
      const { trace, startNs } = links.get(id)!;
      out.add({ tenant, id, trace, trace_start_ns: starts.get(trace) ?? startNs });
    }
  }
  await out.end();
}

export interface Link {
  readonly parent: string;
  readonly startNs: bigint;
  /** '' until it is found. */
  trace: string;
}

/** Finds the trace of a call and of all above it: that of the root. A parent that is in no pane (before the first, or in a gap) stands as the root itself. */
export function traceOf(id: string, links: ReadonlyMap<string, Link>): string {
  const path: Link[] = [];
  const seen = new Set<string>();
  let at = id;
  let trace = '';
  for (;;) {
    const link = links.get(at);
    if (link === undefined || seen.has(at)) break;
    if (link.trace !== '') {
      trace = link.trace;
      break;
    }
    seen.add(at);
    path.push(link);
    if (link.parent === '') break;
    at = link.parent;
  }
  if (trace === '') trace = traceIdOf(at);
  for (const link of path) link.trace = trace;
  return trace;
}

/** When each trace began: with its root, or with the first call under a parent that is in no pane. */
export function traceStarts(links: ReadonlyMap<string, Link>): ReadonlyMap<string, bigint> {
  const starts = new Map<string, bigint>();
  for (const { parent, startNs, trace } of links.values()) {
    if (parent !== '' && links.has(parent)) continue;
    const first = starts.get(trace);
    if (first === undefined || startNs < first) starts.set(trace, startNs);
  }
  return starts;
}
