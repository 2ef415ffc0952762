import { type StoreAccess, StoreError, type TraceStore } from './api.ts';
import { InfluxStore } from './influx/store.ts';
import { SqliteStore } from './sqlite/store.ts';

/**
 * Opens a store by its address: a path, `sqlite:PATH`, or an InfluxDB (see influx/address.ts). Throws StoreError in words.
 * Who only reads makes nothing: no file, no folder, no database.
 */
export function openStore(url: string, access: StoreAccess): TraceStore {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'sqlite') return new SqliteStore(url.replace(/^sqlite:(\/\/)?/i, ''), access);
  if (/^influx[123]?\+https?$/.test(scheme)) return new InfluxStore(url, access);
  throw new StoreError(
    `"${scheme}:" is no kind of trace store known here; give the path of a file, sqlite:PATH or influx+http://HOST:8086/DATABASE.`,
  );
}
