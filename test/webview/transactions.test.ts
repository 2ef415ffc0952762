import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { settled, WebviewBrowser } from './harness/browser.ts';
import type { ThemeName } from './harness/themes.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

const open = async (shown: Parameters<WebviewBrowser['open']>[0] = {}) => {
  const opened = await browser.open(shown);
  await opened.page.locator('.rail button', { hasText: 'Transactions' }).click();
  await settled(opened.page);
  return opened;
};
const durations = (texts: readonly string[]) => texts.map((x) => Number(x.replaceAll(',', '')));

describe('the list of transactions', () => {
  it('is sorted by duration and asks the engine for another order', async () => {
    const { page, channel, problems } = await open();
    const shown = () => page.locator('.tx-duration .num').allTextContents();
    const first = durations(await shown());
    expect(first.length).toBeGreaterThan(20);
    expect([...first].sort((a, b) => b - a)).toEqual(first);
    await page.locator('.tx-head button', { hasText: 'start' }).click();
    await settled(page);
    const asked = channel.asked.filter((a) => a.method === 'transactions').at(-2)!.arg as { sort: string; descending: boolean };
    expect(asked).toMatchObject({ sort: 'start', descending: false });
    expect(await page.locator('[role=columnheader][aria-sort]').getAttribute('aria-sort')).toBe('ascending');
    expect(durations(await shown())).not.toEqual(first);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('is driven by keys and opens the waterfall', async () => {
    const { page } = await open();
    await page.locator('.tx-row[data-row="0"]').focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await settled(page);
    expect(await page.locator('.tx-row[aria-selected="true"]').getAttribute('data-row')).toBe('2');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('data-row'))).toBe('2');
    await expect.poll(() => page.locator('.panel-body').textContent()).toContain('On the critical path');
    await page.keyboard.press('End');
    await settled(page);
    const last = Number(await page.locator('[role=grid]').first().getAttribute('aria-rowcount')) - 2;
    expect(await page.evaluate(() => Number(document.activeElement?.getAttribute('data-row')))).toBe(last);
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('.wf-row').count()).toBeGreaterThan(0);
    await page.keyboard.press('Escape');
    await settled(page);
    expect(await page.locator('.tx-row[aria-selected="true"]').getAttribute('data-row')).toBe(String(last));
    await page.context().close();
  });

  it('draws the rows in view and at most 20 more, however far it is scrolled', async () => {
    const { page, channel } = await open({ scene: 'platform' });
    const total = Number(await page.locator('[role=grid]').first().getAttribute('aria-rowcount')) - 1;
    expect(total).toBeGreaterThan(1000);
    for (const share of [0, 0.3, 0.7, 1]) {
      const visible = await page.locator('.tx-body').evaluate((e, s) => {
        e.scrollTop = e.scrollHeight * s;
        return Math.ceil(e.clientHeight / 24);
      }, share);
      await settled(page);
      const rows = await page.locator('.tx-body .tx-row').count();
      expect(rows).toBeLessThanOrEqual(visible + 20);
      expect(rows).toBeGreaterThanOrEqual(visible - 1);
      expect(await page.locator('.tx-body .tx-row[aria-busy]').count()).toBe(0);
    }
    expect(channel.sent.bytes).toBeLessThan(1_500_000);
    for (const { arg } of channel.asked.filter((a) => a.method === 'transactions'))
      expect((arg as { limit: number }).limit).toBeLessThanOrEqual(500);
    await page.context().close();
  });

  it('says that a filter hides everything and takes it away again', async () => {
    const { page } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('duration>100s');
    await page.keyboard.press('Enter');
    await settled(page);
    await expect.poll(() => page.locator('.view').textContent()).toMatch(/[Cc]lear/);
    await page.context().close();
  });

  it.each(['dark', 'light', 'hc'] as ThemeName[])('passes axe in %s', async (theme) => {
    const { page } = await open({ theme });
    await page.locator('.tx-row[data-row="1"]').click();
    await settled(page);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
