/** A capture whose names are markup, control characters, text that runs backwards, and very long: every view, with every tooltip. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settled, WebviewBrowser } from './harness/browser.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

/** What a hostile name would have left behind. */
const traces = (page: Page) =>
  page.evaluate(() => {
    const hidden = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
    const found: string[] = [];
    for (const e of document.querySelectorAll('img, b.injected, iframe, object, embed, a[href^="javascript"], a[href^="command"]'))
      found.push(e.outerHTML);
    for (const s of document.scripts)
      if (s.text.includes('x') && s.type !== 'application/json' && !s.src) found.push(s.outerHTML.slice(0, 200));
    for (const e of document.querySelectorAll('*')) {
      for (const { name, value } of e.attributes) {
        if (name.startsWith('on')) found.push(`${e.tagName} ${name}`);
        if (hidden.test(value)) found.push(`${e.tagName} ${name}=${JSON.stringify(value)}`);
        if (value.length > 3000 && name !== 'd' && name !== 'points') found.push(`${e.tagName} ${name} has ${value.length} characters`);
      }
    }
    const text = document.querySelector('#app')?.textContent ?? '';
    if (hidden.test(text.replaceAll('\n', ''))) found.push('hidden characters in the text');
    return found;
  });

describe('hostile names', () => {
  it('are text in every view, tooltip and label', async () => {
    const { page, problems } = await browser.open({ scene: 'hostile' });
    let dialogs = 0;
    page.on('dialog', (d) => {
      dialogs++;
      void d.dismiss();
    });
    const seen: string[] = [];
    const look = async (what: string) => {
      await settled(page);
      seen.push(what);
      expect(await traces(page), what).toEqual([]);
    };
    await look('graph');
    await page.locator('.graph .node', { hasText: '<img' }).first().click();
    await look('graph, a service selected');
    await page.locator('.graph .node', { hasText: '<img' }).first().hover();
    await look('graph, a service pointed at');
    await page.locator('.graph .node', { hasText: '<img' }).first().dblclick();
    await look('service');
    expect(await page.locator('#app').textContent()).toContain('<img src=x');
    for (const view of ['transactions', 'patterns', 'compare', 'quality']) {
      await page.locator(`.rail button[data-view="${view}"]`).click();
      await look(view);
    }
    await page.locator('.rail button[data-view="transactions"]').click();
    await settled(page);
    const row = page.locator('.view-host[data-view="transactions"]').getByRole('row').nth(1);
    await row.click();
    await look('transactions, one selected');
    await row.dblclick();
    await look('waterfall');
    await page.locator('.wf-row').first().click();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      await look(`waterfall, ${await tab.textContent()}`);
    }
    await page.keyboard.press('Escape');
    // The filter offers names as they are in the capture.
    await page.locator('.rail button[data-view="graph"]').click();
    await page.keyboard.press('/');
    await page.keyboard.type('service:');
    await look('completion');
    expect(seen.length).toBeGreaterThan(10);
    expect(dialogs).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
