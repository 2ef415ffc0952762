/** Analyses that are not files: an attached topic or a stored interval, as a virtual URI that can be opened again after a restart. Never a secret in it. */
import * as vscode from 'vscode';
import { ANALYSIS_SCHEME } from './captureUri.ts';

export interface Topic {
  /** In the ecosystem's names (sources/kafka/connection.ts), without a password. */
  readonly connection: Readonly<Record<string, unknown>>;
  readonly topic: string;
  readonly format: string;
  /** "live", "earliest", "-10m" or a time. */
  readonly from: string;
  readonly windowS: number;
}
export interface StoredInterval {
  /** A path or an address (tracestore/open.ts), without a password. */
  readonly url: string;
  /** ns since 1970, decimal. */
  readonly fromNs: string;
  readonly toNs: string;
  /** Left out: all. */
  readonly tenant?: string;
}
export type Origin = { readonly kafka: Topic } | { readonly store: StoredInterval };

/** Longer texts in a URI are nobody's. */
const MAX_TEXT = 2_000;
/** What of a connection may be in a URI: everything but secrets. */
const CONNECTION_KEYS = [
  'name',
  'brokers',
  'bootstrap.servers',
  'security.protocol',
  'sasl.mechanism',
  'sasl.username',
  'ssl.ca.location',
  'ssl.certificate.location',
  'ssl.key.location',
];

export function originUri(origin: Origin): vscode.Uri {
  if ('kafka' in origin) {
    const { connection, ...rest } = origin.kafka;
    const kept = Object.fromEntries(CONNECTION_KEYS.filter((k) => connection[k] !== undefined).map((k) => [k, connection[k]]));
    return uri(origin.kafka.topic, { kafka: { connection: kept, ...rest } });
  }
  const { store } = origin;
  const day = (ns: string) => new Date(Number(BigInt(ns) / 1_000_000n)).toISOString().slice(0, 16).replace('T', ' ');
  return uri(`${store.tenant ?? vscode.l10n.t('Stored traces')} ${day(store.fromNs)} – ${day(store.toNs)}`, { store });
}
const uri = (title: string, query: Origin): vscode.Uri =>
  vscode.Uri.from({ scheme: ANALYSIS_SCHEME, path: `/${title.replaceAll('/', '∕')}`, query: JSON.stringify(query) });

/** Null: not such a URI, or damaged. */
export function originOf(uri: vscode.Uri): Origin | null {
  if (uri.scheme !== ANALYSIS_SCHEME) return null;
  try {
    const query = record(JSON.parse(uri.query));
    const [kafka, store] = [query['kafka'], query['store']];
    if (isRecord(kafka)) {
      const { connection, topic, format, from, windowS } = kafka;
      const ok = isRecord(connection) && isText(topic) && isText(format) && isText(from) && typeof windowS === 'number' && windowS > 0;
      return ok ? { kafka: { connection, topic, format, from, windowS } } : null;
    }
    if (isRecord(store)) {
      const { url, fromNs, toNs, tenant } = store;
      if (!isText(url) || !isNs(fromNs) || !isNs(toNs) || (tenant !== undefined && typeof tenant !== 'string')) return null;
      return { store: { url, fromNs, toNs, ...(tenant !== undefined && { tenant }) } };
    }
    return null;
  } catch {
    return null;
  }
}

const isRecord = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
const record = (v: unknown): Readonly<Record<string, unknown>> => (isRecord(v) ? v : {});
const isText = (v: unknown): v is string => typeof v === 'string' && v !== '' && v.length <= MAX_TEXT;
const isNs = (v: unknown): v is string => typeof v === 'string' && /^\d{1,20}$/.test(v);
