// Runs the in-host suites in the extension host of the VS Code from npm. `dist/` must have been built.
//   node test/vscode/run.mjs [--verbose]      TRACENEST_GREP picks tests by title
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { writeReport } from '../harness/report.mjs';
import { ROOT } from '../harness/setup.mjs';
import { runInHost } from '../harness/vscode.mjs';
import { buildSuites, SUITE } from './build.mjs';
import { makeWorkspace } from './workspace.mjs';

const artifacts = path.join(ROOT, 'artifacts');
mkdirSync(artifacts, { recursive: true });
await buildSuites();
const workspace = makeWorkspace();
const { why, report, ok } = await runInHost({
  extensionPath: ROOT,
  suitePath: SUITE,
  folder: workspace.folder,
  verbose: process.argv.includes('--verbose'),
  artifacts,
  // Jobs of a real Spark are among them.
  timeoutMs: 900_000,
});
workspace.remove();
process.exit(
  writeReport(
    'host',
    report ?? [],
    why || (ok || report?.some((r) => r.state === 'failed') ? '' : 'The extension host ended with an error'),
  ),
);
