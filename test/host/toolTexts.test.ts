import { describe, expect, it } from 'vitest';
import { limitPlaces } from '../../src/host/limitPlaces.ts';
import { capped, MAX_BYTES, transactionsText } from '../../src/host/tools/texts.ts';

describe('texts for language models', () => {
  it('whole lines up to the limit, counted in bytes, and how many are missing', () => {
    const lines = Array.from({ length: 1000 }, (_, i) => `${i} ${'é'.repeat(50)}`);
    const text = capped(lines);
    expect(new TextEncoder().encode(text).length).toBeLessThanOrEqual(MAX_BYTES);
    const kept = text.split('\n');
    expect(kept.slice(0, -1)).toEqual(lines.slice(0, kept.length - 1));
    expect(kept.at(-1)).toContain(`${1000 - (kept.length - 1)} more lines`);
    expect(capped(['a', 'b'])).toBe('a\nb');
  });
});

describe('transactions for language models', () => {
  it('are ranked only where their duration was measured', () => {
    const row = { id: 'a', service: 0, endpoint: 'GET /', durationNs: 5e6, spans: 1, errors: 0, minConfidence: 1 };
    const rows = [
      { ...row, slowerThan: 0.5 },
      { ...row, slowerThan: null },
    ] as unknown as Parameters<typeof transactionsText>[1];
    const [measured, other] = transactionsText(2, rows, () => 'web', false)
      .split('\n')
      .filter((line) => line.startsWith('- a'));
    expect(measured).toContain('slower than 50');
    expect(other).toContain('(uncertain)');
    expect(other).not.toContain('slower than');
  });
});

describe('places in a limits file', () => {
  it('a limit by its number, the default beyond the last, the start where there is none', async () => {
    const places = await limitPlaces('{\n  "default": {"ratio": 2},\n  "limits": [\n    {"to": "a"},\n    {"to": "b"}\n  ]\n}');
    expect(places.limit(1)).toEqual({ line: 4, column: 4, endLine: 4, endColumn: 15 });
    expect(places.limit(2).line).toBe(1);
    expect(places.of('limits[0] needs "to"').line).toBe(3);
    expect((await limitPlaces('{"limits": []}')).limit(0).line).toBe(0);
    expect((await limitPlaces('[')).limit(3).line).toBe(0);
  });
  it('a file that would keep the parser busy is not searched', async () => {
    const limits = (count: number) => `{"limits": [\n${'{"to": "aaaaaaaaaaaaaaaa"},\n'.repeat(count)}{"to": "b"}\n]}`;
    expect((await limitPlaces(limits(2000))).limit(2000).line).toBe(2001);
    expect((await limitPlaces(limits(30_000))).limit(30_000)).toEqual({ line: 0, column: 0, endLine: 0, endColumn: 1 });
    expect((await limitPlaces(limits(30_000))).of('limits[7] needs "to"').line).toBe(0);
  });
});
