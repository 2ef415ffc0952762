import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { judge } from '../harness/audit.mjs';
import { notice } from '../harness/notice.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');

describe('what is bundled', () => {
  it('is listed in NOTICE with its licences ("npm run notice" writes it)', async () => {
    const { text, packages } = await notice();
    expect(packages.length).toBeGreaterThan(20);
    expect(packages.find((p) => p.name === '@platformatic/kafka')?.chosen).toBe('Apache-2.0');
    for (const p of packages.filter((each) => each.chosen === 'MIT'))
      expect(p.text.replaceAll(/\s+/g, ' '), p.name).toContain('Permission is hereby granted');
    expect(readFileSync(path.join(ROOT, 'NOTICE'), 'utf8')).toBe(text);
  });

  it('is told apart from what only builds and tests when packages are audited', () => {
    const weak = (name: string) => ({ name, range: '<2', severity: 'high', fixAvailable: true });
    const report = { vulnerabilities: { a: weak('a'), b: weak('b') } };
    expect(judge(report, new Set(['a']))).toMatchObject({ code: 1, lines: expect.arrayContaining(['  a <2: high, a fix is available']) });
    expect(judge(report, new Set(['c'])).code).toBe(0);
    expect(judge({ message: '405' }, new Set())).toMatchObject({ code: 2, lines: [expect.stringContaining('405')] });
    expect(judge(null, new Set()).code).toBe(2);
  });
});
