import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as f from '../../src/shared/format.ts';

describe('durations', () => {
  it.each([
    [0, '0 µs'],
    [85_400, '85 µs'],
    [99_499, '99 µs'],
    [99_600, '0.1 ms'],
    [42.14e6, '42.1 ms'],
    [99.96e6, '100 ms'],
    [182.4e6, '182 ms'],
    [999.4e6, '999 ms'],
    [1.243e9, '1.24 s'],
    [-3.61e6, `${f.MINUS}3.6 ms`],
    [NaN, '–'],
    [Infinity, '–'],
  ])('%d ns is %s', (ns, text) => expect(f.duration(ns).replace(f.NNBSP, ' ')).toBe(text));
  it('as bare milliseconds have more digits where one would say nothing', () => {
    const values = [182e6, 42.13e6, 0.78e6, 100_000, 52_000, 9_600, 8_200, 400, 0, -52_000].map(f.milliseconds);
    expect(values).toEqual(['182', '42.1', '0.8', '0.1', '0.05', '0.01', '0.008', '0.0', '0.0', '−0.05']);
  });
  it('signs a shift', () => {
    expect([3.6e6, -0.24e6, 20_000, NaN].map(f.signedMilliseconds)).toEqual(['+3.6', `${f.MINUS}0.2`, '±0.0', '–']);
  });
});
it('counts and shares', () => {
  expect([950, 1000, 9994, 12_345, 1_200_000, 12_000_000].map(f.shortCount)).toEqual(['950', '1.0k', '10.0k', '12k', '1.2M', '12M']);
  expect([0, 0.0001, 0.125, 0.993].map((x) => f.percent(x, 1).replace(f.NNBSP, ' '))).toEqual(['0 %', '<0.1 %', '12.5 %', '99.3 %']);
  expect([-0.0004, -0.006, -0.25].map((x) => f.percent(x).replace(f.NNBSP, ' '))).toEqual(['0 %', '−1 %', '−25 %']);
  expect([88, 3654, 45_300, 1_240_000].map((x) => f.sizeBytes(x).replace(f.NNBSP, ' '))).toEqual(['88 B', '3,654 B', '45.3 kB', '1.2 MB']);
});
describe('text from packets', () => {
  it('shows what would hide or reorder', () => {
    expect(f.visibleText('a\u202eb\u0000c\u200bd\ud800')).toBe('a\\u202eb\\u0000c\\u200bd\ufffd');
    // Tags that spell words, fillers, blank patterns, variation selectors.
    expect(f.visibleText('a\u{e0041}b\u3164c\u2800d\ufe0fe')).toBe('a\\udb40\\udc41b\\u3164c\\u2800d\\ufe0fe');
    expect(JSON.parse(f.visibleJson('"\u{e0041}"'))).toBe('\u{e0041}');
    expect(f.visibleText('x'.repeat(300), 10)).toBe(`${'x'.repeat(9)}…`);
  });
  it('never lets a control or format character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (s) => {
        expect(f.visibleText(s, 1000)).not.toMatch(/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
  it('keeps both ends', () => expect(f.middleEllipsis('checkout-service-eu', 9)).toBe('chec…e-eu'));
});
