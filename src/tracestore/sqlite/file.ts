/** Opening the file of an embedded store. Throws StoreError in words. */
import { existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { StoreError } from '../api.ts';
import { migrate, requireCurrent, SCHEMA_VERSION } from './schema.ts';

const BUSY_MS = 5_000;
const READING = 'PRAGMA cache_size = -65536; PRAGMA temp_store = MEMORY; PRAGMA mmap_size = 1073741824';
const WRITING = `PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 20000; PRAGMA synchronous = NORMAL; ${READING}`;

const inWords = (file: string, error: unknown): StoreError =>
  error instanceof StoreError
    ? error
    : new StoreError(`The trace store ${file} can't be opened: ${error instanceof Error ? error.message : String(error)}`);

/** Makes the file, and its folder, where there is none. */
export function openToWrite(file: string): DatabaseSync {
  try {
    if (file !== ':memory:') mkdirSync(path.dirname(file), { recursive: true });
    const db = new DatabaseSync(file, { timeout: BUSY_MS });
    db.exec(WRITING);
    migrate(db, file);
    // Who can't write is to know now, not with the first spans. (BEGIN IMMEDIATE passes on a read-only file.)
    db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}`);
    return db;
  } catch (error) {
    throw inWords(file, error);
  }
}

/** Changes nothing on the disk, and works where nothing can be changed. */
export function openToRead(file: string): DatabaseSync {
  if (!existsSync(file)) throw new StoreError(`There is no trace store ${file}.`);
  try {
    return readable(new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS }), file);
  } catch (error) {
    // A store that was written is read by way of files beside it. On a read-only file system those can't be made, nor can anyone write.
    if (error instanceof StoreError || existsSync(`${file}-wal`)) throw inWords(file, error);
  }
  try {
    const url = pathToFileURL(file);
    url.searchParams.set('immutable', '1');
    return readable(new DatabaseSync(url, { readOnly: true }), file);
  } catch (error) {
    throw inWords(file, error);
  }
}

function readable(db: DatabaseSync, file: string): DatabaseSync {
  try {
    db.exec(READING);
    requireCurrent(db, file);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
