/**
 * Entry of the suite inside the extension host: what @vscode/test-electron and the project's own runner call. Runs every *.test.js beside
 * it, writes a report where TRACENEST_HOST_REPORT says, and rejects when a test failed or none was found.
 */
import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Mocha from 'mocha';

interface Result {
  readonly title: string;
  readonly state: 'passed' | 'failed' | 'skipped';
  readonly ms: number;
  readonly error?: string;
}

export async function run(): Promise<void> {
  const grep = process.env['TRACENEST_GREP'];
  const mocha = new Mocha({ ui: 'tdd', color: false, timeout: 30_000, ...(grep ? { grep } : {}) });
  for (const file of readdirSync(__dirname).sort()) if (file.endsWith('.test.js')) mocha.addFile(path.join(__dirname, file));
  const results: Result[] = [];
  await new Promise<void>((resolve) => {
    const runner = mocha.run(() => resolve());
    runner.on('pass', (t) => results.push({ title: t.fullTitle(), state: 'passed', ms: t.duration ?? 0 }));
    runner.on('fail', (t, e: Error) =>
      results.push({ title: t.fullTitle(), state: 'failed', ms: t.duration ?? 0, error: String(e.stack ?? e) }),
    );
    runner.on('pending', (t) => results.push({ title: t.fullTitle(), state: 'skipped', ms: 0 }));
  });
  const report = process.env['TRACENEST_HOST_REPORT'];
  if (report) writeFileSync(report, JSON.stringify(results));
  const failed = results.filter((r) => r.state === 'failed');
  if (failed.length > 0) throw new Error(failed.map((f) => `${f.title}\n${f.error}`).join('\n\n'));
  if (results.length === 0) throw new Error('No test ran');
}
