/** Calls as other network monitors publish them. Both carry no response time of the bytes themselves: what they have is used, nothing is made up. */
import type { CallRecord } from '../../engine/calls/callRecord.ts';
import { CallFlag } from '../../engine/calls/callTable.ts';

const record = (v: unknown): Readonly<Record<string, unknown>> =>
  typeof v === 'object' && v !== null ? (v as Record<string, unknown>) : {};
const text = (v: unknown): string | undefined => (typeof v === 'string' ? v : undefined);
const number = (v: unknown): number | undefined => (typeof v === 'number' && Number.isFinite(v) ? v : undefined);

const NS_PER_MS = 1_000_000n;
/** ISO 8601 to ns since 1970, with up to nine digits of a second; undefined: no time. */
function instantNs(iso: string | undefined): bigint | undefined {
  const ms = Date.parse(iso ?? '');
  if (Number.isNaN(ms)) return undefined;
  const below = /\.\d{3}(\d{1,6})/.exec(iso ?? '')?.[1] ?? '';
  return BigInt(ms) * NS_PER_MS + BigInt(below.padEnd(6, '0'));
}
/** Seconds above this are milliseconds: the year 5138, or 1973. */
const MOST_S = 1e11;
/** Zeek's three ways to write times as JSON, all to the microsecond at best. */
function zeekUs(ts: unknown): number | undefined {
  const iso = instantNs(text(ts));
  if (iso !== undefined) return Number(iso / 1000n);
  const stamp = number(ts);
  return stamp === undefined ? undefined : Math.round(stamp * (stamp > MOST_S ? 1e3 : 1e6));
}

/**
 * Zeek's http.log as JSON, with or without the wrapper `{"http": {...}}` of tag_json. The log has no response time, so the call has
 * no end.
 */
export function zeekCall(value: unknown): CallRecord | string {
  const outer = record(value);
  const r = 'http' in outer ? record(outer['http']) : outer;
  const startUs = zeekUs(r['ts']);
  const server = text(r['id.resp_h']);
  if (startUs === undefined || server === undefined) return 'no line of Zeek\'s http.log: "ts" or "id.resp_h" is missing';
  return {
    ...(text(r['uid']) && { id: `${text(r['uid'])}:${number(r['trans_depth']) ?? 0}` }),
    callerStartUs: startUs,
    clientAddress: text(r['id.orig_h']) ?? '',
    clientPort: number(r['id.orig_p']) ?? 0,
    serverAddress: server,
    serverPort: number(r['id.resp_p']) ?? 0,
    protocol: 'http/1',
    method: text(r['method']) ?? '',
    target: text(r['uri']) ?? '',
    host: text(r['host']) ?? '',
    status: number(r['status_code']) ?? 0,
  };
}

const PROTOCOL: Readonly<Record<string, string>> = {
  http: 'http/1',
  pgsql: 'postgresql',
  mysql: 'mysql',
  redis: 'redis',
  mongodb: 'mongodb',
  memcache: 'memcached',
  dns: 'dns',
};

/** Packetbeat's transactions in the Elastic Common Schema; event.duration is in nanoseconds. */
export function packetbeatCall(value: unknown): CallRecord | string {
  const r = record(value);
  const source = record(r['source']);
  const destination = record(r['destination']);
  const event = record(r['event']);
  const startNs = instantNs(text(event['start']) ?? text(r['@timestamp']));
  const server = text(destination['ip']);
  if (startNs === undefined || server === undefined) return 'no transaction of Packetbeat: "@timestamp" or "destination.ip" is missing';
  const durationNs = number(event['duration']);
  const url = record(r['url']);
  const http = record(r['http']);
  const kind = text(r['type']) ?? text(record(r['network'])['protocol']) ?? '';
  return {
    startNs: String(startNs),
    durationNs: durationNs ?? null,
    clientAddress: text(source['ip']) ?? '',
    clientPort: number(source['port']) ?? 0,
    serverAddress: server,
    serverPort: number(destination['port']) ?? 0,
    protocol: PROTOCOL[kind] ?? 'unknown',
    // ECS once asked for lower case.
    method: (text(record(http['request'])['method']) ?? text(r['method']) ?? '').toUpperCase(),
    target: text(url['path']) ?? text(r['resource']) ?? '',
    host: text(url['domain']) ?? '',
    status: number(record(http['response'])['status_code']) ?? 0,
    // What is no HTTP has no status, but an error is told.
    ...(kind !== 'http' && r['status'] === 'Error' && { flags: CallFlag.failed }),
  };
}
