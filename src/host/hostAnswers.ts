/** Questions of the webview that concern more than its own analysis. */
import * as vscode from 'vscode';
import { visibleText } from '../shared/format.ts';
import { RpcError } from '../shared/rpc.ts';
import type { Analyses } from './analyses.ts';
import type { PanelContext } from './panel.ts';
import type { CapturesTree } from './trees/captures.ts';

export const hostAnswers =
  (analyses: Analyses, tree: CapturesTree): PanelContext['answers'] =>
  (document) => ({
    captures: async () => {
      const uris = [...analyses.open.map((d) => d.uri), ...(await tree.search())];
      const others = new Map(uris.map((u) => [u.toString(), u]));
      others.delete(document.uri.toString());
      return [...others].map(([uri, u]) => ({
        uri,
        name: visibleText(u.scheme === 'file' ? vscode.workspace.asRelativePath(u) : u.path.slice(1)),
      }));
    },
    compare: () => {
      throw new RpcError('failed', vscode.l10n.t('Captures can not be compared yet.'));
    },
  });
