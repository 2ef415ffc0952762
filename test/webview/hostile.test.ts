/** A capture whose names are markup, control characters, text that runs backwards, and very long: every view, with every tooltip. */
import type { Locator, Page } from 'playwright-core';
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

  it('are text in what is copied: no cell begins a formula, nothing hides', async () => {
    const { page, channel, problems } = await browser.open({ scene: 'hostile' });
    const copies = () => channel.said.filter((s) => s.name === 'copy').map((s) => (s.arg as { text: string }).text);
    const copyFrom = async (rows: Locator) => {
      const before = copies().length;
      await rows.first().focus();
      await page.keyboard.press('Control+c');
      await settled(page);
      expect(copies().length).toBe(before + 1);
      return copies().at(-1)!;
    };
    const tables: string[] = [];
    // The graph's twin names every service.
    await page.keyboard.press('t');
    await settled(page);
    tables.push(await copyFrom(page.locator('.view-host[data-view="graph"] data-table tbody tr')));
    await page.locator('.rail button[data-view="transactions"]').click();
    await settled(page);
    tables.push(await copyFrom(page.locator('.view-host[data-view="transactions"]').getByRole('row').nth(1)));
    for (const view of ['patterns', 'quality']) {
      await page.locator(`.rail button[data-view="${view}"]`).click();
      await settled(page);
      const rows = page.locator(`.view-host[data-view="${view}"] data-table tbody tr`);
      if ((await rows.count()) > 0) tables.push(await copyFrom(rows));
    }
    // Figures are those of their heads: 2 ms, and nothing for what is not known.
    expect(tables[2]).toMatch(/p50, ms[^\n]*\n(?:[^\n\t]*\t){4}2\t\t2\t0\n/);
    expect(tables.join('\n')).toContain("'=HYPERLINK");
    expect(tables.join('\n')).toContain('\ufffd[31m\ufffd+1');
    for (const text of tables) {
      expect(text.split('\n').length).toBeGreaterThan(2);
      expect(text).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069]/);
      for (const cell of text.split(/[\t\n]/)) if (Number.isNaN(Number(cell))) expect(cell).not.toMatch(/^[\s"]*[=+@|-]/);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
