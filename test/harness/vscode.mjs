// The real VS Code from npm: starts its server, drives its workbench with chromium, runs suites in its extension host.
// Everything listens on 127.0.0.1 and lives in a temporary folder unless a data folder is given.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ensureVsCode } from './vscodeInstall.mjs';

/** Quiet and the same everywhere: no welcome page, no network, no AI panes. */
const SETTINGS = {
  'workbench.startupEditor': 'none',
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.tips.enabled': false,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
};

function serverEnv(dir, env, privateHome) {
  const out = { ...process.env, ...env };
  // Set when we are started from a terminal inside VS Code; they would redirect the server.
  for (const k of Object.keys(out)) if (/^VSCODE_|^NODE_OPTIONS$/.test(k)) delete out[k];
  if (!privateHome) return out;
  const home = path.join(dir, 'home');
  mkdirSync(home, { recursive: true });
  const xdg = { XDG_CONFIG_HOME: path.join(home, '.config'), XDG_DATA_HOME: path.join(home, '.local') };
  return { ...out, HOME: home, ...xdg, EXTENSIONS_GALLERY: '{"serviceUrl":""}' };
}

function installExtension(node, entry, common, vsix, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [entry, ...common, '--accept-server-license-terms', '--force', '--install-extension', vsix], { env });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (d) => (output += d));
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`Could not install ${vsix} (exit ${code})\n${output}`))));
  });
}

/**
 * @param {object} o
 * @param {string[]} [o.extensions] VSIX files to install first
 * @param {string} [o.dataDir] kept between runs; default: temporary, removed by stop()
 * @param {string} [o.token] connection token; without it anyone on this machine can connect: tests only
 * @param {boolean} [o.trust] leave workspace trust on
 * @param {boolean} [o.smokeTestDriver] allows development paths in the URL's payload, but turns notification toasts off
 */
export async function startServer(o = {}) {
  const { node, entry } = ensureVsCode();
  const dir = o.dataDir ?? mkdtempSync(path.join(os.tmpdir(), 'tracenest-vscode-'));
  const userData = path.join(dir, 'user');
  for (const scope of ['User', 'Machine']) {
    mkdirSync(path.join(userData, scope), { recursive: true });
    const file = path.join(userData, scope, 'settings.json');
    if (!o.dataDir || scope === 'Machine') writeFileSync(file, JSON.stringify({ ...SETTINGS, 'git.enabled': false, ...o.settings }));
  }
  const extensionsDir = path.join(dir, 'extensions');
  mkdirSync(extensionsDir, { recursive: true });
  const common = ['--user-data-dir', userData, '--extensions-dir', extensionsDir];
  const env = serverEnv(dir, o.env ?? {}, !o.dataDir);
  for (const vsix of o.extensions ?? []) await installExtension(node, entry, common, vsix, env);

  const args = [entry, ...common, '--server-data-dir', path.join(dir, 'server'), '--host', '127.0.0.1', '--port', String(o.port ?? 0)];
  args.push('--accept-server-license-terms', '--telemetry-level', 'off');
  args.push(...(o.token ? ['--connection-token', o.token] : ['--without-connection-token']));
  if (!o.trust) args.push('--disable-workspace-trust');
  if (o.smokeTestDriver) args.push('--enable-smoke-test-driver');
  // A process group of its own, as extension hosts can outlive the server.
  const child = spawn(node, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const kill = (signal) => {
    try {
      process.kill(-child.pid, signal);
    } catch {
      // Already gone.
    }
  };
  const killNow = () => kill('SIGKILL');
  const clean = () => {
    process.off('exit', killNow);
    if (!o.dataDir) rmSync(dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  };
  process.once('exit', killNow);
  let log = '';
  const url = await new Promise((resolve, reject) => {
    const hear = (d) => {
      log += d;
      if (o.verbose) process.stderr.write(d);
      const m = /Web UI available at (http:\S+)/.exec(log);
      if (m) resolve(m[1].replace('localhost', '127.0.0.1'));
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('exit', (code) => reject(new Error(`The VS Code server ended (${code})\n${log}`)));
    setTimeout(() => reject(new Error(`The VS Code server did not start\n${log}`)), 60_000).unref();
  }).catch((e) => {
    killNow();
    clean();
    throw e;
  });
  const stop = async () => {
    const gone = new Promise((r) => (child.exitCode === null && child.signalCode === null ? child.once('exit', r) : r()));
    kill('SIGTERM');
    await Promise.race([gone, new Promise((r) => setTimeout(r, 3000))]);
    killNow();
    clean();
  };
  return { url, child, dir, stop, log: () => log };
}

/** Debian's chromium, which reaches nothing but this machine. `outside` collects what it tried. */
export async function launchBrowser({ width = 1440, height = 900 } = {}) {
  const { chromium } = await import('playwright-core');
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
  const executablePath = process.env.TRACENEST_CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, headless: true, args: ['--no-sandbox', '--disable-sync', ...quiet] });
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: 'reduce' });
  const outside = [];
  const leaves = (u) => /^https?:$/.test(u.protocol) && !['127.0.0.1', 'localhost'].includes(u.hostname);
  await context.route(leaves, (route) => {
    outside.push(route.request().url());
    return route.abort();
  });
  return { browser, context, outside };
}

/** Address of the workbench on a folder. Payload entries ending in "Path" are paths of the server. */
export function workbenchUrl(serverUrl, { folder, payload = [], token }) {
  const u = new URL(serverUrl);
  if (token) u.searchParams.set('tkn', token);
  u.searchParams.set('folder', folder);
  const entries = payload.map(([k, v]) => [k, k.endsWith('Path') || k === 'openFile' ? `vscode-remote://${u.host}${v}` : v]);
  u.searchParams.set('payload', JSON.stringify([['skipWelcome', 'true'], ['skipReleaseNotes', 'true'], ...entries]));
  return u.toString();
}

export const newToken = () => randomBytes(24).toString('hex');

/**
 * Runs a bundled suite (a module exporting run()) in the real extension host. The suite writes its report to the file named by
 * TRACENEST_HOST_REPORT; a host that was killed leaves none, which is a failure whatever the exit code says.
 * @returns {Promise<{ok: boolean, why: string, report: object | null}>}
 */
export async function runInHost({
  extensionPath,
  suitePath,
  folder,
  timeoutMs = 240_000,
  artifacts,
  verbose = false,
  trust = false,
  env = {},
}) {
  const reportDir = mkdtempSync(path.join(os.tmpdir(), 'tracenest-report-'));
  const reportFile = path.join(reportDir, 'report.json');
  const server = await startServer({ smokeTestDriver: true, verbose, trust, env: { ...env, TRACENEST_HOST_REPORT: reportFile } });
  const { browser, context } = await launchBrowser();
  const page = await context.newPage();
  let code = 1;
  let why = '';
  try {
    const payload = [
      ['extensionDevelopmentPath', extensionPath],
      ['extensionTestsPath', suitePath],
    ];
    code = await new Promise((resolve, reject) => {
      setTimeout(() => reject(new Error(`The suite did not finish in ${timeoutMs / 1000} s`)), timeoutMs).unref();
      page.on('crash', () => reject(new Error('The workbench page crashed')));
      server.child.on('exit', (c) => reject(new Error(`The VS Code server ended (${c})\n${server.log().slice(-2000)}`)));
      const begin = async () => {
        // The workbench looks for both names when it starts.
        await page.exposeFunction('codeAutomationLog', (type, args) => verbose && console.error(`[${type}]`, ...args));
        await page.exposeFunction('codeAutomationExit', (exit) => resolve(exit));
        await page.goto(workbenchUrl(server.url, { folder, payload }));
      };
      begin().catch(reject);
    });
  } catch (e) {
    why = e.message;
    if (artifacts) await page.screenshot({ path: path.join(artifacts, 'host-failure.png'), timeout: 5000 }).catch(() => {});
  }
  let report = null;
  try {
    report = JSON.parse(readFileSync(reportFile, 'utf8'));
  } catch {
    why ||= 'The suite left no report';
  }
  await browser.close().catch(() => {});
  await server.stop();
  rmSync(reportDir, { recursive: true, force: true });
  return { ok: code === 0 && !why && report !== null, why, report };
}
