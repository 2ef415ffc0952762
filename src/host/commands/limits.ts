import * as vscode from 'vscode';
import { DEFAULT_LIMIT } from '../../engine/compare/limits.ts';
import { count } from '../../shared/format.ts';
import type { AnalysisPanel } from '../analyses.ts';
import { exists, type Finding, LimitsFault, limitsFilesOf } from '../limits.ts';
import { writesThroughLink } from '../linkTargets.ts';
import { ask, inform, warn } from '../messages.ts';
import { saveFile } from '../saveFile.ts';
import { label } from '../text.ts';
import { type Command, Expected, withResults } from './context.ts';

/** Check Latency Limits: the verdict in one sentence, what is broken in the Problems panel. */
export const checkLimits: Command = async (context) => {
  needTrust();
  const panel = withResults(context);
  const files = limitsFilesOf(panel.document);
  if (files !== undefined && !(await exists(files.limits))) return offerLimits(files.limits);
  let findings: readonly Finding[];
  try {
    findings = await context.limits.check(panel.document);
  } catch (e) {
    if (!(e instanceof LimitsFault)) throw e;
    const open = vscode.l10n.t('Open');
    const buttons = e.file === undefined ? [] : [open];
    if ((await warn(`Tracenest: ${e.message}`, ...buttons)) === open && e.file) await vscode.commands.executeCommand('vscode.open', e.file);
    return;
  }
  const broken = findings.filter((f) => f.outcome === 'broken').length;
  const show = vscode.l10n.t('Show Problems');
  const chosen = broken > 0 ? await warn(verdict(findings), show) : await inform(verdict(findings));
  if (chosen === show) await vscode.commands.executeCommand('workbench.actions.view.problems');
};

/** "Limits: 2 broken, 11 held, 3 with too few calls to judge." */
export function verdict(findings: readonly Finding[]): string {
  const of = (...outcomes: readonly Finding['outcome'][]) => findings.filter((f) => outcomes.includes(f.outcome)).length;
  const { t } = vscode.l10n;
  const parts = [
    t('{0} broken', count(of('broken'))),
    t('{0} held', count(of('ok'))),
    ...(of('too-few') > 0 ? [t('{0} with too few calls to judge', count(of('too-few')))] : []),
    ...(of('no-baseline') > 0 ? [t('{0} with nothing to compare with (Set as Baseline)', count(of('no-baseline')))] : []),
    ...(of('gone') > 0 ? [t('{0} for calls that are not in the capture', count(of('gone')))] : []),
  ];
  return t('Latency limits: {0}.', parts.join(', '));
}

async function offerLimits(file: vscode.Uri): Promise<void> {
  const create = vscode.l10n.t('Create');
  const text = vscode.l10n.t('This folder has no limits yet ({0}).', vscode.workspace.asRelativePath(file));
  if ((await inform(text, create)) !== create) return;
  await refuseLink(file);
  await saveFile(file, [`${JSON.stringify({ default: DEFAULT_LIMIT, limits: [] }, null, 2)}\n`]);
  await vscode.commands.executeCommand('vscode.open', file);
}

/** Set as Baseline: the latencies of this capture into the folder's baseline file, which `tracenest check --baseline` reads too. */
export const setBaseline: Command = async (context) => {
  needTrust();
  const panel = withResults(context);
  const file = limitsFilesOf(panel.document)?.baseline;
  if (file === undefined) throw new Expected(vscode.l10n.t('Open a folder, and name a file for it in "tracenest.limits.baseline".'));
  await refuseLink(file);
  if ((await exists(file)) && !(await replaces(file, panel))) return;
  const samples = await panel.document.limitSamples();
  const { baselineText } = await import('../seldom.ts');
  await saveFile(file, [baselineText({ title: panel.document.title, samples })]);
  vscode.window.setStatusBarMessage(label(vscode.l10n.t('Baseline saved to {0}', vscode.workspace.asRelativePath(file))), 5000);
};

async function replaces(file: vscode.Uri, panel: AnalysisPanel): Promise<boolean> {
  const replace = vscode.l10n.t('Replace');
  const text = vscode.l10n.t('Replace the baseline {0} by {1}?', vscode.workspace.asRelativePath(file), panel.document.title);
  return (await ask(text, replace)) === replace;
}

/** A link in a folder of a stranger may lead anywhere: what it names, or what lies behind it, is not written. */
async function refuseLink(file: vscode.Uri): Promise<void> {
  const folder = vscode.workspace.getWorkspaceFolder(file);
  const linked =
    folder?.uri.scheme === 'file'
      ? await writesThroughLink(folder.uri.fsPath, file.fsPath)
      : await vscode.workspace.fs.stat(file).then(
          (s) => (s.type & vscode.FileType.SymbolicLink) !== 0,
          () => false,
        );
  if (linked)
    throw new Expected(vscode.l10n.t('{0} is reached by a symbolic link; it is not written to.', vscode.workspace.asRelativePath(file)));
}

/** Also for those who run the commands by their ids: what a stranger's folder holds is neither read nor written. */
function needTrust(): void {
  if (!vscode.workspace.isTrusted)
    throw new Expected(vscode.l10n.t('Limits are checked and baselines kept only in trusted folders. Trust this folder first.'));
}
