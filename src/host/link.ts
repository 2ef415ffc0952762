/** What a link to a selection says: captures and a view state as the parameters of a URI. Pure; opening is in uriHandler.ts. */
import type { TimeRange, ViewState } from '../shared/protocol.ts';
import { isViewState } from './checks.ts';

export interface Linked {
  /** Paths relative to a folder of the workspace, or URIs where a capture is in none. */
  readonly captures: readonly string[];
  readonly state: ViewState;
}
export const LINK_PATH = '/open';
/** A link that somebody sends must not make the editor open hundreds of files. */
const MAX_CAPTURES = 20;
const MAX_QUERY = 16_000;

/** Texts of a state that travel as they are; the rest is spelt out below. */
const TEXTS = ['service', 'trace', 'call', 'filter', 'tenant', 'sort', 'tab'] as const;

export function linkQuery({ captures, state }: Linked): string {
  const q = new URLSearchParams();
  for (const c of captures) q.append('capture', c);
  q.set('view', state.view);
  for (const key of TEXTS) {
    const v = state[key];
    if (v) q.set(key, v);
  }
  if (state.edge) q.append('from', state.edge[0]);
  if (state.edge) q.append('to', state.edge[1]);
  if (state.range) q.set('range', `${Math.round(state.range.fromNs)}-${Math.round(state.range.toNs)}`);
  if (state.descending !== undefined) q.set('order', state.descending ? 'descending' : 'ascending');
  if (state.measuredOnly) q.set('measured', '1');
  return q.toString();
}

/** Null: not such a link, or a damaged one. What it says is from outside and checked like anything a webview says. */
export function readLink(query: string): Linked | null {
  if (query.length > MAX_QUERY) return null;
  const q = new URLSearchParams(query);
  const captures = q.getAll('capture');
  if (captures.length === 0 || captures.length > MAX_CAPTURES || captures.some((c) => c === '')) return null;
  const state: Record<string, unknown> = { view: q.get('view') ?? 'graph' };
  for (const key of TEXTS) {
    const v = q.get(key);
    if (v) state[key] = v;
  }
  const [from, to] = [q.get('from'), q.get('to')];
  if (from !== null && to !== null) state['edge'] = [from, to];
  const range = q.get('range');
  if (range !== null) state['range'] = rangeOf(range);
  const order = q.get('order');
  if (order !== null) state['descending'] = order === 'descending';
  if (q.get('measured') === '1') state['measuredOnly'] = true;
  return isViewState(state) ? { captures, state: state as unknown as ViewState } : null;
}

function rangeOf(text: string): TimeRange | null {
  const m = /^(\d{1,18})-(\d{1,18})$/.exec(text);
  return m && Number(m[1]) < Number(m[2]) ? { fromNs: Number(m[1]), toNs: Number(m[2]) } : null;
}
