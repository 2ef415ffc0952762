import { expect, it } from 'vitest';
import { Addresses } from '../../../src/engine/net/addresses.ts';
import { Random } from '../../testbed/random.ts';

/** Addresses made to collide: the hash mixes the first two words before anything else. */
const colliding = (i: number): DataView => {
  const view = new DataView(new ArrayBuffer(16));
  view.setInt32(0, Math.imul(i, 0x9e3779b1));
  view.setInt32(4, i);
  return view;
};

it('addresses whose places collide are found all the same, past a bounded number outside the table', () => {
  const addresses = new Addresses();
  const ids = Array.from({ length: 5000 }, (_, i) => addresses.intern(colliding(i), 0));
  expect(new Set(ids).size).toBe(5000);
  expect(ids.map((_, i) => addresses.intern(colliding(i), 0))).toEqual(ids);
  expect(addresses.count).toBe(5000);
  expect(addresses.collided).toBeGreaterThan(4900);
  expect(addresses.text(ids[1]!)).toBe('9e37:79b1:0:1::');
});

it('any number of addresses is kept apart', () => {
  const addresses = new Addresses();
  const random = new Random(7);
  const views = Array.from({ length: 3000 }, () => {
    const view = new DataView(new ArrayBuffer(16));
    for (let at = 0; at < 16; at += 4) view.setInt32(at, random.integer(2 ** 32));
    return view;
  });
  const ids = views.map((view) => addresses.intern(view, 0));
  expect(ids).toEqual(views.map((_, i) => i));
  expect(views.map((view) => addresses.intern(view, 0))).toEqual(ids);
  expect(addresses.collided).toBe(0);
});

it('a full table takes no more, and keeps what it has', () => {
  const addresses = new Addresses(10);
  for (let i = 0; i < 10; i++) expect(addresses.intern(colliding(i), 0)).toBe(i);
  expect(addresses.intern(colliding(10), 0)).toBe(-1);
  expect(addresses.intern(colliding(3), 0)).toBe(3);
});
