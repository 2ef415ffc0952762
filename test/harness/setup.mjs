// What a fresh machine needs before anything of ours can run: npm packages, and on Debian as root the tools the tests use.
// Runs on any Node >= 20 with nothing installed.
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');
export const BIN = path.join(ROOT, 'node_modules/.bin');
/** Environment whose PATH starts with the project's own tools, its Node among them. */
export const toolEnv = () => ({ ...process.env, PATH: `${BIN}${path.delimiter}${process.env.PATH}` });

/** Installs the npm packages of the lock file, unless that was done for this very file. */
export function ensurePackages() {
  const lock = createHash('sha256')
    .update(readFileSync(path.join(ROOT, 'package-lock.json')))
    .digest('hex');
  const stamp = path.join(ROOT, 'node_modules/.tracenest-lock');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock && existsSync(path.join(BIN, 'node'))) return;
  console.log('Installing npm packages ...');
  // EBADENGINE warnings are harmless: our scripts run on the Node that comes with these packages.
  // Not `npm ci`: it refuses a lock file written where a registry lacks packages of other platforms.
  execFileSync('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: ROOT, stdio: 'inherit' });
  writeFileSync(stamp, lock);
}

const has = (program) => spawnSync('sh', ['-c', `command -v ${program}`], { stdio: 'ignore' }).status === 0;

/**
 * Debian packages by the program that shows they are there. Returns those that are missing and could not be installed.
 * @param {Record<string, string>} wanted program -> package
 */
export function ensureDebianPackages(wanted) {
  const missing = () => Object.entries(wanted).filter(([program]) => !has(program));
  let left = missing();
  if (left.length > 0 && has('apt-get') && process.getuid?.() === 0) {
    console.log(`Installing from Debian: ${left.map(([, p]) => p).join(' ')} ...`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const apt = (...args) =>
      spawnSync('apt-get', ['-qq', '-o', 'DPkg::Lock::Timeout=300', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...left.map(([, p]) => p));
    left = missing();
  }
  return left.map(([program]) => program);
}

export function build() {
  execFileSync(path.join(BIN, 'node'), ['esbuild.mjs'], { cwd: ROOT, stdio: 'inherit', env: toolEnv() });
}

/** A folder for downloads that outlive `dist/`, never committed. */
export function cacheFolder(name) {
  const dir = path.join(ROOT, '.cache', name);
  mkdirSync(dir, { recursive: true });
  return dir;
}
