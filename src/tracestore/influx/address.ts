/** Where an InfluxDB is and how it is spoken to: three write protocols, one way to ask (InfluxQL, which all three answer). */
import { StoreError } from '../api.ts';

export interface InfluxAddress {
  readonly version: 1 | 2 | 3;
  /** Line protocol in nanoseconds goes here. */
  readonly writeUrl: string;
  readonly queryUrl: string;
  readonly database: string;
  readonly headers: Readonly<Record<string, string>>;
}
/** Secrets are never part of an address that is kept or shown. */
export interface InfluxSecrets {
  readonly token?: string;
  readonly username?: string;
  readonly password?: string;
}
export const secretsFrom = (env: Readonly<Record<string, string | undefined>>): InfluxSecrets => ({
  token: env['TRACENEST_INFLUX_TOKEN'],
  username: env['TRACENEST_INFLUX_USERNAME'],
  password: env['TRACENEST_INFLUX_PASSWORD'],
});
/** As a person types it: a token, or user:password. */
export function secretsOf(text: string): InfluxSecrets {
  const colon = text.indexOf(':');
  return colon < 0 ? { token: text } : { username: text.slice(0, colon), password: text.slice(colon + 1) };
}

const FORMS = 'influx+http://HOST:8086/DATABASE (1.x), influx2+http://HOST:8086/ORG/BUCKET (2.x) or influx3+http://HOST:8181/DATABASE (3)';

/** Reads `influx+http(s)://`, `influx2+http(s)://` and `influx3+http(s)://`. Throws StoreError in words. */
export function influxAddress(url: string, secrets: InfluxSecrets): InfluxAddress {
  const match = /^influx([123]?)\+(https?:\/\/.+)$/i.exec(url);
  let parsed: URL | null = null;
  try {
    parsed = new URL(match?.[2] ?? '');
  } catch {
    // said below
  }
  const parts = (parsed?.pathname ?? '').split('/').filter(Boolean).map(decodeURIComponent);
  const version = (Number(match?.[1] || 1) || 1) as 1 | 2 | 3;
  if (!parsed || parts.length !== (version === 2 ? 2 : 1))
    throw new StoreError(`"${redacted(url)}" is no address of an InfluxDB; write ${FORMS}.`);
  if (parsed.username || parsed.password)
    throw new StoreError(
      'Leave user and password out of the address: set TRACENEST_INFLUX_USERNAME and TRACENEST_INFLUX_PASSWORD, or TRACENEST_INFLUX_TOKEN, in the environment.',
    );
  const database = parts.at(-1) ?? '';
  const at = (path: string, query: Record<string, string>) => `${parsed.origin}${path}?${new URLSearchParams(query)}`;
  const { token, username = '', password = '' } = secrets;
  const basic: Record<string, string> = username
    ? { Authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}` }
    : {};
  const headers = token ? { Authorization: `${version === 3 ? 'Bearer' : 'Token'} ${token}` } : basic;
  const writeUrl =
    version === 1
      ? at('/write', { db: database, precision: 'ns' })
      : version === 2
        ? at('/api/v2/write', { org: parts[0] ?? '', bucket: database, precision: 'ns' })
        : at('/api/v3/write_lp', { db: database, precision: 'nanosecond' });
  return { version, writeUrl, queryUrl: at('/query', { db: database }), database, headers };
}
const redacted = (url: string): string => url.replace(/\/\/[^/@]*@/, '//');
