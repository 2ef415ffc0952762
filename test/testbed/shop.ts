/**
 * "shop", the standing scenario: ten services, two entry endpoints, two pairs of parallel calls, db called by three
 * services and cache by three, keep-alive pools, errors in 2 % of the transactions, a slow dependency for a while. It is fixed: figures are compared over time.
 *
 *   client -> gateway /checkout: auth -> cache;  orders: (stock -> db | price -> cache), db;  (mail | catalog -> cache, db)
 *   client -> gateway /browse:   auth -> cache;  catalog -> cache, db;  recommend -> catalog -> cache, db
 */
import { call, parallel, type Scenario, think } from './scenario.ts';

export const shop: Scenario = {
  name: 'shop',
  services: [
    {
      name: 'gateway',
      routes: [
        {
          on: 'POST /checkout',
          bytes: 900,
          steps: [
            think(1),
            call('auth', 'GET', '/verify/{id}'),
            think(1),
            call('orders', 'POST', '/orders/{id}'),
            think(0.5),
            parallel([call('mail', 'POST', '/send')], [call('catalog', 'GET', '/related/{id}')]),
            think(1),
          ],
        },
        {
          on: 'GET /browse',
          bytes: 4000,
          steps: [
            think(1),
            call('auth', 'GET', '/verify/{id}'),
            think(0.5),
            call('catalog', 'GET', '/list/{id}'),
            think(1),
            call('recommend', 'GET', '/for/{id}'),
            think(1),
          ],
        },
      ],
    },
    { name: 'auth', routes: [{ on: 'GET /verify', bytes: 180, steps: [think(0.5), call('cache', 'GET', '/get/session-{id}'), think(1)] }] },
    {
      name: 'orders',
      routes: [
        {
          on: 'POST /orders',
          bytes: 500,
          errors: 0.01,
          steps: [
            think(1),
            parallel([call('stock', 'PUT', '/reserve/{id}')], [call('price', 'GET', '/quote/{id}')]),
            think(1),
            call('db', 'POST', '/insert'),
            think(0.5),
          ],
        },
      ],
    },
    {
      name: 'stock',
      routes: [{ on: 'PUT /reserve', bytes: 220, errors: 0.01, steps: [think(0.5), call('db', 'POST', '/update'), think(0.5)] }],
    },
    { name: 'price', routes: [{ on: 'GET /quote', bytes: 260, steps: [think(0.5), call('cache', 'GET', '/get/price-{id}'), think(1)] }] },
    {
      name: 'catalog',
      routes: [
        {
          on: 'GET /related',
          bytes: 1200,
          steps: [think(0.5), call('cache', 'GET', '/get/related-{id}'), think(0.5), call('db', 'POST', '/select'), think(0.5)],
        },
        {
          on: 'GET /list',
          bytes: 3000,
          steps: [think(0.5), call('cache', 'GET', '/get/list-{id}'), think(1), call('db', 'POST', '/select'), think(1)],
        },
        { on: 'GET /similar', bytes: 1500, steps: [think(0.5), call('cache', 'GET', '/get/similar-{id}'), think(0.5)] },
      ],
    },
    { name: 'mail', routes: [{ on: 'POST /send', bytes: 120, errors: 0.01, steps: [think(4)] }] },
    {
      name: 'recommend',
      routes: [{ on: 'GET /for', bytes: 1100, errors: 0.01, steps: [think(2), call('catalog', 'GET', '/similar/{id}'), think(1)] }],
    },
    { name: 'cache', routes: [{ on: 'GET /get', bytes: 320, steps: [think(0.5)] }] },
    {
      name: 'db',
      routes: [
        { on: 'POST /select', bytes: 1400, steps: [think(1.5)] },
        { on: 'POST /insert', bytes: 90, errors: 0.005, steps: [think(2)] },
        { on: 'POST /update', bytes: 90, steps: [think(1.5)] },
      ],
    },
  ],
  entries: [
    { weight: 1, call: call('gateway', 'POST', '/checkout') },
    { weight: 1, call: call('gateway', 'GET', '/browse/{id}') },
  ],
  slow: { service: 'db', from: 0.55, to: 0.7, factor: 6 },
};
