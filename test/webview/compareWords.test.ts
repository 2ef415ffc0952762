import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DifferenceRow } from '../../src/shared/protocol.ts';
import { forestAxis, forestMark } from '../../webview/compare/forest.ts';
import { tsvOf } from '../../webview/compare/markdown.ts';
import { headline, origin, sortedRows } from '../../webview/compare/words.ts';

const row = (from: string, to: string, verdict: DifferenceRow['verdict'], shiftMs = NaN): DifferenceRow => ({
  from,
  to,
  verdict,
  shiftP50Ns: shiftMs * 1e6,
  intervalP50Ns: [shiftMs * 0.8e6, shiftMs * 1.2e6],
  shiftP95Ns: shiftMs * 1e6,
  intervalP95Ns: [NaN, NaN],
  q: 0.01,
});
const ms = (ns: number) => `${(ns / 1e6).toFixed(1)} ms`;

describe('the headline', () => {
  it('names the edge where the slowness starts, not the callers that inherit it', () => {
    const rows = [
      row('gateway', 'orders', 'slower', 3.9),
      row('orders', 'stock', 'slower', 3.8),
      row('stock', 'db', 'slower', 3.6),
      row('a', 'b', 'same', 0),
    ];
    expect(origin(rows, 'slower')!.to).toBe('db');
    expect(headline({ before: '', after: '', rows }, ms).title).toBe('Slower: stock → db takes 3.6 ms more, and its callers with it.');
  });
  it('names the quantile that shifted, not one that chance would move as far', () => {
    const tail = {
      ...row('catalog', 'db', 'slower', 0.02),
      intervalP50Ns: [-2e5, 1e5],
      shiftP95Ns: 5.4e6,
      intervalP95Ns: [2.9e6, 16e6],
    } as const;
    expect(headline({ before: '', after: '', rows: [tail] }, ms).title).toBe('Slower: catalog → db takes 5.4 ms more at p95.');
  });
  it('ends in a cycle too', () => {
    expect(origin([row('a', 'b', 'slower', 1), row('b', 'a', 'slower', 2)], 'slower')!.from).toBe('b');
  });
  it('says that nothing was shown', () => {
    expect(headline({ before: '', after: '', rows: [row('a', 'b', 'same', 0)] }, ms).title).toBe('No change shown.');
    expect(headline({ before: '', after: '', rows: [row('a', 'b', 'too-few')] }, ms).verdict).toBe('too-few');
    expect(headline({ before: '', after: '', rows: [row('a', 'b', 'added')] }, ms).title).toContain('1 new');
  });
});

it('orders rows by what changed, where it starts first', () => {
  const chain = [row('b', 'c', 'slower', 3), row('c', 'd', 'slower', 1), row('a', 'b', 'slower', 2)];
  expect(sortedRows(chain).map((r) => r.from)).toEqual(['c', 'b', 'a']);
  const rows = [
    row('a', 'b', 'same', 0),
    row('c', 'd', 'faster', -1),
    row('e', 'f', 'slower', 1),
    row('g', 'h', 'slower', 2),
    row('i', 'j', 'added'),
  ];
  expect(sortedRows(rows).map((r) => r.from)).toEqual(['g', 'e', 'i', 'c', 'a']);
});

describe('the forest axis', () => {
  const interval = fc
    .tuple(fc.integer({ min: -1e8, max: 1e8 }), fc.nat(1e9), fc.nat(1e9))
    .map(([s, a, b]) => ({ shiftNs: s, fromNs: s - a, toNs: s + b }));
  it('shows zero and every shift, and marks every cut end', () => {
    fc.assert(
      fc.property(fc.array(interval, { minLength: 1, maxLength: 30 }), (rows) => {
        const axis = forestAxis(rows);
        expect(axis.fromNs).toBeLessThan(0);
        expect(axis.toNs).toBeGreaterThan(0);
        const x = (ns: number) => ((ns - axis.fromNs) / (axis.toNs - axis.fromNs)) * 200;
        for (const r of rows) {
          const m = forestMark(r, x, axis);
          expect(r.shiftNs).toBeGreaterThanOrEqual(axis.fromNs);
          expect(r.shiftNs).toBeLessThanOrEqual(axis.toNs);
          expect(m.from).toBeGreaterThanOrEqual(-1e-9);
          expect(m.to).toBeLessThanOrEqual(200 + 1e-9);
          expect(m.cutRight).toBe(r.toNs > axis.toNs);
        }
      }),
    );
  });
  it('is not blown up by one wide interval', () => {
    const narrow = Array.from({ length: 20 }, () => ({ shiftNs: 1e6, fromNs: 0.5e6, toNs: 1.5e6 }));
    expect(forestAxis([...narrow, { shiftNs: 1e6, fromNs: -1e9, toNs: 1e9 }]).toNs).toBeLessThan(4e6);
  });
});

it('a copied table begins no formula, and its negative numbers stay numbers', () => {
  const [, line = ''] = tsvOf([row('=cmd()', 'a;@b', 'faster', -1.5)]).split('\n');
  expect(line).toMatch(/^'=cmd\(\)\ta;'@b\tfaster\t.*\t-1\.5/);
});
