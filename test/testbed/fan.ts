/** "fan": one entry calls six times one service side by side; siblings that start together are the hardest case of nesting. */
import { call, parallel, type Scenario, think } from './scenario.ts';

const item = [call('item', 'GET', '/item/{id}')];
export const fan: Scenario = {
  name: 'fan',
  services: [
    {
      name: 'web',
      routes: [
        {
          on: 'GET /page',
          bytes: 2000,
          steps: [think(1), call('user', 'GET', '/user/{id}'), think(1), parallel(item, item, item, item, item, item), think(1)],
        },
      ],
    },
    { name: 'user', routes: [{ on: 'GET /user', bytes: 300, steps: [think(1.5)] }] },
    { name: 'item', routes: [{ on: 'GET /item', bytes: 500, steps: [think(1), call('db', 'POST', '/select'), think(1)] }] },
    { name: 'db', routes: [{ on: 'POST /select', bytes: 400, steps: [think(2)] }] },
  ],
  entries: [{ weight: 1, call: call('web', 'GET', '/page/{id}') }],
};
