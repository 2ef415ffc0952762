import * as vscode from 'vscode';
import { count } from '../../shared/format.ts';
import { inform, warn } from '../messages.ts';
import { type Command, Expected } from './context.ts';

/** Import Service Names...: of a names file from anywhere, kept with the workspace like those given by Name Service... */
export const importNames: Command = async (context) => {
  if (!vscode.workspace.isTrusted)
    throw new Expected(vscode.l10n.t('Names files are read only in trusted folders. Trust this folder first.'));
  const [file] =
    (await vscode.window.showOpenDialog({
      title: vscode.l10n.t('Import Service Names'),
      filters: { [vscode.l10n.t('Names files')]: ['json', 'yaml', 'yml'], [vscode.l10n.t('All files')]: ['*'] },
    })) ?? [];
  if (file === undefined) return;
  const { names, problems } = await context.names.read(file);
  for (const problem of problems) context.log.warn(`${file.path}: ${problem}`);
  const found = Object.keys(names).length;
  const showLog = vscode.l10n.t('Show Log');
  if (found === 0) {
    const text = vscode.l10n.t('No names were found in {0}.', vscode.workspace.asRelativePath(file));
    if ((await warn(`Tracenest: ${text}`, showLog)) === showLog) context.log.show();
    return;
  }
  await context.names.keep(names);
  await Promise.all(context.analyses.open.map((d) => d.analyse()));
  const text = found === 1 ? vscode.l10n.t('1 name was imported.') : vscode.l10n.t('{0} names were imported.', count(found));
  const left = problems.length === 0 ? '' : ` ${vscode.l10n.t('Parts were not understood; they are in the log.')}`;
  if ((await inform(`Tracenest: ${text}${left}`, ...(left ? [showLog] : []))) === showLog) context.log.show();
};
