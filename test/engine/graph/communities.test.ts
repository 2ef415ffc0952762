import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { communities, type WeightedEdge } from '../../../src/engine/graph/communities.ts';

const edge = (caller: string, callee: string, calls: number): WeightedEdge => ({ caller, callee, calls });

describe('communities', () => {
  it('are services that call one another more than others, named after the busiest', () => {
    const shop = [edge('web', 'cart', 90), edge('cart', 'cart-db', 90), edge('web', 'cart-db', 5)];
    const mail = [edge('queue', 'mailer', 80), edge('mailer', 'smtp', 70), edge('queue', 'smtp', 9)];
    expect(Object.fromEntries(communities([...shop, ...mail, edge('cart', 'queue', 2)]))).toEqual({
      web: 'cart',
      cart: 'cart',
      'cart-db': 'cart',
      queue: 'mailer',
      mailer: 'mailer',
      smtp: 'mailer',
    });
  });

  it('need calls between services: alone, each is its own', () => {
    expect([...communities([edge('a', 'a', 3), edge('b', 'b', 1)])]).toEqual([
      ['a', 'a'],
      ['b', 'b'],
    ]);
    expect(communities([]).size).toBe(0);
  });

  it('are the same in whatever order and pieces edges come', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g');
    const edges = fc.array(fc.tuple(name, name, fc.integer({ min: 1, max: 50 })), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(edges, (drawn) => {
        const whole = drawn.map(([a, b, n]) => edge(a, b, n));
        const pieces = drawn.toReversed().flatMap(([a, b, n]) => (n > 1 ? [edge(a, b, 1), edge(a, b, n - 1)] : [edge(a, b, n)]));
        expect([...communities(pieces)]).toEqual([...communities(whole)]);
      }),
    );
  });
});
