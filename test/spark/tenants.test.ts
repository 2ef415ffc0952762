/** The batch job over two networks with the same addresses and ports, one slower than the other: none sees anything of the other. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { heaviestPaths } from '../../src/engine/traces/heaviest.ts';
import type { Session } from '../../src/session/session.ts';
import { spanRecords } from '../../src/session/spans.ts';
import { pcap, type Record } from '../engine/net/build.ts';
import { analysed, batch, edgesOf, facts, jobEdges, SAMPLE, scope } from './answers.ts';
import { installSpark } from './install.ts';
import { validResult } from './schema.ts';
import { byTime, packetsOf, slowed, tagged } from './tenants.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-tenants-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const file = (name: string, packets: readonly Record[]) => {
  const found = path.join(dir, name);
  writeFileSync(found, pcap(packets, { nano: true }));
  return { kind: 'file', path: found, name } as const;
};
const MODEL = path.join(dir, 'model.json');
const spansOf = (s: Session) => facts(spanRecords(s.exportSource(scope(s))));
let both: Session;
/** Only the second network. */
let alone: Session;
let capture: string;
beforeAll(async () => {
  installSpark();
  const sample = packetsOf(readFileSync(SAMPLE));
  const second = tagged(slowed(sample, 4), 20);
  const source = file('both.pcap', byTime(tagged(sample, 10), second));
  capture = source.path;
  writeFileSync(MODEL, JSON.stringify((await analysed(source, { keepModel: true })).model));
  const model: unknown = JSON.parse(readFileSync(MODEL, 'utf8'));
  both = await analysed(source, { model });
  alone = await analysed(file('alone.pcap', second), { model });
}, 1_800_000);

it('finds in each of two networks what the command line finds in it, and what it finds in it alone', async () => {
  const { result, out, file } = await batch(path.join(dir, 'both'), ['captures', capture], ['--model', MODEL, '--partitions', '3']);
  expect(validResult(result), JSON.stringify(validResult.errors)).toBe(true);
  expect(facts(result.spans)).toEqual(spansOf(both));
  expect(jobEdges(result)).toEqual(edgesOf(both));
  const of = (tenant: string) => ({
    spans: facts(result.spans.filter((s) => s.tenant === tenant)),
    edges: jobEdges({ edges: result.edges.filter((e) => e.tenant === tenant) }),
    paths: result.paths.filter((p) => p.tenant === tenant),
    communities: result.communities.filter((c) => c.tenant === tenant),
  });
  const [first, second] = [of('vlan:10'), of('vlan:20')];
  expect(first.spans.length + second.spans.length).toBe(result.spanCount);
  expect(second.spans).toEqual(spansOf(alone));
  expect(second.edges).toEqual(edgesOf(alone));
  expect(second.paths).toEqual(heaviestPaths(alone.result!.analysis).map((p) => ({ ...p, totalNs: Math.round(p.totalNs) })));
  for (const { spans, paths, communities } of [first, second]) {
    expect(Math.min(spans.length, paths.length, communities.length)).toBeGreaterThan(5);
    const own = new Set(spans.map((s) => s.id));
    expect(spans.filter((s) => s.parent !== '' && !own.has(s.parent))).toEqual([]);
  }
  const traces = new Set(first.spans.map((s) => s.trace));
  expect(second.spans.filter((s) => traces.has(s.trace))).toEqual([]);

  const opened = await analysed({ kind: 'result', path: file, name: 'result' });
  expect(edgesOf(opened)).toEqual(edgesOf(both));
  expect(opened.snapshot.summary?.tenants).toEqual(['vlan:10', 'vlan:20']);

  // One of them, from what was stored of both.
  const one = await batch(path.join(dir, 'one'), ['spans', path.join(out, 'spans')], ['--tenant', 'vlan:20', '--partitions', '2']);
  expect(facts(one.result.spans)).toEqual(second.spans);
  expect(jobEdges(one.result)).toEqual(second.edges);
  expect(one.result.paths).toEqual(second.paths);
  expect(one.result.communities).toEqual(second.communities);
});
