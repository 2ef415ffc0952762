import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileName, staysInside } from '../../src/host/fileName.ts';

describe('names of files', () => {
  it.each([
    ['../../etc/passwd', 'etc-passwd'],
    ['..', 'tracenest'],
    ['.bashrc', 'bashrc'],
    ['C:\\Windows\\system.ini', 'C-Windows-system.ini'],
    ['shop\n.pcap\u202e', 'shop-.pcap-'],
    ['größe 12.csv', 'größe 12.csv'],
    ['', 'tracenest'],
  ])('%j becomes %j', (text, name) => {
    expect(fileName(text)).toBe(name);
  });
  it('are never a path, hidden or empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const name = fileName(text);
        expect(name).toMatch(/^[^./\\\0:\s][^/\\\0:\n]*$/u);
        expect(name.length).toBeLessThanOrEqual(120);
      }),
    );
  });
});

describe('paths in settings of a folder', () => {
  it.each(['limits.json', 'ci/limits.json', './a/../b.json', 'a/..b/c..json'])('%j stays inside', (path) => {
    expect(staysInside(path)).toBe(true);
  });
  it.each(['', '.', '..', '../x', 'a/../../x', '/etc/passwd', '\\\\host\\share', 'C:\\x', 'a\\..\\..\\x', '~/x', 'a/..', 'a\0b'])(
    '%j does not',
    (path) => {
      expect(staysInside(path)).toBe(false);
    },
  );
});
