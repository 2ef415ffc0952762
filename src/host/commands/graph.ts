/** Commands that change what the call graph draws. */
import * as vscode from 'vscode';
import { type Command, serviceFor, withResults } from './context.ts';

/** Focus on Service...: it and its neighbours only. */
export const focusService: Command = async (context, arg) => {
  const panel = withResults(context);
  const service = await serviceFor(panel, arg, vscode.l10n.t('Focus on Service'));
  if (service) panel.act({ act: 'focus', service: service.id });
};
export const hideService: Command = async (context, arg) => {
  const panel = withResults(context);
  const service = await serviceFor(panel, arg, vscode.l10n.t('Hide Service'));
  if (service) panel.act({ act: 'hide', service: service.id });
};
/** Nothing hidden, no focus, the settings' number of services, all of it in view. */
export const resetGraph: Command = (context) => withResults(context).act({ act: 'resetGraph' });
/** Open as Table: the graph's services and edges; again: the picture. */
export const openAsTable: Command = (context) => withResults(context).act({ act: 'asTable' });
