import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nameOf } from '../../../src/engine/identity/hostName.ts';
import { MAX_VALUES, PathTree } from '../../../src/engine/identity/pathTree.ts';
import { isId, templateOfCommand, templateOfPath } from '../../../src/engine/identity/template.ts';

describe('a path becomes a template', () => {
  it.each([
    ['/orders/81723?x=1', '/orders/{id}'],
    ['/orders/81723/items/2', '/orders/{id}/items/{id}'],
    ['/', '/'],
    ['', ''],
    ['*', '*'],
    ['/api/v2/users', '/api/v2/users'],
    ['/u/3f2504e0-4f89-11d3-9a0c-0305e82c3301', '/u/{id}'],
    ['/blob/9f86d081884c7d659a2feaa0c55ad015', '/blob/{id}'],
    ['/static/main.8f3a9b2c.js', '/static/main.{id}.js'],
    ['/img/12.png', '/img/{id}.png'],
    ['/users/user-12345/cart', '/users/user-{id}/cart'],
    ['/report/2024-02-29', '/report/{id}'],
    ['/block/198.51.100.7', '/block/{id}'],
    ['/block/198.51.100.7:8443', '/block/{id}'],
    ['/block/2001:db8::17', '/block/{id}'],
    ['/block/[fe80::1%eth0]', '/block/{id}'],
    ['/block/2001%3Adb8%3A%3A17', '/block/{id}'],
    ['/time/a:b:c', '/time/a:b:c'],
    ['/mail/ann@example.org', '/mail/{name}'],
    ['/t/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9', '/t/{id}'],
    ['/a;jsessionid=12/b', '/a/b'],
    ['http://shop.example/cart/7', '/cart/{id}'],
    ['http://shop.example', '/'],
    ['db.internal:5432', '{authority}'],
    ['/checkout', '/checkout'],
    ['/recommendations', '/recommendations'],
    ['/oauth2/token', '/oauth2/token'],
    ['/s3/bucket-name', '/s3/bucket-name'],
    ['/graphql', '/graphql'],
    ['/deadbeef', '/deadbeef'],
    ['/a-page-about-how-to-write-long-slugs-that-never-end', '/{name}'],
    ['/x\u0000y', '/x\uFFFDy'],
  ])('%s -> %s', (target, template) => {
    expect(templateOfPath(target)).toBe(template);
  });

  it.each([
    ['7.100.51.198.in-addr.arpa', '{id}.in-addr.arpa'],
    ['7.1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.', '{id}.ip6.arpa.'],
    ['cart.shop.svc.cluster.local', 'cart.shop.svc.cluster.local'],
  ])('no address stays in the name of a reverse lookup: %s -> %s', (name, template) => {
    expect(templateOfCommand(name)).toBe(template);
  });

  it('is bounded whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 2000, unit: 'binary' }), (text) => {
        expect(templateOfPath(`/${text}`).length).toBeLessThanOrEqual(400);
        expect(templateOfCommand(text).length).toBeLessThanOrEqual(120);
      }),
    );
  });
  it('numbers are ids, words are not', () => {
    fc.assert(fc.property(fc.nat(), (n) => isId(String(n))));
    for (const word of ['orders', 'checkout', 'v1', 'oauth2', 'user', 'cart-items', 'GetProduct']) expect(isId(word)).toBe(false);
  });
});

describe('positions with many values fold', () => {
  const names = (n: number) =>
    Array.from({ length: n }, (_, i) => `/users/${String.fromCharCode(97 + (i % 26))}${'x'.repeat(i / 26)}/profile`);
  it('beyond the limit only', () => {
    const few = new PathTree();
    for (const path of names(MAX_VALUES)) few.add(path);
    expect(few.template('/users/a/profile')).toBe('/users/a/profile');
    const many = new PathTree();
    for (const path of names(MAX_VALUES + 1)) many.add(path);
    expect(many.template('/users/a/profile')).toBe('/users/{name}/profile');
    expect(many.template('/users/{id}/profile')).toBe('/users/{id}/profile');
  });
  it('in the same way whatever the order', () => {
    const word = fc.integer({ min: 0, max: 90 }).map((n) => `w${n}`);
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word), { minLength: 60, maxLength: 400 }), (pairs) => {
        const paths = pairs.map(([x, y]) => `/a/${x}/b/${y}`);
        const forward = new PathTree();
        const backward = new PathTree();
        for (const path of paths) forward.add(path);
        for (const path of [...paths].reverse()) backward.add(path);
        for (const path of paths) expect(forward.template(path)).toBe(backward.template(path));
      }),
      { numRuns: 50 },
    );
  });
});

describe('a name', () => {
  it.each([
    ['Orders:8080', 'orders'],
    ['orders.shop.svc.cluster.local', 'orders.shop'],
    ['10.0.0.1:80', ''],
    ['[::1]:80', ''],
    ['localhost:3000', ''],
    ['shop.example.', 'shop.example'],
    ['user@host', 'host'],
    ['bad host', ''],
    ['a:b', ''],
    ['<script>', ''],
    ['order_service', 'order_service'],
  ])('%s -> "%s"', (authority, name) => {
    expect(nameOf(authority)).toBe(name);
  });
});
