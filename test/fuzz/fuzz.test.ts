/** A bounded slice of `npm run fuzz`. */
import { expect, it } from 'vitest';
import { campaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

it.each(TARGETS)('$name: damaged inputs are read without an exception', (target) => {
  expect(campaign(target, 150, 7).map(({ run, error }) => `${run}: ${error}`)).toEqual([]);
});
