/** A watch that uses what requests say: links that timing gets wrong, nothing of it in what is stored, the same when killed. */
import { describe, expect, it } from 'vitest';
import { analyse } from '../../src/engine/analysis.ts';
import { contentHash } from '../../src/engine/bytes/contentHash.ts';
import { Reason } from '../../src/engine/nesting/index.ts';
import { Queries } from '../../src/engine/table/queries.ts';
import { ContentKey, WITHIN_PROCESS } from '../../src/session/contentKey.ts';
import { exportSource } from '../../src/session/exportSource.ts';
import { LiveWindow } from '../../src/session/liveWindow.ts';
import { storedSpans } from '../../src/session/spans.ts';
import { contentOf } from '../../src/sources/kafka/formats.ts';
import { Transactions } from '../../src/watch/transactions.ts';
import { connected, rightShare, traffic } from '../engine/nesting/calls.ts';
import { orders } from '../engine/support/orders.ts';
import { S, topic, watched } from './watching.ts';

const HOW = { paneNs: S / 10n, overlapNs: S / 10n, longestNs: S / 4n };
const said = orders(500, 10);
const records = topic(said.capture, 2);
const contentKey = WITHIN_PROCESS;

describe('values in headers and bodies', () => {
  const timing = watched(records, HOW);
  const stored: string[] = [];
  const whole = watched(records, { ...HOW, contentKey }, () => false, { stored: (text) => stored.push(text) });
  it('decide in a watch, and it counts the links they speak for', () => {
    expect(timing.spans).toHaveLength(2500);
    expect(said.right(timing.spans)).toBeLessThan(0.97);
    expect(said.right(whole.spans)).toBeGreaterThan(0.999);
    expect(timing.evidence.contents).toBe(0);
    expect(whole.evidence.contents).toBe(2000);
    // Each call is told once, however often it was looked at.
    expect(whole.spans).toHaveLength(2500);
  });

  it('give the same when the process is killed again and again, sealed or not', () => {
    const killed = watched(records, { ...HOW, contentKey }, (pane) => pane % 2 === 0);
    expect(killed.spans).toEqual(whole.spans);
    const others = watched(records, HOW, () => true, { own: () => ({ contentKey: new ContentKey() }) });
    expect(others.spans).toEqual(whole.spans);
    expect(others.evidence).toEqual(whole.evidence);
  });

  it('are in nothing that is stored', () => {
    expect(stored.length).toBeGreaterThan(5);
    const texts = [...stored, JSON.stringify(whole.spans, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v))];
    const words = ['contents', 'noise', 'web20417', ...said.numbers.slice(0, 100).flatMap((n) => [n, String(contentHash(n) | 0)])];
    expect(words.filter((word) => texts.some((text) => text.includes(word)))).toEqual([]);
  });

  it('change nothing where no two requests share any', () => {
    const alone = topic(orders(300, 10, 1, false).capture, 2);
    const with_ = watched(alone, { ...HOW, contentKey });
    expect(with_.spans).toEqual(watched(alone, HOW).spans);
    expect(with_.evidence.contents).toBe(0);
  });

  it('are left alone with --ignore-values', () =>
    expect(watched(records, { ...HOW, contentKey, ignoreValues: true }).spans).toEqual(timing.spans));
});

describe('habits of connections', () => {
  it('decide in the window of a watch, unless they are left out', () => {
    const calls = connected(traffic(400, 8, 11), (up) => up);
    const lengths = { paneNs: S / 10n, overlapNs: S / 10n, longestNs: S / 4n };
    const placed = (ignoreConnections: boolean) => {
      const transactions = new Transactions({ algorithm: 'default', names: {}, ...lengths, ignoreConnections });
      const idOf = new Map(calls.map((call) => [transactions.take(call, false, false), call.id]));
      const spans = transactions.end();
      const parentOf = new Map(spans.map(({ span }) => [idOf.get(span.id), idOf.get(span.parent ?? '') ?? '']));
      const { connections } = transactions.takeEvidence();
      return { right: rightShare(calls, (row) => parentOf.get(calls[row]!.id) ?? 'none'), connections };
    };
    const habits = placed(false);
    expect(habits.right).toBeGreaterThan(0.995);
    expect(habits.connections).toBeGreaterThan(1400);
    const timing = placed(true);
    expect(timing.right).toBeLessThan(0.985);
    expect(timing.connections).toBe(0);
  });
});

describe('an attached editor', () => {
  const inWindow = (tenants: readonly string[], ignoreContents: boolean) => {
    const window = new LiveWindow(3_600_000, 1e9);
    for (const record of records)
      for (const tenant of tenants) window.add(record.partition, contentOf({ ...record, key: Buffer.from(tenant) }, 'tracenest'));
    const { extraction } = window.extract({ ignoreContents });
    const analysis = analyse(extraction);
    const by = analysis.nesting.reason.reduce((n, bits) => n + ((bits & Reason.sharedContent) === 0 ? 0 : 1), 0);
    const queries = new Queries(analysis, { generation: 1, captures: ['topic'], title: 'topic' });
    return { by, spans: [...storedSpans(exportSource(analysis, queries, { generation: 1 }))] };
  };
  it('uses them, also where several tenants share a topic, and not where it is told not to', () => {
    const one = inWindow([''], false);
    expect(one.by).toBe(2000);
    expect(said.right(one.spans)).toBeGreaterThan(0.999);
    expect(inWindow(['lab', 'plant'], false).by).toBe(4000);
    expect(inWindow([''], true).by).toBe(0);
  });
});
