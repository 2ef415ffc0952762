import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

const text = (item: vscode.TreeItem): string => (typeof item.label === 'string' ? item.label : (item.label?.label ?? ''));

suite('trees', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);

  test('captures: every capture of the folder, with its size, and the state of those that are open', async () => {
    const tree = api.trees.captures;
    const items = async () => Promise.all((await tree.getChildren()).map(async (i) => tree.getTreeItem(i)));
    const names = (await items()).map(text);
    for (const n of ['shop.pcap', 'shop.pcap.gz', 'shop-1.pcap', 'empty.pcap']) assert.ok(names.includes(n), `${n} in ${names}`);
    assert.ok(!names.includes('notes.txt'));
    const size = (await items()).find((i) => text(i) === 'shop.pcap')?.description;
    assert.match(String(size), /1\.7.MB/);
    await openAndFinish(api, inFolder('shop.pcap'));
    assert.match(String((await items()).find((i) => text(i) === 'shop.pcap')?.description), /services, [\d,]+ calls/);
    await openAndFinish(api, inFolder('broken/empty.pcap'));
    const broken = (await items()).find((i) => text(i) === 'empty.pcap');
    assert.equal(broken?.description, 'failed · broken');
    assert.match(String(broken?.tooltip), /empty/);
  });

  test('services: where time goes first, each with callers, callees and endpoints', async () => {
    const tree = api.trees.services;
    assert.deepEqual(await tree.getChildren(), []);
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const roots = await tree.getChildren();
    const own = roots.filter((r) => r.kind === 'service' && !r.node.isClients);
    assert.equal(own.length, document.snapshot.summary?.services);
    const orders = roots.find((r) => r.kind === 'service' && r.node.name.startsWith('orders'));
    assert.ok(orders);
    const item = tree.getTreeItem(orders);
    assert.match(String(item.description), /^p95 [\d.,]+.ms · [\d,]+/);
    const groups = await tree.getChildren(orders);
    assert.deepEqual(
      groups.map((g) => text(tree.getTreeItem(g))),
      ['Called by', 'Calls', 'Endpoints'],
    );
    const [callers, callees, endpoints] = await Promise.all(groups.map((g) => tree.getChildren(g)));
    assert.ok(callers?.some((c) => text(tree.getTreeItem(c)).startsWith('gateway')));
    assert.ok((callees?.length ?? 0) > 0);
    assert.ok(endpoints?.some((e) => /^(GET|POST) \//.test(text(tree.getTreeItem(e)))));
    const first = callers?.[0];
    assert.equal(first && tree.getTreeItem(first).command?.command, 'tracenest.revealEdge');
  });

  test('hostile text from packets: no item, description or tooltip hides or reorders anything, or has no end', async () => {
    await openAndFinish(api, inFolder('broken/hostile.pcap'));
    const items: vscode.TreeItem[] = [];
    const walk = async <T>(
      tree: { getChildren(e?: T): vscode.ProviderResult<T[]>; getTreeItem(e: T): vscode.TreeItem | Thenable<vscode.TreeItem> },
      of?: T,
      depth = 0,
    ) => {
      if (depth > 4) return;
      for (const child of (await tree.getChildren(of)) ?? []) {
        items.push(await tree.getTreeItem(child));
        await walk(tree, child, depth + 1);
      }
    };
    await walk(api.trees.services);
    await walk(api.trees.transactions);
    await walk(api.trees.captures);
    assert.ok(items.length > 20, `${items.length} items`);
    const all = items.flatMap((i) => [text(i), String(i.description), String(i.tooltip)]).join('\n');
    assert.match(all, /trash|alert|command:/, `the payloads are there: ${all.slice(0, 1000)}`);
    for (const item of items)
      for (const shown of [text(item), item.description, item.tooltip]) {
        // Plain text: Markdown would be run, not shown.
        assert.ok(shown === undefined || typeof shown === 'string' || typeof shown === 'boolean');
        assert.doesNotMatch(String(shown ?? ''), /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069]/);
        assert.ok(String(shown ?? '').length <= 1100, `${String(shown).length} characters`);
      }
  });

  test('transactions: slowest first, grouped by entry, 200 until all are asked for', async () => {
    const tree = api.trees.transactions;
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const total = document.snapshot.summary?.transactions ?? 0;
    const rows = async () => {
      const roots = await tree.getChildren();
      const entries = roots.filter((r) => r.kind === 'entry');
      return { roots, entries, count: entries.reduce((n, e) => n + e.rows.length, 0) };
    };
    const some = await rows();
    assert.equal(some.count, Math.min(200, total));
    for (const e of some.entries) {
      const durations = e.rows.map((r) => r.row.durationNs);
      assert.deepEqual(
        durations,
        durations.toSorted((a, b) => b - a),
        e.label,
      );
    }
    await vscode.commands.executeCommand('tracenest.showAllTransactions');
    const all = await rows();
    assert.equal(all.count, total);
    assert.ok(all.roots.every((r) => r.kind !== 'more'));
  });

  test('a name given to a service holds, also for other captures of its hosts, until it is taken back', async () => {
    const { document } = await openAndFinish(api, inFolder('shop.pcap'));
    const ask = async () => document.ask('services', { generation: document.snapshot.generation });
    const db = (await ask()).find((s) => s.name.startsWith('db'));
    assert.ok(db);
    try {
      await api.names.rename(db.addresses, 'ledger');
      await document.analyse();
      assert.ok((await ask()).some((s) => s.name === 'ledger' && s.namedBy === 'user'));
      const other = await openAndFinish(api, inFolder('rotated/shop-1.pcap'));
      const names = (await other.document.ask('services', { generation: other.document.snapshot.generation })).map((s) => s.name);
      assert.ok(names.includes('ledger'), names.join(', '));
    } finally {
      await api.names.rename(db.addresses, '');
    }
    assert.deepEqual(api.names.renames(), {});
  });

  test('names files of the folder name services, whatever kind they are', async () => {
    const file = inFolder('services.yaml');
    writeFileSync(
      file.fsPath,
      'kind: Endpoints\nmetadata: { name: ledger }\nsubsets: [{ addresses: [{ ip: 10.77.0.12 }], ports: [{ port: 8080 }] }]\n---\nwarehouse: [10.77.0.14:8080]\n',
    );
    try {
      const { document } = await openAndFinish(api, inFolder('shop.pcap'));
      const all = await document.ask('services', { generation: document.snapshot.generation });
      const named = all.filter((s) => s.namedBy === 'names-file').map((s) => s.name);
      assert.deepEqual(named.toSorted(), ['ledger', 'warehouse']);
    } finally {
      rmSync(file.fsPath);
    }
  });

  test('the trees follow the editor that is used', async () => {
    await openAndFinish(api, inFolder('shop.pcap'));
    const a = await api.trees.services.getChildren();
    await openAndFinish(api, inFolder('broken/empty.pcap'));
    assert.deepEqual(await api.trees.services.getChildren(), []);
    await vscode.commands.executeCommand('vscode.openWith', inFolder('shop.pcap'), 'tracenest.capture');
    await until('it is back', () => (api.analyses.current?.document.title === 'shop.pcap' ? true : undefined));
    assert.equal((await api.trees.services.getChildren()).length, a.length);
  });
});
