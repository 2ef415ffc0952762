// The pictures of the docs, from what a UI run left: `npm run test:ui && npm run pictures`. Single ones are copied, those of all views and
// states put on one sheet a theme.
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './setup.mjs';
import { launchBrowser } from './vscode.mjs';

const TAKEN = path.join(ROOT, 'artifacts/screenshots');
const DOCS = path.join(ROOT, 'docs/images');
/** Name in the docs: name of the UI run. */
const SINGLE = {
  'graph-dark': 'main-2-selected',
  'why-dark': 'main-6-why',
  'service-dark': 'service-dark',
  'waterfall-light': 'waterfall-light',
  'compare-light': 'compare-light',
  'platform-dark': 'platform-dark',
  'graph-contrast': 'graph-contrast',
};
const SHEET = [
  ['graph', 'service', 'transactions'],
  ['waterfall', 'patterns', 'quality'],
  ['compare', 'compare-patterns', 'platform'],
  ['state-loading-skeleton', 'state-loading-results', 'state-empty'],
  ['state-partial', 'state-failed'],
].flat();
const WIDTH_PX = 1800;
const COLUMNS = 3;

const missing = [...Object.values(SINGLE), ...SHEET.flatMap((view) => ['dark', 'light', 'contrast'].map((theme) => `${view}-${theme}`))]
  .map((name) => `${name}.png`)
  .filter((name) => !existsSync(path.join(TAKEN, name)));
if (missing.length > 0) throw new Error(`Not in ${TAKEN}: ${missing.join(', ')}. Run the UI tests first.`);

for (const [docs, taken] of Object.entries(SINGLE)) copyFileSync(path.join(TAKEN, `${taken}.png`), path.join(DOCS, `${docs}.png`));
const { browser, context } = await launchBrowser();
try {
  const page = await context.newPage();
  await page.setViewportSize({ width: WIDTH_PX, height: 1000 });
  for (const theme of ['dark', 'light', 'contrast']) {
    const picture = (view) => {
      const data = readFileSync(path.join(TAKEN, `${view}-${theme}.png`)).toString('base64');
      return `<img src="data:image/png;base64,${data}">`;
    };
    const ground = theme === 'light' ? '#d0d0d0' : '#404040';
    await page.setContent(
      `<body style="margin:0;padding:6px;background:${ground};display:grid;grid-template-columns:repeat(${COLUMNS},1fr);gap:6px">
        <style>img{width:100%;display:block}</style>${SHEET.map(picture).join('')}</body>`,
    );
    await page.waitForFunction(() => [...document.images].every((i) => i.complete));
    await page.screenshot({ path: path.join(DOCS, `views-${theme}.jpg`), type: 'jpeg', quality: 80, fullPage: true });
  }
} finally {
  await browser.close();
}
