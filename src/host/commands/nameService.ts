import * as vscode from 'vscode';
import { count } from '../../shared/format.ts';
import { inform } from '../messages.ts';
import { type Command, serviceFor, withResults } from './context.ts';

/** Name Service...: kept with the workspace by address, so that it holds for other captures of the same hosts. */
export const nameService: Command = async (context, arg) => {
  const panel = withResults(context);
  const service = await serviceFor(panel, arg, vscode.l10n.t('Name Service'));
  if (service === undefined) return;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('Name of {0}', service.addresses.join(', ')),
    value: service.name,
    prompt: vscode.l10n.t('Empty takes the name back.'),
    validateInput: (v) => (v.trim().length > 100 ? vscode.l10n.t('At most 100 characters.') : undefined),
  });
  if (name === undefined || name.trim() === service.name) return;
  await context.names.rename(service.addresses, name.trim());
  if (service.instances > service.addresses.length) {
    const text = vscode.l10n.t(
      '{0} of the {1} instances were named. Names files can name all of them.',
      service.addresses.length,
      count(service.instances),
    );
    void inform(text);
  }
  await panel.document.analyse();
};
