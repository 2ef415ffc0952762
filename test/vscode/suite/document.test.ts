import assert from 'node:assert/strict';
import { copyFile, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { analysisUri, capturesOf } from '../../../src/host/captureUri.ts';
import { activate, closeAll, finished, inFolder, openAndFinish, until, VIEW_TYPE } from './helpers.ts';

const SHOP = ['auth', 'cache', 'catalog', 'db', 'gateway', 'mail', 'orders', 'price', 'recommend', 'stock'];

suite('analysis documents', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);

  test('a capture opens by default in the analysis editor and shows the services of the sample', async () => {
    await vscode.commands.executeCommand('vscode.open', inFolder('shop.pcap'));
    const document = await until('it opened', () => api.analyses.find(inFolder('shop.pcap')));
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom);
    assert.equal(input.viewType, VIEW_TYPE);
    const snapshot = await finished(document);
    assert.equal(snapshot.status.kind, 'ready', JSON.stringify(snapshot.status));
    const services = await document.ask('services', { generation: snapshot.generation });
    const names = services.filter((s) => !s.isClients).map((s) => s.name);
    for (const name of SHOP)
      assert.ok(
        names.some((n) => n.startsWith(name)),
        `${name} among ${names.join(', ')}`,
      );
  });

  test('a compressed capture gives the same analysis', async () => {
    const plain = await openAndFinish(api, inFolder('shop.pcap'));
    const packed = await openAndFinish(api, inFolder('shop.pcap.gz'));
    const { title: _a, sources: _b, ...a } = plain.document.snapshot.summary ?? assert.fail();
    const { title: _c, sources: _d, ...b } = packed.document.snapshot.summary ?? assert.fail();
    assert.deepEqual({ ...b, bytes: 0 }, { ...a, bytes: 0 });
  });

  test('several captures are one analysis: rotated files give what the whole file gives', async () => {
    const uri = analysisUri([inFolder('rotated/shop-2.pcap'), inFolder('rotated/shop-1.pcap')]);
    const whole = await openAndFinish(api, inFolder('shop.pcap'));
    const parts = await openAndFinish(api, uri);
    assert.equal(parts.document.captures.length, 2);
    const { calls, transactions, services } = whole.document.snapshot.summary ?? assert.fail();
    const s = parts.document.snapshot.summary ?? assert.fail();
    assert.deepEqual({ calls: s.calls, transactions: s.transactions, services: s.services }, { calls, transactions, services });
  });

  test('an analysis over several captures has one address, whatever the order, and survives being written down', () => {
    const captures = [inFolder('b.pcap'), inFolder('a.pcap'), inFolder('b.pcap')];
    const uri = analysisUri(captures);
    assert.equal(uri.toString(), analysisUri([...captures].reverse()).toString());
    assert.deepEqual(capturesOf(vscode.Uri.parse(uri.toString(), true))?.map(String), [captures[1], captures[0]].map(String));
    assert.equal(capturesOf(uri.with({ query: '{"captures":[]}' })), null);
    assert.equal(capturesOf(uri.with({ query: 'nonsense' })), null);
    assert.equal(capturesOf(uri.with({ query: JSON.stringify({ captures: [uri.toString()] }) })), null);
  });

  test('captures are open side by side, each with its own worker', async () => {
    const a = await openAndFinish(api, inFolder('shop.pcap'));
    const b = await openAndFinish(api, inFolder('rotated/shop-1.pcap'));
    assert.ok((a.document.snapshot.summary?.calls ?? 0) > (b.document.snapshot.summary?.calls ?? 0));
    assert.equal(api.analyses.open.length, 2);
    await closeAll();
    await until('both are closed', () => (api.analyses.open.length === 0 ? true : undefined));
    await assert.rejects(a.document.ask('services', { generation: 1 }), /closed/);
  });

  test('two editors of one capture share its analysis, each with a view of its own', async () => {
    const { document, panel } = await openAndFinish(api, inFolder('shop.pcap'));
    await vscode.commands.executeCommand('workbench.action.splitEditor');
    const other = await until('the second editor', () => (api.analyses.current === panel ? undefined : api.analyses.current));
    assert.equal(other.document, document);
    assert.equal(api.analyses.open.length, 1);
    other.reveal({ view: 'quality' });
    await until('the second one shows something else', () => (other.state?.view === 'quality' ? true : undefined));
    await vscode.commands.executeCommand('workbench.action.closeActiveEditor');
    await until('the first one is left', () => (api.analyses.current === panel ? true : undefined));
    assert.equal(api.analyses.open.length, 1, 'closing one of them closes no analysis');
    const scope = { generation: document.snapshot.generation };
    assert.ok((await document.ask('services', scope)).length > 5);
  });

  test('running again makes a new generation; rows of the old one are refused', async () => {
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const { generation } = document.snapshot;
    await vscode.commands.executeCommand('tracenest.runAgain');
    const again = await finished(document);
    assert.ok(again.generation > generation);
    await assert.rejects(document.ask('services', { generation }), (e) => e instanceof Error && 'code' in e && e.code === 'stale');
  });

  test('a file that grows, shrinks or goes away while open is said so', async () => {
    const file = inFolder('changing.pcap');
    await copyFile(inFolder('shop.pcap').fsPath, file.fsPath);
    const { document } = await openAndFinish(api, file);
    assert.equal(document.snapshot.stale, '');
    await writeFile(file.fsPath, Buffer.alloc(5000), { flag: 'a' });
    assert.match(await until('growth is noticed', () => document.snapshot.stale || undefined), /changing\.pcap grew by 5,000/);
    await truncate(file.fsPath, 1000);
    await until('shrinking is noticed', () => (/shrank/.test(document.snapshot.stale) ? true : undefined));
    await rm(file.fsPath);
    await until('deletion is noticed', () => (/was deleted/.test(document.snapshot.stale) ? true : undefined));
    assert.ok(document.hasResults, 'what was read is still shown');
  });

  test('a renamed file is followed by its editor; an analysis over several captures says so', async () => {
    const [from, to] = [inFolder('before.pcap'), inFolder('after.pcap')];
    await copyFile(inFolder('shop.pcap').fsPath, from.fsPath);
    const several = await openAndFinish(api, analysisUri([from, inFolder('rotated/shop-1.pcap')]));
    await openAndFinish(api, from);
    const edit = new vscode.WorkspaceEdit();
    edit.renameFile(from, to);
    await vscode.workspace.applyEdit(edit);
    await until('the editor is on the new name', () => api.analyses.find(to));
    await until('the other says so', () =>
      /before\.pcap was renamed to after\.pcap/.test(several.document.snapshot.stale) ? true : undefined,
    );
    await closeAll();
    await rm(to.fsPath);
  });
});

suite('captures that are wrong', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);

  const failure = async (name: string) => {
    const { document } = await openAndFinish(api, inFolder(name));
    const { status } = document.snapshot;
    if (status.kind !== 'failed' && status.kind !== 'empty') return assert.fail(`${name} is ${status.kind}`);
    const reason = status.kind === 'failed' ? status.error : status.reason;
    assert.ok(reason.next.length > 10, 'it says what to do');
    assert.doesNotMatch(JSON.stringify(reason), /\bat .+\.js:\d+|defect/i, 'neither a stack trace nor a defect of ours');
    return reason;
  };

  test('an empty file', async () => {
    assert.match((await failure('broken/empty.pcap')).what, /empty/);
  });
  test('a text file named .pcap', async () => {
    assert.match((await failure('broken/text.pcap')).what, /not a capture: first bytes 54 68 69 73/);
  });
  test('a file without packets', async () => {
    assert.match((await failure('broken/no-packets.pcap')).what, /no packets/);
  });
  test('only TLS', async () => {
    assert.match((await failure('broken/tls.pcap')).what, /\d+\s?% of bytes are TLS/);
  });
  test('a link type that is not read', async () => {
    const { what } = await failure('broken/odd-link.pcap');
    assert.equal(what, 'Interface 0: link type 162 (USER15) unsupported; 5 packets skipped');
  });
  test('no requests at all', async () => {
    const { what, why } = await failure('broken/no-requests.pcap');
    assert.match(what, /^No requests were found in 6 packets of 1 connection/);
    assert.match(why, /^No connection carries a request and a response of a protocol that is known/);
  });
  test('a file cut in mid-packet shows all before the cut, and the byte', async () => {
    const { document } = await openAndFinish(api, inFolder('broken/cut.pcap'));
    const { status, summary } = document.snapshot;
    assert.ok(status.kind === 'partial', status.kind);
    // The cut is inside the last packet: the message says where the bytes end, the place is where that packet begins.
    const { size } = await stat(inFolder('broken/cut.pcap').fsPath);
    const [reason, ...others] = status.reasons;
    assert.equal(reason?.what, `cut.pcap: capture ends mid-packet at byte ${size}; the 2183 packets before it are kept`);
    assert.equal(reason.offset, await lastRecord(inFolder('broken/cut.pcap').fsPath));
    assert.deepEqual(others, []);
    assert.equal(summary?.calls, 659);
  });
  test('a file that is not there', async () => {
    const { document } = await openAndFinish(api, analysisUri([inFolder('gone-1.pcap'), inFolder('gone-2.pcap')]));
    assert.equal(document.snapshot.status.kind, 'failed');
  });
});

/** Where the last record of a pcap file begins, whole or not: 24 bytes of file header, then 16 of record header and the bytes it promises. */
async function lastRecord(file: string): Promise<number> {
  const bytes = await readFile(file);
  let at = 24;
  for (let next = at; next < bytes.length; next += 16 + bytes.readUInt32LE(at + 8)) at = next;
  return at;
}
