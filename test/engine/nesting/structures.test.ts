/** Structures that real systems have and that nesting alone gets wrong. Notation: drawn.ts. The engine may be unsure, or give no parent, but it must say so. */
import { describe, expect, it } from 'vitest';
import { type NestingResult, Reason } from '../../../src/engine/nesting/api.ts';
import { ALGORITHMS } from '../../../src/engine/nesting/index.ts';
import { joint } from '../../../src/engine/nesting/joint.ts';
import { type Drawn, draw, input, repeated } from './drawn.ts';

interface Nested {
  readonly links: string[];
  readonly result: NestingResult;
  row(name: string): number;
}
function nest(picture: string | readonly Drawn[], algorithm = joint): Nested {
  const calls = typeof picture === 'string' ? draw(picture) : picture;
  const result = algorithm.nest(input(calls));
  const links = calls.flatMap((c, row) => (result.parent[row]! < 0 ? [] : [`${c.name}<${calls[result.parent[row]!]!.name}`])).sort();
  return { links, result, row: (name) => calls.findIndex((c) => c.name === name) };
}
/** Share of the repetitions of child whose parent is the repetition of parent with the same number. */
function rightShare(calls: readonly Drawn[], pairs: Readonly<Record<string, string>>): number {
  const { links } = nest(calls);
  const found = new Set(links);
  const wanted = calls.flatMap(({ name }) => {
    const [, letter = '', number = ''] = /^([a-z]+)(\d+)$/.exec(name) ?? [];
    return pairs[letter] === undefined ? [] : [`${name}<${pairs[letter]}${number}`];
  });
  return wanted.filter((link) => found.has(link)).length / wanted.length;
}

const RETRY = `
  a: out>web   [-----------------------]
  b: web>db      [--
  c: web>db             [--
  d: web>db                    [--]
`;
const RETRY_BESIDE = `
  a: out>web   [-----------------------]
  b: web>db      [--
  c: web>db             [-----]
  x: out>web         [----]
  y: web>db            [-]
`;
const FORGET = `
  a: out>web   [-----]
  b: web>log       [--------]
`;
const GATHER = `
  r: out>front    [----------------------------]
  a: front>x       [---------------]
  b: front>y       [-------------------------]
  c: x>gather          [-------]
  d: y>gather               [-------------]
  s: gather>store                 [---]
  t: gather>index                   [---]
`;
const CACHE = `
  a: out>web   [----]
  b: out>web    [--------]
  c: web>db       [-----]
`;
const QUEUE_SOON = `
  a: out>web       [--------]
  b: web>queue       [--]
  c: queue>worker        [------]
  d: worker>db             [--]
`;
const QUEUE_LATE = `
  a: out>web       [--------]
  b: web>queue       [--]
  c: queue>worker                                         [------]
  d: worker>db                                              [--]
`;
const ONE_ADDRESS = `
  a: out>web@h   [---------------]
  b: ?@h>shop@h     [------]
  c: ?@h>db@g         [--]
`;
const INSTANCES = `
  a: out>web.1   [-------------]
  b: out>web.2      [-------------]
  c: web.2>db          [--]
  d: web.1>db            [--]
`;
const PROXY = `
  a: out>proxy   [---------]
  b: proxy>web   [---------]
  c: web>side      [-----]
  d: side>db       [-----]
`;
const STREAM = `
  s: out>web/stream   [----------------------------------]
  a: out>web/get              [------]
  b: web>db                     [--]
`;
const POLL = `
  p: out>web/poll   [-----------------------------------------------]
  a: out>web/get       [----------]
  b: web>db              [----]
`;
const HEALTH = `
  h: out>web/health       [-------]
  a: out>web/get    [----------------]
  b: web>db           [------]
`;

describe.each(ALGORITHMS.map((a) => [a.name, a] as const))('%s', (_, algorithm) => {
  it('retries after timeouts: every attempt belongs to the request', () => {
    expect(nest(RETRY, algorithm).links).toEqual(['b<a', 'c<a', 'd<a']);
  });
  it('a proxy or sidecar that repeats a call at the same instants: a chain, no ring', () => {
    expect(nest(PROXY, algorithm).links).toEqual(['b<a', 'c<b', 'd<c']);
  });
  it('load-balanced instances: a call belongs to a request of its own instance', () => {
    expect(nest(INSTANCES, algorithm).links).toEqual(['c<b', 'd<a']);
  });
  it('a cache that skips calls: a request may have none', () => {
    expect(nest(CACHE, algorithm).links).toEqual(['c<b']);
  });
});

describe('joint', () => {
  it('a retry beside another request: what outlives that request is not its call', () => {
    const { links } = nest(RETRY_BESIDE);
    expect(links).toContain('c<a');
    expect(links).toContain('y<x');
  });

  it('fire and forget: the call outlives its parent, and the reason says so', () => {
    const { links, result, row } = nest(FORGET);
    expect(links).toEqual(['b<a']);
    expect(result.reason[row('b')]! & Reason.outlivesParent).not.toBe(0);
    expect(result.reason[row('b')]! & Reason.nested).toBe(0);
  });

  it('fan-in: a service that acts when all its callers of a transaction have come', () => {
    expect(rightShare(repeated(GATHER, 150, 14), { s: 'd', t: 'd' })).toBeGreaterThan(0.95);
  });

  it('a queue that delivers at once: the delivery is linked, as one that outlives', () => {
    const { links, result, row } = nest(QUEUE_SOON);
    expect(links).toEqual(['b<a', 'c<b', 'd<c']);
    expect(result.reason[row('c')]! & Reason.outlivesParent).not.toBe(0);
  });
  it('a queue that delivers later: no parent, because none was open', () => {
    const { links, result, row } = nest(QUEUE_LATE);
    expect(links).toEqual(['b<a', 'd<c']);
    expect(result.candidates[row('c')]).toBe(0);
  });

  it('several services behind one address: the caller is inferred', () => {
    const { links } = nest(ONE_ADDRESS);
    expect(links).toContain('b<a');
    // Both web and shop are open at that address: either may be the caller, and the other one is named.
    const { result, row } = nest(ONE_ADDRESS);
    expect(result.candidates[row('c')]).toBe(2);
    expect(result.alternatives(row('c'))).toHaveLength(1);
  });
  it('several services behind one address, often: who calls what is learned', () => {
    const separate = `
      a: out>web@h    [---------------]
      b: ?@h>shop@h     [------]
      c: ?@h>db@g         [--]
      d: ?@h>mail@f              [--]
    `;
    expect(rightShare(repeated(separate, 120, 12), { b: 'a', c: 'b', d: 'a' })).toBeGreaterThan(0.9);
  });

  it('a stream beside a request: the rival is named, and the link is not called sure', () => {
    const { result, row } = nest(STREAM);
    expect(result.candidates[row('b')]).toBe(2);
    expect(result.confidence[row('b')]).toBeLessThan(0.9);
  });
  it('a stream beside many requests: what streams do is learned', () => {
    const stream = draw(STREAM.replace(/s: .*/, `s: out>web/stream [${'-'.repeat(4000)}]`)).filter((c) => c.name === 's');
    const calls = [...stream, ...repeated(STREAM.replace(/ +s: .*\n/, ''), 200, 12)];
    expect(rightShare(calls, { b: 'a' })).toBeGreaterThan(0.97);
  });
  it('long polls open at every time: they make no calls', () => {
    expect(rightShare(repeated(POLL, 200, 9), { b: 'a' })).toBeGreaterThan(0.9);
  });
  it('health checks beside requests: they make no calls', () => {
    const calls = [...repeated(HEALTH.replace(/ +h: .*\n/, ''), 200, 11), ...repeated(HEALTH.replace(/ +[ab]: .*\n/g, ''), 200, 11, 3, 2)];
    expect(rightShare(calls, { b: 'a' })).toBeGreaterThan(0.95);
  });
});
