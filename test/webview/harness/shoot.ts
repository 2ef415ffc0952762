/**
 * Screenshots of the page: `node test/webview/harness/shoot.ts OUT.png key=value...` with scene, theme, state, width, height, and steps in
 * order: `click=SELECTOR`, `key=KEY`, `type=TEXT`, `hover=SELECTOR`.
 */
import { type Shown, settled, WebviewBrowser } from './browser.ts';

const [out, ...rest] = process.argv.slice(2);
if (out === undefined) throw new Error('Usage: shoot.ts OUT.png [key=value...]');
const steps = rest.map((a) => [a.slice(0, a.indexOf('=')), a.slice(a.indexOf('=') + 1)] as const);
const shown: Record<string, unknown> = {};
for (const [k, v] of steps) if (['scene', 'theme', 'state', 'width', 'height'].includes(k)) shown[k] = /^\d+$/.test(v) ? Number(v) : v;
const browser = await WebviewBrowser.start();
try {
  const { page, problems } = await browser.open(shown as Shown);
  for (const [step, value] of steps) {
    if (step === 'click') await page.locator(value).first().click();
    else if (step === 'dblclick') await page.locator(value).first().dblclick();
    else if (step === 'hover') await page.locator(value).first().hover();
    else if (step === 'key') await page.keyboard.press(value);
    else if (step === 'type') await page.keyboard.type(value);
    else continue;
    await settled(page);
  }
  await page.screenshot({ path: out });
  for (const p of problems) console.error(p);
} finally {
  await browser.close();
}
