// Packs the built extension into a VSIX, as it is published.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { BIN, cacheFolder, ROOT, toolEnv } from './setup.mjs';

/** @returns path of the VSIX; `dist/` must have been built. */
export function packageExtension(out = path.join(cacheFolder('package'), 'tracenest.vsix')) {
  // Everything is bundled, hence no dependencies; links of the README stay as they are, as the repository address is a placeholder.
  const args = [path.join(BIN, 'vsce'), 'package', '--no-dependencies', '--no-rewrite-relative-links', '--out', out];
  try {
    execFileSync(path.join(BIN, 'node'), args, { cwd: ROOT, env: toolEnv(), stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (e) {
    throw new Error(`vsce package failed\n${e.stdout}\n${e.stderr}`);
  }
  return out;
}

if (process.argv[1] === import.meta.filename) console.log(packageExtension(path.resolve(process.argv[2] ?? 'tracenest.vsix')));
