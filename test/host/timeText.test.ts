import { describe, expect, it } from 'vitest';
import { readTimeRange, writeTimeRange } from '../../src/host/timeText.ts';

const at = (text: string) => Date.parse(text);
const capture = { startMs: at('2026-03-01T14:03:00Z'), durationNs: 30e9, utc: true };
const seconds = (text: string, of = capture) => {
  const range = readTimeRange(text, of);
  return typeof range === 'string' ? range : [range.fromNs / 1e9, range.toNs / 1e9];
};

describe('a time range in words', () => {
  it.each([
    ['2.5 - 10', [2.5, 10]],
    ['2.5 - 10 s', [2.5, 10]],
    ['200 – 900 ms', [0.2, 0.9]],
    ['200ms..1s', [0.2, 1]],
    ['1 to 2', [1, 2]],
    ['2 s + 500 ms', [2, 2.5]],
    ['first 5', [0, 5]],
    ['last 10 s', [20, 30]],
    ['14:03:10 - 14:03:20.5', [10, 20.5]],
    ['14:03 - 14:04', [0, 30]],
    ['14:03:10 + 2 s', [10, 12]],
    ['20 - 90 s', [20, 30]],
    ['0 - 0.5 min', [0, 30]],
  ])('%s', (text, expected) => expect(seconds(text)).toEqual(expected));

  it.each([
    ['', 'form'],
    ['soon', 'form'],
    ['5 s', 'form'],
    ['-3 - 5', 'form'],
    ['10 - 2 s', 'order'],
    ['3 - 3', 'order'],
    ['40 - 50 s', 'outside'],
    ['13:00 - 13:01', 'outside'],
  ])('%s is refused: %s', (text, why) => expect(seconds(text)).toBe(why));

  it('knows the times after midnight of a capture that began before it', () => {
    const night = { startMs: at('2026-03-01T23:59:50Z'), durationNs: 60e9, utc: true };
    expect(seconds('23:59:55 - 00:00:05', night)).toEqual([5, 15]);
  });

  it('is written as it is read', () => {
    for (const range of [
      { fromNs: 1.5e9, toNs: 20e9 },
      { fromNs: 1_000_250_000, toNs: 1_000_750_000 },
    ])
      expect(readTimeRange(writeTimeRange(range), capture)).toEqual(range);
  });
});
