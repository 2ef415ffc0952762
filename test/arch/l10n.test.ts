/** Every text of the interface can be translated: it is written out in a t(), and the bundle translators copy holds it. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { BUNDLE, bundleText, textsInSources } from '../harness/l10n.mjs';

const ROOT = path.resolve(import.meta.dirname, '../..');
const json = (file: string): Record<string, unknown> => JSON.parse(readFileSync(path.join(ROOT, file), 'utf8'));

describe('texts of the interface', () => {
  it('are all in the bundle, and nothing else is (npm run l10n writes it)', () => {
    const { texts, computed } = textsInSources();
    expect(computed).toEqual([]);
    expect(texts.size).toBeGreaterThan(500);
    expect(readFileSync(BUNDLE, 'utf8')).toBe(bundleText(texts));
  });
  it('have holes that are filled: {0} to {9}, counted from 0', () => {
    for (const text of Object.keys(json('l10n/bundle.l10n.json'))) {
      const holes = [...text.matchAll(/\{(\w+)\}/g)].map((m) => Number(m[1]));
      const expected = Array.from({ length: new Set(holes).size }, (_, i) => i);
      expect([...new Set(holes)].sort(), text).toEqual(expected);
    }
  });
  it('of the manifest are all in package.nls.json, each used', () => {
    const manifest = readFileSync(path.join(ROOT, 'package.json'), 'utf8');
    const used = new Set([...manifest.matchAll(/"%([\w.]+)%"/g)].map((m) => m[1]!));
    expect(Object.keys(json('package.nls.json')).sort()).toEqual([...used].sort());
    expect(json('package.json')['l10n']).toBe('./l10n');
    expect(readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8')).toContain('\n!l10n/*.json\n');
  });
});
