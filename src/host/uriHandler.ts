/** Links to a selection: made by Copy Link to Selection, opened by whoever has the same capture in the folder. */

import * as vscode from 'vscode';
import type { Events, ViewState } from '../shared/protocol.ts';
import type { Arg } from '../shared/rpc.ts';
import type { Analyses, AnalysisPanel } from './analyses.ts';
import { analysisUri, isCapture, isResult, VIEW_TYPE } from './captureUri.ts';
import { LINK_PATH, type Linked, linkQuery, readLink } from './link.ts';
import { warn } from './messages.ts';

const EXTENSION = 'tracenest.tracenest';

/** Undefined where there is no capture to name: topics and stores are reached with the rights of a person, never by a link. */
export function linkTo(panel: AnalysisPanel): vscode.Uri | undefined {
  const { document, state } = panel;
  const { captures } = document;
  if (document.origin !== null || captures.length === 0) return undefined;
  const linked: Linked = { captures: captures.map(nameInFolder), state: state ?? { view: 'graph' } };
  return vscode.Uri.from({ scheme: vscode.env.uriScheme, authority: EXTENSION, path: LINK_PATH, query: linkQuery(linked) });
}

function nameInFolder(capture: vscode.Uri): string {
  const inside = vscode.workspace.getWorkspaceFolder(capture) !== undefined;
  return inside ? vscode.workspace.asRelativePath(capture, false) : capture.toString();
}

export class LinkHandler implements vscode.UriHandler {
  private readonly analyses: Analyses;
  constructor(analyses: Analyses) {
    this.analyses = analyses;
  }

  async handleUri(uri: vscode.Uri): Promise<void> {
    const linked = uri.path === LINK_PATH ? readLink(uri.query) : null;
    if (linked === null) return this.refuse(vscode.l10n.t('This link is damaged, or from another version.'));
    const captures: vscode.Uri[] = [];
    for (const name of linked.captures) {
      const found = await capture(name);
      if (found === undefined) return this.refuse(vscode.l10n.t('{0} is not in this workspace: open the folder that holds it.', name));
      captures.push(found);
    }
    const target = analysisUri(captures);
    await vscode.commands.executeCommand('vscode.openWith', target, VIEW_TYPE);
    const panel = await this.analyses.opened(target);
    if (panel) await revealState(panel, linked.state);
  }

  private refuse(text: string): void {
    void warn(`Tracenest: ${text}`);
  }
}

/** A file of the workspace by its relative path, else the URI of a capture that is there. Nothing else is ever opened by a link. */
async function capture(name: string): Promise<vscode.Uri | undefined> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const relative = !/^[a-z][a-z0-9+.-]+:/i.test(name);
  if (relative && name.split('/').includes('..')) return undefined;
  const candidates = relative ? folders.map((f) => vscode.Uri.joinPath(f.uri, name)) : [vscode.Uri.parse(name, true)];
  for (const uri of candidates) {
    if (!isCapture(uri) && !isResult(uri)) continue;
    // Other file systems may ask for sign-in or reach across a network for what a stranger wrote: only those the workspace itself is on.
    if (uri.scheme !== 'file' && !folders.some((f) => f.uri.scheme === uri.scheme && f.uri.authority === uri.authority)) continue;
    // A share on the network is a file URI with an authority: reading it would sign in there.
    if (uri.scheme === 'file' && uri.authority !== '') continue;
    const there = await vscode.workspace.fs.stat(uri).then(
      () => true,
      () => false,
    );
    if (there) return uri;
  }
  return undefined;
}

/** Names and ids become rows of this analysis; what it does not have is left out. */
export async function revealState(panel: AnalysisPanel, s: ViewState): Promise<void> {
  const { document } = panel;
  if (!document.hasResults) return;
  const { generation } = document.snapshot;
  const what: { -readonly [K in keyof Arg<Events, 'reveal'>]: Arg<Events, 'reveal'>[K] } = {
    view: s.view,
    filter: s.filter ?? '',
    range: s.range ?? null,
    measuredOnly: s.measuredOnly ?? false,
  };
  if (s.tenant !== undefined) what.tenant = s.tenant;
  if (s.tab !== undefined) what.tab = s.tab;
  if (s.sort !== undefined) what.sort = s.sort;
  if (s.descending !== undefined) what.descending = s.descending;
  const found = await document.ask('find', {
    generation,
    ...(s.trace !== undefined && { trace: s.trace }),
    ...(s.call !== undefined && { call: s.call }),
    ...(s.service !== undefined && { service: s.service }),
  });
  if (s.trace !== undefined && found.trace >= 0) what.trace = found.trace;
  if (s.call !== undefined && found.call >= 0) what.call = found.call;
  if (s.service !== undefined && found.service >= 0) what.service = found.service;
  const edge = s.edge === undefined ? undefined : await edgeNamed(panel, generation, s.edge);
  if (edge !== undefined) what.edge = edge;
  // A view of one thing without that thing would be empty.
  if (s.view === 'waterfall' && what.trace === undefined) what.view = 'transactions';
  if (s.view === 'service' && what.service === undefined && what.edge === undefined) what.view = 'graph';
  panel.reveal(what);
}

async function edgeNamed(panel: AnalysisPanel, generation: number, [from, to]: readonly [string, string]): Promise<number | undefined> {
  const [services, edges] = await Promise.all([
    panel.document.ask('services', { generation }),
    panel.document.ask('edges', { generation }),
  ]);
  const names = new Map(services.map((s) => [s.id, s.name]));
  return edges.find((e) => names.get(e.from) === from && names.get(e.to) === to)?.id;
}
