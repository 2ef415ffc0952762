import * as vscode from 'vscode';
import { nameOf } from '../captureUri.ts';
import { inform } from '../messages.ts';
import { label } from '../text.ts';
import { type Command, current, Expected } from './context.ts';

const HEX_EDITOR = 'ms-vscode.hexeditor';

/** Open Capture in Hex Editor: the file itself, in the editor that Microsoft's extension adds; without it the way there is offered. */
export const openInHexEditor: Command = async (context) => {
  const { captures } = current(context).document;
  if (captures.length === 0) throw new Expected(vscode.l10n.t('This analysis is of no file.'));
  const items = captures.map((uri) => ({ label: `$(file-binary) ${label(nameOf(uri))}`, uri }));
  const chosen =
    items.length === 1 ? items[0] : await vscode.window.showQuickPick(items, { title: vscode.l10n.t('Open Capture in Hex Editor') });
  if (chosen === undefined) return;
  if (vscode.extensions.getExtension(HEX_EDITOR)) {
    await vscode.commands.executeCommand('vscode.openWith', chosen.uri, 'hexEditor.hexedit');
    return;
  }
  const find = vscode.l10n.t('Find Hex Editor');
  const text = vscode.l10n.t('The Hex Editor extension is not installed. The bytes of a call are in its Bytes tab.');
  if ((await inform(`Tracenest: ${text}`, find)) === find)
    await vscode.commands.executeCommand('workbench.extensions.search', `@id:${HEX_EDITOR}`);
};
