import { expect, it } from 'vitest';
import { Positions } from '../../../src/engine/protocols/tls/positions.ts';

it('acknowledgements are translated to what their sender could read, across the wrap of sequence numbers', () => {
  const positions = new Positions();
  const start = 0xffff_ff00;
  expect(positions.innerOf(start, 7)).toBe(7);
  for (let i = 1; i <= 3000; i++) positions.add((start + i * 122) >>> 0, i * 100);
  const at = (outer: number) => positions.innerOf((start + outer) >>> 0, 7);
  expect([at(3000 * 122), at(3000 * 122 - 1), at(2900 * 122 + 60)]).toEqual([300_000, 299_900, 290_000]);
  // Not read yet: unknown. Long ago: at most what is remembered.
  expect(at(3000 * 122 + 1)).toBeNaN();
  expect(at(5)).toBeLessThan(300_000);
});
