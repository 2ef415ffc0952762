/** Tells a tree when what it lists is another: progress alone is no reason to ask the worker again. */
import * as vscode from 'vscode';
import { type Analyses, type AnalysisPanel, scopeOf } from '../analyses.ts';

/** @param tree called with the editor that is meant now; undefined: none is open */
export function onContentChange(analyses: Analyses, tree: (panel: AnalysisPanel | undefined) => void): vscode.Disposable {
  let last = '';
  const look = () => {
    const panel = analyses.current;
    const s = panel?.document.snapshot;
    const key = panel && s ? JSON.stringify([panel.document.uri.toString(), s.status.kind, s.summary?.calls, scopeOf(panel)]) : '';
    if (key === last) return;
    last = key;
    tree(panel);
  };
  return vscode.Disposable.from(analyses.onDidChange(look), analyses.onDidChangeScope(look));
}
