import * as vscode from 'vscode';
import { analysisUri, isCapture, MAX_CAPTURES, nameOf } from '../captureUri.ts';
import { folderOf, label } from '../text.ts';
import { type Command, type CommandContext, Expected, open } from './context.ts';
import { uriOf } from './openFile.ts';

/** Run Analysis on Selected Captures: one timeline over all of them. Selected in the explorer, in the Captures view, or here. */
export const runSelected: Command = async (context, clicked, selected) => {
  const given = (Array.isArray(selected) && selected.length > 0 ? selected : [clicked])
    .map(uriOf)
    .filter((u) => u !== null && isCapture(u));
  const captures = given.length > 0 ? given : await ask(context);
  if (captures === undefined || captures.length === 0) return;
  if (captures.length > MAX_CAPTURES) throw new Expected(vscode.l10n.t('At most {0} captures can be analysed together.', MAX_CAPTURES));
  await open(analysisUri(captures.filter((u) => u !== null)));
};

async function ask(context: CommandContext): Promise<vscode.Uri[] | undefined> {
  const all = await context.captures.search();
  if (all.length === 0) throw new Expected(vscode.l10n.t('There are no captures in this folder.'));
  const items = all.map((uri) => ({
    label: label(nameOf(uri)),
    description: folderOf(uri),
    uri,
  }));
  const picked = await vscode.window.showQuickPick(items, {
    canPickMany: true,
    title: vscode.l10n.t('Run Analysis on Selected Captures'),
    placeHolder: vscode.l10n.t('Captures to put on one timeline'),
  });
  return picked?.map((p) => p.uri);
}
