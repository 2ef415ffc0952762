/** From route definitions to observed latency and back. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

const SOURCES = inFolder('services');
const FILES = {
  'auth/app.js': `const app = require('express')();
app.get('/verify/:token', verify);
app.get('/never-called', other);
`,
  'gateway/main.go': `package main
func main() {
	http.HandleFunc("POST /checkout", checkout)
}
`,
  'notes/plain.js': `app.get('/never-called', other);\n`,
};

suite('endpoint lenses', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
    for (const [name, text] of Object.entries(FILES)) {
      const file = path.join(SOURCES.fsPath, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  });
  suiteTeardown(() => rmSync(SOURCES.fsPath, { recursive: true, force: true }));
  teardown(closeAll);

  const lensesOf = async (name: string): Promise<readonly vscode.CodeLens[]> => {
    const uri = vscode.Uri.joinPath(SOURCES, name);
    await vscode.workspace.openTextDocument(uri);
    return vscode.commands.executeCommand('vscode.executeCodeLensProvider', uri, 10);
  };

  test('above a route stands what the open capture saw of it; nothing without a capture, nothing above others', async () => {
    assert.deepEqual(await lensesOf('auth/app.js'), []);
    await openAndFinish(api, inFolder('shop.pcap'));
    const [lens, ...others] = await lensesOf('auth/app.js');
    assert.deepEqual(others, []);
    assert.equal(lens?.range.start.line, 1);
    assert.match(lens?.command?.title ?? '', /^p95 [\d.]+.ms · 187 calls · auth$/);
    assert.deepEqual(await lensesOf('notes/plain.js'), []);
    const [go] = await lensesOf('gateway/main.go');
    assert.match(go?.command?.title ?? '', /gateway$/);
    assert.ok(go?.command);
    await vscode.commands.executeCommand(go.command.command, ...(go.command.arguments ?? []));
    await until('the service is shown', () => (api.analyses.current?.state?.service === 'gateway' ? true : undefined));
  });

  test('an endpoint leads back to its route', async () => {
    await openAndFinish(api, inFolder('shop.pcap'));
    await vscode.commands.executeCommand('tracenest.openRoute', { service: 'gateway', endpoint: 'POST /checkout' });
    const editor = await until('the source opens', () => vscode.window.activeTextEditor);
    assert.match(editor.document.uri.path, /gateway\/main\.go$/);
    assert.equal(editor.selection.start.line, 2);
    assert.deepEqual(await api.lenses.routesOf('mail', 'POST /send'), []);
  });

  test('they can be switched off', async () => {
    await openAndFinish(api, inFolder('shop.pcap'));
    await vscode.commands.executeCommand('tracenest.toggleLenses');
    try {
      assert.deepEqual(await lensesOf('auth/app.js'), []);
    } finally {
      await vscode.commands.executeCommand('tracenest.toggleLenses');
    }
    assert.equal((await lensesOf('auth/app.js')).length, 1);
  });
});
