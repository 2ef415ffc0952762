/** Questions of the webview that concern more than its own analysis. */
import * as vscode from 'vscode';
import { visibleText } from '../shared/format.ts';
import type { Comparison, LatencySample, PatternSide } from '../shared/protocol.ts';
import { RpcError } from '../shared/rpc.ts';
import type { Analyses } from './analyses.ts';
import { AnalysisDocument, type DocumentContext } from './document.ts';
import type { PanelContext } from './panel.ts';
import type { CapturesTree } from './trees/captures.ts';

/** Shapes of each capture that are compared. */
const MAX_PATTERNS = 100;

export const hostAnswers =
  (analyses: Analyses, tree: CapturesTree, context: DocumentContext): PanelContext['answers'] =>
  (document) => {
    /** What this one may be compared with, by URI: what is open, and what lies in the workspace. */
    const others = async (): Promise<Map<string, vscode.Uri>> => {
      const uris = [...analyses.open.map((d) => d.uri), ...(await tree.search())];
      const map = new Map(uris.map((u) => [u.toString(), u]));
      map.delete(document.uri.toString());
      return map;
    };
    return {
      captures: async () => [...(await others())].map(([uri, u]) => ({ uri, name: captureName(u) })),
      compare: async ({ generation, with: other }, signal): Promise<Comparison> => {
        // The page names it, so it must be one of those it was told of: a page can't have files read that the user did not.
        const uri = (await others()).get(other);
        if (uri === undefined) throw new RpcError('not-found', vscode.l10n.t('There is no such capture any more.'));
        const before = await sideOf(analyses.find(uri) ?? uri, context, signal);
        return {
          before: captureName(uri),
          after: captureName(document.uri),
          rows: await document.compareWith({ generation, before: before.samples }, signal),
          patterns: { before: before.patterns, after: await patternsOf(document, signal) },
        };
      },
    };
  };

const captureName = (u: vscode.Uri): string => visibleText(u.scheme === 'file' ? vscode.workspace.asRelativePath(u) : u.path.slice(1));

/** Of an open analysis, or of a capture read for this alone. */
async function sideOf(
  what: AnalysisDocument | vscode.Uri,
  context: DocumentContext,
  signal: AbortSignal,
): Promise<{ readonly samples: readonly LatencySample[]; readonly patterns: PatternSide }> {
  const open = !(what instanceof vscode.Uri);
  const document = open ? what : new AnalysisDocument(what, context);
  try {
    await document.finished(signal);
    const { status } = document.snapshot;
    if (status.kind === 'failed') throw new RpcError('failed', `${status.error.what}. ${status.error.why}`);
    if (!document.hasResults) throw new RpcError('failed', vscode.l10n.t('{0} shows no requests.', captureName(document.uri)));
    return { samples: await document.edgeSamples(signal), patterns: await patternsOf(document, signal) };
  } finally {
    if (!open) document.dispose();
  }
}

async function patternsOf(document: AnalysisDocument, signal: AbortSignal): Promise<PatternSide> {
  const { generation, summary } = document.snapshot;
  const [{ total, rows }, services] = await Promise.all([
    document.ask('patterns', { generation, offset: 0, limit: MAX_PATTERNS }, signal),
    document.ask('services', { generation }, signal),
  ]);
  return { transactions: summary?.transactions ?? 0, total, rows, services: services.map(({ id, name }) => ({ id, name })) };
}
