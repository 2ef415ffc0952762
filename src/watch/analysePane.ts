/** One pane's records -> the spans it stores. */
import { analyse } from '../engine/analysis.ts';
import { learns } from '../engine/nesting/index.ts';
import { RunningModel } from '../engine/nesting/window/runningModel.ts';
import { Queries } from '../engine/table/queries.ts';
import { exportSource } from '../session/exportSource.ts';
import { LiveWindow } from '../session/liveWindow.ts';
import { storedSpans } from '../session/spans.ts';
import type { StoredSpan } from '../tracestore/api.ts';
import type { Pane, PaneEntry } from './panes.ts';

export interface PaneOptions {
  readonly algorithm: string;
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
 * `model` follows what the panes teach. Every call is stored once: by the pane in which it begins, or before that with its transaction. A call that, seen from its own pane,
 * belongs to a transaction of an earlier one which did not take it is stored there all the same, under that transaction.
 */
export function analysePane(pane: Pane, before: readonly Claim[], options: PaneOptions, model = new RunningModel()): PaneResult {
  const lessons: unknown[] = [];
  const trusted = model.trusted;
  const taken = new Set(before.map((c) => c.id));
  const spans: StoredSpan[] = [];
  const claims = before.filter((c) => BigInt(c.startNs) >= pane.toNs);
  for (const entries of byTenant(pane.entries)) {
    for (const s of spansOf(pane, entries, options, trusted, lessons)) {
      if (s.startNs < pane.fromNs || taken.has(s.id)) continue;
      if (s.startNs >= pane.toNs) {
        if (s.traceStartNs < pane.fromNs || s.traceStartNs >= pane.toNs) continue;
        claims.push({ id: s.id, startNs: String(s.startNs) });
      }
      spans.push(s);
    }
  }
  model.learn(lessons, spans.length);
  return { spans, claims };
}

function* spansOf(
  pane: Pane,
  entries: readonly PaneEntry[],
  { algorithm: name, ignoreHeaders, names }: PaneOptions,
  model: unknown,
  lessons: unknown[],
): Generator<StoredSpan> {
  const window = new LiveWindow(Number.MAX_SAFE_INTEGER, Number.POSITIVE_INFINITY);
  for (const e of once(entries)) window.add(e.partition, e.content);
  const { extraction, links } = window.extract(ignoreHeaders);
  if (extraction.calls.count === 0) return;
  const after = (ns: bigint) => Number(ns - extraction.epochNs);
  const analysis = analyse(extraction, {
    algorithm: name,
    names,
    ...(model !== undefined && { model }),
    ...(links ? { links } : { keepModel: learns(name), learnFromNs: [after(pane.fromNs), after(pane.toNs)] as const }),
  });
  if (analysis.nesting.model !== undefined) lessons.push(analysis.nesting.model);
  const queries = new Queries(analysis, { generation: 1, captures: ['topic'], title: 'topic' });
  yield* storedSpans(exportSource(analysis, queries, { generation: 1 }));
}

/** A call that was published twice (its publisher was killed before it could note that it had) counts once. */
function* once(entries: readonly PaneEntry[]): Generator<PaneEntry> {
  const seen = new Set<unknown>();
  for (const e of entries) {
    const id = e.content.kind === 'call' ? (e.content.value as { readonly id?: unknown }).id : undefined;
    if (id !== undefined && seen.has(id)) continue;
    seen.add(id);
    yield e;
  }
}

/** Networks that their taps call differently are never analysed together. */
export function byTenant(entries: readonly PaneEntry[]): PaneEntry[][] {
  const groups = new Map<string, PaneEntry[]>();
  for (const e of entries) {
    const tenant = tenantOf(e);
    const group = groups.get(tenant);
    if (group) group.push(e);
    else groups.set(tenant, [e]);
  }
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

function tenantOf({ content }: PaneEntry): string {
  if (content.kind === 'packets') return content.tenant;
  return content.kind === 'call' ? String((content.value as { readonly tenant?: unknown }).tenant ?? '') : '';
}
