/** The extension's log. Names of files and what others wrote stand in it: characters that hide or reorder are shown as escapes. */
import type * as vscode from 'vscode';
import { visibleLines } from '../shared/format.ts';

export interface Log extends vscode.Disposable {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
  show(): void;
}

export const visibleLog = (channel: vscode.LogOutputChannel): Log => ({
  info: (text) => channel.info(visibleLines(text)),
  warn: (text) => channel.warn(visibleLines(text)),
  error: (text) => channel.error(visibleLines(text)),
  show: () => channel.show(),
  dispose: () => channel.dispose(),
});
