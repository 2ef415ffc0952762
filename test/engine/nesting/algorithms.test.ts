/** What every algorithm must do, on cases drawn by hand (drawn.ts). */
import { describe, expect, it } from 'vitest';
import { ALGORITHMS, algorithm, Reason } from '../../../src/engine/nesting/index.ts';
import { type Drawn, draw, input } from './drawn.ts';

/** "child<parent" for every call with a parent. */
function links(picture: string | readonly Drawn[], name: string, useTraceKeys = true): string[] {
  const calls = typeof picture === 'string' ? draw(picture) : picture;
  const result = algorithm(name)!.nest(input(calls), { useTraceKeys });
  for (let row = 0; row < calls.length; row++) {
    expect(result.confidence[row]).toBeGreaterThanOrEqual(0);
    expect(result.confidence[row]).toBeLessThanOrEqual(1);
    for (const other of result.alternatives(row)) expect(other.parent).not.toBe(result.parent[row]);
  }
  return calls.flatMap((c, row) => (result.parent[row]! < 0 ? [] : [`${c.name}<${calls[result.parent[row]!]!.name}`])).sort();
}

const CHAIN = `
  a: out>web   [----------------]
  b: web>shop    [-----------]
  c: shop>db       [--]
  d: shop>db             [--]
`;
const PARALLEL = `
  a: out>web   [--------------]
  b: web>x        [-----]
  c: web>y        [--------]
  d: x>db           [--]
  e: y>db              [--]
`;
const APART = `
  a: out>web   [-----]
  b: web>db      [-]
  c: out>web             [-----]
  d: web>db                [-]
`;
const UNANSWERED = `
  a: out>web   [--------------]
  b: web>db       [---
`;
const ORPHAN = `
  a: web>db    [--]
  b: out>web          [----]
`;
const KEYS = `
  a: out>web   [---------------]  #1
  b: out>web     [---------------]  #2
  c: web>db          [--]  #2
  d: web>db             [--]  #1
`;

describe.each(ALGORITHMS.map((a) => a.name))('%s', (name) => {
  it('follows a chain, and repeated calls', () => expect(links(CHAIN, name)).toEqual(['b<a', 'c<b', 'd<b']));
  it('places parallel calls', () => expect(links(PARALLEL, name)).toEqual(['b<a', 'c<a', 'd<b', 'e<c']));
  it('keeps requests that do not overlap apart', () => expect(links(APART, name)).toEqual(['b<a', 'd<c']));
  it('places a call that was never answered', () => expect(links(UNANSWERED, name)).toEqual(['b<a']));
  it('gives no parent where none was open', () => expect(links(ORPHAN, name)).toEqual([]));
  it('believes trace ids, and can be told not to', () => {
    expect(links(KEYS, name)).toEqual(['c<b', 'd<a']);
    const calls = draw(KEYS);
    const result = algorithm(name)!.nest(input(calls));
    expect(result.reason[2]! & Reason.sameTraceId).not.toBe(0);
    expect(links(KEYS, name, false)).toHaveLength(2);
  });
  it('does not depend on the order of rows, nor on when time began', () => {
    const calls = draw(`${CHAIN}${PARALLEL.replace(/ (\w):/g, ' p$1:')}`);
    const expected = links(calls, name);
    expect(links(calls.toReversed(), name)).toEqual(expected);
    expect(
      links(
        calls.map((c) => ({ ...c, start: c.start + 86_400_000, end: c.end + 86_400_000 })),
        name,
      ),
    ).toEqual(expected);
  });
  it('takes nothing at all', () => expect(links([], name)).toEqual([]));
});
