/** Text that came out of packets, links and names of files, for the workbench's own widgets. */
import * as vscode from 'vscode';
import { visibleText } from '../shared/format.ts';

/** For quick picks, the status bar and lenses, where $(name) would become an icon. */
export const label = (text: string, max?: number): string => visibleText(text, max).replaceAll('$(', '\\$(');

/** The folder of a file within the workspace; '' for the workspace's own. */
export function folderOf(uri: vscode.Uri): string {
  const folder = vscode.Uri.joinPath(uri, '..');
  const own = vscode.workspace.workspaceFolders?.length === 1 && vscode.workspace.workspaceFolders[0]?.uri.toString() === folder.toString();
  return own ? '' : visibleText(vscode.workspace.asRelativePath(folder));
}
