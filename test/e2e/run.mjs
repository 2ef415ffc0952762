// Drives the packaged extension in the real workbench like a person. `dist/` must have been built.
//   node test/e2e/run.mjs            TRACENEST_GREP picks tests by title

import { packageExtension } from '../harness/package.mjs';
import { writeReport } from '../harness/report.mjs';
import { launchBrowser, startServer } from '../harness/vscode.mjs';
import { makeWorkspace } from '../vscode/workspace.mjs';
import { commandTests } from './commands.mjs';
import { faultTests } from './faults.mjs';
import { largeTests } from './large.mjs';
import { lookTests } from './looks.mjs';
import { mainPathTests } from './mainPath.mjs';
import { paletteTests } from './palette.mjs';
import { securityTests } from './security.mjs';
import { startTests } from './start.mjs';
import { stateLookTests } from './stateLooks.mjs';
import { stateTests } from './states.mjs';
import { Suite } from './suite.mjs';
import { trustTests } from './trust.mjs';
import { Workbench } from './workbench.mjs';

const suite = new Suite();
const vsix = process.env.TRACENEST_VSIX ?? packageExtension();
const workspace = makeWorkspace();
const server = await startServer({ extensions: [vsix], settings: { 'workbench.colorTheme': 'Dark Modern' } });
const { browser, context, outside } = await launchBrowser();
let trouble = '';
try {
  const workbench = new Workbench(server, context, workspace.folder);
  await workbench.start();
  await mainPathTests(suite, workbench);
  await paletteTests(suite, workbench);
  await commandTests(suite, workbench);
  await stateTests(suite, workbench);
  await largeTests(suite, workbench);
  await faultTests(suite, workbench);
  await securityTests(suite, workbench);
  await stateLookTests(suite, workbench);
  await lookTests(suite, workbench);
  await workbench.page.close();
  await trustTests(suite, vsix, context);
  await suite.test('nothing was asked of another machine', null, async () => {
    if (outside.length > 0) throw new Error([...new Set(outside)].join('\n'));
  });
} catch (e) {
  trouble = e instanceof Error ? (e.stack ?? e.message) : String(e);
}
await browser.close();
await server.stop();
workspace.remove();
await startTests(suite);
process.exit(writeReport('ui', suite.results, trouble));
