/**
 * Editors whose pages nobody answers any more: the extension host ended and was started again, while the workbench goes on showing what
 * the first one made. Such an editor is closed and opened anew in its place, and comes back with what it showed (ViewStates).
 */
import * as vscode from 'vscode';
import type { Analyses } from './analyses.ts';
import { VIEW_TYPE } from './captureUri.ts';

/** An editor in front of the user is asked for at once where all is well. */
const GRACE_MS = 3000;

const uriOf = (tab: vscode.Tab | undefined): vscode.Uri | null =>
  tab?.input instanceof vscode.TabInputCustom && tab.input.viewType === VIEW_TYPE ? tab.input.uri : null;

export function revival(analyses: Analyses): vscode.Disposable {
  const timers = new Set<NodeJS.Timeout>();
  /** Once is enough: what stays dead then has another reason. */
  const revived = new Set<string>();
  const inFront = () => vscode.window.tabGroups.all.map((g) => uriOf(g.activeTab)).filter((uri) => uri !== null);
  const isDead = (uri: vscode.Uri) => analyses.find(uri) === undefined && !revived.has(uri.toString());
  const look = () => {
    if (!inFront().some(isDead)) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      for (const uri of inFront().filter(isDead)) {
        revived.add(uri.toString());
        void revive(uri);
      }
    }, GRACE_MS);
    timers.add(timer);
  };
  look();
  return vscode.Disposable.from(vscode.window.tabGroups.onDidChangeTabs(look), {
    dispose: () => {
      for (const timer of timers) clearTimeout(timer);
    },
  });
}

/** All editors of the document, each in its column. */
async function revive(uri: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((g) => g.tabs).filter((tab) => uriOf(tab)?.toString() === uri.toString());
  const columns = tabs.map((tab) => ({ viewColumn: tab.group.viewColumn, preview: tab.isPreview, preserveFocus: !tab.group.isActive }));
  await vscode.window.tabGroups.close(tabs, true);
  for (const options of columns) await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE, options);
}
