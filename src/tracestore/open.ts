import { StoreError, type TraceStore } from './api.ts';
import { SqliteStore } from './sqlite/store.ts';

/** Opens a store by its address: a path or `sqlite:PATH`. Throws StoreError in words. */
export function openStore(url: string): TraceStore {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined || scheme === 'sqlite') return new SqliteStore(url.replace(/^sqlite:(\/\/)?/i, ''));
  throw new StoreError(`"${scheme}:" is no kind of trace store known here; give the path of a file or sqlite:PATH.`);
}
