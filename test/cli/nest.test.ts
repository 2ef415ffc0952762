import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rootsOf } from '../../src/cli/nest.ts';
import { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../src/shared/protocol.ts';
import { connected, rightShare, traffic } from '../engine/nesting/calls.ts';
import { orders } from '../engine/support/orders.ts';
import { Cli, ROOT } from './run.ts';

let cli: Cli;
beforeAll(() => {
  cli = new Cli();
});
afterAll(() => cli.remove());

const line = (id: string | number, caller: string, callee: string, start: number, end: number | null) =>
  JSON.stringify({
    id,
    caller,
    callee,
    callerInstance: caller,
    calleeInstance: callee,
    endpoint: '/x',
    callerStartUs: start,
    callerEndUs: end,
    calleeStartUs: start,
    calleeEndUs: end,
  });
// In no order of time: b inside a, c inside b; d alone.
const LINES = [
  line('c', 'B', 'C', 1.7e15 + 300, 1.7e15 + 400),
  line(7, 'clients', 'D', 1.7e15 + 5000, 1.7e15 + 5100),
  line('a', 'clients', 'A', 1.7e15, 1.7e15 + 1000),
  line('b', 'A', 'B', 1.7e15 + 200, 1.7e15 + 900),
];
const EXPECTED = [
  { id: 'c', parent: 'b', trace: 'a' },
  { id: 7, parent: null, trace: 7 },
  { id: 'a', parent: null, trace: 'a' },
  { id: 'b', parent: 'a', trace: 'a' },
];
const parsed = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((l) => JSON.parse(l));

describe('nest', () => {
  it('writes a place for every call, in the order of the input', () => {
    writeFileSync(cli.path('calls.jsonl'), `${LINES.join('\n')}\n`);
    const ran = cli.run(['nest', 'calls.jsonl', '--out', 'links.jsonl']);
    expect(ran).toMatchObject({ code: 0, out: '', err: '' });
    const links = parsed(readFileSync(cli.path('links.jsonl'), 'utf8'));
    expect(links).toMatchObject(EXPECTED);
    for (const link of links) {
      expect(Object.keys(link)).toEqual(['id', 'parent', 'trace', 'confidence']);
      expect(link.confidence).toBeGreaterThan(0);
      expect(link.confidence).toBeLessThanOrEqual(1);
    }
  });
  it.each(['aguilera', 'fcfs', 'default'])(
    '%s reads standard input and writes standard output, without a line break at the end',
    (name) => {
      const ran = cli.run(['nest', '-', '--algorithm', name], LINES.join('\n'));
      expect(ran.code).toBe(0);
      expect(parsed(ran.out)).toMatchObject(EXPECTED);
    },
  );
  it('reads compressed calls', () => {
    expect(parsed(cli.run(['nest', '-'], gzipSync(LINES.join('\n'))).out)).toMatchObject(EXPECTED);
  });
  it('leaves out what is no call, and says which line', () => {
    const ran = cli.run(['nest', '-'], [LINES[0], 'not json', '{"id":"x"}', '', ...LINES.slice(1)].join('\n'));
    expect(ran.code).toBe(0);
    expect(parsed(ran.out)).toMatchObject(EXPECTED);
    expect(ran.err).toContain('line 2 is no call');
    expect(ran.err).toContain('line 3 is no call and is left out: callerStartUs is missing');
  });
  it('saves what it learned, merges it, and chooses by it', () => {
    writeFileSync(cli.path('calls.jsonl'), `${LINES.join('\n')}\n`);
    for (const name of ['a', 'b']) expect(cli.run(['nest', 'calls.jsonl', '--save-model', `${name}.json`, '--out', 'x']).code).toBe(0);
    expect(cli.run(['model', 'a.json', 'b.json', '--out', 'both.json'])).toMatchObject({ code: 0, err: '' });
    const merged = JSON.parse(readFileSync(cli.path('both.json'), 'utf8'));
    expect(merged).toMatchObject({ format: 'tracenest-model', algorithm: 'joint' });
    expect(parsed(cli.run(['nest', 'calls.jsonl', '--model', 'both.json']).out)).toMatchObject(EXPECTED);
    const wrong = cli.run(['nest', 'calls.jsonl', '--model', 'calls.jsonl']);
    expect(wrong).toMatchObject({ code: 1 });
    expect(cli.run(['nest', 'calls.jsonl', '--algorithm', 'fcfs', '--model', 'a.json']).code).toBe(2);
  });
  it('chooses by ids in targets that reappear, unless told not to', () => {
    // Two requests at once, each with a call under way at the same time: only the id tells whose it is.
    const targeted = (id: string, from: string, to: string, start: number, end: number, target: string) =>
      JSON.stringify({ ...JSON.parse(line(id, from, to, start, end)), target });
    const pairs = Array.from({ length: 60 }, (_, i) => {
      const at = 1.7e15 + i * 10_000;
      const own = (n: number) => `/order/${((i * 2 + n) * 2_654_435_761) % 1_000_003}7`;
      return [0, 1].flatMap((n) => [
        targeted(`p${i}.${n}`, 'clients', 'A', at + n, at + 1000 + n, own(n)),
        targeted(`c${i}.${n}`, 'A', 'B', at + 300 - 7 * n, at + 600 - 11 * n, own(n)),
      ]);
    });
    const right = (...more: string[]) => {
      const links = parsed(cli.run(['nest', '-', ...more], pairs.flat().join('\n')).out);
      return links.filter(({ id, parent }) => id.startsWith('c') && parent === id.replace('c', 'p')).length;
    };
    expect(right()).toBe(120);
    expect(right('--ignore-values')).toBeLessThan(120);
  });
  it.each([false, true])('finds what an analysis of the capture finds (with what that has learned: %s)', async (learned) => {
    const capture = path.join(ROOT, 'media/sample/shop.pcap');
    expect(cli.run(['calls', capture, '--out', 'shop.jsonl']).code).toBe(0);
    if (learned) expect(cli.run(['analyze', capture, '--save-model', 'shop.json']).code).toBe(0);
    const links = parsed(cli.run(['nest', 'shop.jsonl', ...(learned ? ['--model', 'shop.json'] : [])]).out);
    const session = new Session({ snapshot: () => {}, log: () => {} });
    const model: unknown = learned ? JSON.parse(readFileSync(cli.path('shop.json'), 'utf8')) : undefined;
    await session.analyse([{ kind: 'file', path: capture, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, model });
    const spans = [...spanRecords(session.exportSource({ generation: session.result!.queries.generation }))];
    const facts = (all: readonly { id: string; parent?: string | null; trace: string }[]) =>
      all.map(({ id, parent, trace }) => `${id} ${parent ?? ''} ${trace}`).sort();
    expect(facts(links)).toEqual(facts(spans));
  });
  it.each([
    [['nest', '-'], 'hello\n', 1, 'holds no calls'],
    [['nest', '-'], '', 1, 'empty'],
    [['nest', 'missing.jsonl'], '', 1, 'was not found'],
    [['nest', '-', '--out', 'no/such/folder/x'], LINES.join('\n'), 1, 'could not be written'],
    [['nest'], '', 2, 'Which file of calls?'],
    [['nest', 'a', 'b'], '', 2, 'one file'],
    [['nest', '-', '--algorithm', 'magic'], '', 2, 'no algorithm "magic"'],
    [['watch', '--brokers', '127.0.0.1:1', '--topic', 'x', '--store', 'y.db', '--algorithm', 'magic'], '', 2, 'no algorithm "magic"'],
    [['nest', '-', '--wrong'], '', 2, "Unknown option '--wrong'"],
    [['frobnicate'], '', 2, 'no command "frobnicate"'],
    [[], '', 2, 'Usage'],
  ] as const)('%j ends with what is wrong', (args, input, code, text) => {
    const ran = cli.run(args, input);
    expect(ran.code).toBe(code);
    expect(ran.err).toContain(text);
    expect(ran.err).not.toMatch(/\n\s+at /);
  });
  it('chooses by habits of connections, unless told not to', () => {
    const calls = connected(traffic(400, 8, 11), (up) => up);
    writeFileSync(cli.path('ports.jsonl'), calls.map((call) => JSON.stringify(call)).join('\n'));
    const right = (...more: string[]) => {
      const links = parsed(cli.run(['nest', 'ports.jsonl', ...more]).out) as { readonly parent: string | null }[];
      return rightShare(calls, (row) => links[row]!.parent ?? '');
    };
    expect(right()).toBeGreaterThan(0.995);
    expect(right('--ignore-connections')).toBeLessThan(0.985);
  });

  it('chooses by values in headers and bodies that "calls" encrypted, with the same key only', () => {
    const said = orders(250, 10);
    writeFileSync(cli.path('orders.pcap'), said.capture);
    const [key, other] = ['ab', 'cd'].map((byte) => ({ TRACENEST_CONTENT_KEY: byte.repeat(32) }));
    expect(cli.run(['calls', 'orders.pcap', '--contents', '--out', 'orders.jsonl'], '', key).code).toBe(0);
    const text = readFileSync(cli.path('orders.jsonl'), 'utf8');
    const lines = parsed(text) as { readonly id: string; readonly callerStartUs: number; readonly contents?: string }[];
    expect(lines.every((l) => typeof l.contents === 'string')).toBe(true);
    expect(said.numbers.slice(0, 100).filter((number) => text.includes(number))).toEqual([]);
    const right = (environment: Readonly<Record<string, string>> | undefined, ...more: string[]) => {
      const links = parsed(cli.run(['nest', 'orders.jsonl', ...more], '', environment).out) as {
        readonly id: string;
        readonly parent: string | null;
      }[];
      return said.right(links.map((l, k) => ({ id: l.id, parent: l.parent ?? '', startNs: String(lines[k]!.callerStartUs * 1000) })));
    };
    expect(right(key)).toBeGreaterThan(0.999);
    for (const timing of [right(other), right(undefined), right(key, '--ignore-contents')]) expect(timing).toBeLessThan(0.97);
    expect(cli.run(['calls', 'orders.pcap'], '', key).out).not.toContain('contents');
    expect(cli.run(['calls', 'orders.pcap', '--contents'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('TRACENEST_CONTENT_KEY'),
    });
    expect(cli.run(['nest', 'orders.jsonl'], '', { TRACENEST_CONTENT_KEY: 'ab' })).toMatchObject({ code: 2 });
  });

  it('explains itself', () => {
    expect(cli.run(['help']).out).toContain('Usage: tracenest COMMAND');
    expect(cli.run(['help', 'nest'])).toMatchObject({ code: 0, err: '' });
    expect(cli.run(['nest', '--help']).out).toContain('--algorithm');
    expect(cli.run(['--version']).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe('rootsOf', () => {
  it('follows parents, also from rows that come later, and ends in a loop', () => {
    expect([...rootsOf(Int32Array.from([2, 0, -1, 1]))]).toEqual([2, 2, 2, 2]);
    const looped = rootsOf(Int32Array.from([1, 0, 1]));
    expect(new Set(looped).size).toBe(1);
  });
});
