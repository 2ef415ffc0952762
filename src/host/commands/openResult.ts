import * as vscode from 'vscode';
import { type Command, open } from './context.ts';

/** Open Analysis Result...: what a job wrote (docs/analysis-result.md). */
export const openResult: Command = async () => {
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Open Analysis Result'),
      filters: { [vscode.l10n.t('Analysis results')]: ['tracenest.json', 'json'] },
    })) ?? [];
  if (file !== undefined) await open(file);
};
