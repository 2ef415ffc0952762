/** Selections between rows (of one generation) and what outlives them: service names and content-derived ids. */
import type { ViewState } from '../src/shared/protocol.ts';
import type { Directory } from './directory.ts';
import type { AppContext, Selection } from './view.ts';

type Ids = Pick<ViewState, 'service' | 'edge' | 'trace' | 'call'>;
type Asks = Pick<AppContext, 'call'>;

/** The rows of what was selected before, in a new generation; what is gone is left out. */
export async function rowsOf(asks: Asks, directory: Directory, generation: number, ids: Ids, signal: AbortSignal): Promise<Selection> {
  const { service, edge, trace, call } = ids;
  const ends = edge?.map((name) => directory.byName(name)?.id);
  const found: Selection = {
    service: service === undefined ? undefined : directory.byName(service)?.id,
    edge: ends?.[0] === undefined || ends[1] === undefined ? undefined : directory.edgeBetween(ends[0], ends[1])?.id,
  };
  if (trace === undefined && call === undefined) return found;
  const rows = await asks.call('find', { generation, ...(trace !== undefined && { trace }), ...(call !== undefined && { call }) }, signal);
  return { ...found, trace: rows.trace < 0 ? undefined : rows.trace, call: rows.call < 0 ? undefined : rows.call };
}

let last: { readonly generation: number; readonly selection: Selection; readonly ids: Ids } | null = null;

/** What to remember of a selection. Ids of rows are asked for once. */
export async function idsOf(asks: Asks, directory: Directory, generation: number, selection: Selection, before: ViewState): Promise<Ids> {
  const { service, edge, trace, call } = selection;
  const link = edge === undefined ? undefined : directory.edge(edge);
  const ids: { -readonly [K in keyof Ids]: Ids[K] } = {};
  if (service !== undefined) ids.service = directory.name(service);
  if (link) ids.edge = [directory.name(link.from), directory.name(link.to)];
  const known = last?.generation === generation ? last : null;
  if (trace !== undefined)
    ids.trace = known?.selection.trace === trace ? known.ids.trace : (await asks.call('transaction', { generation, trace })).id;
  if (call !== undefined) ids.call = known?.selection.call === call ? known.ids.call : (await asks.call('call', { generation, call })).id;
  // Before the first rows are known a selection is empty, and what was remembered must not be forgotten.
  if (directory.services.length === 0) return { service: before.service, edge: before.edge, trace: before.trace, call: before.call };
  last = { generation, selection, ids };
  return ids;
}
