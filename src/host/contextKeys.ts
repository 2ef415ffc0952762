/** Context keys that menus, palette and welcome views test. */
import * as vscode from 'vscode';
import type { Analyses } from './analyses.ts';

export function contextKeys(analyses: Analyses): vscode.Disposable {
  const known = new Map<string, boolean>();
  const set = (key: string, value: boolean) => {
    if (known.get(key) === value) return;
    known.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const update = () => {
    const panel = analyses.current;
    const document = panel?.document;
    const kind = document?.snapshot.status.kind;
    set('tracenest.hasAnalysis', document?.hasResults === true);
    set('tracenest.analysing', kind === 'analysing');
    set('tracenest.live', kind === 'live');
    set('tracenest.paused', document?.snapshot.status.kind === 'live' && document.snapshot.status.paused);
    set('tracenest.nothingFound', document !== undefined && !document.hasResults && kind !== 'analysing');
    set('tracenest.severalTenants', (document?.snapshot.summary?.tenants.length ?? 0) > 1);
    set('tracenest.callSelected', document?.hasResults === true && (panel?.selection.call ?? panel?.selection.trace) !== undefined);
    set('tracenest.timeRange', panel?.state?.range !== undefined);
    // Once a service was looked at, that step of the walkthrough is done.
    if (panel?.selection.service !== undefined) set('tracenest.serviceOpened', true);
  };
  update();
  return vscode.Disposable.from(analyses.onDidChange(update), analyses.onDidChangeScope(update));
}
