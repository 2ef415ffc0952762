/** Before the script runs the page has its frame already, and the script takes exactly its places. And what commands do to views. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FIRST_PAINT } from '../../src/shared/firstPaint.ts';
import { type Opened, settled, WebviewBrowser } from './harness/browser.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

const PLACES = ['.rail', '.strip', '.foot'];
const boxes = (page: Opened['page']) =>
  page.evaluate(
    (places) =>
      places.map((p) => {
        const { x, y, width, height } = document.querySelector(p)!.getBoundingClientRect();
        return [x, y, width, height].map(Math.round);
      }),
    PLACES,
  );

describe('before the script runs', () => {
  it('the frame stands where the page has it, with no word to translate, and is gone after', async () => {
    expect(FIRST_PAINT.replaceAll(/<[^>]*>/g, '').trim()).toBe('');
    const { page } = await browser.open();
    const after = await boxes(page);
    expect(await page.locator('.first').count()).toBe(0);
    await page.evaluate((markup) => {
      document.querySelector('#app')!.innerHTML = markup;
    }, FIRST_PAINT);
    expect(await boxes(page)).toEqual(after);
    await page.context().close();
  });
});

describe('what commands do', () => {
  it('focus, hide, reset and table act on the graph, from any view', async () => {
    const { page, channel, problems } = await browser.open();
    const nodes = page.locator('.graph .node');
    const all = await nodes.count();
    await page.locator('.rail [data-view=transactions]').click();
    await settled(page);
    const id = 1;
    channel.peer.say('act', { act: 'focus', service: id });
    await page.locator('.view-host[data-view=graph]').waitFor();
    await settled(page);
    expect(await nodes.count()).toBeLessThan(all);
    channel.peer.say('act', { act: 'resetGraph' });
    await expect.poll(() => nodes.count()).toBe(all);
    channel.peer.say('act', { act: 'hide', service: id });
    await expect.poll(() => nodes.count()).toBe(all - 1);
    channel.peer.say('act', { act: 'asTable' });
    await page.locator('.graph-box.scrolls').waitFor();
    channel.peer.say('act', { act: 'resetGraph' });
    await expect.poll(() => nodes.count()).toBe(all);
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it('the critical path only, asked for before the transaction is read, is what is shown first', async () => {
    const { page, channel, problems } = await browser.open();
    channel.peer.say('reveal', { view: 'waterfall', trace: 0 });
    channel.peer.say('act', { act: 'criticalOnly' });
    const rows = () => page.locator('.wf-body').getAttribute('aria-rowcount').then(Number);
    await page.locator('.wf-row').first().waitFor();
    await settled(page);
    const critical = await rows();
    channel.peer.say('act', { act: 'criticalOnly' });
    await expect.poll(rows).toBeGreaterThan(critical);
    expect(problems).toEqual([]);
    await page.context().close();
  });
  it('a comparison starts with the capture that was named', async () => {
    const { page, channel } = await browser.open();
    channel.peer.say('reveal', { view: 'compare' });
    await page.locator('.cmp-choice li').first().waitFor();
    channel.peer.say('act', { act: 'compareWith', uri: 'nowhere' });
    await settled(page);
    expect(channel.asked.some((a) => a.method === 'compare')).toBe(false);
    await page.context().close();
  });
  it('? lists the keys, Esc closes the list and leads nowhere else', async () => {
    const { page, problems } = await browser.open();
    await page.locator('.rail [data-view=transactions]').click();
    await settled(page);
    await page.locator('.tx-row[data-row="0"]').dblclick();
    await page.locator('.wf-row').first().waitFor();
    await page.keyboard.press('?');
    await page.locator('dialog.shortcuts[open]').waitFor();
    await page.keyboard.press('Escape');
    await page.locator('dialog.shortcuts[open]').waitFor({ state: 'detached' });
    expect(await page.locator('.view-host[data-view=waterfall]').count()).toBe(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});
