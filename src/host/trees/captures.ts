/** Captures view: the captures of the workspace, and analyses that are open. */
import * as vscode from 'vscode';
import { count, percent, sizeBytes, visibleText } from '../../shared/format.ts';
import type { Snapshot } from '../../shared/protocol.ts';
import type { Analyses } from '../analyses.ts';
import { ANALYSIS_SCHEME, CAPTURE_GLOB, isCapture, nameOf } from '../captureUri.ts';

const MAX_FILES = 1000;

export interface CaptureItem {
  readonly uri: vscode.Uri;
}

export class CapturesTree implements vscode.TreeDataProvider<CaptureItem>, vscode.Disposable {
  private readonly analyses: Analyses;
  private readonly changes = new vscode.EventEmitter<CaptureItem | undefined>();
  readonly onDidChangeTreeData = this.changes.event;
  private readonly disposables: vscode.Disposable[];
  private files: Promise<readonly vscode.Uri[]> | null = null;
  /** The items shown, by URI, so that progress of one changes one row. */
  private readonly items = new Map<string, CaptureItem>();

  constructor(analyses: Analyses) {
    this.analyses = analyses;
    const watcher = vscode.workspace.createFileSystemWatcher(CAPTURE_GLOB, false, true, false);
    const search = () => this.refresh();
    this.disposables = [
      watcher,
      watcher.onDidCreate(search),
      watcher.onDidDelete(search),
      vscode.workspace.onDidChangeWorkspaceFolders(search),
      analyses.onDidProgress((d) => this.changed(d.uri)),
      analyses.onDidOpenOrClose(() => this.changes.fire(undefined)),
    ];
  }

  /** Captures in the workspace, by path. Searched once, then kept until a file comes or goes. */
  search(): Promise<readonly vscode.Uri[]> {
    this.files ??= Promise.resolve(vscode.workspace.findFiles(CAPTURE_GLOB, '**/node_modules/**', MAX_FILES)).then((found) => {
      void vscode.commands.executeCommand('setContext', 'tracenest.capturesSearched', true);
      return found.filter(isCapture).sort(byFolder);
    });
    return this.files;
  }

  refresh(): void {
    this.files = null;
    this.changes.fire(undefined);
  }

  private changed(uri: vscode.Uri): void {
    const item = this.items.get(uri.toString());
    if (item) this.changes.fire(item);
  }

  async getChildren(item?: CaptureItem): Promise<CaptureItem[]> {
    if (item !== undefined) return [];
    const files = await this.search();
    const known = new Set(files.map(String));
    const others = this.analyses.open.map((d) => d.uri).filter((u) => !known.has(u.toString()));
    const uris = [...others, ...files];
    this.items.clear();
    for (const uri of uris) this.items.set(uri.toString(), { uri });
    return [...this.items.values()];
  }

  async getTreeItem({ uri }: CaptureItem): Promise<vscode.TreeItem> {
    const several = uri.scheme === ANALYSIS_SCHEME;
    const item = new vscode.TreeItem(visibleText(nameOf(uri)));
    item.id = uri.toString();
    if (!several) item.resourceUri = uri;
    item.contextValue = several ? 'analysis' : 'capture';
    item.command = { command: 'tracenest.openFile', title: vscode.l10n.t('Open'), arguments: [{ uri }] };
    const document = this.analyses.find(uri);
    const shown = document ? describe(document.snapshot) : null;
    item.iconPath = new vscode.ThemeIcon(shown?.icon ?? (several ? 'layers' : 'file-binary'));
    const parent = several ? '' : folder(uri);
    item.description = [shown?.text ?? (several ? '' : await size(uri)), parent].filter(Boolean).join(' \u00b7 ');
    const captures = several ? document?.captures.map((c) => visibleText(vscode.workspace.asRelativePath(c))).join('\n') : null;
    item.tooltip = [captures ?? visibleText(vscode.workspace.asRelativePath(uri)), shown?.tooltip].filter(Boolean).join('\n');
    return item;
  }

  dispose(): void {
    for (const d of this.disposables) d.dispose();
    this.changes.dispose();
  }
}

/** Path of the folder inside the workspace, '' at its top. */
function folder(uri: vscode.Uri): string {
  const path = visibleText(vscode.workspace.asRelativePath(uri));
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
/** What lies at the top comes first, as people look there. */
const byFolder = (a: vscode.Uri, b: vscode.Uri): number => {
  const [x, y] = [folder(a), folder(b)];
  if (x !== y) return x < y ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};

async function size(uri: vscode.Uri): Promise<string> {
  try {
    return sizeBytes((await vscode.workspace.fs.stat(uri)).size);
  } catch {
    return '';
  }
}

function amount(services: number, calls: number): string {
  const { t } = vscode.l10n;
  if (services === 1) return calls === 1 ? t('1 service, 1 call') : t('1 service, {0} calls', count(calls));
  return t('{0} services, {1} calls', count(services), count(calls));
}

/** State of an open analysis in a few words. */
export function describe(s: Snapshot): { readonly icon: string; readonly text: string; readonly tooltip: string } {
  const { t } = vscode.l10n;
  const found = s.summary === null ? '' : amount(s.summary.services, s.summary.calls);
  switch (s.status.kind) {
    case 'analysing': {
      const done = Number.isFinite(s.status.done) ? percent(s.status.done) : '';
      return { icon: 'sync~spin', text: done || t('analysing'), tooltip: visibleText(s.status.text) };
    }
    case 'failed':
      return { icon: 'error', text: t('failed'), tooltip: `${visibleText(s.status.error.what)}\n${visibleText(s.status.error.why, 1000)}` };
    case 'empty':
      return { icon: 'info', text: t('no requests'), tooltip: visibleText(`${s.status.reason.what}. ${s.status.reason.why}`, 1000) };
    case 'partial':
      return { icon: 'warning', text: found, tooltip: visibleText(s.status.reasons.map((r) => r.what).join('; '), 1000) };
    case 'cancelled':
      return { icon: 'circle-slash', text: found || t('cancelled'), tooltip: t('The analysis was cancelled.') };
    case 'live':
      return { icon: s.status.paused ? 'debug-pause' : 'broadcast', text: found, tooltip: visibleText(s.status.text) };
    case 'ready':
      return { icon: s.stale === '' ? 'pass' : 'warning', text: found, tooltip: s.stale };
  }
}
