import { expect, it } from 'vitest';
import { noticeText } from '../../src/cli/watch.ts';

it.each([
  [{ kind: 'connected' }, 'The broker answers.'],
  [{ kind: 'partitions', count: 1 }, 'The topic has 1 partition.'],
  [{ kind: 'partitions', count: 4 }, 'The topic has 4 partitions.'],
  [{ kind: 'reconnecting', why: 'No route.', attempt: 2 }, 'Nothing can be read: No route. Trying again (2).'],
  [{ kind: 'warning', text: 'it rains' }, 'Note: it rains.'],
  [{ kind: 'skipped', partition: 3, from: 5n, to: 9n, why: 'retention' }, 'Partition 3 goes on at record 9 instead of 5: retention.'],
] as const)('watch tells in words that %o', (notice, text) => {
  expect(noticeText(notice)).toBe(text);
});
