/** Entry of the extension: makes the parts and joins them. */

import * as vscode from 'vscode';
import { Analyses } from './host/analyses.ts';
import { VIEW_TYPE } from './host/captureUri.ts';
import { registerCommands } from './host/commands/index.ts';
import { contextKeys } from './host/contextKeys.ts';
import type { DocumentContext } from './host/document.ts';
import { AnalysisEditor } from './host/editor.ts';
import { hostAnswers } from './host/hostAnswers.ts';
import { EndpointLenses } from './host/lenses/lens.ts';
import { LimitChecks } from './host/limits.ts';
import { visibleLog } from './host/log.ts';
import { Names } from './host/names.ts';
import type { PanelContext } from './host/panel.ts';
import { revival } from './host/revival.ts';
import { SECTION } from './host/settings.ts';
import { endSparkJobs } from './host/sparkJob.ts';
import { statusBar } from './host/statusBar.ts';
import { registerTools } from './host/tools/tools.ts';
import { CapturesTree } from './host/trees/captures.ts';
import { ServicesTree } from './host/trees/services.ts';
import { TransactionsTree } from './host/trees/transactions.ts';
import { LinkHandler } from './host/uriHandler.ts';
import { ViewStates } from './host/viewStates.ts';
import { webviewActions } from './host/webviewActions.ts';

/** Columns are typed arrays, outside the heap; names and graphs need far less than this. */
const HEAP_MB = 2048;

/** For tests in the extension host. */
export interface TracenestApi {
  readonly analyses: Analyses;
  readonly trees: { readonly captures: CapturesTree; readonly services: ServicesTree; readonly transactions: TransactionsTree };
  readonly names: Names;
  readonly documents: DocumentContext;
  readonly limits: LimitChecks;
  readonly lenses: EndpointLenses;
  readonly links: LinkHandler;
  readonly answers: PanelContext['answers'];
}

export function activate(context: vscode.ExtensionContext): TracenestApi {
  const extension = context.extensionUri;
  const log = visibleLog(vscode.window.createOutputChannel('Tracenest', { log: true }));
  const analyses = new Analyses();
  const names = new Names(context.workspaceState, log);
  const states = new ViewStates(context.workspaceState, log);
  const captures = new CapturesTree(analyses);
  const services = new ServicesTree(analyses);
  const transactions = new TransactionsTree(analyses);
  const workerFile = vscode.Uri.joinPath(extension, 'dist', 'worker.js').fsPath;
  const documents = { workerFile, heapMb: HEAP_MB, names, log, secrets: context.secrets, node: process.versions.node };
  const answers = hostAnswers(analyses, captures, documents);
  const panels = { extension, analyses, states, log, answers, actions: webviewActions(log) };
  const limits = new LimitChecks(analyses, log);
  const lenses = new EndpointLenses(analyses);
  const links = new LinkHandler(analyses);
  const editor = new AnalysisEditor(analyses, documents, panels);
  context.subscriptions.push(
    log,
    analyses,
    states,
    captures,
    services,
    transactions,
    vscode.window.registerCustomEditorProvider(VIEW_TYPE, editor, { supportsMultipleEditorsPerDocument: true }),
    vscode.window.createTreeView('tracenest.captures', { treeDataProvider: captures, canSelectMany: true }),
    vscode.window.createTreeView('tracenest.services', { treeDataProvider: services, showCollapseAll: true }),
    vscode.window.createTreeView('tracenest.transactions', { treeDataProvider: transactions, showCollapseAll: true }),
    registerCommands({ extension, analyses, names, log, captures, transactions, documents, limits, lenses }),
    limits,
    lenses,
    registerTools(analyses, answers),
    vscode.window.registerUriHandler(links),
    statusBar(analyses),
    revival(analyses),
    contextKeys(analyses),
    vscode.workspace.onDidRenameFiles(({ files }) => {
      for (const f of files) states.renamed(f.oldUri, f.newUri);
    }),
    vscode.workspace.onDidChangeConfiguration((e) => e.affectsConfiguration(SECTION) && analyses.refreshSettings()),
  );
  return { analyses, trees: { captures, services, transactions }, names, documents, limits, lenses, links, answers };
}

/** VS Code waits some seconds for it. */
export const deactivate = (): Promise<void> => endSparkJobs();
