/** Stages of a Spark task that check what others wrote, as Spark runs them: Arrow on standard input and output. */
import { Binary, Int64, Utf8, vectorFromArray } from 'apache-arrow';
import { describe, expect, it } from 'vitest';
import { encodeRecord } from '../../src/engine/capture/kafkaRecord.ts';
import { stage } from './sparkStage.ts';

const text = (values: readonly (string | null)[]) => vectorFromArray(values, new Utf8());
const whole = (values: readonly (bigint | null)[]) => vectorFromArray(values, new Int64());

describe('records of a topic', () => {
  const DAY_NS = 86_400_000_000_000n;
  const NOW_MS = Date.UTC(2026, 0, 31);
  const NOW_NS = BigInt(NOW_MS) * 1_000_000n;
  /** Packets so many ns after `firstNs`. */
  const record = (firstNs: bigint, ...afterNs: number[]) =>
    encodeRecord(
      firstNs,
      [0, ...afterNs].map((timeNs) => ({ link: 1, timeNs, bytes: new Uint8Array(60) })),
    );
  const whys = (records: readonly Uint8Array[], timestampMs: number) =>
    stage(['records', 'tracenest'], {
      place: text(records.map((_, i) => String(i))),
      timestamp_ms: whole(records.map(() => BigInt(timestampMs))),
      key: vectorFromArray(
        records.map(() => null),
        new Binary(),
      ),
      value: vectorFromArray([...records], new Binary()),
    });

  it('are handed back when a clock was wrong: one would close windows of years, or make as many', () => {
    const good = record(NOW_NS, 1e9);
    const wrong = [
      [record(0n), 'a packet is stamped before 1990'],
      [record(0n, Number(NOW_NS)), 'a packet is stamped before 1990'],
      [record(NOW_NS - 2n * DAY_NS, 1.5 * Number(DAY_NS)), 'its packets are stamped more than a day apart'],
      [record(NOW_NS + DAY_NS + 1_000_000_000n), 'a packet is stamped more than a day after its record'],
      [record(9_223_000_000_000_000_000n), 'a packet is stamped more than a day after its record'],
      // More than 64 signed bits hold.
      [record((1n << 64n) - 1_000_000n), 'a packet is stamped more than a day after its record'],
    ] as const;
    const rows = whys([good, ...wrong.map(([value]) => value), record(NOW_NS - 400n * DAY_NS)], NOW_MS);
    expect(rows.map((r) => r['why'])).toEqual(['', ...wrong.map(([, why]) => why), '']);
    expect(rows[0]).toMatchObject({ first_ns: NOW_NS, last_ns: NOW_NS + 1_000_000_000n });
    // Nothing of a bad one counts; it is handed back as it came.
    expect(rows[1]).toMatchObject({ first_ns: null, last_ns: null, value: wrong[0][0] });
  });

  it('that are damaged behind some packets are handed on up to there, and handed back', () => {
    const whole = record(NOW_NS, 1e9, 2e9);
    const cut = whole.subarray(0, whole.length - 30);
    const rows = whys([cut, whole], NOW_MS);
    expect(rows.map((r) => [r['first_ns'], r['last_ns'], r['why']])).toEqual([
      [NOW_NS, NOW_NS + 1_000_000_000n, ''],
      [null, null, expect.stringMatching(/byte \d+ of the record/)],
      [NOW_NS, NOW_NS + 2_000_000_000n, ''],
    ]);
    expect(rows[1]).toMatchObject({ place: '0', value: new Uint8Array(cut) });
  });

  it('of a topic without times are taken up to 2100', () => {
    const rows = whys([record(NOW_NS + 400n * DAY_NS), record(9_223_000_000_000_000_000n)], -1);
    expect(rows.map((r) => r['why'])).toEqual(['', 'a packet is stamped after 2099']);
  });
});

it('rows of Parquet that are no spans are told from those that are', () => {
  const span = JSON.stringify({ id: 'a', trace: 't', confidence: 1, startNs: '5', callee: 'b' });
  const spans = [span, '{', '{}', 'null', '5', null, span];
  const filled = (value: string) => text(spans.map(() => value));
  const rows = stage(['check-spans'], {
    id: filled('a'),
    trace: filled('t'),
    start_ns: whole([5n, 5n, 5n, 5n, 5n, 5n, null]),
    trace_start_ns: whole(spans.map(() => 5n)),
    span: text(spans),
    file: filled('x.parquet'),
  });
  expect(rows.map((r) => r['why'])).toEqual([
    '',
    ...Array(4).fill(expect.stringMatching(/^(not an object|callerStartUs is missing): x\.parquet$/)),
    'a span lacks a value: x.parquet',
    'a span lacks a value: x.parquet',
  ]);
  expect(rows[0]).toMatchObject({ id: 'a', start_ns: 5n, span });
});
