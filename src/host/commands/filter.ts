import * as vscode from 'vscode';
import { scopeOf } from '../analyses.ts';
import { type Command, withResults } from './context.ts';

/** Filter...: the same language as the box in the editor; what is wrong with the text is said while it is typed. */
export const filter: Command = async (context) => {
  const panel = withResults(context);
  const text = await vscode.window.showInputBox({
    title: vscode.l10n.t('Filter'),
    value: panel.state?.filter ?? '',
    placeHolder: 'service:orders status:5xx duration>30ms -service:mail',
    validateInput: async (value) => (await panel.document.ask('filterCheck', { ...scopeOf(panel), filter: value })).error?.text,
  });
  if (text !== undefined) panel.reveal({ view: panel.state?.view ?? 'graph', filter: text });
};

export const clearFilter: Command = (context) => {
  const panel = withResults(context);
  panel.reveal({ view: panel.state?.view ?? 'graph', filter: '' });
};
