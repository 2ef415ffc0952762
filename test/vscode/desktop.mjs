// `npm run test:desktop`: the same in-host suites in the desktop VS Code, downloaded by @vscode/test-electron. Needs its download site
// and, on Linux, a display (xvfb-run will do).
import { mkdtempSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runTests } from '@vscode/test-electron';
import { writeReport } from '../harness/report.mjs';
import { cacheFolder, ROOT } from '../harness/setup.mjs';
import { buildSuites, SUITE } from './build.mjs';
import { makeWorkspace } from './workspace.mjs';

await buildSuites();
const workspace = makeWorkspace();
const reportFile = path.join(mkdtempSync(path.join(os.tmpdir(), 'tracenest-desktop-')), 'report.json');
let trouble = '';
try {
  await runTests({
    cachePath: cacheFolder('vscode-desktop'),
    extensionDevelopmentPath: ROOT,
    extensionTestsPath: SUITE,
    extensionTestsEnv: { TRACENEST_HOST_REPORT: reportFile },
    launchArgs: [workspace.folder, '--disable-extensions', '--disable-workspace-trust'],
  });
} catch (e) {
  trouble = e instanceof Error ? e.message : String(e);
}
let results = [];
try {
  results = JSON.parse(readFileSync(reportFile, 'utf8'));
} catch {
  trouble ||= 'The suite left no report';
}
workspace.remove();
process.exit(writeReport('desktop', results, results.some((r) => r.state === 'failed') ? '' : trouble));
