import { describe, expect, it } from 'vitest';
import { summaryText } from '../../src/cli/summary.ts';
import { COLOUR, PLAIN, safe, table, width, wrap } from '../../src/cli/terminal.ts';
import { SOURCE } from '../engine/export/sample.ts';

const text = [
  ...summaryText(
    SOURCE,
    { kind: 'partial', reasons: [{ what: 'What', why: 'Why.', next: 'Next.', offset: 7 }] },
    { style: PLAIN, columns: 100, rows: 2 },
  ),
].join('');

describe('summary', () => {
  it('holds services, edges, slowest transactions, quality and what is missing', () => {
    for (const part of [
      'Services',
      'Who calls whom',
      'Slowest transactions',
      'Capture quality',
      'Partial result',
      'gateway',
      '→',
      '3 flows to',
    ])
      expect(text).toContain(part);
    expect(text).toContain('1 more: --all shows them');
    expect(text).toContain('9.0 ms');
  });
  it.each([
    [0.5, true, '9.0 ms'],
    [0.5, false, '9.0 ms'],
    [null, false, '9.0 ms?'],
  ])('a duration of rank %s in a transaction that is whole: %s, is written as %s', (slowerThan, complete, written) => {
    const [first] = SOURCE.slowest;
    const slowest = [{ ...first!, durationNs: 9e6, slowerThan, complete }];
    const all = [...summaryText({ ...SOURCE, slowest }, { kind: 'partial', reasons: [] }, { style: PLAIN, columns: 100, rows: 2 })].join(
      '',
    );
    expect(all).not.toContain('≥');
    expect(all.split('Slowest transactions')[1]).toMatch(new RegExp(` ${written.replace('?', '\\?')} `));
  });
  it('lets no control character of a packet through', () => {
    expect([...text].filter((c) => c < ' ' && c !== '\n')).toEqual([]);
    expect(safe('\x1b]0;owned\x07')).toBe('\\u001b]0;owned\\u0007');
  });
});

describe('table', () => {
  const rows = [
    { name: 'a', n: 1 },
    { name: '日本', n: 12345 },
  ];
  const columns = [
    { title: 'name', text: (r: (typeof rows)[number]) => r.name },
    { title: 'n', right: true, text: (r: (typeof rows)[number]) => String(r.n), style: COLOUR.bold },
    { title: 'x', text: () => 'y' },
  ];
  it('aligns by what is seen, not by codes or characters', () => {
    const lines = table(columns, rows, PLAIN)
      .replaceAll(/\x1b\[\d+m/g, '')
      .trimEnd()
      .split('\n');
    const at = lines.map((line) => width(line.slice(0, Math.max(line.lastIndexOf('y'), line.lastIndexOf('x')))));
    expect(new Set(at).size).toBe(1);
  });
  it('wraps prose', () => {
    expect(wrap('one two three four', 12, '  ')).toBe('one two\n  three four');
  });
});
