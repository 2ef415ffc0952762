/** What is published, built from copies of the tree: `dist/` of this one is left alone. */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageExtension } from '../harness/package.mjs';
import { BIN, ROOT, toolEnv } from '../harness/setup.mjs';
import { unzip } from './vsix.ts';

const CONTENTS = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/LICENSE.txt',
  'extension/NOTICE',
  'extension/changelog.md',
  'extension/dist/cli.js',
  'extension/dist/codicon.ttf',
  'extension/dist/extension.js',
  'extension/dist/seldom.js',
  'extension/dist/spark.cjs',
  'extension/dist/webview.css',
  'extension/dist/webview.js',
  'extension/dist/worker.js',
  'extension/l10n/bundle.l10n.json',
  'extension/media/activity.svg',
  'extension/media/icon.png',
  'extension/media/sample/README.md',
  'extension/media/sample/shop.pcap',
  'extension/media/walkthrough/compare.svg',
  'extension/media/walkthrough/open.svg',
  'extension/media/walkthrough/service.svg',
  'extension/media/walkthrough/slowest.svg',
  'extension/media/walkthrough/why.svg',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/src/spark/jobs/batch.py',
  'extension/src/spark/jobs/stream.py',
  'extension/src/spark/jobs/tracenest_engine.py',
  'extension/src/spark/jobs/tracenest_files.py',
];
const LEFT_OUT = new Set(['node_modules', 'dist', 'artifacts', 'test', '.git', '.cache']);
const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-package-'));

/** A fresh checkout, as far as packaging is concerned. */
function copyTree(name: string): string {
  const to = path.join(folder, name);
  cpSync(ROOT, to, { recursive: true, filter: (from) => !LEFT_OUT.has(path.relative(ROOT, from)) });
  cpSync(path.join(ROOT, 'test/harness'), path.join(to, 'test/harness'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(to, 'node_modules'));
  return to;
}

describe('the package', () => {
  let tree: string;
  let vsix: string;
  let files: Map<string, Buffer>;
  beforeAll(() => {
    tree = copyTree('one');
    vsix = packageExtension(path.join(folder, 'one.vsix'), tree);
    files = unzip(vsix);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('holds what is listed here, nothing else, in less than 5 MB', () => {
    expect([...files.keys()].sort()).toEqual(CONTENTS);
    expect(statSync(vsix).size).toBeLessThan(5e6);
  });

  it('is one list for vsce and for npm', () => {
    expect(readFileSync(path.join(ROOT, '.npmignore'), 'utf8')).toBe(readFileSync(path.join(ROOT, '.vscodeignore'), 'utf8'));
  });

  it('has bundles that fit their hosts: small where they start with the editor, without source maps, naming no folder of the builder', () => {
    expect(files.get('extension/dist/extension.js')?.length).toBeLessThan(1e6);
    expect(files.get('extension/dist/webview.js')?.length).toBeLessThan(1e6);
    for (const [name, bytes] of files) {
      if (!/\.(js|cjs|css)$/.test(name)) continue;
      expect(bytes.includes('sourceMappingURL='), name).toBe(false);
      expect(bytes.includes(folder) || bytes.includes(os.homedir()), name).toBe(false);
    }
  });

  it('is the same, byte for byte, from another folder and with files of other times', () => {
    const other = copyTree('two');
    for (const name of ['README.md', 'media/icon.png', 'media/sample/shop.pcap']) utimesSync(path.join(other, name), 1e9, 1e9);
    const again = packageExtension(path.join(folder, 'two.vsix'), other);
    expect(readFileSync(again).equals(readFileSync(vsix))).toBe(true);
  });

  it('is made by plain "vsce package", too', () => {
    const out = path.join(folder, 'plain.vsix');
    execFileSync(path.join(BIN, 'node'), [path.join(BIN, 'vsce'), 'package', '--out', out], { cwd: tree, env: toolEnv(), stdio: 'pipe' });
    expect([...unzip(out).keys()].sort()).toEqual(CONTENTS);
  });

  it('says truthfully where it runs', () => {
    const manifest = JSON.parse(files.get('extension/package.json')?.toString() ?? '');
    expect(manifest.extensionKind).toEqual(['workspace']);
    expect(manifest.capabilities.untrustedWorkspaces.supported).toBe('limited');
    expect(manifest.capabilities.virtualWorkspaces.supported).toBe('limited');
    // No "browser" entry: it does not run on vscode.dev.
    expect(manifest.browser).toBeUndefined();
    expect(manifest.dependencies).toBeUndefined();
    // While the address of the repository is a placeholder, pictures and links of the README must not point elsewhere.
    const host = new URL(manifest.repository.url).host;
    for (const url of [manifest.vsce?.baseContentUrl, manifest.vsce?.baseImagesUrl]) if (url) expect(new URL(url).host).toBe(host);
  });

  it('gives npm the command line: packed, installed elsewhere, run', () => {
    const env = { ...toolEnv(), npm_config_loglevel: 'error', npm_config_offline: 'true' };
    execFileSync('npm', ['pack', '--pack-destination', folder], { cwd: tree, env, stdio: 'pipe' });
    const packed = readdirSync(folder).find((f) => f.endsWith('.tgz'));
    const prefix = path.join(folder, 'installed');
    execFileSync('npm', ['install', '--prefix', prefix, path.join(folder, packed ?? '')], { cwd: folder, env, stdio: 'pipe' });
    const bin = path.join(prefix, 'node_modules/.bin/tracenest');
    expect(execFileSync(bin, ['--version'], { env, encoding: 'utf8' })).toMatch(/^\d+\.\d+\.\d+\n$/);
    const sample = path.join(prefix, 'node_modules/tracenest/media/sample/shop.pcap');
    expect(execFileSync(bin, ['analyze', sample], { env, encoding: 'utf8' })).toContain('gateway');
  });

  it.runIf(olderNode() !== null).each(['cli.js', 'spark.cjs'])('tells an older Node in words what it lacks: %s', (bundle) => {
    const ran = spawnSync(olderNode() ?? '', [path.join(tree, 'dist', bundle), '--version'], { encoding: 'utf8' });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toBe('');
    expect(ran.stderr).toMatch(/^tracenest needs Node 24\.6 or newer; this is v\d+/);
    expect(ran.stderr).not.toMatch(/\bat .+:\d+:\d+/);
  });
});

/** A Node of the system that is too old for the command line. */
function olderNode(): string | null {
  const outside = (process.env['PATH'] ?? '').split(path.delimiter).filter((dir) => !dir.includes('node_modules'));
  for (const node of outside.map((dir) => path.join(dir, 'node')).filter((f) => existsSync(f))) {
    const [major = 0, minor = 0] = execFileSync(node, ['--version'], { encoding: 'utf8' }).slice(1).split('.').map(Number);
    if (major < 24 || (major === 24 && minor < 6)) return node;
  }
  return null;
}
