import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, describe, expect, it } from 'vitest';
import { MIGRATIONS } from '../../src/tracestore/sqlite/schema.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';
import { ALL, all, makeSpans, storeSuite } from './suite.ts';

storeSuite('the embedded store', async () => new SqliteStore(':memory:'));

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-sqlite-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('retention', () => {
  it('leaves roll-ups that stay the same however often and in whatever steps spans are removed', async () => {
    const store = new SqliteStore(':memory:');
    const spans = makeSpans(200);
    await store.append(spans);
    const figures = async () =>
      (await store.rollups(ALL)).map((w) => [
        w.windowNs,
        w.tenant,
        w.caller,
        w.callee,
        w.calls,
        w.errors,
        w.latency.count,
        w.latency.quantile(0.99),
      ]);
    const before = await figures();
    for (const share of [0.3, 0.3, 0.7, 2]) {
      await store.expire(spans[0]!.traceStartNs + BigInt(Math.round(200 * share)) * 1_000_000n);
      expect(await figures()).toEqual(before);
    }
    expect(await all(store)).toEqual([]);
    await store.close();
  });
});

describe('a store of an older version', () => {
  it.each(MIGRATIONS.slice(0, -1).map((_, v) => v + 1))('%i is brought up to date with its spans, and works', async (version) => {
    const file = path.join(dir, `v${version}.sqlite`);
    const fill = new SqliteStore(file);
    const spans = makeSpans(20);
    await fill.append(spans);
    await fill.close();
    // As that version left it: its tables only, and the same rows.
    const db = new DatabaseSync(file);
    const old = new DatabaseSync(path.join(dir, `old${version}.sqlite`));
    for (const sql of MIGRATIONS.slice(0, version)) old.exec(sql);
    old.exec(`PRAGMA user_version = ${version}`);
    old.close();
    db.exec(`ATTACH '${path.join(dir, `old${version}.sqlite`)}' AS old`);
    for (const table of ['text', 'edge', 'span']) db.exec(`INSERT INTO old.${table} SELECT * FROM ${table}`);
    db.close();
    expect(() => new SqliteStore(path.join(dir, `old${version}.sqlite`), 'read')).toThrow('older version');
    const store = new SqliteStore(path.join(dir, `old${version}.sqlite`));
    expect(await all(store)).toHaveLength(spans.length);
    expect((await store.edges(ALL)).reduce((n, e) => n + e.calls, 0)).toBe(spans.length);
    await store.append(makeSpans(30), { key: 'x', value: 'y' });
    expect(await store.checkpoint('x')).toBe('y');
    expect(await store.expire(1n << 62n)).toBe(90);
    expect((await store.rollups(ALL)).reduce((n, w) => n + w.calls, 0)).toBe(90);
    await store.close();
  });

  it('is refused when it is newer', async () => {
    const file = path.join(dir, 'newer.sqlite');
    const store = new SqliteStore(file);
    await store.close();
    const db = new DatabaseSync(file);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    expect(() => new SqliteStore(file)).toThrow('newer version');
  });
});
