import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { settled, WebviewBrowser } from './harness/browser.ts';
import type { ThemeName } from './harness/themes.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

const open = async (view: string, shown: Parameters<WebviewBrowser['open']>[0] = {}) => {
  const opened = await browser.open(shown);
  await opened.page.locator('.rail button', { hasText: view }).click();
  await settled(opened.page);
  return opened;
};

describe('patterns', () => {
  it('counts shapes, marks N+1 and opens an example', async () => {
    const { page, problems } = await open('Patterns', { scene: 'wide' });
    const rows = page.locator('.patterns-list tbody tr');
    expect(await rows.count()).toBe(2);
    expect(await rows.nth(1).textContent()).toContain('N+1');
    await rows.nth(1).click();
    await settled(page);
    expect(await page.locator('.patterns-repeats').textContent()).toMatch(/25000 times .* one after another/);
    await page.getByRole('button', { name: 'Open Example' }).click();
    await settled(page);
    expect(await page.locator('.wf-head').textContent()).toContain('POST /nightly');
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it('of 300 services: all transactions are told though few shapes are listed; a service with many callees names the longest waits and all names', async () => {
    const { page, problems } = await open('Patterns', { scene: 'platform', width: 1050 });
    expect(await page.locator('.patterns-list tbody tr').count()).toBeLessThan(1080);
    expect(await page.locator('.patterns .view-head').textContent()).toContain('1,080 shapes of 1,500 transactions');
    await page.locator('.rail [data-view=graph]').click();
    await page.locator('.graph .node', { hasText: 'mail-gateway' }).first().dblclick();
    await settled(page);
    const parts = await page.locator('.split-row tbody tr').allTextContents();
    expect(parts.filter((p) => p.includes('waiting:'))).toHaveLength(9);
    expect(parts.at(-1)).toMatch(/waiting: 15 others/);
    const cut = await page
      .locator('[data-section=callees] td.ell')
      .evaluateAll((list) => list.filter((e) => e.scrollWidth > e.clientWidth).length);
    expect(cut).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it.each(['dark', 'light', 'hc'] as ThemeName[])('pass axe in %s', async (theme) => {
    const { page } = await open('Patterns', { theme });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});

describe('compare', () => {
  const compared = async (shown: Parameters<WebviewBrowser['open']>[0] = {}) => {
    const opened = await open('Compare', shown);
    await opened.page.getByRole('button', { name: 'traffic/monday.pcap' }).click();
    await settled(opened.page);
    return opened;
  };
  it('names the edge where it got slower, with its interval, and swaps sides', async () => {
    const { page, channel, problems } = await compared();
    expect(await page.locator('.cmp-headline').textContent()).toMatch(/Slower: stock → db takes 1\.6\sms more, and its callers with it\./);
    expect(await page.locator('.cmp-row[data-row="0"]').textContent()).toContain('stock');
    await page.locator('.cmp-row[data-row="0"]').focus();
    await page.keyboard.press('ArrowDown');
    expect(await page.locator('.cmp-row[aria-selected="true"]').getAttribute('data-row')).toBe('1');
    await page.getByRole('button', { name: 'Swap' }).click();
    await settled(page);
    expect(await page.locator('.cmp-headline').textContent()).toContain('Slower: auth → cache');
    await page.getByRole('button', { name: 'Copy Summary as Markdown' }).click();
    await settled(page);
    const copied = channel.said.find((s) => s.name === 'copy')!.arg as { text: string };
    expect(copied.text).toContain('| stock → db | ▼ faster |');
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it('puts patterns of both captures side by side, by shape', async () => {
    const { page, problems } = await compared();
    await page.getByRole('button', { name: 'Patterns', exact: true }).last().click();
    await settled(page);
    const rows = page.locator('.cmp-patterns tbody tr');
    expect((await rows.allTextContents()).filter((text) => text.includes('+ new'))).toHaveLength(1);
    await rows.filter({ hasText: '+ new' }).click();
    await settled(page);
    expect(await page.locator('.cmp-shapes > div').first().textContent()).toContain('No transaction of this capture has this shape');
    await rows.filter({ hasText: 'both' }).first().click();
    await settled(page);
    const [before, after] = await page.locator('.cmp-shapes .shape').all();
    expect(await before!.textContent()).toBe(await after!.textContent());
    expect(await violations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Swap' }).click();
    await settled(page);
    expect((await rows.allTextContents()).filter((text) => text.includes('− gone'))).toHaveLength(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it('copies the edges as a table', async () => {
    const { page, channel } = await compared();
    await page.locator('.cmp-row[data-row="0"]').focus();
    await page.keyboard.press('Control+c');
    await settled(page);
    const copied = channel.said.find((s) => s.name === 'copy')!.arg as { text: string };
    const [head, first] = copied.text.split('\n').map((l) => l.split('\t'));
    expect(head!.slice(0, 4)).toEqual(['from', 'to', 'verdict', 'p50 before ms']);
    expect(first!.slice(0, 3)).toEqual(['stock', 'db', 'slower']);
    expect(first).toHaveLength(head!.length);
    await page.context().close();
  });
  it.each(['dark', 'light', 'hc'] as ThemeName[])('passes axe in %s', async (theme) => {
    const { page } = await compared({ theme });
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });
});
