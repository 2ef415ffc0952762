/**
 * Run in a mount namespace of its own with the folder of a small file system: what our writers do when it is full, and when it can only
 * be read. Prints one JSON line of findings.
 *   node test/faults/fullDisk.ts FOLDER CLI CAPTURE
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import type { Uri } from 'vscode';
import type { StoredSpan } from '../../src/tracestore/api.ts';
import { SqliteStore } from '../../src/tracestore/sqlite/store.ts';

// Of the editor no more than its texts is needed.
const vscode = 'export const l10n = { t: (text, ...values) => text.replace(/\\{(\\d)\\}/g, (_, i) => values[i]) }';
registerHooks({
  resolve: (name, context, next) =>
    name === 'vscode' ? { url: `data:text/javascript,${encodeURIComponent(vscode)}`, shortCircuit: true } : next(name, context),
});
const { saveFile } = await import('../../src/host/saveFile.ts');

const [folder = '', cli = '', capture = ''] = process.argv.slice(2);
const at = (name: string) => path.join(folder, name);
const run = (...args: string[]) => {
  const ran = spawnSync(process.execPath, [cli, ...args], { encoding: 'utf8' });
  return { code: ran.status, err: ran.stderr };
};
const inWords = (e: unknown) => (e instanceof Error ? `${e.constructor.name}: ${e.message}` : String(e));
const span = (n: number): StoredSpan => ({
  id: n.toString(16).padStart(16, '0'),
  trace: n.toString(16).padStart(32, '0'),
  parent: '',
  traceStartNs: BigInt(n),
  tenant: '',
  caller: 'a',
  callee: 'b',
  callerInstance: '',
  calleeInstance: `instance ${n} ${'x'.repeat(200)}`,
  endpoint: 'GET /',
  protocol: 'http/1',
  status: 200,
  flags: 0,
  startNs: BigInt(n),
  requestNs: 1,
  responseNs: 2,
  durationNs: 3,
  requestBytes: 1,
  responseBytes: 1,
  confidence: 1,
});
const EVERYTHING = { fromNs: 0n, toNs: 1n << 62n };
const count = async (store: SqliteStore) => (await store.contents()).spans;

// A store that fills the disk: what was stored before stays, and goes on when there is room again.
const store = new SqliteStore(at('traces.sqlite'));
const filler = at('filler');
writeFileSync(filler, new Uint8Array(200_000));
writeFileSync(at('window.pcapng'), 'the window of before');
let stored = 0;
let refusal = '';
for (let batch = 0; batch < 1000 && refusal === ''; batch++) {
  const spans = Array.from({ length: 500 }, (_, i) => span(1 + batch * 500 + i));
  try {
    await store.append(spans, { key: 'writer', value: String(batch) });
    stored += spans.length;
  } catch (e) {
    refusal = inWords(e);
  }
}
const afterFull = { spans: await count(store), checkpoint: await store.checkpoint('writer') };
// What is left is taken, so that the command line finds none.
try {
  for (let i = 0; ; i++) writeFileSync(at(`rest-${i}`), new Uint8Array(4096));
} catch {
  // Full.
}
const exported = run('analyze', capture, '--export', 'csv', '--out', at('calls.csv'));
const baseline = run('check', capture, '--save-baseline', at('base.json'));
// What the editor saves over an earlier file.
const kept = at('window.pcapng');
const saved = await saveFile({ scheme: 'file', fsPath: kept } as Uri, [new Uint8Array(100_000)]).then(() => '', inWords);
const before = readFileSync(kept, 'utf8');
const left = readdirSync(folder).filter((name) => !/^(?:traces\.sqlite|filler|rest-\d+|window\.pcapng$)/.test(name));
rmSync(filler);
await store.append([span(10_000_000)], { key: 'writer', value: 'again' });
const afterRoom = { spans: await count(store), checkpoint: await store.checkpoint('writer') };
await store.close();

// The same file system, now for reading only.
execFileSync('mount', ['-o', 'remount,ro', folder]);
let readSpans = 0;
const reader = new SqliteStore(at('traces.sqlite'), 'read');
for await (const page of reader.spans(EVERYTHING)) readSpans += page.length;
await reader.close();
let writeRefusal = '';
try {
  new SqliteStore(at('traces.sqlite'));
} catch (e) {
  writeRefusal = inWords(e);
}
const readOnly = run('calls', capture, '--out', at('calls.jsonl'));
const graph = run('graph', '--store', at('traces.sqlite'), '--format', 'json');
const savedReadOnly = await saveFile({ scheme: 'file', fsPath: kept } as Uri, ['x']).then(() => '', inWords);
const editor = { saved, before, savedReadOnly };
console.log(
  JSON.stringify({ stored, refusal, afterFull, exported, baseline, editor, left, afterRoom, readSpans, writeRefusal, readOnly, graph }),
);
