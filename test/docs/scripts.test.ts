/** The project's own commands that the docs show, in a copy of the tree: what they make, and that they change nothing that is kept. */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, toolEnv } from '../harness/setup.mjs';
import { commandsOf } from './shown.ts';

const LEFT_OUT = new Set(['node_modules', 'dist', 'artifacts', '.git', '.cache']);
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-scripts-'));
const tree = path.join(folder, 'tree');
const env: Record<string, string | undefined> = {
  ...Object.fromEntries(Object.entries(toolEnv()).filter(([k]) => !k.startsWith('VITEST'))),
  npm_config_prefix: path.join(folder, 'global'),
  npm_config_update_notifier: 'false',
  npm_config_loglevel: 'error',
};
const text = (file: string) => readFileSync(path.join(tree, file), 'utf8');
beforeAll(() => {
  cpSync(ROOT, tree, { recursive: true, filter: (from) => !LEFT_OUT.has(path.relative(ROOT, from)) });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(tree, 'node_modules'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What shows that a command did what the docs say. */
const DID: Readonly<Record<string, (printed: string) => void>> = {
  'npm run build': () => {
    for (const name of ['cli.js', 'extension.js', 'seldom.js', 'spark.cjs', 'webview.js', 'worker.js'])
      expect(existsSync(path.join(tree, 'dist', name)), name).toBe(true);
  },
  'npm run package': () => expect(statSync(path.join(tree, 'tracenest.vsix')).size).toBeLessThan(5e6),
  'npm run notice': () => expect(text('NOTICE')).toBe(readFileSync(path.join(ROOT, 'NOTICE'), 'utf8')),
  'npm run l10n': () => expect(text('l10n/bundle.l10n.json')).toBe(readFileSync(path.join(ROOT, 'l10n/bundle.l10n.json'), 'utf8')),
  'npm run format': (printed) => expect(printed).toMatch(/Checked \d+ files/),
  'npm pack': () => expect(existsSync(path.join(tree, 'tracenest-0.1.0.tgz'))).toBe(true),
  'npm install -g tracenest-0.1.0.tgz': () =>
    expect(execFileSync(path.join(folder, 'global/bin/tracenest'), ['--version'], { env, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/),
  'npx vitest run test/engine/net': (printed) => expect(printed).toMatch(/Tests .*\d+ passed/),
};

describe('scripts', () => {
  const shown = [...new Set(commandsOf('scripts').map((s) => s.text))].filter((t) => t !== 'npm run audit');
  // In the order in which each finds what it needs.
  const order = Object.keys(DID);
  it.each(shown.sort((a, b) => order.indexOf(a) - order.indexOf(b)))('%s', (command) => {
    expect(order, 'DID says what shows that it worked').toContain(command);
    const ran = spawnSync('sh', ['-c', command], { cwd: tree, env: env as NodeJS.ProcessEnv, encoding: 'utf8' });
    expect(ran.status, ran.stdout + ran.stderr).toBe(0);
    DID[command]?.(ran.stdout + ran.stderr);
  });
});

describe('npm run audit', () => {
  /** A registry that answers questions about weaknesses in this way. */
  async function audit(answer: (path: string) => [status: number, body: unknown] | null) {
    const server = http.createServer((request, response) => {
      request.resume();
      const [status, body] = answer(request.url ?? '') ?? [404, {}];
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const child = spawn('npm', ['run', 'audit'], {
      cwd: tree,
      env: { ...env, npm_config_registry: registry, npm_config_fetch_retries: '0', npm_config_cache: path.join(folder, 'cache') },
    });
    let out = '';
    child.stdout.on('data', (d) => (out += d));
    const [code] = await once(child, 'close');
    server.close();
    return { code, out };
  }
  const weak = (title: string) => [
    { id: 1, url: 'https://example.invalid/1', title, severity: 'high', vulnerable_versions: '*', cwe: [], cvss: { score: 0 } },
  ];
  const bulk =
    (found: object) =>
    (url: string): [number, unknown] | null =>
      url.includes('/advisories/bulk') ? [200, found] : null;

  it('nothing known: code 0', async () => {
    const { code, out } = await audit(bulk({}));
    expect(code, out).toBe(0);
    expect(out).toContain('0 bundled packages with known weaknesses');
  });
  it('a bundled package is weak: code 1, and it is named', async () => {
    const { code, out } = await audit(bulk({ yaml: weak('x') }));
    expect(code, out).toBe(1);
    expect(out).toMatch(/1 bundled packages[\s\S]*yaml [^\n]*: high/);
  });
  it('a package that only tests is weak: code 0, and it is named', async () => {
    const { code, out } = await audit(bulk({ mocha: weak('x') }));
    expect(code, out).toBe(0);
    expect(out).toMatch(/only build and test[^\n]*\n +mocha [^\n]*: high/);
  });
  it.each([405, 500])('a registry that answers %i: not audited, code 2', async (status) => {
    const { code, out } = await audit(() => [status, {}]);
    expect(code, out).toBe(2);
    expect(out).toContain('Not audited: ');
    expect(out).not.toContain('0 bundled');
  });
});
