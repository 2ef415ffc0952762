/** A job of spark-submit for the editor: the driver's log in an output channel of its own, progress, cancelling, the result file. */

import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { visibleText } from '../shared/format.ts';
import { type SparkSetup, submit } from '../spark/submit.ts';

export interface SparkWish {
  /** Captures as Spark reads them: a path or a pattern. */
  readonly captures: string;
  /** A folder of its own is made in here. */
  readonly out: string;
  /** Further options of the job. */
  readonly more: readonly string[];
}

let channel: vscode.OutputChannel | undefined;
/** Made with the first job: nobody else wants to see an empty one. */
export function driverLog(): vscode.OutputChannel {
  channel ??= vscode.window.createOutputChannel('Tracenest: Spark');
  return channel;
}

/** Jobs that run, each with its end. */
const running = new Map<AbortController, Promise<unknown>>();
/** When the extension ends: nobody would hear of a driver that outlives it, and nobody could cancel it. */
export async function endSparkJobs(): Promise<void> {
  for (const controller of running.keys()) controller.abort();
  await Promise.allSettled(running.values());
}

/** Resolves to the result file, or to undefined when cancelled. Rejects with what a person can act on. `home`: the extension's folder. */
export async function runSparkJob(
  setup: SparkSetup,
  { captures, out, more }: SparkWish,
  home: string,
  progress: vscode.Progress<{ message?: string }>,
  token: vscode.CancellationToken,
): Promise<vscode.Uri | undefined> {
  const controller = new AbortController();
  const listening = token.onCancellationRequested(() => controller.abort());
  const folder = path.join(out, `tracenest-${new Date().toISOString().replace(/[:.]/g, '-')}`);
  await mkdir(folder, { recursive: true });
  const log = driverLog();
  log.appendLine(visibleText(vscode.l10n.t('{0}: {1} into {2}', new Date().toLocaleTimeString(), captures, folder), 4000));
  progress.report({ message: vscode.l10n.t('starting') });
  const job = submit(setup, {
    job: 'batch',
    jobArgs: ['--captures', captures, '--out', folder, ...more],
    home,
    signal: controller.signal,
    log: (line) => log.appendLine(visibleText(line, 4000)),
    progress: (message) => progress.report({ message }),
  });
  running.set(controller, job);
  const end = await job
    .catch((e: unknown) => {
      throw new Error(
        vscode.l10n.t(
          '{0} can\'t be started ({1}). Install Apache Spark 4 (for instance: pip install pyspark pandas pyarrow), or name the program in the setting "tracenest.spark.submitPath".',
          setup.submitPath,
          e instanceof Error ? e.message : String(e),
        ),
      );
    })
    .finally(() => {
      running.delete(controller);
      listening.dispose();
    });
  if (end.cancelled) return undefined;
  if (end.code !== 0) throw new Error(vscode.l10n.t('The Spark job failed: {0}', end.complaint || `exit code ${end.code}`));
  return vscode.Uri.file(path.join(folder, 'result.tracenest.json'));
}
