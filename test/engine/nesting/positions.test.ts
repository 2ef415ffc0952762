import { describe, expect, it } from 'vitest';
import { type CallLine, compileNestingInput } from '../../../src/engine/nesting/index.ts';
import { places } from '../../../src/engine/nesting/places.ts';
import { divided, positionsOf } from '../../../src/engine/nesting/positions.ts';
import { makeProblem } from '../../../src/engine/nesting/problem.ts';
import { makeScene } from '../../../src/engine/nesting/scene.ts';
import { candidatesWithSlack } from '../../../src/engine/nesting/slack.ts';

/**
 *   x -> gather  |g1|           |---g3---|
 *   y -> gather     |--g2--|          |g4|--|
 *   gather -> store   |s|         |t|
 *
 * g1 and g2 are of one transaction, g3 and g4 of another, whose last to end hadn't begun when t was sent: the one that sent it isn't in the window.
 */
const call = (id: string, caller: string, callee: string, from: number, to: number): CallLine & { id: string } => ({
  id,
  caller,
  callee,
  endpoint: `/${callee}`,
  callerStartUs: from,
  callerEndUs: to,
  calleeStartUs: from,
  calleeEndUs: to,
});
const lines = [
  call('g1', 'x', 'gather', 0, 100),
  call('g2', 'y', 'gather', 200, 900),
  call('s', 'gather', 'store', 400, 600),
  call('g3', 'x', 'gather', 1000, 1900),
  call('g4', 'y', 'gather', 1800, 2000),
  call('t', 'gather', 'store', 1200, 1500),
];
const transaction = new Map([
  ['g1', 0],
  ['g2', 0],
  ['g3', 1],
  ['g4', 1],
]);

describe('positions among the in-calls of a transaction', () => {
  const input = compileNestingInput(lines);
  const p = makeProblem(input, places(input).find(({ ins }) => ins.length === 4)!);
  const scene = makeScene(p, candidatesWithSlack(p, false));
  const positions = positionsOf(scene, (row) => transaction.get(lines[row]!.id)!);
  const possible = (of: typeof scene, id: string) => {
    const i = Array.from(of.childRow, (row) => lines[row]!.id).indexOf(id);
    return Array.from(of.c.parent.slice(of.c.offset[i]!, of.c.offset[i + 1]!), (q) => lines[of.parentRow[q]!]!.id);
  };

  it('are first and last by start and by end', () => {
    const of = (column: Int32Array) =>
      Object.fromEntries(Array.from(scene.parentRow, (row, q) => [lines[row]!.id, ['middle', 'first', 'last', 'only'][column[q]!]]));
    expect(of(positions.byStart)).toEqual({ g1: 'first', g2: 'last', g3: 'first', g4: 'last' });
    expect(of(positions.byEnd)).toEqual({ g1: 'first', g2: 'last', g3: 'first', g4: 'last' });
  });

  it('say that a place gathers only where its calls lie in the last to end', () => {
    // t lies in a first one: with half the calls so, this is no place that gathers.
    expect(divided(scene, positions, 'gather')).toBeNull();
    expect(divided(scene, positions, 'end')).not.toBeNull();
  });

  it('are used at the border of a window too, where the place is known to gather', () => {
    const known = divided(scene, positions, 'gather', true)!;
    expect(known.division).toBe('gather');
    expect(possible(known, 's')).toEqual(['g2']);
    // What lacks the last of its transaction keeps what it had.
    expect(possible(known, 't')).toEqual(['g3']);
  });
});
