/** Commands to a live analysis. */
import * as vscode from 'vscode';
import type { AnalysisPanel } from '../analyses.ts';
import { fileName } from '../fileName.ts';
import { saveFile } from '../saveFile.ts';
import { startChoices, typedStart } from './attachTopic.ts';
import { type Command, type CommandContext, current, Expected, textOf } from './context.ts';
import { BACK, choose } from './steps.ts';

function live(context: CommandContext): AnalysisPanel {
  const panel = current(context);
  if (!panel.document.isLive) throw new Expected(vscode.l10n.t('This is no live analysis. Attach to a topic first.'));
  return panel;
}

export const pause: Command = (context) => live(context).document.control({ do: 'pause' });
export const resume: Command = (context) => live(context).document.control({ do: 'resume' });
/** Stops reading; what was found stays, and "Run Analysis Again" attaches again. */
export const detachTopic: Command = (context) => live(context).document.cancel();

export const rewind: Command = async (context, arg) => {
  const { document } = live(context);
  const step = {
    title: vscode.l10n.t('Rewind'),
    step: 1,
    totalSteps: 1,
    placeholder: vscode.l10n.t('Where to read from: choose, or type'),
  };
  const from = textOf(arg, 'from') ?? (await choose(step, startChoices(), typedStart));
  if (from !== undefined && from !== BACK) await document.control({ do: 'rewind', from });
};

/** Freeze Window as Capture...: the packets in the window, as a pcapng file that any tool reads. */
export const freezeWindow: Command = async (context, arg) => {
  const { document } = live(context);
  const chunks = await document.freeze();
  if (chunks.length === 0) throw new Expected(vscode.l10n.t('The window holds no packets: the topic carries calls or transactions.'));
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const name = `${fileName(document.title)}-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.pcapng`;
  const target =
    arg instanceof vscode.Uri
      ? arg
      : await vscode.window.showSaveDialog({
          title: vscode.l10n.t('Freeze Window as Capture'),
          defaultUri: folder && vscode.Uri.joinPath(folder, name),
          filters: { pcapng: ['pcapng'] },
        });
  if (target === undefined) return;
  await saveFile(target, chunks);
  context.log.info(`Froze ${chunks.length} records of ${document.title} to ${target.toString(true)}`);
};
