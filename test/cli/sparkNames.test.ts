/** Names that one task learns name what other tasks found: the stages as Spark runs them, against the whole at once. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Binary, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import type { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { analysed, facts, scope } from '../spark/answers.ts';
import { DB, twoNetworks, withNames } from '../spark/named.ts';
import { stage } from './sparkStage.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-names-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const CAPTURE = path.join(dir, 'named.pcapng');
const BUCKETS = 4;
type Rows = readonly Record<string, unknown>[];
const text = (values: readonly unknown[]) => vectorFromArray(values as (string | null)[], new Utf8());
const binary = (values: readonly unknown[]) => vectorFromArray(values as (Uint8Array | null)[], new Binary());
const column = (rows: Rows, name: string) => rows.map((r) => r[name] ?? null);

let whole: Session;
let records: Rows;
beforeAll(async () => {
  const bytes = withNames(twoNetworks());
  writeFileSync(CAPTURE, bytes);
  whole = await analysed({ kind: 'file', path: CAPTURE, name: 'named.pcapng' });
  records = stage(['split', String(BUCKETS)], { name: text(['named.pcapng']), content: binary([bytes]) });
});

/** Stage one in so many tasks. */
function callsIn(tasks: number): Rows {
  return Array.from({ length: tasks }, (_, task) => records.filter((r) => Number(r['bucket']) % tasks === task)).flatMap((rows) =>
    stage(['calls'], {
      source: text(column(rows, 'source')),
      value: binary(column(rows, 'value')),
      key: binary(rows.map(() => null)),
      place: text(rows.map((r) => String(r['sequence']).padStart(10, '0'))),
    }),
  );
}
const nested = (rows: Rows, panes: readonly (bigint | null)[], args: readonly string[] = []) =>
  facts(
    stage(['traces', 'default', ...args], {
      tenant: text(column(rows, 'tenant')),
      pane: vectorFromArray([...panes], new Int64()),
      call: text(column(rows, 'call')),
    }).map((r) => JSON.parse(String(r['span'])) as SpanRecord),
  );

describe('names from DNS answers and from the capture', () => {
  it('are those of the whole, whichever tasks learnt them and in whatever order they come', () => {
    const expected = facts(spanRecords(whole.exportSource(scope(whole))));
    const callees = new Set(expected.map((s) => `${s.tenant} ${s.callee}`));
    expect([...callees].sort()).toEqual(expect.arrayContaining([' orders.db', ' session-cache', ' shop-frontend', 'vlan:20 stock.db']));
    const [one, several] = [callsIn(1), callsIn(BUCKETS)];
    for (const rows of [one, several, several.toReversed()]) {
      const none = rows.map(() => null);
      expect(nested(rows, none)).toEqual(expected);
    }
  });

  it('go to the stage that nests in rows of their tenant, without a time', () => {
    const names = callsIn(1).filter((r) => r['start_ns'] === null);
    expect(
      names.map((r) => [r['tenant'], (JSON.parse(String(r['call'])) as { names: { name: string }[] }).names.map((n) => n.name)]),
    ).toEqual([
      ['', ['shop-frontend']],
      ['', ['orders.db']],
      ['', ['session-cache']],
      ['vlan:20', ['stock.db']],
    ]);
    // A tenant, or a pane, of which nothing but names is known has no transactions.
    expect(
      nested(
        names,
        names.map(() => 5n),
      ),
    ).toEqual([]);
  });

  it('give way to those that a person wrote', () => {
    const file = path.join(dir, 'names.yaml');
    writeFileSync(file, `${DB}: ledger\n`);
    const rows = callsIn(1);
    const callees = new Set(
      nested(
        rows,
        rows.map(() => null),
        ['', file],
      ).map((s) => s.callee),
    );
    expect(callees).toContain('ledger');
    expect(callees).not.toContain('orders.db');
    expect(callees).toContain('session-cache');
  });
});
