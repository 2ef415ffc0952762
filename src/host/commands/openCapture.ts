import * as vscode from 'vscode';
import { analysisUri } from '../captureUri.ts';
import { type Command, open } from './context.ts';

/** Open Capture...: several files chosen at once are one timeline, or an editor each; only the user knows which. */
export const openCapture: Command = async () => {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Open Capture'),
    canSelectMany: true,
    filters: { [vscode.l10n.t('Packet captures')]: ['pcap', 'pcapng', 'cap', 'ntar', 'gz', 'zst'], [vscode.l10n.t('All files')]: ['*'] },
  });
  const [first, second] = chosen ?? [];
  if (chosen === undefined || first === undefined) return;
  if (second === undefined) {
    await open(first);
    return;
  }
  const together = {
    label: `$(layers) ${vscode.l10n.t('One analysis over all {0}', chosen.length)}`,
    detail: vscode.l10n.t('Rotated files, or taps on several hosts'),
  };
  const apart = { label: `$(files) ${vscode.l10n.t('An editor for each')}` };
  const how = await vscode.window.showQuickPick([together, apart], { title: vscode.l10n.t('Open {0} Captures', chosen.length) });
  if (how === together) await open(analysisUri(chosen));
  else if (how === apart) for (const uri of chosen) await open(uri);
};
