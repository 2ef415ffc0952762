import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decode, encode } from '../../src/shared/channel.ts';

/** What VS Code does to a message, apart from typed arrays. */
const cross = (v: unknown): unknown => JSON.parse(JSON.stringify(v));

describe('channel', () => {
  it('keeps NaN and infinities, which JSON turns into null', () => {
    const message = { p50Ns: Number.NaN, edges: [1, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY], name: 'NaN' };
    expect(decode(cross(encode(message)))).toEqual(message);
    expect(JSON.parse(JSON.stringify(message)).p50Ns).toBeNull();
  });

  it('brings back any plain data, also text made to look like a mark', () => {
    const text = fc.oneof(fc.string(), fc.constantFrom('\u0000NaN', '\u0000s', '\u0000', '\u0000s\u0000NaN'));
    // JSON has no minus zero.
    const number = fc.double().map((x) => (x === 0 ? 0 : x));
    const value = fc.letrec((tie) => ({
      any: fc.oneof({ maxDepth: 4 }, text, number, fc.boolean(), fc.constant(null), tie('list'), tie('record')),
      list: fc.array(tie('any')),
      record: fc.dictionary(
        text.filter((k) => k !== '__proto__'),
        tie('any'),
      ),
    })).any;
    fc.assert(
      fc.property(value, (v) => {
        expect(decode(cross(encode(v)))).toEqual(v);
      }),
      { numRuns: 300 },
    );
  });

  it('leaves typed arrays and untouched values as they are', () => {
    const column = new Float64Array([1, Number.NaN]);
    const message = { column, rows: [{ a: 1 }] };
    expect(encode(message)).toBe(message);
    expect((decode(message) as typeof message).column).toBe(column);
  });
});
