import * as vscode from 'vscode';
import { type Command, open } from './context.ts';

/** From the explorer (a URI) or the Captures view (an item with one). */
export const openFile: Command = async (_context, arg) => {
  const uri = uriOf(arg);
  if (uri !== null) await open(uri);
};

export function uriOf(arg: unknown): vscode.Uri | null {
  if (arg instanceof vscode.Uri) return arg;
  const uri = typeof arg === 'object' && arg !== null && 'uri' in arg ? arg.uri : null;
  return uri instanceof vscode.Uri ? uri : null;
}
