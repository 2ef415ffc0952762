/**
 * A tenant cut into panes of time: the batch job against the programs of the command line, run by hand over the same panes with the same
 * saved model (`calls`, then `nest` for each pane).
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceIdOf } from '../../src/engine/calls/callId.ts';
import { CallFlag, UNSURE } from '../../src/engine/calls/callTable.ts';
import { summarise } from '../../src/engine/stats/latency.ts';
import { batch, figures, type Result, SAMPLE } from './answers.ts';
import { fragileNode, installSpark, ROOT } from './install.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'tracenest-panes-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const inDir = (name: string) => path.join(dir, name);
const NS_PER_S = 1_000_000_000n;
const [WINDOW, PANE, OVERLAP] = [2n, 3n, 1n];

interface Called {
  readonly line: string;
  readonly id: string;
  readonly caller: string;
  readonly callee: string;
  readonly flags: number;
  readonly startNs: bigint;
  /** NaN: no answer. */
  readonly durationNs: number;
}
/** Microseconds as they are written: a double would round them. */
function exactNs(line: string, name: string): bigint | null {
  const [, whole, rest = ''] = new RegExp(`"${name}":(\\d+)(?:\\.(\\d+))?`).exec(line) ?? [];
  return whole === undefined ? null : BigInt(whole) * 1000n + BigInt(rest.padEnd(3, '0'));
}
function called(line: string): Called {
  const { id, caller, callee, flags } = JSON.parse(line) as Called;
  const startNs = exactNs(line, 'calleeStartUs')!;
  const endNs = exactNs(line, 'calleeEndUs');
  return { line, id, caller, callee, flags, startNs, durationNs: endNs === null ? Number.NaN : Number(endNs - startNs) };
}
const linesOf = (file: string) => readFileSync(inDir(file), 'utf8').trim().split('\n');
const cli = (...args: string[]) => execFileSync(process.execPath, [inDir('cli.js'), ...args], { cwd: dir });

let calls: readonly Called[];
/** Links as the command line finds them: of each pane with the overlap around it, taken for the calls in its core. */
let parents: ReadonlyMap<string, string>;
let expected: { readonly links: readonly string[]; readonly edges: readonly unknown[] };
beforeAll(() => {
  installSpark();
  execFileSync(process.execPath, ['esbuild.mjs', 'cli', `--outdir=${dir}`], { cwd: ROOT });
  cli('analyze', SAMPLE, '--save-model', 'model.json');
  cli('calls', SAMPLE, '--out', 'calls.jsonl');
  calls = linesOf('calls.jsonl').map(called);
  const found = new Map<string, string>();
  for (const pane of new Set(calls.map((c) => c.startNs / (PANE * NS_PER_S)))) {
    const [from, to] = [pane * PANE * NS_PER_S, (pane + 1n) * PANE * NS_PER_S];
    const near = calls.filter((c) => c.startNs >= from - OVERLAP * NS_PER_S && c.startNs < to + OVERLAP * NS_PER_S);
    writeFileSync(inDir('pane.jsonl'), near.map((c) => `${c.line}\n`).join(''));
    cli('nest', 'pane.jsonl', '--model', 'model.json', '--out', 'links.jsonl');
    const core = new Set(near.filter((c) => c.startNs >= from && c.startNs < to).map((c) => c.id));
    for (const line of linesOf('links.jsonl')) {
      const { id, parent } = JSON.parse(line) as { id: string; parent: string | null };
      if (core.has(id)) found.set(id, parent ?? '');
    }
  }
  parents = found;
  expected = { links: calls.map((c) => `${c.id} ${parents.get(c.id)} ${traceIdOf(rootOf(c.id))}`).sort(), edges: edgesByHand() };
}, 1_800_000);

function rootOf(id: string): string {
  const above = parents.get(id) ?? '';
  return above === '' ? id : rootOf(above);
}
/** For each window, by the start of the transaction, and edge. */
function edgesByHand(): unknown[] {
  const startOf = new Map(calls.map((c) => [c.id, c.startNs]));
  const length = WINDOW * NS_PER_S;
  const edges = Map.groupBy(calls, (c) => `${(startOf.get(rootOf(c.id))! / length) * length} ${c.caller} -> ${c.callee}`);
  return [...edges]
    .map(([name, of]) => {
      const measured = of.filter((c) => (c.flags & UNSURE) === 0 && !Number.isNaN(c.durationNs)).map((c) => c.durationNs);
      const errors = of.filter((c) => (c.flags & CallFlag.failed) !== 0).length;
      return [name, figures({ ...summarise(Float64Array.from(measured).sort(), of.length, errors) })] as const;
    })
    .sort();
}
const answered = (r: Result) => ({
  links: r.spans.map((s) => `${s.id} ${s.parent ?? ''} ${s.trace}`).sort(),
  edges: r.edges.map((e) => [`${e.window} ${e.caller} -> ${e.callee}`, figures(e)]).sort(),
});

describe('a tenant in panes, with a saved model', () => {
  const job = (name: string, partitions: number, more: readonly string[] = [], options = {}) =>
    batch(
      inDir(name),
      ['captures', SAMPLE],
      [
        ...['--window-s', String(WINDOW), '--pane-s', String(PANE), '--overlap-s', String(OVERLAP), '--model', inDir('model.json')],
        ...['--partitions', String(partitions), ...more],
      ],
      options,
    );

  it('is cut in the middle of transactions, and loses or doubles no call', async () => {
    const paneOf = new Map(calls.map((c) => [c.id, c.startNs / (PANE * NS_PER_S)]));
    expect([...parents].filter(([id, parent]) => parent !== '' && paneOf.get(id) !== paneOf.get(parent)).length).toBeGreaterThan(0);
    expect(new Set(expected.links.map((l) => l.split(' ')[0])).size).toBe(calls.length);
    // Nearly every link is that of the tenant as a whole.
    cli('nest', 'calls.jsonl', '--model', 'model.json', '--out', 'links.jsonl');
    const whole = linesOf('links.jsonl').map((line) => JSON.parse(line) as { id: string; parent: string | null });
    expect(whole.filter(({ id, parent }) => parents.get(id) === (parent ?? '')).length / whole.length).toBeGreaterThan(0.97);
  });

  it.each([1, 8])('gives with %i partitions the links and the figures of every edge and window that the command line gives', async (n) => {
    expect(answered((await job(`p${n}`, n)).result)).toEqual(expected);
  });

  it('gives them with 2 partitions in which the first task of every stage fails', async () => {
    const { node, killed } = fragileNode(dir, ['split', 'calls', 'traces', 'stitch']);
    const { result } = await job('retried', 2, ['--node', node], { master: 'local[2,3]' });
    expect(killed()).toEqual(['split', 'calls', 'traces', 'stitch']);
    expect(answered(result)).toEqual(expected);
  });
});
