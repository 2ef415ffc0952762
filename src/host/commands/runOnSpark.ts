/** Run Analysis on Spark...: captures by a job of spark-submit; its result opens in the editor. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { submit } from '../../spark/submit.ts';
import { isCapture } from '../captureUri.ts';
import { sparkSettings } from '../settings.ts';
import { type Command, type CommandContext, Expected, open } from './context.ts';
import { uriOf } from './openFile.ts';

export const runOnSpark: Command = async (context, arg) => {
  if (!vscode.workspace.isTrusted)
    throw new Expected(vscode.l10n.t('Trust this workspace first: a job runs programs that its settings name.'));
  const captures = await pattern(arg);
  if (captures === undefined) return;
  const [out] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Folder for the results'),
      openLabel: vscode.l10n.t('Write Results Here'),
      canSelectFolders: true,
      canSelectFiles: false,
    })) ?? [];
  if (out === undefined) return;
  const result = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Analysis on Spark'), cancellable: true },
    (progress, token) => run(context, captures, out.fsPath, progress, token),
  );
  if (result !== undefined) await open(result);
};

/** Which captures: the folder or file of the explorer, else one asked for. As the pattern that Spark reads. */
async function pattern(arg: unknown): Promise<string | undefined> {
  const given = uriOf(arg);
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
  return isCapture(uri) ? literal : `${literal}/*.{pcap,pcapng,cap}`;
}

async function run(
  { extension, log }: CommandContext,
  captures: string,
  out: string,
  progress: vscode.Progress<{ message?: string }>,
  token: vscode.CancellationToken,
): Promise<vscode.Uri | undefined> {
  const controller = new AbortController();
  token.onCancellationRequested(() => controller.abort());
  const folder = path.join(out, `tracenest-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  await mkdir(folder, { recursive: true });
  const setup = sparkSettings();
  const end = await submit(setup, {
    job: 'batch',
    jobArgs: ['--captures', captures, '--out', folder],
    home: extension.fsPath,
    signal: controller.signal,
    log: (line) => log.info(`Spark: ${line}`),
    progress: (message) => progress.report({ message }),
  }).catch((e: unknown) => {
    throw new Error(
      vscode.l10n.t(
        '{0} can\'t be started ({1}). Install Apache Spark 4, or name the program in the setting "tracenest.spark.submitPath".',
        setup.submitPath,
        e instanceof Error ? e.message : String(e),
      ),
    );
  });
  if (end.cancelled) return undefined;
  if (end.code !== 0) throw new Error(vscode.l10n.t('The Spark job failed: {0}', end.complaint || `exit code ${end.code}`));
  return vscode.Uri.file(path.join(folder, 'result.tracenest.json'));
}
