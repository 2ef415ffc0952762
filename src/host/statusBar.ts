/** One item at the right, there only while an analysis editor is active. */
import * as vscode from 'vscode';
import type { Snapshot, Stage } from '../shared/protocol.ts';
import type { Analyses } from './analyses.ts';
import { label } from './text.ts';
import { describe } from './trees/captures.ts';

export function statusBar(analyses: Analyses): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('tracenest.status', vscode.StatusBarAlignment.Right, 100);
  item.name = 'Tracenest';
  const update = () => {
    const panel = analyses.current;
    if (!panel?.active) {
      item.hide();
      return;
    }
    const s = panel.document.snapshot;
    item.text = text(s);
    item.tooltip = label(describe(s).tooltip, 500) || 'Tracenest';
    item.command = s.status.kind === 'failed' ? 'tracenest.showLog' : 'tracenest.showQuality';
    item.show();
  };
  update();
  return vscode.Disposable.from(item, analyses.onDidChange(update));
}

const stages = (): Readonly<Record<Stage, string>> => ({
  read: vscode.l10n.t('Reading'),
  pair: vscode.l10n.t('Pairing'),
  nest: vscode.l10n.t('Nesting'),
  summarise: vscode.l10n.t('Summarising'),
});

function text(s: Snapshot): string {
  const { icon, text } = describe(s);
  if (s.status.kind === 'analysing')
    return `$(sync~spin) ${stages()[s.status.stage]} ${Number.isFinite(s.status.done) ? text : ''}`.trimEnd();
  const found = s.summary !== null && s.summary.calls > 0;
  const shown = s.status.kind === 'ready' && s.stale === '' ? 'type-hierarchy' : icon;
  return `$(${shown}) ${found ? text : `Tracenest: ${text}`}`;
}
