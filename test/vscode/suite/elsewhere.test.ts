/** Captures that are not on a disk, workers that die, settings that are nonsense. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { AnalysisDocument } from '../../../src/host/document.ts';
import { askPlace } from '../../../src/host/places.ts';
import { analysisOptions, viewSettings } from '../../../src/host/settings.ts';
import { activate, closeAll, finished, inFolder, openAndFinish, until } from './helpers.ts';

/** A file system with nothing but the files given. */
class Memory implements vscode.FileSystemProvider {
  private readonly files: ReadonlyMap<string, Uint8Array>;
  reads = 0;
  readonly onDidChangeFile = new vscode.EventEmitter<vscode.FileChangeEvent[]>().event;
  constructor(files: ReadonlyMap<string, Uint8Array>) {
    this.files = files;
  }
  private file(uri: vscode.Uri): Uint8Array {
    const bytes = this.files.get(uri.path);
    if (!bytes) throw vscode.FileSystemError.FileNotFound(uri);
    return bytes;
  }
  stat(uri: vscode.Uri): vscode.FileStat {
    if (uri.path === '/') return { type: vscode.FileType.Directory, ctime: 0, mtime: 0, size: 0 };
    return { type: vscode.FileType.File, ctime: 0, mtime: 0, size: this.file(uri).length };
  }
  readFile(uri: vscode.Uri): Uint8Array {
    this.reads++;
    return this.file(uri);
  }
  watch = () => new vscode.Disposable(() => {});
  readDirectory = (): [string, vscode.FileType][] => [];
  createDirectory = () => {};
  writeFile = () => {};
  delete = () => {};
  rename = () => {};
}

suite('captures elsewhere', () => {
  let api: TracenestApi;
  const memory = new Memory(new Map([['/shop.pcap', readFileSync(inFolder('shop.pcap').fsPath)]]));
  let registration: vscode.Disposable;
  suiteSetup(async () => {
    api = await activate();
    registration = vscode.workspace.registerFileSystemProvider('tracenest-test', memory, { isReadonly: true });
  });
  suiteTeardown(() => registration.dispose());
  teardown(closeAll);

  test('a capture of another file system is read whole and gives the same analysis', async () => {
    const here = await openAndFinish(api, inFolder('shop.pcap'));
    const there = await openAndFinish(api, vscode.Uri.parse('tracenest-test:/shop.pcap'));
    assert.ok(here.document.hasResults);
    assert.equal(there.document.snapshot.summary?.calls, here.document.snapshot.summary?.calls);
    assert.equal(memory.reads, 1);
  });

  test('one above the limit is not read, and the setting is named', async () => {
    const settings = vscode.workspace.getConfiguration('tracenest');
    await settings.update('analysis.maxRemoteFileSize', 1, vscode.ConfigurationTarget.Workspace);
    try {
      const before = memory.reads;
      const { document } = await openAndFinish(api, vscode.Uri.parse('tracenest-test:/shop.pcap'));
      const { status } = document.snapshot;
      assert.ok(status.kind === 'failed');
      assert.match(status.error.next, /tracenest\.analysis\.maxRemoteFileSize/);
      assert.equal(memory.reads, before);
    } finally {
      await settings.update('analysis.maxRemoteFileSize', undefined, vscode.ConfigurationTarget.Workspace);
    }
  });
});

suite('faults', () => {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'tracenest-faults-'));
  const log = vscode.window.createOutputChannel('Tracenest faults', { log: true });
  suiteTeardown(() => {
    log.dispose();
    rmSync(dir, { recursive: true, force: true });
  });
  const withWorker = async (script: string) => {
    const api = await activate();
    const workerFile = path.join(dir, `worker-${script.length}.js`);
    writeFileSync(workerFile, script);
    return new AnalysisDocument(inFolder('shop.pcap'), { ...api.documents, workerFile, heapMb: 48, log });
  };

  for (const [what, script, why] of [
    ['throws', `setTimeout(() => { throw new Error('out of luck') }, 50)`, /out of luck/],
    ['exits', `setTimeout(() => process.exit(3), 50)`, /exit code 3/],
    [
      'runs out of memory',
      `require('node:worker_threads').parentPort.on('message', () => { const a = []; for (;;) a.push(new Array(1e6).fill(1.5)); })`,
      /memory/i,
    ],
  ] as const) {
    test(`a worker that ${what} leaves a message, the host, and a way on`, async () => {
      const document = await withWorker(script);
      try {
        const snapshot = await finished(document);
        assert.ok(snapshot.status.kind === 'failed');
        assert.match(snapshot.status.error.why, why);
        assert.match(snapshot.status.error.next, /again/);
        await document.analyse();
        assert.equal(document.snapshot.status.kind, 'failed', 'a new worker was tried');
      } finally {
        document.dispose();
      }
    }).timeout(60_000);
  }

  test('an editor whose Node is too old is told so at once, and by what to do; nothing else is tried', async () => {
    const api = await activate();
    const old = { ...api.documents, workerFile: path.join(dir, 'none.js'), node: '22.21.1' };
    const document = new AnalysisDocument(inFolder('shop.pcap'), old);
    try {
      const { status } = await finished(document);
      assert.ok(status.kind === 'failed');
      assert.match(status.error.why, /runs Node 22\.21\.1; Tracenest needs 24\.6 or newer/);
      assert.match(status.error.next, /Update the editor/);
      await assert.rejects(askPlace(old, 'storeContents', { url: 'x.sqlite' }), /runs Node 22\.21\.1/);
    } finally {
      document.dispose();
    }
  });

  test('a worker that never answers ends with its document', async () => {
    const document = await withWorker(`require('node:worker_threads').parentPort.on('message', () => {}); setInterval(() => {}, 1000)`);
    const question = document.ask('services', { generation: 1 });
    document.dispose();
    await assert.rejects(question, /closed/);
  });
});

suite('settings', () => {
  test('nonsense in a settings file becomes the default or the nearest limit', async () => {
    const config = vscode.workspace.getConfiguration('tracenest');
    const set = (key: string, value: unknown) => config.update(key, value, vscode.ConfigurationTarget.Workspace);
    const nonsense = {
      'analysis.minConfidence': 7,
      'analysis.ignoreHeaders': ['X-Id', 4],
      'view.percentile': 42,
      'view.maxServices': 1e9,
      'view.colorEdgesBy': 'red',
    };
    for (const [k, v] of Object.entries(nonsense)) await set(k, v);
    try {
      await until('they are there', () => (viewSettings(undefined).maxServices === 400 ? true : undefined));
      assert.equal(analysisOptions(undefined, { names: {} }).minConfidence, 1);
      assert.deepEqual(analysisOptions(undefined, { names: {} }).ignoreHeaders, ['x-id']);
      assert.equal(viewSettings(undefined).percentile, 95);
      assert.equal(viewSettings(undefined).colorEdgesBy, 'none');
    } finally {
      for (const k of Object.keys(nonsense)) await set(k, undefined);
    }
  });
});
