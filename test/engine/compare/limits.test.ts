import { describe, expect, it } from 'vitest';
import { checkLimits, DEFAULT_LIMIT, type Limit, matches, readLimits } from '../../../src/engine/compare/limits.ts';
import type { LatencySample } from '../../../src/engine/compare/samples.ts';

const flat = (from: string, to: string, ms: number, n = 100, errors = 0): LatencySample => ({
  tenant: '',
  from,
  to,
  calls: n,
  errors,
  measured: n,
  sortedNs: new Float64Array(n).fill(ms * 1e6),
});
const limit = (more: Partial<Limit> = {}): Limit => ({ ...DEFAULT_LIMIT, ratio: 1.5, minDeltaMs: 5, minCalls: 50, ...more });
const outcome = (now: LatencySample, was: LatencySample | null, l: Limit = limit()) =>
  checkLimits([now], was ? [was] : null, [l])[0]!.outcome;

describe('checkLimits', () => {
  it.each([
    ['ratio and delta', 20, 10, 100, 100, 'broken'],
    ['ratio alone', 4, 2, 100, 100, 'ok'],
    ['delta alone', 110, 100, 100, 100, 'ok'],
    ['too few now', 20, 10, 49, 100, 'too-few'],
    ['too few before', 20, 10, 100, 49, 'too-few'],
    ['exactly at the ratio', 15, 10, 100, 100, 'ok'],
  ] as const)('%s', (_, now, was, n, m, expected) => {
    expect(outcome(flat('a', 'b', now, n), flat('a', 'b', was, m))).toBe(expected);
  });
  it('absolute limits need no baseline', () => {
    expect(outcome(flat('a', 'b', 20), null, limit({ maxMs: 19 }))).toBe('broken');
    expect(outcome(flat('a', 'b', 20), null, limit({ maxMs: 20 }))).toBe('ok');
    expect(outcome(flat('a', 'b', 20, 100, 3), null, limit({ maxErrorShare: 0.02 }))).toBe('broken');
    expect(outcome(flat('a', 'b', 20, 100, 2), null, limit({ maxErrorShare: 0.02 }))).toBe('no-baseline');
  });
  it('the first limit that fits counts; services and edges are told apart', () => {
    const limits = [limit({ to: 'b', minDeltaMs: 100 }), limit({ from: undefined, to: '*' })];
    const findings = checkLimits([flat('a', 'b', 20), flat('', 'b', 20)], [flat('a', 'b', 10), flat('', 'b', 10)], limits);
    expect(findings.map((f) => [f.from, f.outcome])).toEqual([
      ['a', 'ok'],
      ['', 'broken'],
    ]);
  });
  it('says when a named edge is gone', () => {
    expect(checkLimits([], [], [limit({ from: 'a', to: 'b' })])).toMatchObject([{ outcome: 'gone' }]);
    expect(checkLimits([], [], [limit()])).toEqual([]);
  });
});

describe('readLimits', () => {
  it('puts the default last and lets each limit override it', () => {
    const { limits, problems } = readLimits({ default: { ratio: 2 }, limits: [{ from: 'a', to: 'b', maxMs: 30 }, { to: 'c' }] });
    expect(problems).toEqual([]);
    expect(limits).toEqual([
      { ...DEFAULT_LIMIT, ratio: 2, from: 'a', to: 'b', maxMs: 30 },
      { ...DEFAULT_LIMIT, ratio: 2, from: undefined, to: 'c' },
      { ...DEFAULT_LIMIT, ratio: 2 },
    ]);
    expect(readLimits({ default: null, limits: [] }).limits).toEqual([]);
  });
  it.each([
    [[], 'must hold an object'],
    [{ limit: [] }, '"limit" is not known'],
    [{ limits: {} }, 'must be a list'],
    [{ limits: [{ from: 'a' }] }, 'limits[0] needs "to"'],
    [{ limits: [{ to: 'a', ratio: 'x' }] }, 'limits[0].ratio must be a number from 1'],
    [{ limits: [{ to: 'a', percentile: 90 }] }, '50, 95 or 99'],
    [{ limits: [{ to: 'a', speed: 1 }] }, 'limits[0].speed is not known'],
  ])('%j: what is wrong, and where', (value, text) => {
    expect(readLimits(value).problems.join('; ')).toContain(text);
  });
});

describe('matches', () => {
  it.each([
    ['*', '', true],
    ['a*c', 'abc', true],
    ['a*c', 'ac', true],
    ['aa*a', 'aa', false],
    ['*-db-*', 'x-db-1', true],
    ['db', 'db2', false],
  ])('%s against %s', (pattern, name, expected) => expect(matches(pattern, name)).toBe(expected));
});
