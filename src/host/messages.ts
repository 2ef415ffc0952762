/** Notifications. What is said in one may come from packets, links or names of files: it is text, whatever it looks like. */
import * as vscode from 'vscode';
import { sentence } from './sentence.ts';

/** Each resolves to the button that was chosen. */
export const inform = (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
  vscode.window.showInformationMessage(sentence(text), ...buttons);
export const warn = (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
  vscode.window.showWarningMessage(sentence(text), ...buttons);
export const complain = (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
  vscode.window.showErrorMessage(sentence(text), ...buttons);
/** Asks in a dialog, before anything else can be done. */
export const ask = (text: string, ...buttons: readonly string[]): Thenable<string | undefined> =>
  vscode.window.showWarningMessage(sentence(text), { modal: true }, ...buttons);
