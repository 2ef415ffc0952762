/** A bounded slice of `npm run fuzz`. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { campaign } from './campaign.ts';
import { TARGETS } from './targets.ts';

it.each(TARGETS)('$name: damaged inputs are read without an exception', (target) => {
  expect(campaign(target, { runs: 150 }, 7).findings.map(({ run, error }) => `${run}: ${error}`)).toEqual([]);
});

it('coverage leads to what blind damage does not reach', () => {
  // In a process of its own: V8 sees in detail only what had not run before.
  const found = JSON.parse(execFileSync(process.execPath, [path.join(import.meta.dirname, 'lock.ts')], { encoding: 'utf8' }));
  expect(found.led).toContain('opened');
  expect(found.kept).toBeGreaterThanOrEqual(3);
  expect(found.blind).toBe('');
});
