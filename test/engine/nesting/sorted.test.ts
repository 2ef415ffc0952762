/** Order of time by buckets: the same as by comparison, however the times are spread. */
import { expect, it } from 'vitest';
import { Random } from '../../../src/engine/nesting/random.ts';
import { sortedBy } from '../../../src/engine/nesting/sorted.ts';

const compared = (times: Float64Array) => Int32Array.from(times, (_, i) => i).sort((a, b) => times[a]! - times[b]! || a - b);

it.each([
  ['spread evenly', (share: number) => Math.floor(1e15 * share)],
  ['many at the same time', (share: number) => Math.floor(5 * share)],
  ['nearly all in one moment of a long capture', (share: number) => 1e15 * share ** 60],
  ['all at once', () => 7],
  ['without end', (share: number) => (share < 0.1 ? Number.POSITIVE_INFINITY : 1e9 * share)],
])('orders times %s, equal ones by number', (_, at) => {
  const random = new Random(5);
  for (const many of [0, 1, 2, 3, 500, 4000]) {
    const times = Float64Array.from({ length: many }, () => at(random.next()));
    expect(sortedBy(times)).toEqual(compared(times));
  }
});

it('leaves what is in order as it is', () => {
  expect([...sortedBy(Float64Array.of(-3, -3, 0, 2, 2, 9))]).toEqual([0, 1, 2, 3, 4, 5]);
});
