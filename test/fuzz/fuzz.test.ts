/**
 * A bounded slice of `npm run fuzz`: inputs that are the same every time, and others that change from day to day, so that many days see
 * many. TRACENEST_FUZZ_SEED=N brings those of the day back that a failure names.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { campaign } from './campaign.ts';
import { protocolsOf, TARGETS } from './targets.ts';

const SEED = Number(process.env.TRACENEST_FUZZ_SEED ?? Math.floor(Date.now() / 86_400_000));
console.info(`Today's inputs are those of TRACENEST_FUZZ_SEED=${SEED}`);

it.each(TARGETS)('$name: damaged inputs are read without an exception', async (target) => {
  for (const seed of [7, SEED]) {
    const { findings } = await campaign(target, { runs: 100 }, seed);
    expect(findings.map(({ run, error }) => `TRACENEST_FUZZ_SEED=${seed}, input ${run}: ${error}`)).toEqual([]);
  }
});

it('loaders do work as their inputs grow', () => {
  const { compared, found } = JSON.parse(
    execFileSync(process.execPath, [path.join(import.meta.dirname, 'growth.ts')], { encoding: 'utf8' }),
  );
  expect(compared).toBeGreaterThan(100);
  expect(found.filter((text: string) => !text.startsWith('the square'))).toEqual([]);
  // What grows with the square would be seen.
  expect(found.length).toBeGreaterThan(0);
}, 180_000);

it.each([
  ['dns', 'dns'],
  ['grpc', 'grpc'],
  ['websocket', 'http/1'],
])('the seed of %s is read as what it is', (name, protocol) => {
  const protocols = new Set(
    TARGETS.find((t) => t.name === `stream ${name}`)!.seeds.flatMap((seed) => protocolsOf(seed, name === 'dns' ? 53 : 8080)),
  );
  expect([...protocols]).toEqual([protocol]);
});

it('coverage leads to what blind damage does not reach', () => {
  // In a process of its own: V8 sees in detail only what had not run before.
  const found = JSON.parse(execFileSync(process.execPath, [path.join(import.meta.dirname, 'lock.ts')], { encoding: 'utf8' }));
  expect(found.led).toContain('opened');
  expect(found.kept).toBeGreaterThanOrEqual(3);
  expect(found.blind).toBe('');
});
