/** Commands that put two captures side by side. */
import * as vscode from 'vscode';
import type { ViewState } from '../../shared/protocol.ts';
import { isCapture, nameOf, VIEW_TYPE } from '../captureUri.ts';
import { folderOf, label } from '../text.ts';
import { revealState } from '../uriHandler.ts';
import { type Command, type CommandContext, Expected, open, withResults } from './context.ts';
import { uriOf } from './openFile.ts';
import { BACK, type Choice, choose } from './steps.ts';

/** Compare Selected Captures: two of the explorer or the Captures view, the older one as before; from the palette both are asked for. */
export const compareSelected: Command = async (context, clicked, selected) => {
  const given = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked])
    .map(uriOf)
    .filter((u): u is vscode.Uri => u !== null && isCapture(u));
  const pair = given.length >= 2 ? await byAge(given) : await askTwo(context, given[0]);
  if (pair === undefined) return;
  const [before, after] = pair;
  await open(after);
  const panel = await context.analyses.opened(after);
  if (panel?.document.hasResults) panel.act({ act: 'compareWith', uri: before.toString() });
};

type Pair = readonly [before: vscode.Uri, after: vscode.Uri];
async function byAge(given: readonly vscode.Uri[]): Promise<Pair> {
  if (given.length > 2) throw new Expected(vscode.l10n.t('Two captures are compared; {0} are selected.', given.length));
  const dated = await Promise.all(given.map(async (uri) => ({ uri, at: (await vscode.workspace.fs.stat(uri)).mtime })));
  const [before, after] = dated.sort((a, b) => a.at - b.at || nameOf(a.uri).localeCompare(nameOf(b.uri), 'en', { numeric: true }));
  return [before!.uri, after!.uri];
}

async function askTwo(context: CommandContext, first: vscode.Uri | undefined): Promise<Pair | undefined> {
  const all = await context.captures.search();
  if (all.length < 2) throw new Expected(vscode.l10n.t('There are no two captures in this folder.'));
  const title = vscode.l10n.t('Compare Selected Captures');
  const ask = (step: 1 | 2, placeholder: string, other: vscode.Uri | undefined) =>
    choose({ title, step, totalSteps: 2, placeholder }, choicesOf(all.filter((u) => u.toString() !== other?.toString())));
  for (;;) {
    const before = first ?? (await ask(1, vscode.l10n.t('The capture from before'), undefined));
    if (before === undefined || before === BACK) return undefined;
    const after = await ask(2, vscode.l10n.t('The capture from after'), before);
    if (after === undefined) return undefined;
    if (after !== BACK) return [before, after];
    first = undefined;
  }
}
const choicesOf = (uris: readonly vscode.Uri[]): Choice<vscode.Uri>[] =>
  uris.map((value) => ({
    label: `$(file) ${label(nameOf(value))}`,
    description: folderOf(value),
    value,
  }));

/** Show in Other Capture: the same service, filter and order there. Transactions and times are of one capture only. */
export const showInOther: Command = async (context) => {
  const panel = withResults(context);
  const here = panel.document.uri.toString();
  const uris = [...context.analyses.open.map((d) => d.uri), ...(await context.captures.search())];
  const others = new Map(uris.map((u) => [u.toString(), u]));
  others.delete(here);
  if (others.size === 0) throw new Expected(vscode.l10n.t('There is no other capture in this workspace.'));
  const target = await choose(
    { title: vscode.l10n.t('Show in Other Capture'), step: 1, totalSteps: 1, placeholder: vscode.l10n.t('Capture to show the same in') },
    choicesOf([...others.values()]),
  );
  if (target === undefined || target === BACK) return;
  const { trace: _t, call: _c, range: _r, ...kept }: ViewState = panel.state ?? { view: 'graph' };
  const state: ViewState = kept.view === 'waterfall' || kept.view === 'packets' ? { ...kept, view: 'transactions' } : kept;
  // Beside this one, so that both are seen.
  await vscode.commands.executeCommand('vscode.openWith', target, VIEW_TYPE, vscode.ViewColumn.Beside);
  const other = await context.analyses.opened(target);
  if (other) await revealState(other, state);
};
