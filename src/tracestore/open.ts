import { type StoreAccess, StoreError, type TraceStore } from './api.ts';
import { secretsOf } from './influx/address.ts';
import { InfluxStore } from './influx/store.ts';
import { SqliteStore } from './sqlite/store.ts';

/**
 * Opens a store by its address: a path, `sqlite:PATH`, or an InfluxDB (see influx/address.ts). Throws StoreError in words.
 * Who only reads makes nothing: no file, no folder, no database. `secret`: a token or user:password for an InfluxDB; without one, what the
 * environment says.
 */
export function openStore(url: string, access: StoreAccess, secret?: string): TraceStore {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'sqlite') return new SqliteStore(url.replace(/^sqlite:(\/\/)?/i, ''), access);
  if (/^influx[123]?\+https?$/.test(scheme)) return new InfluxStore(url, access, secret === undefined ? undefined : secretsOf(secret));
  throw new StoreError(
    `"${scheme}:" is no kind of trace store known here; give the path of a file, sqlite:PATH or influx+http://HOST:8086/DATABASE.`,
  );
}
