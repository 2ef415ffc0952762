/** Pictures of many states in one go: `node test/webview/harness/gallery.ts OUTDIR [name part]`. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { type Shown, settled, WebviewBrowser } from './browser.ts';
import { STATES } from './statuses.ts';

interface Picture extends Shown {
  readonly name: string;
  readonly steps?: (page: Page) => Promise<void>;
}
const service = (name: string) => `.graph .node:has-text("${name}")`;
const click = (selector: string) => async (page: Page) => page.locator(selector).first().click();
const openService = (name: string) => async (page: Page) => page.locator(service(name)).first().dblclick();
const view = (kind: string) => click(`.rail [data-view="${kind}"]`);

const VIEWS: readonly Picture[] = [
  { name: 'graph', steps: click(service('orders')) },
  { name: 'graph-narrow', width: 800, height: 700, steps: click(service('orders')) },
  { name: 'edge', steps: async (page) => page.locator('[data-edge="8"] .hit').dispatchEvent('dblclick') },
  { name: 'service', steps: openService('orders') },
  { name: 'service-narrow', width: 800, height: 700, steps: openService('orders') },
  { name: 'table', steps: async (page) => page.keyboard.press('t') },
  { name: 'quality', steps: view('quality') },
  { name: 'transactions', steps: view('transactions') },
  { name: 'large', scene: 'platform' },
];
const PICTURES: readonly Picture[] = [
  ...(['dark', 'light', 'hc', 'hc-light'] as const).flatMap((theme) => VIEWS.map((v) => ({ ...v, name: `${v.name}-${theme}`, theme }))),
  ...STATES.filter((s) => s !== 'ready').map((state) => ({ name: `state-${state}`, state })),
];

const [out, part = ''] = process.argv.slice(2);
if (out === undefined) throw new Error('Usage: gallery.ts OUTDIR [name part]');
mkdirSync(out, { recursive: true });
const browser = await WebviewBrowser.start();
try {
  for (const p of PICTURES.filter((x) => x.name.includes(part))) {
    const { page, problems } = await browser.open(p);
    await p.steps?.(page);
    await settled(page);
    await page.screenshot({ path: join(out, `${p.name}.png`) });
    for (const problem of problems) console.error(`${p.name}: ${problem}`);
    await page.context().close();
  }
} finally {
  await browser.close();
}
