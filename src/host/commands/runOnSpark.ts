/** Run Analysis on Spark...: captures by a job of spark-submit; its result opens in the editor. */

import * as vscode from 'vscode';
import { isCapture } from '../captureUri.ts';
import { complain } from '../messages.ts';
import { sparkJobArguments, sparkSettings } from '../settings.ts';
import { driverLog, runSparkJob } from '../sparkJob.ts';
import { type Command, Expected, open } from './context.ts';
import { uriOf } from './openFile.ts';

/** `arg`: what the explorer gives, or {captures, out}, two URIs, for keybindings and other extensions: nothing is asked then. */
export const runOnSpark: Command = async ({ extension, log }, arg) => {
  if (!vscode.workspace.isTrusted)
    throw new Expected(vscode.l10n.t('Trust this workspace first: a job runs programs that its settings name.'));
  const captures = await pattern(uriIn(arg, 'captures') ?? uriOf(arg));
  if (captures === undefined) return;
  const out = uriIn(arg, 'out') ?? (await outFolder());
  if (out === undefined) return;
  const result = await vscode.window
    .withProgress(
      { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Analysis on Spark'), cancellable: true },
      (progress, token) =>
        runSparkJob(sparkSettings(), { captures, out: out.fsPath, more: sparkJobArguments() }, extension.fsPath, progress, token),
    )
    .then(undefined, (e: unknown) => {
      log.error(`runOnSpark: ${e instanceof Error ? e.message : String(e)}`);
      void tell(e instanceof Error ? e.message : String(e));
    });
  if (result) await open(result);
};

async function tell(text: string): Promise<void> {
  const [showLog, settings] = [vscode.l10n.t('Show Driver Log'), vscode.l10n.t('Settings')];
  const answer = await complain(`Tracenest: ${text}`, showLog, settings);
  if (answer === showLog) driverLog().show();
  else if (answer === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'tracenest.spark');
}

function uriIn(arg: unknown, name: 'captures' | 'out'): vscode.Uri | null {
  const value = typeof arg === 'object' && arg !== null ? (arg as Readonly<Record<string, unknown>>)[name] : undefined;
  return value instanceof vscode.Uri ? value : null;
}

async function outFolder(): Promise<vscode.Uri | undefined> {
  const chosen = await vscode.window.showOpenDialog({
    title: vscode.l10n.t('Folder for the results'),
    openLabel: vscode.l10n.t('Write Results Here'),
    canSelectFolders: true,
    canSelectFiles: false,
  });
  return chosen?.[0];
}

/** Which captures: the folder or file given, else one asked for. As the pattern that Spark reads. */
async function pattern(given: vscode.Uri | null): Promise<string | undefined> {
  const [uri] = given
    ? [given]
    : ((await vscode.window.showOpenDialog({
        title: vscode.l10n.t('Folder of captures to analyse on Spark'),
        openLabel: vscode.l10n.t('Analyse'),
        canSelectFolders: true,
        canSelectFiles: false,
      })) ?? []);
  if (uri === undefined) return undefined;
  if (uri.scheme !== 'file') throw new Expected(vscode.l10n.t('Spark reads captures from a disk; this is elsewhere.'));
  // Braces, brackets and stars in a name would be read as a pattern.
  const literal = uri.fsPath.replace(/[\\{}[\]*?,]/g, '\\$&');
  const endings = ['pcap', 'pcapng', 'cap', 'ntar'].flatMap((e) => [e, `${e}.gz`, `${e}.zst`]);
  return isCapture(uri) ? literal : `${literal}/*.{${endings.join()}}`;
}
