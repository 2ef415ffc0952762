// `npm start [-- FOLDER]`: installs and builds what is needed, then opens VS Code with the extension on a folder of captures.
// The desktop VS Code where there is one, else the VS Code that npm ships, served on 127.0.0.1 with a token.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { build, cacheFolder, ensurePackages, ROOT } from './setup.mjs';

const NEEDED = [1, 130];
const args = process.argv.slice(2);
const web = args.includes('--web');
const given = args.find((a) => !a.startsWith('--'));
const folder = path.resolve(given ?? path.join(ROOT, 'media/sample'));
const say = (text) => console.log(text);

if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node 20 or newer is needed; this is ${process.version}.`);
if (!existsSync(folder)) fail(`${folder} does not exist.`);
function fail(text) {
  console.error(text);
  process.exit(1);
}

/** Version of the desktop VS Code on the PATH, or null. */
function desktop() {
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (web || !display) return null;
  const r = spawnSync('code', ['--version'], { encoding: 'utf8', shell: process.platform === 'win32', timeout: 20_000 });
  const version = /^(\d+)\.(\d+)\.\d+/.exec(r.stdout ?? '');
  if (r.status !== 0 || !version) return null;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return version[0];
  say(`The VS Code on the PATH is ${version[0]}; ${NEEDED.join('.')} or newer is needed. Using the one from npm instead.`);
  return null;
}

ensurePackages();
say('Building ...');
build();
const version = desktop();
if (version) {
  say(`Opening VS Code ${version} on ${folder}`);
  const child = spawn('code', ['--new-window', `--extensionDevelopmentPath=${ROOT}`, folder], {
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  child.on('exit', (code) => process.exit(code ?? 1));
} else {
  await serve();
}

async function serve() {
  const { packageExtension } = await import('./package.mjs');
  const { newToken, startServer, workbenchUrl } = await import('./vscode.mjs');
  say('Packaging ...');
  const vsix = packageExtension();
  const token = newToken();
  say('Starting VS Code ...');
  // Asking whether to trust is right for a folder of the user's, and noise for the sample that comes with the project.
  const server = await startServer({ extensions: [vsix], dataDir: cacheFolder('start'), token, trust: given !== undefined });
  const address = workbenchUrl(server.url, { folder, token });
  say(
    `\nVS Code with Tracenest is running on ${folder}\n\n  ${address}\n\nOpen this address in a browser of this machine. It holds a secret token: whoever has it can run commands here.`,
  );
  if (openBrowser(address)) say('A browser was opened.');
  say('Ctrl+C stops it.');
  let stopping = false;
  const stop = async () => {
    stopping = true;
    say('\nStopping ...');
    await server.stop();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  server.child.on('exit', (code) => {
    // Its end is a failure unless it was asked for.
    if (!stopping) fail(`VS Code ended (${code}).\n${server.log().slice(-2000)}`);
  });
}

function openBrowser(address) {
  const opener = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] }[process.platform] ?? ['xdg-open'];
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return false;
  const [program, ...rest] = opener;
  const child = spawn(program, [...rest, address], { stdio: 'ignore', detached: true });
  child.on('error', () => say('No browser was found; open the address yourself.'));
  child.unref();
  return true;
}
