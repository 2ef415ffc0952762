/** Names files made to cost: what reaches the YAML parser, and with which of its checks, is counted. */
import { describe, expect, it, vi } from 'vitest';
import * as yaml from 'yaml';
import { documentsOf, MAX_YAML } from '../../../src/engine/identity/documents.ts';
import { readNamesFile } from '../../../src/engine/identity/namesFile.ts';

vi.mock('yaml', { spy: true });

const read = (text: string) => {
  vi.mocked(yaml.parseAllDocuments).mockClear();
  const problems: string[] = [];
  const values = documentsOf(text, (problem) => problems.push(problem));
  return { values, problems, parsed: vi.mocked(yaml.parseAllDocuments).mock.calls.length };
};

describe('documents', () => {
  it('JSON never reaches the YAML parser, however long; a key that is there twice counts as its last', () => {
    const names = Object.fromEntries(Array.from({ length: 40_000 }, (_, i) => [`10.0.${i >> 8}.${i & 255}`, `service-${i}`]));
    expect(JSON.stringify(names).length).toBeGreaterThan(MAX_YAML);
    expect(read(`\ufeff\n ${JSON.stringify(names)}\n`)).toEqual({ values: [names], problems: [], parsed: 0 });
    expect(read('{"a": 1, "a": 2}')).toEqual({ values: [{ a: 2 }], problems: [], parsed: 0 });
    expect(read('[1, 2]').parsed).toBe(0);
  });
  it('YAML may begin as JSON does', () => {
    expect(read('{a: [b]}\n')).toEqual({ values: [{ a: ['b'] }], problems: [], parsed: 1 });
    expect(read('a: 1\na: 2\n').values).toEqual([{ a: 2 }]);
  });
  it('long YAML is not parsed, and what to do is said', () => {
    const line = '10.0.0.1: orders\n';
    const text = line.repeat(Math.ceil(MAX_YAML / line.length));
    for (const long of [text, '"'.repeat(MAX_YAML + 1), '['.repeat(MAX_YAML + 1)]) {
      const { values, problems, parsed } = read(long);
      expect([values, parsed]).toEqual([[], 0]);
      expect(problems.join()).toMatch(/^not JSON, and as YAML longer than 512 kB, not read: give it as JSON/);
    }
  });
  it('keys are not compared with one another', () => {
    read('a: 1\n');
    const options = vi.mocked(yaml.parseAllDocuments).mock.calls[0]?.[1];
    expect(options).toMatchObject({ uniqueKeys: false, prettyErrors: false, schema: 'core', resolveKnownTags: false });
    // Ordered maps would check their entries against one another.
    for (const directive of ['', '%YAML 1.1\n---\n']) expect(read(`${directive}!!omap [{a: 1}, {a: 2}]`).problems).toEqual([]);
  });
  it.each([
    [
      'many aliases, each looked for in the whole document',
      `a: [${'&x 1, '.repeat(200)}]\nb: [${'*x, '.repeat(101)}]`,
      'more than 100 aliases',
    ],
    ['keys within keys', `${'? '.repeat(200)}a`, 'a key is no text'],
    ['an alias as a key', 'a: &a [1]\n*a : 2', 'a key is no text'],
    ['without an end', '- '.repeat(20_000), 'not JSON or YAML'],
    ['with a mistake', 'a: 1\nb: "x" y\n', 'line 2'],
  ])('%s: told as a problem', (_, text, problem) => {
    const { values, problems } = read(text);
    expect(values).toEqual([]);
    expect(problems.join()).toContain(problem);
  });
});

describe('values made to cost', () => {
  it('addresses times ports end with the names that are kept', () => {
    const addresses = Array.from({ length: 2000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    let asked = 0;
    const spied = vi.spyOn(Number, 'isInteger').mockImplementation((v) => {
      asked++;
      return typeof v === 'number' && v % 1 === 0;
    });
    try {
      const ports = Array.from({ length: 2000 }, (_, i) => i + 1);
      const { names } = readNamesFile(
        JSON.stringify([
          { name: 'a', addresses, ports },
          { name: 'b', addresses, ports },
        ]),
      );
      expect(Object.keys(names).length).toBe(100_000);
    } finally {
      spied.mockRestore();
    }
    // A port is looked at once for each list it is in, not once for each address.
    expect(asked).toBeLessThan(10_000);
  });
  it('what is deep does not exhaust the stack', () => {
    const list = '{"kind":"List","items":[';
    expect(readNamesFile(`${list.repeat(50_000)}${']}'.repeat(50_000)}`).names).toEqual({});
    expect(readNamesFile(`[{"name":"a","x":${'['.repeat(50_000)}${']'.repeat(50_000)}}]`).problems).toEqual([
      'an entry lacks a name or an address: {"name":"a","x":"…"}',
    ]);
  });
});
