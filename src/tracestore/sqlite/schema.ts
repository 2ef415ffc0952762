/** The embedded store's tables, by version. A database made by an older version is migrated when opened; a newer one is refused. */
import type { DatabaseSync } from 'node:sqlite';
import { StoreError } from '../api.ts';

/**
 * Texts are kept once; a span refers to them by number. Ids are 64-bit integers (the hex id's bits, signed); a trace id is
 * made of two. The primary key keeps a transaction's spans together and in time order, and makes appending idempotent.
 */
const V1 = `
  CREATE TABLE text (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
  CREATE TABLE edge (id INTEGER PRIMARY KEY, tenant INTEGER NOT NULL, caller INTEGER NOT NULL, callee INTEGER NOT NULL, UNIQUE (tenant, caller, callee));
  CREATE TABLE span (
    trace_start_ns INTEGER NOT NULL, trace_high INTEGER NOT NULL, trace_low INTEGER NOT NULL, id INTEGER NOT NULL,
    parent INTEGER, edge INTEGER NOT NULL, caller_instance INTEGER NOT NULL, callee_instance INTEGER NOT NULL,
    endpoint INTEGER NOT NULL, protocol INTEGER NOT NULL, status INTEGER NOT NULL, flags INTEGER NOT NULL,
    start_ns INTEGER NOT NULL, request_ns INTEGER, response_ns INTEGER, duration_ns INTEGER,
    request_bytes INTEGER NOT NULL, response_bytes INTEGER NOT NULL, confidence REAL NOT NULL,
    PRIMARY KEY (trace_start_ns, trace_high, trace_low, id)
  ) WITHOUT ROWID;
`;
/** Latency questions over everything read this instead of the wide rows. */
const V2 = 'CREATE INDEX span_edge_duration ON span (edge, trace_start_ns, duration_ns, flags);';

/** Where writers are. */
const V3 = 'CREATE TABLE checkpoint (key TEXT PRIMARY KEY, value TEXT NOT NULL);';

/** Calls of an edge in a minute, of transactions that are removed. `sketch`: see LatencySketch. */
const V4 = `
  CREATE TABLE rollup (
    window_ns INTEGER NOT NULL, edge INTEGER NOT NULL, calls INTEGER NOT NULL, errors INTEGER NOT NULL,
    p50_ns INTEGER, p95_ns INTEGER, p99_ns INTEGER, sketch BLOB NOT NULL,
    PRIMARY KEY (window_ns, edge)
  ) WITHOUT ROWID;
`;

export const MIGRATIONS: readonly string[] = [V1, V2, V3, V4];
export const SCHEMA_VERSION = MIGRATIONS.length;

const versionOf = (db: DatabaseSync): number => Number((db.prepare('PRAGMA user_version').get() as { user_version: number }).user_version);

function refuseNewer(file: string, version: number): void {
  if (version > SCHEMA_VERSION)
    throw new StoreError(
      `${file} was written by a newer version of Tracenest (schema ${version}; this one knows ${SCHEMA_VERSION}). Update Tracenest or choose another store.`,
    );
}

/** For readers, who may not migrate. */
export function requireCurrent(db: DatabaseSync, file: string): void {
  const version = versionOf(db);
  refuseNewer(file, version);
  if (version === 0) throw new StoreError(`${file} is no trace store.`);
  if (version < SCHEMA_VERSION)
    throw new StoreError(`${file} was written by an older version of Tracenest (schema ${version}). "tracenest watch" on it migrates it.`);
}

export function migrate(db: DatabaseSync, file: string): void {
  const version = versionOf(db);
  refuseNewer(file, version);
  for (let v = version; v < SCHEMA_VERSION; v++) {
    db.exec('BEGIN IMMEDIATE');
    // Another process may have opened the same new file meanwhile, and done it.
    if (versionOf(db) === v) {
      db.exec(MIGRATIONS[v] ?? '');
      db.exec(`PRAGMA user_version = ${v + 1}`);
    }
    db.exec('COMMIT');
  }
}
