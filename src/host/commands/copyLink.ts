import * as vscode from 'vscode';
import { linkTo } from '../uriHandler.ts';
import { type Command, current, Expected } from './context.ts';

/** Copy Link to Selection: opens the same capture, view, selection, filter and time range for whoever has the capture. */
export const copyLink: Command = async (context) => {
  const link = linkTo(current(context));
  if (link === undefined)
    throw new Expected(vscode.l10n.t('Only captures can be linked to: a topic or a store is not a file others have.'));
  await vscode.env.clipboard.writeText(link.toString());
  vscode.window.setStatusBarMessage(vscode.l10n.t('Link copied'), 3000);
};
