/** Analyses that are not captures: result files, stored intervals, attached topics. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import type { AnalysisDocument } from '../../../src/host/document.ts';
import { originOf, originUri } from '../../../src/host/origin.ts';
import { askPlace } from '../../../src/host/places.ts';
import { needsPassword, passwordOf } from '../../../src/host/secrets.ts';
import { Session } from '../../../src/session/session.ts';
import { spanRecords, storedSpans } from '../../../src/session/spans.ts';
import { DEFAULT_ANALYSIS_OPTIONS } from '../../../src/shared/protocol.ts';
import { openStore } from '../../../src/tracestore/open.ts';
import { activate, closeAll, inFolder, openAndFinish, until } from './helpers.ts';

const CALLS = 2028;

suite('stored analyses', () => {
  let api: TracenestApi;
  let expected: unknown;
  const answers = async (document: AnalysisDocument) => {
    const scope = { generation: document.snapshot.generation };
    const names = new Map((await document.ask('services', scope)).map((s) => [s.id, s.name]));
    const edges = await document.ask('edges', scope);
    return edges.map((e) => [names.get(e.from), names.get(e.to), e.latency.calls, e.latency.p50Ns, e.latency.errors]);
  };
  suiteSetup(async () => {
    api = await activate();
    const session = new Session({ snapshot: () => {}, log: () => {} });
    await session.analyse([{ kind: 'file', path: inFolder('shop.pcap').fsPath, name: 'shop.pcap' }], DEFAULT_ANALYSIS_OPTIONS);
    const source = session.exportSource({ generation: session.snapshot.generation });
    const spans = [...spanRecords(source)];
    const result = { format: 'tracenest-analysis', version: 1, complete: true, spanCount: spans.length, spans };
    writeFileSync(inFolder('shop.tracenest.json').fsPath, JSON.stringify(result));
    const store = openStore(inFolder('traces.sqlite').fsPath, 'write');
    await store.append([...storedSpans(source)]);
    await store.close();
    expected = await answers((await openAndFinish(api, inFolder('shop.pcap'))).document);
  });
  teardown(closeAll);

  test('a result file opens in the editor by its name and shows what the capture shows', async () => {
    const uri = inFolder('shop.tracenest.json');
    await vscode.commands.executeCommand('vscode.open', uri);
    const { document } = await openAndFinish(api, uri);
    assert.equal(document.snapshot.status.kind, 'ready');
    assert.deepEqual(await answers(document), expected);
  });

  test('a stored interval opens from its address alone, and what a store holds can be asked', async () => {
    const url = inFolder('traces.sqlite').fsPath;
    const contents = await askPlace(api.documents, 'storeContents', { url });
    assert.equal(contents.spans, CALLS);
    assert.ok(contents.interval);
    const { fromNs, toNs } = contents.interval;
    const uri = originUri({ store: { url, fromNs, toNs: String(BigInt(toNs) + 1n) } });
    const { document } = await openAndFinish(api, vscode.Uri.parse(uri.toString(), true));
    assert.equal(document.snapshot.status.kind, 'ready');
    assert.deepEqual(await answers(document), expected);
  });

  test('an interval without transactions, and a store that is none, say so', async () => {
    const empty = originUri({ store: { url: inFolder('traces.sqlite').fsPath, fromNs: '0', toNs: '1' } });
    assert.equal((await openAndFinish(api, empty)).document.snapshot.status.kind, 'empty');
    const none = originUri({ store: { url: inFolder('notes.txt').fsPath, fromNs: '0', toNs: '1' } });
    assert.equal((await openAndFinish(api, none)).document.snapshot.status.kind, 'failed');
  });
});

suite('attached topics', () => {
  const topic = { topic: 'shop', format: 'tracenest', from: 'earliest', windowS: 3600 };

  test('an address holds no secret, survives its text, and a damaged one is refused', () => {
    const connection = {
      name: 'lab',
      brokers: ['127.0.0.1:1'],
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'sasl.username': 'u',
      'sasl.password': 'secret',
    };
    const uri = originUri({ kafka: { connection, ...topic } });
    assert.doesNotMatch(uri.toString(true), /secret/);
    const { 'sasl.password': _, ...kept } = connection;
    assert.deepEqual(originOf(vscode.Uri.parse(uri.toString(), true)), { kafka: { connection: kept, ...topic } });
    for (const query of ['nonsense', '{}', '{"kafka":{"topic":"x"}}', '{"store":{"url":"x","fromNs":"a","toNs":"1"}}'])
      assert.equal(originOf(uri.with({ query })), null);
  });

  test('a password belongs to brokers and user, not to a name that another address may borrow', async () => {
    const { secrets } = (await activate()).documents;
    const lab = {
      name: 'lab',
      brokers: ['127.0.0.1:1'],
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'PLAIN',
      'sasl.username': 'u',
    } as const;
    assert.ok(needsPassword(lab));
    const uri = originUri({ kafka: { connection: lab, ...topic } });
    const { document } = await openAndFinish(await activate(), uri);
    const { status } = document.snapshot;
    assert.ok(status.kind === 'failed');
    assert.match(status.error.what, /password of lab/);
    assert.equal(await passwordOf(secrets, { ...lab, brokers: ['evil.example:1'] }), undefined);
    await closeAll();
  });

  test('a broker that is not there is said, with what to do', async () => {
    const api = await activate();
    const uri = originUri({ kafka: { connection: { name: 'gone', brokers: ['127.0.0.1:1'] }, ...topic } });
    const { document } = await openAndFinish(api, uri);
    const { status } = document.snapshot;
    assert.ok(status.kind === 'failed');
    assert.match(`${status.error.what} ${status.error.why}`, /127\.0\.0\.1:1/);
    assert.match(status.error.next, /a broker running there/);
    await assert.rejects(askPlace(api.documents, 'topics', { connection: { brokers: ['127.0.0.1:1'] }, password: '' }));
    await closeAll();
  });

  /** test/kafka/host.test.ts starts a broker with the sample capture in a topic and says where. */
  const brokers = process.env['TRACENEST_TEST_BROKERS'];
  test('attach, pause, resume, freeze, detach, attach again', async function () {
    if (!brokers) this.skip();
    const api = await activate();
    const connection = { name: 'test', brokers: [brokers] };
    assert.ok((await askPlace(api.documents, 'topics', { connection, password: '' })).includes('shop'));
    const uri = originUri({ kafka: { connection, ...topic } });
    const { document } = await openAndFinish(api, uri);
    const whole = () => (document.isLive && document.snapshot.summary?.calls === CALLS ? true : undefined);
    await until('all of the topic is shown', whole);
    const paused = () => document.snapshot.status.kind === 'live' && document.snapshot.status.paused;
    await vscode.commands.executeCommand('tracenest.pause');
    await until('it is paused', () => paused() || undefined);
    await vscode.commands.executeCommand('tracenest.resume');
    await until('it goes on', () => !paused() || undefined);
    const frozen = inFolder('frozen.pcapng');
    await vscode.commands.executeCommand('tracenest.freezeWindow', frozen);
    assert.ok(readFileSync(frozen.fsPath).length > 100_000);
    await vscode.commands.executeCommand('tracenest.rewind', { from: 'earliest' });
    await vscode.commands.executeCommand('tracenest.detachTopic');
    await until('it is detached', () => document.snapshot.status.kind === 'cancelled' || undefined);
    void document.analyse();
    await until('it is attached again', whole);
    const file = await openAndFinish(api, frozen);
    assert.equal(file.document.snapshot.summary?.calls, CALLS);
    await closeAll();
  }).timeout(90_000);
});
