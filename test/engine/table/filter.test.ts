import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FIELDS } from '../../../src/engine/table/filter/fields.ts';
import { glob } from '../../../src/engine/table/filter/match.ts';
import { formatFilter, parseFilter, quoteValue, writeValue } from '../../../src/engine/table/filter/parse.ts';
import { writeTime } from '../../../src/engine/table/presets.ts';
import { shop } from './shop.ts';

const { q } = shop();
const G = { generation: 1 };
const count = (filter: string) => q.filterCheck({ ...G, filter });

describe('a filter', () => {
  it.each([
    ['', 40, 240],
    ['service:web', 40, 40],
    ['service:we*', 40, 40],
    ['service:web|mail', 40, 80],
    ['SERVICE:WEB', 40, 40],
    ['service:nobody', 0, 0],
    ['caller:cart', 40, 120],
    ['failed:yes', 4, 8],
    ['status:5xx', 4, 4],
    ['status:500', 4, 4],
    ['status>=400', 4, 4],
    ['status:2xx', 40, 116],
    ['failed:yes status:5xx', 4, 4],
    ['duration>30ms', 2, 6],
    ['duration>30', 2, 6],
    ['duration>0.03s service:cart', 2, 2],
    ['total>30ms', 2, 12],
    ['-total>30ms', 38, 228],
    ['-failed:yes', 36, 216],
    ['-service:prometheus', 40, 240],
    ['path:/shop/7', 1, 1],
    ['path:/shop/7*', 1, 1],
    ['path:/shop/*', 40, 40],
    ['endpoint:"GET /shop/{id}"', 40, 40],
    ['endpoint:/cart', 40, 40],
    ['method:select', 40, 120],
    ['protocol:postgresql', 40, 120],
    ['host:shop', 40, 120],
    ['instance:10.0.0.3', 40, 120],
    ['instance:10.0.0.3:5432', 40, 120],
    ['tenant:x', 0, 0],
    ['spans:6', 40, 240],
    ['spans>6', 0, 0],
    ['depth:2', 40, 120],
    ['root:yes', 40, 40],
    ['uncertain:yes', 0, 0],
    ['confidence<0.6', 0, 0],
    ['confidence>60%', 40, 200],
    ['retransmits>0', 0, 0],
    ['cart', 40, 40],
    ['"GET /send"', 40, 40],
    ['-mail', 0, 0],
  ])('"%s" selects %i transactions and %i calls', (filter, transactions, calls) => {
    expect(count(filter)).toMatchObject({ matchingTransactions: transactions, matchingCalls: calls, transactions: 40, calls: 240 });
    expect(count(filter).error).toBeUndefined();
  });

  it('finds a transaction by the beginning of its id', () => {
    const row = q.transactions({ ...G, sort: 'start', descending: false, offset: 3, limit: 1 }).rows[0]!;
    expect(count(`trace:${row.id}`)).toMatchObject({ matchingTransactions: 1, matchingCalls: 6 });
    expect(count(`trace:${row.id.slice(0, 10)}`).matchingTransactions).toBe(1);
  });

  it.each([
    ['nosuch:1', 0, 6, 'no field'],
    ['-nosuch:1', 1, 6, 'no field'],
    ['service:web duration>abc', 21, 3, 'no time'],
    ['duration>', 0, 9, 'wants a value'],
    ['service:', 0, 8, 'wants a value'],
    ['service:a|', 0, 10, 'wants a value'],
    ['status:abc', 7, 3, 'no status'],
    ['service>3', 0, 9, "can't be compared"],
    ['failed:perhaps', 7, 7, 'yes or no'],
    ['"open', 0, 5, 'not closed'],
    ['service:"a"b', 11, 1, 'space is missing'],
    ['duration>1ms|2ms', 12, 1, 'one value'],
    ['confidence<much', 11, 4, 'no number'],
    ['http://x', 0, 4, 'no field'],
  ])('"%s" is wrong at %i', (filter, at, length, text) => {
    const { error } = count(filter);
    expect(error).toMatchObject({ at, length });
    expect(error!.text).toContain(text);
  });
  it('that is wrong keeps lists from answering', () => {
    expect(() => q.services({ ...G, filter: 'nosuch:1' })).toThrow(expect.objectContaining({ code: 'invalid' }));
  });
  it('is marked where it stands, leading spaces and all', () => {
    expect(count('   nosuch:1').error).toMatchObject({ at: 3 });
  });

  it('never throws, and an error lies within the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ maxLength: 60 }),
          fc.string({ maxLength: 40, unit: fc.constantFrom('a', ':', '-', '"', '|', ' ', '>', '\\', '*') }),
        ),
        (text) => {
          const { error } = parseFilter(text);
          if (error) expect(error.at >= 0 && error.length > 0 && error.at + error.length <= Math.max(text.length, error.at + 1)).toBe(true);
        },
      ),
    );
  });
  it('means the same written out again', () => {
    const value = fc.string({ minLength: 1, maxLength: 12 });
    const term = fc.oneof(
      fc
        .tuple(fc.boolean(), fc.constantFrom('service', 'endpoint', 'host', 'tenant'), fc.array(value, { minLength: 1, maxLength: 3 }))
        .map(([not, field, values]) => `${not ? '-' : ''}${field}:${values.map(writeValue).join('|')}`),
      fc
        .tuple(fc.constantFrom('duration', 'self', 'total'), fc.constantFrom('>', '<', '>=', '<='), fc.nat(10_000))
        .map(([f, op, n]) => `${f}${op}${n}us`),
      fc.tuple(fc.boolean(), value).map(([not, text]) => `${not ? '-' : ''}${quoteValue(text)}`),
    );
    fc.assert(
      fc.property(fc.array(term, { maxLength: 5 }), (terms) => {
        const first = parseFilter(terms.join(' '));
        expect(first.error).toBeUndefined();
        const again = parseFilter(formatFilter(first.terms!));
        const bare = (p: typeof first) =>
          p.terms!.map((t) => [t.negated, t.field?.name, t.operator, t.values.map((v) => [v.text, v.quoted]), t.numbers]);
        expect(bare(again)).toEqual(bare(first));
      }),
    );
  });
});

describe('a star', () => {
  it('matches as a regular expression would', () => {
    const text = fc.string({ maxLength: 8, unit: fc.constantFrom('a', 'b') });
    const pattern = fc.string({ maxLength: 6, unit: fc.constantFrom('a', 'b', '*') });
    fc.assert(
      fc.property(text, pattern, (t, p) => {
        if (p.includes('*')) expect(glob(t, p)).toBe(new RegExp(`^${p.replaceAll('*', '.*')}$`).test(t));
      }),
      { numRuns: 2000 },
    );
  });
  it('takes no exponential time', () => {
    expect(glob('a'.repeat(100_000), `${'*a'.repeat(50)}*b`)).toBe(false);
  });
});

describe('completion', () => {
  const inserts = (text: string, caret = text.length) => q.complete({ ...G, text, caret }).map((c) => c.insert);
  it('offers fields, then values that occur', () => {
    expect(inserts('')).toHaveLength(FIELDS.length);
    expect(inserts('dur')).toEqual(['duration>']);
    expect(inserts('service:')).toEqual(['10.0.0.3:5432', 'cart', 'mail', 'web']);
    expect(inserts('service:we')).toEqual(['web']);
    expect(inserts('failed:')).toEqual(['yes', 'no']);
    expect(inserts('path:')).toEqual(['items', '/cart', '/send', '/shop/*']);
    expect(inserts('ca')).toEqual(['caller:', 'service:cart']);
  });
  it('replaces the word at the caret only', () => {
    const [first] = q.complete({ ...G, text: 'failed:yes service:we status:500', caret: 21 });
    expect(first).toMatchObject({ insert: 'web', from: 19, to: 21 });
    expect(q.complete({ ...G, text: 'service:web|ca', caret: 14 })[0]).toMatchObject({ insert: 'cart', from: 12, to: 14 });
  });
  it('writes what the parser reads', () => {
    for (const text of ['service:', 'endpoint:', 'path:', 'status:', 'host:', 'instance:', 'method:', 'protocol:', 'caller:'])
      for (const c of q.complete({ ...G, text, caret: text.length })) {
        const filter = text.slice(0, c.from) + c.insert;
        expect(count(filter).error, filter).toBeUndefined();
        expect(count(filter).matchingTransactions, filter).toBeGreaterThan(0);
      }
  });
});

describe('presets', () => {
  it('are filters, and their counts are what those select', () => {
    const presets = q.presets(G);
    expect(presets.map((p) => p.id)).toEqual(['slow', 'errors', 'uncertain', 'retransmits']);
    for (const p of presets) expect(count(p.filter).matchingTransactions).toBe(p.count);
    expect(presets[0]!.count).toBeGreaterThan(0);
    expect(presets[1]!.count).toBe(4);
  });
  it('write times that are not above the value', () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: 1e12, noNaN: true }), (ns) => {
        const { terms } = parseFilter(`total>${writeTime(ns)}`);
        expect(terms![0]!.numbers[0]!).toBeLessThanOrEqual(ns * (1 + 1e-12));
        expect(terms![0]!.numbers[0]!).toBeGreaterThan(ns * 0.98 - 1);
      }),
    );
  });
});
