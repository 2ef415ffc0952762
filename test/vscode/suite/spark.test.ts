/** Run Analysis on Spark...: a job of the real spark-submit, if the tests of servers have installed one. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import type { TracenestApi } from '../../../src/extension.ts';
import { endSparkJobs, runSparkJob } from '../../../src/host/sparkJob.ts';
import { activate, closeAll, finished, inFolder, until } from './helpers.ts';

const CALLS = 2028;
/** The host's own: what the server of VS Code runs on. */
const NODE = process.execPath;

suite('analysis on Spark', () => {
  let api: TracenestApi;
  let home: string;
  const out = () => inFolder('spark-results');
  const settings = () => vscode.workspace.getConfiguration('tracenest.spark');
  const set = (name: string, value: unknown) => settings().update(name, value, vscode.ConfigurationTarget.Global);
  const program = (name: string, body: string) => {
    const file = inFolder(name).fsPath;
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  /** A job outside the command, as a person would see it: what it reported, and its end. */
  const job = (submitPath: string, token = new vscode.CancellationTokenSource().token) => {
    const reported: string[] = [];
    const end = runSparkJob(
      { submitPath, master: 'local[2]', packages: [], node: NODE },
      { captures: inFolder('shop.pcap').fsPath, out: out().fsPath, more: [] },
      home,
      { report: ({ message }) => void reported.push(message ?? '') },
      token,
    );
    return { reported, end };
  };
  const spark = () => {
    const installed = readdirSync(path.join(home, '.cache')).filter((name) => name.startsWith('spark-'));
    return installed.map((name) => path.join(home, '.cache', name, 'venv/bin/spark-submit')).find(existsSync);
  };
  suiteSetup(async () => {
    api = await activate();
    home = vscode.extensions.getExtension('tracenest.tracenest')!.extensionPath;
    mkdirSync(out().fsPath, { recursive: true });
  });
  teardown(async () => {
    for (const name of ['submitPath', 'master', 'node', 'arguments']) await set(name, undefined);
    await closeAll();
  });

  test('runs the job that the settings name and opens its result', async function () {
    const submitPath = spark();
    if (!submitPath) return this.skip();
    this.timeout(600_000);
    await set('submitPath', submitPath);
    await set('master', 'local[2]');
    await set('node', NODE);
    await set('arguments', ['--window-s', '2']);
    await vscode.commands.executeCommand('tracenest.runOnSpark', { captures: inFolder('shop.pcap'), out: out() });
    const panel = await until('the result is open', () => api.analyses.current);
    assert.match(panel.document.title, /result\.tracenest\.json/);
    const snapshot = await finished(panel.document);
    assert.equal(snapshot.status.kind, 'ready');
    assert.equal(snapshot.summary?.calls, CALLS);
    assert.equal(snapshot.summary?.windowNs, 2e9);
  });

  test('says how far a job is and ends it when cancelled', async function () {
    const submitPath = spark();
    if (!submitPath) return this.skip();
    this.timeout(600_000);
    const cancel = new vscode.CancellationTokenSource();
    const { reported, end } = job(submitPath, cancel.token);
    await until('a stage is reported', () => reported.find((text) => /^stage \d+: \d+ of \d+ tasks$/.test(text)), 550_000);
    cancel.cancel();
    assert.equal(await end, undefined);
  });

  test('says what to do when spark-submit is not there, and when Java is not', async () => {
    await assert.rejects(job(inFolder('no-such-program').fsPath).end, /no-such-program can't be started .*"tracenest\.spark\.submitPath"/);
    // As Spark's own script ends then.
    const withoutJava = program('spark-without-java', 'echo "JAVA_HOME is not set" >&2; exit 1');
    await assert.rejects(job(withoutJava).end, /Spark needs Java 17 or 21 and finds none/);
  });

  test('ends the driver when the extension ends', async () => {
    const pid = inFolder('driver.pid').fsPath;
    const { end } = job(program('spark-that-goes-on', `echo $$ > '${pid}'; exec sleep 600`));
    const said = () => (existsSync(pid) && readFileSync(pid, 'utf8').trim()) || undefined;
    const driver = Number(await until('the driver runs', said));
    await endSparkJobs();
    assert.throws(() => process.kill(driver, 0), /ESRCH/);
    assert.equal(await end, undefined);
  });

  test('leaves the editor as it is when the job fails', async () => {
    await set('submitPath', program('spark-that-fails', 'echo "java.io.IOException: no space left" >&2; exit 1'));
    await vscode.commands.executeCommand('tracenest.runOnSpark', { captures: inFolder('shop.pcap'), out: out() });
    assert.equal(api.analyses.current, undefined);
  });
});
