import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { settled, WebviewBrowser } from './harness/browser.ts';
import type { ThemeName } from './harness/themes.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

/** The slowest transaction of a scene (or the first by another order), with the focus on its first row. */
const open = async (shown: Parameters<WebviewBrowser['open']>[0] = {}, sort = '') => {
  const opened = await browser.open(shown);
  const { page } = opened;
  await page.locator('.rail button', { hasText: 'Transactions' }).click();
  await settled(page);
  if (sort) await page.locator('.tx-head button', { hasText: sort }).click();
  await settled(page);
  await page.locator('.tx-row[data-row="0"]').dblclick();
  await settled(page);
  await page.locator('.wf-row[data-row="0"]').focus();
  return opened;
};
const press = async (page: Page, ...keys: string[]) => {
  for (const key of keys) {
    await page.keyboard.press(key);
    await settled(page);
  }
};
const cursor = (page: Page) => page.locator('.wf-row[aria-selected="true"]').getAttribute('data-row').then(Number);
const level = (page: Page, row: number) => page.locator(`.wf-row[data-row="${row}"]`).getAttribute('aria-level').then(Number);
const rowCount = (page: Page) => page.locator('[role=treegrid]').getAttribute('aria-rowcount').then(Number);
/** Pixels of the bars that are not transparent. */
const ink = (page: Page) =>
  page.locator('canvas.wf-bars').evaluate((c: HTMLCanvasElement) => {
    const { data } = c.getContext('2d')!.getImageData(0, 0, c.width, c.height);
    let n = 0;
    for (let i = 3; i < data.length; i += 4) if (data[i]! > 0) n++;
    return n;
  });

describe('the waterfall', () => {
  it('moves by keys: rows, siblings, parent, fold', async () => {
    const { page, problems } = await open();
    const all = await rowCount(page);
    await press(page, 'ArrowDown');
    expect(await cursor(page)).toBe(1);
    await press(page, '.');
    const sibling = await cursor(page);
    expect(sibling).toBeGreaterThan(1);
    expect(await level(page, sibling)).toBe(await level(page, 1));
    await press(page, ',');
    expect(await cursor(page)).toBe(1);
    await press(page, 'ArrowRight');
    expect(await cursor(page)).toBe(2);
    await press(page, 'Alt+ArrowUp');
    expect(await cursor(page)).toBe(1);
    await press(page, 'ArrowLeft');
    expect(await rowCount(page)).toBeLessThan(all);
    expect(await page.locator('.wf-row[data-row="1"]').getAttribute('aria-expanded')).toBe('false');
    await press(page, 'ArrowRight');
    expect(await rowCount(page)).toBe(all);
    await press(page, '[');
    const folded = await rowCount(page);
    expect(folded).toBeLessThan(all);
    expect(await page.locator('.wf-row[aria-level="3"]').count()).toBe(0);
    await press(page, ']', 'End');
    expect(await cursor(page)).toBe(all - 1);
    expect(await page.evaluate(() => document.activeElement?.classList.contains('wf-row'))).toBe(true);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('goes to the next uncertain call, shows why, and the packets', async () => {
    const { page } = await open({}, 'confidence');
    await press(page, 'g');
    expect(await page.locator('.wf-row[aria-selected="true"] .wf-sure').getAttribute('class')).toMatch(/likely|guess/);
    await page.getByRole('tab', { name: 'Why this parent' }).click();
    await settled(page);
    const why = await page.locator('.span-body').textContent();
    expect(why).toContain('Chosen');
    expect(why).toMatch(/requests? to .* could have caused/);
    await page.locator('.wf-row[aria-selected="true"]').focus();
    await press(page, 'p');
    expect(await page.getByRole('tab', { name: 'Packets' }).getAttribute('aria-selected')).toBe('true');
    expect(await page.locator('.span-body tbody tr').count()).toBeGreaterThanOrEqual(2);
    await page.context().close();
  });

  it('follows a packet to its bytes and copies a filter', async () => {
    const { page, channel } = await open();
    await press(page, 'p');
    await page.getByRole('button', { name: 'Copy Wireshark Filter' }).click();
    await page.locator('.span-body tbody tr').first().click();
    await settled(page);
    const hex = ((await page.locator('.hex').textContent()) ?? '').replaceAll(/\s+/g, ' ');
    expect(hex).toMatch(/50 4f 53 54 20|47 45 54 20/);
    expect(hex).toMatch(/POST|GET/);
    const copied = channel.said.find((s) => s.name === 'copy')!.arg as { text: string };
    expect(copied.text).toMatch(/^frame\.number in \{\d+/);
    await page.context().close();
  });

  it('shows another possible parent in its own transaction', async () => {
    const { page } = await open({}, 'confidence');
    await press(page, 'g');
    await page.getByRole('tab', { name: 'Why this parent' }).click();
    await settled(page);
    const other = page.locator('.candidate:not(.chosen)').first();
    const name = await other.locator('.candidate-head .ell').textContent();
    await other.getByRole('button', { name: 'Show in waterfall' }).click();
    await settled(page);
    const words = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();
    expect(words(await page.locator('.wf-row[aria-selected="true"] .wf-name').textContent())).toBe(words(name));
    await page.context().close();
  });

  it('zooms by key, wheel and drag, and Escape takes it back before it leaves', async () => {
    const { page } = await open();
    const ticks = () => page.locator('.wf-scale').textContent();
    const whole = await ticks();
    await press(page, 'ArrowDown', 'f');
    expect(await ticks()).not.toBe(whole);
    await press(page, 'Escape');
    expect(await ticks()).toBe(whole);
    const box = (await page.locator('.wf-ruler').boundingBox())!;
    await page.mouse.move(box.x + 400, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + 600, box.y + 12, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    const dragged = await ticks();
    expect(dragged).not.toBe(whole);
    await page.keyboard.down('Shift');
    await page.mouse.wheel(0, 200);
    await page.keyboard.up('Shift');
    await settled(page);
    expect(await ticks()).not.toBe(dragged);
    await press(page, '0');
    expect(await ticks()).toBe(whole);
    await page.keyboard.down('Control');
    await page.mouse.wheel(0, -300);
    await page.keyboard.up('Control');
    await settled(page);
    expect(await ticks()).not.toBe(whole);
    await press(page, 'Escape', 'Escape');
    expect(await page.locator('.tx-row').count()).toBeGreaterThan(0);
    await page.context().close();
  });

  it('leaves only the critical path, and paints again when the theme changes', async () => {
    const { page } = await open();
    const all = await rowCount(page);
    await press(page, 'c');
    expect(await rowCount(page)).toBeLessThan(all);
    expect(await page.getByRole('button', { name: 'Critical path' }).getAttribute('aria-pressed')).toBe('true');
    await press(page, 'c');
    expect(await rowCount(page)).toBe(all);
    expect(await ink(page)).toBeGreaterThan(5000);
    await page.context().close();
  });

  it('holds 100,000 spans with rows for what is in view', async () => {
    const { page, channel } = await open({ scene: 'wide' });
    const before = channel.asked.filter((a) => a.method === 'waterfall').length;
    // Beside the list's preview of 40 rows, opening asked once.
    expect(channel.asked.filter((a) => a.method === 'waterfall' && (a.arg as { rows: number }).rows === 500)).toHaveLength(1);
    // Opens the group of 25,000 calls.
    await press(page, 'ArrowDown', 'ArrowRight');
    expect(await rowCount(page)).toBe(100_001);
    for (const share of [0, 0.37, 0.81, 1]) {
      const visible = await page.locator('.wf-body').evaluate((e, s) => {
        e.scrollTop = e.scrollHeight * s;
        return Math.ceil(e.clientHeight / 24);
      }, share);
      await settled(page);
      expect(await page.locator('.wf-row').count()).toBeLessThanOrEqual(visible + 20);
      expect(await page.locator('.wf-row[aria-busy]').count()).toBe(0);
      expect(await ink(page)).toBeGreaterThan(500);
    }
    const asked = channel.asked.filter((a) => a.method === 'waterfall').slice(before);
    for (const { arg } of asked) expect((arg as { rows: number }).rows).toBeLessThanOrEqual(500);
    expect(asked.length).toBeLessThanOrEqual(10);
    // Pages of rows, 5,000 at most: the whole transaction would be twenty times as much.
    expect(channel.sent.bytes).toBeLessThan(4_000_000);
    await page.context().close();
  });

  it.each(['dark', 'light', 'hc'] as ThemeName[])('passes axe in %s, in every tab', async (theme) => {
    const { page } = await open({ theme }, 'confidence');
    await press(page, 'g');
    for (const tab of ['Timing', 'Why this parent', 'Packets', 'Bytes']) {
      await page.getByRole('tab', { name: tab }).click();
      await settled(page);
      expect(await violations(page), tab).toEqual([]);
    }
    await page.context().close();
  });

  it('docks its panel below in a narrow editor and keeps the row in view', async () => {
    const { page } = await open({ width: 900, height: 700 });
    await press(page, 'End');
    const row = (await page.locator('.wf-row[aria-selected="true"]').boundingBox())!;
    const body = (await page.locator('.wf-body').boundingBox())!;
    expect(row.y + row.height).toBeLessThanOrEqual(body.y + body.height + 1);
    expect((await page.locator('.panel').boundingBox())!.y).toBeGreaterThanOrEqual(body.y + body.height);
    await page.context().close();
  });
});
