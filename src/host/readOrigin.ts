/** Turns an attached topic or a stored interval into what the worker reads. */
import * as vscode from 'vscode';
import type { Failure } from '../shared/protocol.ts';
import { parseConnection } from '../sources/kafka/connection.ts';
import type { Origin } from './origin.ts';
import type { Sources } from './readSources.ts';
import { needsPassword, passwordOf, storeSecretOf } from './secrets.ts';

/** Never throws. Passwords come from the secret storage; one that is not there is asked for by attaching again, not by a restart. */
export async function readOrigin(origin: Origin, name: string, secrets: vscode.SecretStorage): Promise<Sources> {
  if (!vscode.workspace.isTrusted) return { failure: untrusted() };
  if ('store' in origin) {
    const secret = await storeSecretOf(secrets, origin.store.url);
    return { specs: [{ kind: 'store', name, ...origin.store, ...(secret !== undefined && { secret }) }] };
  }
  const { kafka } = origin;
  const connection = parseConnection(kafka.connection);
  // What is wrong with it is said by the worker, as for every source.
  if (typeof connection === 'string' || !needsPassword(connection)) return { specs: [{ kind: 'kafka', name, ...kafka }] };
  const password = await passwordOf(secrets, connection);
  if (password === undefined) return { failure: noPassword(connection.name) };
  return { specs: [{ kind: 'kafka', name, ...kafka, password }] };
}

const untrusted = (): Failure => ({
  what: vscode.l10n.t('This folder is not trusted'),
  why: vscode.l10n.t('Topics and stores are reached only from trusted folders: their addresses may come from the folder.'),
  next: vscode.l10n.t('Trust the folder (Workspaces: Manage Workspace Trust), then run the analysis again.'),
  offset: -1,
});
const noPassword = (name: string): Failure => ({
  what: vscode.l10n.t('The password of {0} is not known here', name),
  why: vscode.l10n.t('Passwords are kept per machine, brokers and user, and none is kept for these.'),
  next: vscode.l10n.t('Attach to the topic again.'),
  offset: -1,
});
