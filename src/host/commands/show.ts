/** Commands that show a view of the current analysis. */
import * as vscode from 'vscode';
import { writeValue } from '../../engine/table/filter/parse.ts';
import { type Command, current, numberOf, serviceFor, textOf, withResults } from './context.ts';

export const showGraph: Command = (context) => withResults(context).reveal({ view: 'graph' });
/** From a service's context menu: those in which it has a part. */
export const showTransactions: Command = (context, arg) => {
  const service = textOf(arg, 'service');
  const filter = service === undefined ? undefined : `service:${writeValue(service)}`;
  withResults(context).reveal({ view: 'transactions', filter });
};
export const showSlowest: Command = (context) => withResults(context).reveal({ view: 'transactions', sort: 'duration' });
export const showPatterns: Command = (context) => withResults(context).reveal({ view: 'patterns' });
/** Compare with Capture...: which one is asked in the view, where its result is. */
export const compare: Command = (context) => withResults(context).reveal({ view: 'compare' });
/** Of the editor, wherever one is in it. */
export const showKeys: Command = (context) => current(context).act({ act: 'keys' });
/** Also without results: it says why there are none. */
export const showQuality: Command = (context) => current(context).reveal({ view: 'quality' });

export const showService: Command = async (context, arg) => {
  const panel = withResults(context);
  const service = await serviceFor(panel, arg, vscode.l10n.t('Show Service'));
  if (service) panel.reveal({ view: 'service', service: service.id });
};
export const showCallers: Command = async (context, arg) => {
  const panel = withResults(context);
  const service = await serviceFor(panel, arg, vscode.l10n.t('Show Callers of Service'));
  if (service) panel.reveal({ view: 'service', service: service.id, tab: 'callers' });
};

/** From the trees: their rows are of one generation, and a list that is out of date must not open something else. */
export const revealService: Command = (context, arg) => {
  const panel = withResults(context);
  const service = numberOf(arg, 'service');
  if (service === undefined || stale(panel.document.snapshot.generation, arg)) return;
  panel.reveal({ view: 'service', service, tab: textOf(arg, 'tab') });
};
export const revealEdge: Command = (context, arg) => {
  const panel = withResults(context);
  const edge = numberOf(arg, 'edge');
  if (edge !== undefined && !stale(panel.document.snapshot.generation, arg)) panel.reveal({ view: 'service', edge });
};
export const revealTransaction: Command = (context, arg) => {
  const panel = withResults(context);
  const trace = numberOf(arg, 'trace');
  if (trace !== undefined && !stale(panel.document.snapshot.generation, arg)) panel.reveal({ view: 'waterfall', trace });
};
/** From a context menu of the webview, which names it by its lasting id. */
export const openTransaction: Command = async (context, arg) => {
  const panel = withResults(context);
  const id = textOf(arg, 'trace');
  if (id === undefined) return;
  const { trace } = await panel.document.ask('find', { generation: panel.document.snapshot.generation, trace: id });
  if (trace >= 0) panel.reveal({ view: 'waterfall', trace });
};
const stale = (generation: number, arg: unknown): boolean => numberOf(arg, 'generation') !== generation;
