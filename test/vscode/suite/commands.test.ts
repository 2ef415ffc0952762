import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

suite('commands about what is on the screen', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);
  const run = (name: string, ...args: unknown[]) => vscode.commands.executeCommand(`tracenest.${name}`, ...args);

  test('Show Measured Calls Only and Clear Time Range change what lists ask for, and the second time take it back', async () => {
    const { panel } = await openAndFinish(api, inFolder('shop.pcap'));
    await run('measuredOnly');
    await until('inferred calls are hidden', () => (panel.state?.measuredOnly === true ? true : undefined));
    await run('measuredOnly');
    await until('they are shown again', () => (panel.state?.measuredOnly ? undefined : true));
    panel.reveal({ view: 'graph', range: { fromNs: 1e9, toNs: 2e9 } });
    await until('the range is set', () => (panel.state?.range?.toNs === 2e9 ? true : undefined));
    await run('clearTimeRange');
    await until('the range is gone', () => (panel.state?.range === undefined ? true : undefined));
  });

  test('Copy Wireshark Filter puts the frames of the selected call on the clipboard', async () => {
    const { panel } = await openAndFinish(api, inFolder('shop.pcap'));
    panel.reveal({ view: 'waterfall', trace: 0 });
    await until('its first call is selected', () => panel.selection.trace);
    await run('copyWiresharkFilter');
    assert.match(await vscode.env.clipboard.readText(), /^frame\.number in \{[\d., ]+\}$/);
  });

  test('Reveal Bytes of a selected transaction opens them', async () => {
    const { panel } = await openAndFinish(api, inFolder('shop.pcap'));
    panel.reveal({ view: 'transactions', trace: 3 });
    await until('a transaction is selected', () => panel.selection.trace);
    await run('revealBytes');
    await until('its bytes are shown', () => (panel.state?.view === 'waterfall' && panel.state.tab === 'bytes' ? true : undefined));
  });

  test('Compare Selected Captures takes the older file as before', async () => {
    const [older, newer] = [inFolder('older.pcap'), inFolder('newer.pcap')];
    await vscode.workspace.fs.copy(inFolder('rotated/shop-1.pcap'), older, { overwrite: true });
    await new Promise((r) => setTimeout(r, 20));
    await vscode.workspace.fs.writeFile(newer, await vscode.workspace.fs.readFile(inFolder('shop.pcap')));
    await vscode.workspace.fs.writeFile(older, await vscode.workspace.fs.readFile(older));
    // Both were written; the one written last is the newer: here the one named older.
    await run('compareSelected', newer, [newer, older]);
    const panel = await until('the later one is open', () =>
      api.analyses.current?.document.uri.path.endsWith('/older.pcap') ? api.analyses.current : undefined,
    );
    await until('it is compared', () => (panel.state?.view === 'compare' ? true : undefined));
    await closeAll();
    for (const uri of [older, newer]) await vscode.workspace.fs.delete(uri);
  });

  test('Show Latency of Endpoint at Cursor finds the route the cursor is in, or the last one above', async () => {
    await openAndFinish(api, inFolder('shop.pcap'));
    const content = "const app = express();\napp.get('/verify/:token', (req, res) => {\n  res.send('');\n});\n";
    const source = await vscode.workspace.openTextDocument({ language: 'javascript', content });
    const found = await api.lenses.at(source, new vscode.Position(2, 4));
    assert.match(found?.title ?? '', /^p95 [\d.]+.ms · 187 calls · auth$/);
    assert.equal(await api.lenses.at(source, new vscode.Position(0, 0)), undefined);
  });
});
