import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const ROOT = resolve(import.meta.dirname, '../..');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}
/** The built command line in a folder of its own, as a user would run it. */
export class Cli {
  readonly dir = mkdtempSync(join(tmpdir(), 'tracenest-cli-'));
  constructor() {
    execFileSync(process.execPath, ['esbuild.mjs', 'cli', `--outdir=${join(this.dir, 'dist')}`], { cwd: ROOT });
  }
  path(name: string): string {
    return join(this.dir, name);
  }
  run(args: readonly string[], input?: string | Uint8Array, environment: Readonly<Record<string, string>> = {}): Ran {
    const env = { ...process.env, ...environment };
    const ran = spawnSync(process.execPath, [join(this.dir, 'dist/cli.js'), ...args], { cwd: this.dir, input, maxBuffer: 1 << 28, env });
    return { code: ran.status, out: ran.stdout.toString(), err: ran.stderr.toString() };
  }
  remove(): void {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
