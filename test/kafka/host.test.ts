/** Attaching inside the real extension host, against a real broker: runs the in-host suite of attached topics. Builds what it needs. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Broker, startKafka } from './broker.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const run = promisify(execFile);
let broker: Broker;
beforeAll(async () => {
  broker = await startKafka();
});
afterAll(async () => {
  await broker.stop();
});

it('attaches from VS Code to what tap published', async () => {
  const node = (...args: string[]) =>
    run(process.execPath, args, {
      cwd: ROOT,
      env: { ...process.env, TRACENEST_TEST_BROKERS: broker.bootstrap, TRACENEST_GREP: 'attached topics' },
    }).catch((e: { readonly stdout: string; readonly stderr: string }) => {
      throw new Error(`${args.join(' ')} failed:\n${e.stdout.slice(-4000)}\n${e.stderr.slice(-2000)}`);
    });
  await node('esbuild.mjs');
  await node('dist/cli.js', 'tap', '--brokers', broker.bootstrap, '--topic', 'shop', 'media/sample/shop.pcap');
  const { stdout, stderr } = await node('test/vscode/run.mjs');
  expect(stdout + stderr).toMatch(/attach, pause, resume, freeze, detach, attach again/);
  expect(stdout + stderr).not.toMatch(/skipped.*attach, pause/);
});
