/** Passwords of Kafka connections and secrets of InfluxDBs, in VS Code's secret storage only. */
import * as vscode from 'vscode';
import { RpcError } from '../shared/rpc.ts';
import type { KafkaConnection } from '../sources/kafka/connection.ts';
import { warn } from './messages.ts';

export const needsPassword = (c: KafkaConnection): boolean => c['sasl.mechanism'] !== undefined;

/**
 * A password belongs to brokers, user and way of speaking, not to a name: an address that borrows the name of a connection must not
 * have its password sent elsewhere, nor in the clear.
 */
const keyOf = (c: KafkaConnection): string =>
  `tracenest.kafka.${JSON.stringify([[...c.brokers].sort(), c['security.protocol'] ?? '', c['sasl.mechanism'] ?? '', c['sasl.username'] ?? '', c['ssl.ca.location'] ?? ''])}`;
/** The whole address: another host, database or way of speaking is another secret. */
const storeKey = (url: string): string => `tracenest.store.${url}`;

/** Where the machine keeps no secrets (no key ring, a disk that refuses): known until the window closes. */
const unkept = new Map<string, string>();
const recall = async (secrets: vscode.SecretStorage, key: string): Promise<string | undefined> => {
  const kept = await secrets.get(key).then(
    (v) => v,
    () => undefined,
  );
  return kept ?? unkept.get(key);
};
async function keep(secrets: vscode.SecretStorage, key: string, value: string): Promise<void> {
  try {
    await secrets.store(key, value);
  } catch (e) {
    unkept.set(key, value);
    const why = e instanceof Error ? e.message : String(e);
    void warn(vscode.l10n.t('The secret storage of this machine does not work ({0}): asked again in the next window.', why));
  }
}
async function forget(secrets: vscode.SecretStorage, key: string): Promise<void> {
  unkept.delete(key);
  await secrets.delete(key).then(undefined, () => undefined);
}
async function askFor(secrets: vscode.SecretStorage, key: string, title: string, form = ''): Promise<string | undefined> {
  const kept = vscode.l10n.t('Kept in the secret storage of this machine, nowhere else.');
  const secret = await vscode.window.showInputBox({ title, password: true, ignoreFocusOut: true, prompt: `${form} ${kept}`.trim() });
  if (secret !== undefined) await keep(secrets, key, secret);
  return secret;
}

export const passwordOf = async (secrets: vscode.SecretStorage, c: KafkaConnection): Promise<string | undefined> =>
  needsPassword(c) ? recall(secrets, keyOf(c)) : '';
export const forgetPassword = (secrets: vscode.SecretStorage, c: KafkaConnection): Promise<void> => forget(secrets, keyOf(c));

/** The password kept, else asked for and kept. Undefined: the user gave up. */
export const askPassword = async (secrets: vscode.SecretStorage, c: KafkaConnection): Promise<string | undefined> =>
  (await passwordOf(secrets, c)) ?? askFor(secrets, keyOf(c), vscode.l10n.t('Password of {0} at {1}', c['sasl.username'] ?? '', c.name));

export const storeSecretOf = (secrets: vscode.SecretStorage, url: string): Promise<string | undefined> => recall(secrets, storeKey(url));

/** Asks a store; one that wants to know who asks is asked again with a secret, which is forgotten when it is refused. Undefined: the user gave up. */
export async function withStoreSecret<T>(
  secrets: vscode.SecretStorage,
  url: string,
  ask: (secret: string | undefined) => Promise<T>,
): Promise<T | undefined> {
  const refused = (e: unknown) => e instanceof RpcError && e.code === 'refused';
  try {
    return await ask(await storeSecretOf(secrets, url));
  } catch (e) {
    if (!refused(e)) throw e;
    await forget(secrets, storeKey(url));
  }
  const form = vscode.l10n.t('A token, or user:password.');
  const secret = await askFor(secrets, storeKey(url), vscode.l10n.t('Access to {0}', url), form);
  if (secret === undefined) return undefined;
  try {
    return await ask(secret);
  } catch (e) {
    if (refused(e)) await forget(secrets, storeKey(url));
    throw e;
  }
}
