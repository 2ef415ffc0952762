/** One pane of a topic of transactions -> the spans it stores: their links came with them. */
import { analyse } from '../engine/analysis.ts';
import { Queries } from '../engine/table/queries.ts';
import { exportSource } from '../session/exportSource.ts';
import { LiveWindow } from '../session/liveWindow.ts';
import { storedSpans } from '../session/spans.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import type { Pane } from './panes.ts';

/** A span that begins after its pane and was stored with a transaction of it: later panes leave it out. */
export interface Claim {
  readonly id: string;
  /** ns since 1970, decimal. */
  readonly startNs: string;
}

/** Every span is stored once: by the pane in which it begins, or before that with its transaction. */
export function spansOfPane(
  pane: Pane,
  before: readonly Claim[],
): { readonly spans: readonly StoredSpan[]; readonly claims: readonly Claim[] } {
  const taken = new Set(before.map((c) => c.id));
  const spans: StoredSpan[] = [];
  const claims = before.filter((c) => BigInt(c.startNs) >= pane.toNs);
  const window = new LiveWindow(Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY);
  for (const e of pane.entries) window.add(e.partition, e.content);
  const { extraction, links } = window.extract();
  if (extraction.calls.count === 0 || !links) return { spans, claims };
  const analysis = analyse(extraction, { links });
  const queries = new Queries(analysis, { generation: 1, captures: ['topic'], title: 'topic' });
  for (const s of storedSpans(exportSource(analysis, queries, { generation: 1 }))) {
    if (s.startNs < pane.fromNs || taken.has(s.id)) continue;
    if (s.startNs >= pane.toNs) {
      if (s.traceStartNs < pane.fromNs || s.traceStartNs >= pane.toNs) continue;
      claims.push({ id: s.id, startNs: String(s.startNs) });
    }
    taken.add(s.id);
    spans.push(s);
  }
  return { spans, claims };
}
