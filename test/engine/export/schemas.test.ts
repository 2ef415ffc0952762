/** Exports against schemas of their formats, written from the public specifications: every file is valid, a spoiled one is not. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isIPv4, isIPv6 } from 'node:net';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { exportAs } from '../../../src/engine/export/index.ts';
import { redacted } from '../../../src/engine/export/redact.ts';
import type { ExportSource } from '../../../src/engine/export/source.ts';
import { Session } from '../../../src/session/session.ts';
import { DEFAULT_ANALYSIS_OPTIONS, type ExportFormat } from '../../../src/shared/protocol.ts';
import { HOSTILE, SOURCE } from './sample.ts';

const schemaText = (file: string) => readFileSync(path.join(import.meta.dirname, 'schemas', file), 'utf8');
const text = (source: ExportSource, format: ExportFormat): string => [...exportAs(source, format)].join('');

/** Whatever a packet may name is hostile; a port of 0 and an IPv6 client too. */
const hostile = (n: number): string => `${HOSTILE[n % HOSTILE.length]}\u202e]]>${'É'.repeat(n)}`;
const HOSTILE_SOURCE: ExportSource = {
  ...SOURCE,
  summary: { ...SOURCE.summary, title: hostile(1), sources: [hostile(2)] },
  services: SOURCE.services.map((service, n) => ({ ...service, name: hostile(n), tenant: hostile(n + 1) })),
  call: (row) => ({
    ...SOURCE.call(row),
    tenant: hostile(row),
    caller: hostile(row + 1),
    callee: hostile(row + 2),
    endpoint: hostile(row),
    method: hostile(row + 1),
    target: hostile(row + 2),
    host: hostile(row),
    traceKey: hostile(row + 1),
    clientAddress: 'fe80::1',
    clientPort: 0,
  }),
};
/** The capture that comes with the extension. */
async function shop(): Promise<ExportSource> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  const file = path.join(import.meta.dirname, '../../../media/sample/shop.pcap');
  await session.analyse([{ kind: 'file', path: file, name: 'shop.pcap' }], { ...DEFAULT_ANALYSIS_OPTIONS, algorithm: 'fcfs' });
  return session.exportSource({ generation: session.snapshot.generation });
}
const SOURCES: readonly (readonly [name: string, source: ExportSource])[] = [
  ['calls of every kind', SOURCE],
  ['the sample capture', await shop()],
  ['hostile names', HOSTILE_SOURCE],
  ['redacted', redacted(SOURCE)],
  ['kept in part', { ...SOURCE, summary: { ...SOURCE.summary, kept: { calls: 2, transactions: 1, sample: 0.02 } } }],
  ['nothing', { ...SOURCE, services: [], edges: [], callCount: 0 }],
];

const ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strictTypes: false });
ajv.addFormat('ipv4', isIPv4);
ajv.addFormat('ipv6', isIPv6);
const compile = (file: string) => ajv.compile(JSON.parse(schemaText(file)) as Record<string, unknown>);

/** A field of a parsed file, or with `undefined` its absence. */
type Change = readonly [path: readonly (string | number)[], value: unknown];
function spoiled(json: string, [at, value]: Change): unknown {
  const root: unknown = JSON.parse(json);
  const holder = at.slice(0, -1).reduce<unknown>((held, key) => (held as Record<string | number, unknown>)[key], root);
  (holder as Record<string | number, unknown>)[at.at(-1)!] = value;
  return JSON.parse(JSON.stringify(root));
}

// Rows of traceEvents: two of meta data for each of four services, then the root's slice; a slice and its arrow for each further call.
const SLICE = 9;
const CHANGES: Record<'zipkin' | 'chrome', readonly Change[]> = {
  zipkin: [
    [[0, 'id'], undefined],
    [[0, 'traceId'], '0123456789abcdef0'],
    [[1, 'parentId'], '000000000000000G'],
    [[1, 'parentID'], '000000000000000a'],
    [[0, 'kind'], 'server'],
    [[0, 'name'], 'GET /'],
    [[0, 'timestamp'], '1700000000123457'],
    [[0, 'duration'], 0.5],
    [[0, 'duration'], 0],
    [
      [0, 'tags', 'tracenest.frames'],
      [6, 18],
    ],
    [[0, 'localEndpoint', 'ipv4'], 'fd00::5'],
    [[0, 'remoteEndpoint', 'port'], 0],
    [[0, 'annotations'], [{ value: 'ws' }]],
  ],
  chrome: [
    [['traceEvents'], undefined],
    [['traceevents'], []],
    [['displayTimeUnit'], 'us'],
    [['traceEvents', 0, 'args', 'name'], undefined],
    [['traceEvents', 1, 'args', 'sort_index'], '1'],
    [['traceEvents', 0, 'name'], 'process-name'],
    [['traceEvents', SLICE, 'ph'], 'x'],
    [['traceEvents', SLICE, 'dur'], Number.NaN],
    [['traceEvents', SLICE, 'dur'], -1],
    [['traceEvents', SLICE, 'ts'], undefined],
    [['traceEvents', SLICE, 'pid'], '1'],
    [['traceEvents', SLICE, 'duration'], 1],
    [['traceEvents', SLICE, 'bp'], 'e'],
    [['traceEvents', SLICE + 1, 'id'], undefined],
    [['traceEvents', SLICE + 2, 'bp'], 'f'],
  ],
};

describe.each([
  ['zipkin', compile('zipkin.schema.json')],
  ['chrome', compile('chromeTrace.schema.json')],
] as const)('%s', (format, valid) => {
  it.each(SOURCES)('is valid by its JSON schema: %s', (_, source) => {
    valid(JSON.parse(text(source, format)));
    expect(valid.errors ?? []).toEqual([]);
  });
  it.each(CHANGES[format])('is refused with a wrong field: %j = %j', (...change) => {
    expect(valid(spoiled(text(SOURCE, format), change))).toBe(false);
  });
});

/** libxml2's xmllint, compiled to WebAssembly. */
interface Xmllint {
  validateXML(options: { xml: string; schema: string }): Promise<{ valid: boolean; errors: readonly { message: string }[] }>;
}
const { validateXML }: Xmllint = createRequire(import.meta.url)('xmllint-wasm');
const schema = schemaText('graphml.xsd');

describe('graphml', () => {
  it.each(SOURCES)('is valid by its XML schema: %s', async (_, source) => {
    expect((await validateXML({ xml: text(source, 'graphml'), schema })).errors).toEqual([]);
  });
  it.each([
    ['no direction', ' edgedefault="directed"', '', /edgedefault/],
    ['an edge to no node', 'target="s2"', 'target="s9"', /targetIsANode/],
    ['two nodes of one id', '<node id="s1">', '<node id="s0">', /nodeId/],
    ['data without a key', '<data key="n_label">', '<data key="n_name">', /dataHasAKey/],
    ['a type GraphML has not', 'attr.type="double"', 'attr.type="number"', /attr\.type/],
    ['a misspelt attribute', 'attr.name="label"', 'name="label"', /name/],
    ['an element of its own', '<graph id', '<info/><graph id', /info/],
    ['keys after the graph', '</graph>', '</graph><key id="late"/>', /key/],
    ['another namespace', 'xmlns="http://graphml.graphdrawing.org/xmlns"', 'xmlns="urn:other"', /No matching global declaration/],
    ['markup in a name', '&lt;', '<', /tag mismatch|expected|parser/],
  ])('is refused with %s', async (_, from, to, why) => {
    const whole = text(SOURCE, 'graphml');
    expect(whole).toContain(from);
    const { valid, errors } = await validateXML({ xml: whole.replace(from, to), schema });
    expect(valid).toBe(false);
    expect(errors.map((e) => e.message).join('\n')).toMatch(why);
  });
});
