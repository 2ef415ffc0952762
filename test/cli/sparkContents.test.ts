/** Values in headers and bodies in the batch job's stages, as Spark runs them, against an analysis of the whole capture. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Binary, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { connected, rightShare, traffic } from '../engine/nesting/calls.ts';
import { orders } from '../engine/support/orders.ts';
import { stage } from './sparkStage.ts';

const said = orders(250, 10);
const KEY = '0123456789abcdef'.repeat(4);
const links = (spans: Iterable<SpanRecord>) => [...spans].map((s) => `${s.id} ${s.parent} ${s.confidence}`).sort();

/** Flows cut into as many tasks, calls in one. */
function job(partitions: number, key: string): { readonly calls: readonly string[]; readonly spans: readonly SpanRecord[] } {
  const text = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
  const cut = stage(['split', String(partitions * 4)], {
    name: text(['orders.pcap']),
    content: vectorFromArray([said.capture], new Binary()),
  });
  const tasks = Array.from({ length: partitions }, (_, task) => cut.filter((r) => Number(r['bucket']) % partitions === task));
  const calls = tasks.flatMap((rows) =>
    stage(
      ['calls'],
      {
        source: text(rows.map((r) => String(r['source']))),
        value: vectorFromArray(
          rows.map((r) => r['value'] as Uint8Array),
          new Binary(),
        ),
        key: vectorFromArray(
          rows.map(() => null),
          new Binary(),
        ),
        place: text(rows.map((r) => String(r['sequence']).padStart(10, '0'))),
      },
      key,
    ),
  );
  const columns = {
    tenant: text(calls.map((r) => String(r['tenant']))),
    pane: vectorFromArray(
      calls.map(() => null),
      new Int64(),
    ),
    call: text(calls.map((r) => String(r['call']))),
  };
  const spans = stage(['traces'], columns, key);
  return { calls: calls.map((r) => String(r['call'])), spans: spans.map((r) => JSON.parse(String(r['span'])) as SpanRecord) };
}

async function analysed(ignoreContents: boolean): Promise<string[]> {
  const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-orders-'));
  try {
    const file = path.join(dir, 'orders.pcap');
    writeFileSync(file, said.capture);
    const session = new Session({ snapshot: () => {}, log: () => {} });
    await session.analyse([{ kind: 'file', path: file, name: 'orders.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, ignoreContents });
    return links(spanRecords(session.exportSource({ generation: session.snapshot.generation })));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

it('habits of connections decide in a batch job too', () => {
  const calls = connected(traffic(400, 8, 11), (up) => up);
  const column = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
  const rows = stage(['traces'], {
    tenant: column(calls.map(() => '')),
    pane: vectorFromArray(
      calls.map(() => null),
      new Int64(),
    ),
    call: column(calls.map((call) => JSON.stringify(call))),
  });
  const parentOf = new Map(rows.map((r) => [String(r['id']), String(r['parent'])]));
  expect(rightShare(calls, (row) => parentOf.get(calls[row]!.id) ?? 'none')).toBeGreaterThan(0.995);
});

describe('values in headers and bodies in a batch job', () => {
  it('give the links of the whole capture, however flows are cut; in no span, and readable in no call', async () => {
    const whole = await analysed(false);
    for (const partitions of [1, 2, 8]) {
      const { calls, spans } = job(partitions, KEY);
      expect(links(spans)).toEqual(whole);
      expect(said.right(spans.map((s) => ({ id: s.id!, parent: s.parent ?? '', startNs: s.startNs! })))).toBeGreaterThan(0.999);
      expect(calls.every((call) => call.includes('"contents":"'))).toBe(true);
      const text = calls.join() + JSON.stringify(spans);
      expect(said.numbers.slice(0, 100).filter((number) => text.includes(number))).toEqual([]);
      expect(JSON.stringify(spans)).not.toContain('contents');
    }
  }, 120_000);

  it('are left alone without a key', async () => {
    const { calls, spans } = job(1, '');
    expect(calls.some((call) => call.includes('contents'))).toBe(false);
    expect(links(spans)).toEqual(await analysed(true));
    expect(links(spans)).not.toEqual(await analysed(false));
  }, 60_000);
});
