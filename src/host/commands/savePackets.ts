import * as vscode from 'vscode';
import { inform } from '../messages.ts';
import { saveFile } from '../saveFile.ts';
import { type Command, Expected, textOf, withResults } from './context.ts';

/** Save Transaction's Packets...: of the transaction named, else of the selected one, as a pcapng file that any tool reads. */
export const savePackets: Command = async (context, arg) => {
  const panel = withResults(context);
  const { document } = panel;
  const { generation } = document.snapshot;
  const id = textOf(arg, 'trace');
  const trace = id === undefined ? panel.selection.trace : (await document.ask('find', { generation, trace: id })).trace;
  if (trace === undefined || trace < 0) throw new Expected(vscode.l10n.t('Select a transaction first.'));
  const capture = document.captures[0];
  const folder = capture?.scheme === 'file' ? vscode.Uri.joinPath(capture, '..') : vscode.workspace.workspaceFolders?.[0]?.uri;
  const { id: stable } = await document.ask('transaction', { generation, trace });
  const target = await vscode.window.showSaveDialog({
    title: vscode.l10n.t("Save Transaction's Packets"),
    defaultUri: folder && vscode.Uri.joinPath(folder, `transaction-${stable.slice(0, 12)}.pcapng`),
    filters: { pcapng: ['pcapng'] },
  });
  if (target === undefined) return;
  const title = vscode.l10n.t('Saving packets');
  const saved = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title, cancellable: true },
    async (_, token) => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const chunks = await document.packetsFile({ generation, trace }, controller.signal);
      if (token.isCancellationRequested) return false;
      await saveFile(target, chunks);
      return true;
    },
  );
  if (!saved) return;
  context.log.info(`Saved the packets of transaction ${stable} to ${target.toString(true)}`);
  const open = vscode.l10n.t('Open');
  const text = vscode.l10n.t('Saved {0}', vscode.workspace.asRelativePath(target));
  if ((await inform(text, open)) === open) await vscode.commands.executeCommand('vscode.open', target);
};
