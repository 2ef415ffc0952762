/** What a user's act in the webview may do outside it. */

import * as vscode from 'vscode';
import type { AnalysisPanel } from './analyses.ts';
import { fileName } from './fileName.ts';
import type { Log } from './log.ts';
import { complain } from './messages.ts';
import type { PanelContext } from './panel.ts';
import { saveFile } from './saveFile.ts';

export const webviewActions =
  (log: Log): PanelContext['actions'] =>
  (panel: AnalysisPanel) => ({
    /** The command was checked against the protocol's list; some of its commands exist only while something is attached. */
    runCommand: async ({ command, args }) => {
      const known = await vscode.commands.getCommands(true);
      if (known.includes(command)) await vscode.commands.executeCommand(command, args);
      else log.warn(`The view asked for "${command}", which is not available here.`);
    },
    copy: ({ text }) => void vscode.env.clipboard.writeText(text),
    saveFile: async ({ name, content }) => {
      const capture = panel.document.captures[0];
      const folder = capture?.scheme === 'file' ? vscode.Uri.joinPath(capture, '..') : vscode.workspace.workspaceFolders?.[0]?.uri;
      const target = await vscode.window.showSaveDialog({ defaultUri: folder && vscode.Uri.joinPath(folder, fileName(name)) });
      if (target === undefined) return;
      await saveFile(target, [content]).catch((e: unknown) => complain(String(e instanceof Error ? e.message : e)));
    },
  });
