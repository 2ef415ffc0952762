/** Passwords of Kafka connections, in VS Code's secret storage only. */
import * as vscode from 'vscode';
import type { KafkaConnection } from '../sources/kafka/connection.ts';

export const needsPassword = (c: KafkaConnection): boolean => c['sasl.mechanism'] !== undefined;

/**
 * A password belongs to brokers, user and way of speaking, not to a name: an address that borrows the name of a connection must not
 * have its password sent elsewhere, nor in the clear.
 */
const keyOf = (c: KafkaConnection): string =>
  `tracenest.kafka.${JSON.stringify([[...c.brokers].sort(), c['security.protocol'] ?? '', c['sasl.mechanism'] ?? '', c['sasl.username'] ?? '', c['ssl.ca.location'] ?? ''])}`;

export const passwordOf = async (secrets: vscode.SecretStorage, c: KafkaConnection): Promise<string | undefined> =>
  needsPassword(c) ? secrets.get(keyOf(c)) : '';
export const forgetPassword = (secrets: vscode.SecretStorage, c: KafkaConnection): Thenable<void> => secrets.delete(keyOf(c));

/** The password kept, else asked for and kept. Undefined: the user gave up. */
export async function askPassword(secrets: vscode.SecretStorage, c: KafkaConnection): Promise<string | undefined> {
  const kept = await passwordOf(secrets, c);
  if (kept !== undefined) return kept;
  const password = await vscode.window.showInputBox({
    title: vscode.l10n.t('Password of {0} at {1}', c['sasl.username'] ?? '', c.name),
    password: true,
    ignoreFocusOut: true,
    prompt: vscode.l10n.t('Kept in the secret storage of this machine, nowhere else.'),
  });
  if (password !== undefined) await secrets.store(keyOf(c), password);
  return password;
}
