// Packs the extension into a VSIX, as it is published: `vsce package` with what makes the bytes the same wherever and whenever it runs.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { BIN, cacheFolder, ROOT, toolEnv } from './setup.mjs';

/** The first moment that a zip file can name. */
const ZIP_EPOCH_S = String(Date.UTC(1980, 0, 1) / 1000);

/**
 * Builds `dist/` for publishing (the script vscode:prepublish) and packs it.
 * @param {string} [out] path of the VSIX
 * @param {string} [root] the tree to pack
 * @returns path of the VSIX
 */
export function packageExtension(out = path.join(cacheFolder('package'), 'tracenest.vsix'), root = ROOT) {
  const env = { SOURCE_DATE_EPOCH: ZIP_EPOCH_S, ...toolEnv(), TZ: 'UTC' };
  try {
    execFileSync(path.join(BIN, 'node'), [path.join(BIN, 'vsce'), 'package', '--out', out], { cwd: root, env, stdio: 'pipe' });
  } catch (e) {
    throw new Error(`vsce package failed\n${e.stdout}\n${e.stderr}`);
  }
  return out;
}

if (process.argv[1] === import.meta.filename) console.log(packageExtension(path.resolve(process.argv[2] ?? 'tracenest.vsix')));
