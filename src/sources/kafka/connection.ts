/** How to reach brokers, in the ecosystem's names. Secrets never live in settings: they are given apart, from SecretStorage or the environment. */
import { readFileSync } from 'node:fs';
import type { BaseOptions } from '@platformatic/kafka';

export interface KafkaConnection {
  /** Shown to people and used as the key of the secret. */
  readonly name: string;
  /** "host:port", one or more. */
  readonly brokers: readonly string[];
  readonly 'security.protocol'?: 'PLAINTEXT' | 'SSL' | 'SASL_PLAINTEXT' | 'SASL_SSL';
  readonly 'sasl.mechanism'?: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly 'sasl.username'?: string;
  /** File with the certificates to trust, PEM. */
  readonly 'ssl.ca.location'?: string;
  /** Client certificate and key, PEM files. */
  readonly 'ssl.certificate.location'?: string;
  readonly 'ssl.key.location'?: string;
}

const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'];

const list = (v: unknown): string[] =>
  (typeof v === 'string' ? v.split(',') : Array.isArray(v) ? v.map(String) : []).map((s) => s.trim()).filter(Boolean);

/** Checks a connection from settings or the command line. Returns it or says what is wrong. */
export function parseConnection(value: Readonly<Record<string, unknown>>): KafkaConnection | string {
  const brokers = list(value.brokers ?? value['bootstrap.servers']);
  if (brokers.length === 0) return 'A Kafka connection needs "brokers", e.g. ["localhost:9092"].';
  const bad = brokers.find((b) => !/^[^\s:]+:\d{1,5}$|^\[[0-9a-fA-F:]+\]:\d{1,5}$/.test(b));
  if (bad !== undefined) return `"${bad}" is not a broker address; write host:port.`;
  const mechanism = value['sasl.mechanism'];
  if (mechanism !== undefined && !MECHANISMS.includes(String(mechanism)))
    return `sasl.mechanism "${String(mechanism)}" is not supported; use PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.`;
  // Never guessed: a protocol that is misspelt must not send a password in the clear.
  const protocol = String(value['security.protocol'] ?? 'PLAINTEXT');
  if (!PROTOCOLS.includes(protocol)) return `security.protocol "${protocol}" is not known; use PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.`;
  if (protocol.startsWith('SASL_') && mechanism === undefined)
    return `security.protocol ${protocol} needs a sasl.mechanism: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.`;
  if (!protocol.startsWith('SASL_') && mechanism !== undefined)
    return `sasl.mechanism needs security.protocol SASL_SSL (or SASL_PLAINTEXT, which sends the password unencrypted), not ${protocol}.`;
  const certificate = ['ssl.ca.location', 'ssl.certificate.location', 'ssl.key.location'].find((key) => value[key] !== undefined);
  if (certificate !== undefined && !protocol.endsWith('SSL'))
    return `${certificate} needs security.protocol SSL or SASL_SSL, not ${protocol}.`;
  const text = (key: string) => (value[key] === undefined ? {} : { [key]: String(value[key]) });
  return {
    name: String(value.name ?? brokers[0]),
    brokers,
    ...text('security.protocol'),
    ...text('sasl.mechanism'),
    ...text('sasl.username'),
    ...text('ssl.ca.location'),
    ...text('ssl.certificate.location'),
    ...text('ssl.key.location'),
  };
}

/** Client options for a connection; `password` comes from a secret store. Reads certificate files. */
export function clientOptions(connection: KafkaConnection, clientId: string, password?: string): BaseOptions {
  const protocol = connection['security.protocol'] ?? 'PLAINTEXT';
  const mechanism = connection['sasl.mechanism'];
  const pem = (file?: string) => (file ? readFileSync(file, 'utf8') : undefined);
  return {
    clientId,
    bootstrapBrokers: [...connection.brokers],
    connectTimeout: 5_000,
    retries: 2,
    retryDelay: 300,
    ...(protocol.endsWith('SSL')
      ? {
          tls: {
            ca: pem(connection['ssl.ca.location']),
            cert: pem(connection['ssl.certificate.location']),
            key: pem(connection['ssl.key.location']),
          },
        }
      : {}),
    ...(mechanism ? { sasl: { mechanism, username: connection['sasl.username'] ?? '', password: password ?? '' } } : {}),
  };
}
