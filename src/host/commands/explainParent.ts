import * as vscode from 'vscode';
import { type AnalysisPanel, scopeOf } from '../analyses.ts';
import { type Command, Expected, numberOf, textOf, withResults } from './context.ts';

/** Explain Parent Choice: of the selected call, else of the least certain one of the selected or slowest transaction. */
export const explainParent: Command = async (context, arg) => {
  const panel = withResults(context);
  const { generation } = panel.document.snapshot;
  const id = textOf(arg, 'call');
  const given = id === undefined ? numberOf(arg, 'call') : (await panel.document.ask('find', { generation, call: id })).call;
  const call = given ?? panel.selection.call;
  if (call !== undefined && call >= 0) {
    const { trace } = await panel.document.ask('call', { generation, call });
    panel.reveal({ view: 'waterfall', trace, call, tab: 'why' });
    return;
  }
  const trace = panel.selection.trace ?? (await leastCertain(panel));
  const uncertain = await panel.document.ask('waterfallFind', { generation, trace, what: 'uncertain', afterCall: -1 });
  panel.reveal({ view: 'waterfall', trace, call: uncertain >= 0 ? uncertain : undefined, tab: 'why' });
};

async function leastCertain(panel: AnalysisPanel): Promise<number> {
  const page = { offset: 0, limit: 1, sort: 'confidence', descending: false } as const;
  const { rows } = await panel.document.ask('transactions', { ...scopeOf(panel), ...page });
  const row = rows[0];
  if (row === undefined) throw new Expected(vscode.l10n.t('There is no transaction to explain.'));
  return row.trace;
}
