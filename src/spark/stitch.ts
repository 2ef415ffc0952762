import { Utf8 } from 'apache-arrow';
import { traceIdOf } from '../engine/calls/callId.ts';
import { inputRows, Output } from './arrow.ts';

/**
 * Panes -> whole transactions. Panes of time overlap; each call's link is taken from the pane in whose core it starts, and ids derive
 * from content, so links of neighbouring panes fit together without doubles. This follows them to the roots.
 * In: tenant, id, parent ('' for a root), trace (null: to be found; else known from before). Out: tenant, id, trace for those to be found.
 */
export async function stitch(): Promise<void> {
  const out = new Output({ tenant: new Utf8(), id: new Utf8(), trace: new Utf8() });
  const tenants = new Map<string, Map<string, Link>>();
  for await (const row of inputRows()) {
    const tenant = String(row['tenant'] ?? '');
    const links = tenants.get(tenant) ?? new Map<string, Link>();
    tenants.set(tenant, links);
    const trace = row['trace'];
    const known = typeof trace === 'string' && trace !== '';
    links.set(String(row['id']), { parent: String(row['parent'] ?? ''), trace: known ? trace : '', known });
  }
  for (const [tenant, links] of [...tenants].sort(([a], [b]) => (a < b ? -1 : 1)))
    for (const [id, link] of [...links].sort(([a], [b]) => (a < b ? -1 : 1)))
      if (!link.known) out.add({ tenant, id, trace: traceOf(id, links) });
  await out.end();
}

interface Link {
  readonly parent: string;
  trace: string;
  readonly known: boolean;
}

/** Trace of the root above a call. A parent that is in no pane (before the first, or in a gap) stands as the root itself. */
export function traceOf(id: string, links: ReadonlyMap<string, { readonly parent: string; trace: string }>): string {
  const path: { trace: string }[] = [];
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
