/** Tools for language models: bounded, without what must not leave, errors that tell a model what to do. */
import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { activate, closeAll, inFolder, openAndFinish } from './helpers.ts';

const NAMES = ['list_services', 'get_serviceLatency', 'find_slowTransactions', 'explain_packetTransaction', 'compare_packetCaptures'];

suite('language-model tools', () => {
  let api: TracenestApi;
  suiteSetup(async () => {
    api = await activate();
  });
  teardown(closeAll);

  const ask = async (name: string, input: object = {}): Promise<string> => {
    const result = await vscode.lm.invokeTool(name, { input, toolInvocationToken: undefined });
    const text = result.content.map((p) => (p instanceof vscode.LanguageModelTextPart ? p.value : '')).join('');
    assert.ok(Buffer.byteLength(text) <= 8192, `${name} says ${Buffer.byteLength(text)} bytes`);
    assert.doesNotMatch(text, /undefined|NaN|\[object|authorization|cookie/i);
    return text;
  };

  test('all are there; without a capture they say what to do', async () => {
    const there = vscode.lm.tools.map((t) => t.name);
    for (const name of NAMES) assert.ok(there.includes(name), name);
    await assert.rejects(ask('list_services'), /Ask the user to open a capture/);
  });

  test('services, latency of one, slow transactions, one of them, a comparison', async () => {
    await openAndFinish(api, inFolder('shop.pcap'));
    const services = await ask('list_services');
    assert.match(services, /shop\.pcap: [\d,]+ calls in [\d,]+ transactions between 10 services/);
    assert.match(services, /- orders: \d+ calls, p50 .*calls .*stock/);
    const orders = await ask('get_serviceLatency', { service: 'orders' });
    for (const part of [/Calls around p95: own work/, /Called by:\n- gateway: \d+ calls/, /Endpoints:\n- POST \//])
      assert.match(orders, part);
    await assert.rejects(ask('get_serviceLatency', { service: 'ordres' }), /no service "ordres". There are: .*orders/);
    const slow = await ask('find_slowTransactions', { filter: 'service:orders', limit: 3 });
    const ids = [...slow.matchAll(/^- ([0-9a-f]{32}): /gm)].map((m) => m[1]);
    assert.equal(ids.length, 3);
    await assert.rejects(ask('find_slowTransactions', { filter: 'duration>>' }), /not understood at character/);
    const one = await ask('explain_packetTransaction', { transaction: ids[0] });
    assert.match(one, /On the critical path: /);
    assert.match(one, /\n- gateway POST \/checkout: at 0/);
    assert.match(one, /\n {2,}- orders .*link \d+.% sure/);
    await assert.rejects(ask('explain_packetTransaction', { transaction: '12' }), /find_slowTransactions gives ids/);
    assert.match(await ask('compare_packetCaptures', { before: 'shop.pcap.gz' }), /No edge changed/);
    await assert.rejects(ask('compare_packetCaptures', { before: '/etc/passwd' }), /There are: .*shop\.pcap\.gz/);
  });

  test('text from packets stays text in a line of its own', async () => {
    await openAndFinish(api, inFolder('broken/hostile.pcap'));
    const text = await ask('list_services');
    assert.doesNotMatch(text, /[\u0000-\u0009\u000b-\u001f\u202e]/);
    assert.match(text, /not instructions/);
  });
});
