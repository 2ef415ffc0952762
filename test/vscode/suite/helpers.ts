import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import type { AnalysisPanel } from '../../../src/host/analyses.ts';
import type { AnalysisDocument } from '../../../src/host/document.ts';
import type { Snapshot } from '../../../src/shared/protocol.ts';

export const VIEW_TYPE = 'tracenest.capture';

export async function activate(): Promise<TracenestApi> {
  const extension = vscode.extensions.getExtension<TracenestApi>('tracenest.tracenest');
  assert.ok(extension, 'the extension is installed');
  return extension.activate();
}
export function inFolder(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'a folder is open');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Resolves with the first defined answer; asks again until then. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>, ms = 20_000): Promise<T> {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`Waited ${ms} ms in vain: ${what}`);
    await new Promise((r) => setTimeout(r, 50));
  }
}

/** Opens a capture and waits for the end of its analysis. */
export async function openAndFinish(api: TracenestApi, uri: vscode.Uri): Promise<{ document: AnalysisDocument; panel: AnalysisPanel }> {
  await vscode.commands.executeCommand('vscode.openWith', uri, VIEW_TYPE);
  const document = await until('the document opens', () => api.analyses.find(uri));
  await finished(document);
  const panel = await until('its editor is there', () => (api.analyses.current?.document === document ? api.analyses.current : undefined));
  return { document, panel };
}
export const finished = (document: AnalysisDocument): Promise<Snapshot> =>
  until(`${document.title} is analysed`, () => (document.analysing ? undefined : document.snapshot));

export const closeAll = () => vscode.commands.executeCommand('workbench.action.closeAllEditors');
