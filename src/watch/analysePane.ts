/** One pane's records -> the spans it stores. */
import { analyse } from '../engine/analysis.ts';
import { Queries } from '../engine/table/queries.ts';
import { exportSource } from '../session/exportSource.ts';
import { LiveWindow } from '../session/liveWindow.ts';
import { storedSpans } from '../session/spans.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import type { Pane, PaneEntry } from './panes.ts';

export interface PaneOptions {
  readonly algorithm: string;
  /** A model learned before; without one every pane learns its own. */
  readonly model?: unknown;
  readonly ignoreHeaders: readonly string[];
  readonly names: Readonly<Record<string, string>>;
}
/** A call that begins after its pane and was stored with a transaction of it: later panes leave it out. */
export interface Claim {
  readonly id: string;
  /** ns since 1970, decimal. */
  readonly startNs: string;
}
export interface PaneResult {
  readonly spans: readonly StoredSpan[];
  readonly claims: readonly Claim[];
}

/**
 * Every call is stored once: by the pane in which it begins, or before that with its transaction. A call that, seen from its own pane,
 * belongs to a transaction of an earlier one which did not take it is stored there all the same, under that transaction.
 */
export function analysePane(pane: Pane, before: readonly Claim[], options: PaneOptions): PaneResult {
  const taken = new Set(before.map((c) => c.id));
  const spans: StoredSpan[] = [];
  const claims = before.filter((c) => BigInt(c.startNs) >= pane.toNs);
  for (const entries of byTenant(pane.entries)) {
    for (const s of spansOf(entries, options)) {
      if (s.startNs < pane.fromNs || taken.has(s.id)) continue;
      if (s.startNs >= pane.toNs) {
        if (s.traceStartNs < pane.fromNs || s.traceStartNs >= pane.toNs) continue;
        claims.push({ id: s.id, startNs: String(s.startNs) });
      }
      spans.push(s);
    }
  }
  return { spans, claims };
}

function* spansOf(entries: readonly PaneEntry[], { algorithm, model, ignoreHeaders, names }: PaneOptions): Generator<StoredSpan> {
  const window = new LiveWindow(Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY);
  for (const e of entries) window.add(e.partition, e.content);
  const { extraction, links } = window.extract(ignoreHeaders);
  if (extraction.calls.count === 0) return;
  const analysis = analyse(extraction, { algorithm, names, ...(model !== undefined && { model }), ...(links && { links }) });
  const queries = new Queries(analysis, { generation: 1, captures: ['topic'], title: 'topic' });
  yield* storedSpans(exportSource(analysis, queries, { generation: 1 }));
}

/** Networks that their taps call differently are never analysed together. */
function byTenant(entries: readonly PaneEntry[]): PaneEntry[][] {
  const groups = new Map<string, PaneEntry[]>();
  for (const e of entries) {
    const tenant = e.content.kind === 'packets' ? e.content.tenant : '';
    const group = groups.get(tenant);
    if (group) group.push(e);
    else groups.set(tenant, [e]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}
