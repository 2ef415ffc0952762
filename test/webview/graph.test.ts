/** The call graph in a real browser, over the real engine. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { violations } from './harness/axe.ts';
import { settled, WebviewBrowser } from './harness/browser.ts';
import type { ThemeName } from './harness/themes.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

type Page = Awaited<ReturnType<WebviewBrowser['open']>>['page'];
const node = (page: Page, name: string) => page.locator('.graph .node', { has: page.locator(`text.name:text-is("${name}")`) });
const focusedName = (page: Page) => page.evaluate(() => document.activeElement?.querySelector('text.name')?.textContent ?? '');
const panelTitle = (page: Page) => page.locator('.panel h2').first().textContent();

describe('the call graph', () => {
  it('lists heaviest paths and groups beside it while nothing is selected; a service of them is selected by a click', async () => {
    const { page, problems, channel } = await browser.open();
    const section = (title: string) => page.locator('.panel section', { has: page.getByRole('heading', { name: title }) });
    const paths = section('Heaviest paths').locator('li');
    expect(await paths.count()).toBe(5);
    expect((await paths.first().textContent())!.replace(/\s+/g, ' ')).toMatch(/^ ?clients › gateway.* \d+.%/);
    const shares = await paths.locator('.num').allTextContents();
    expect(shares.map(Number.parseFloat)).toEqual(shares.map(Number.parseFloat).toSorted((a, b) => b - a));
    expect(await section('Groups').locator('li').count()).toBeGreaterThan(1);
    await paths.first().getByRole('button', { name: 'gateway' }).click();
    await settled(page);
    expect(await panelTitle(page)).toBe('gateway');
    expect(channel.asked.filter((a) => a.method === 'structure').length).toBe(1);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows every service of the sample with its figures, and fills the panel on a click', async () => {
    const { page, channel, problems } = await browser.open();
    const names = await page.locator('.graph .node text.name').allTextContents();
    const shop = ['auth', 'cache', 'catalog', 'db', 'gateway', 'mail', 'orders', 'price', 'recommend', 'stock'];
    expect(names.filter((n) => n !== 'clients').sort()).toEqual(shop);
    expect(await page.locator('.view-head').textContent()).toContain('10 services');
    await node(page, 'orders').click();
    await settled(page);
    expect(await panelTitle(page)).toBe('orders');
    const figures = await page.locator('.panel .figures').textContent();
    expect(figures).toMatch(/\d+.?calls|calls.?\d+/);
    expect(await page.locator('.panel data-table tbody tr').count()).toBeGreaterThanOrEqual(4);
    expect(channel.said.filter((s) => s.name === 'selected').at(-1)).toMatchObject({ arg: { service: expect.any(Number) } });
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('is driven by keys: arrows follow calls, Enter opens, Escape comes back to the same place', async () => {
    const { page, problems } = await browser.open();
    await page.locator('.graph .node[tabindex="0"]').focus();
    expect(await focusedName(page)).toBe('clients');
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(await focusedName(page)).toBe('gateway');
    expect(await panelTitle(page)).toBe('gateway');
    await page.keyboard.press('ArrowLeft');
    expect(await focusedName(page)).toBe('clients');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('.subject h1').textContent()).toBe('gateway');
    await page.keyboard.press('Escape');
    await settled(page);
    expect(await page.locator('.graph .node.selected text.name').textContent()).toBe('gateway');
    await page.keyboard.press('Escape');
    await settled(page);
    expect(await page.locator('.graph .node.selected').count()).toBe(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('has one tab stop among its services', async () => {
    const { page } = await browser.open({ scene: 'platform' });
    expect(await page.locator('.graph .node[tabindex="0"]').count()).toBe(1);
    await page.context().close();
  });

  it('lights what leads to a service and from it while it is pointed at', async () => {
    const { page } = await browser.open();
    await node(page, 'mail').hover();
    const lit = await page.locator('.graph.dim .node.on text.name').allTextContents();
    expect(lit.sort()).toEqual(['clients', 'gateway', 'mail']);
    await page.locator('.view-head').hover();
    expect(await page.locator('.graph.dim').count()).toBe(0);
    await page.context().close();
  });

  it('focuses, steps hops, hides and shows again', async () => {
    const { page, channel } = await browser.open();
    await node(page, 'stock').click();
    await page.keyboard.press('f');
    await settled(page);
    expect(channel.asked.filter((a) => a.method === 'graph').at(-1)!.arg).toMatchObject({ hops: 1, focus: expect.any(Number) });
    expect((await page.locator('.graph .node text.name').allTextContents()).sort()).toEqual(['db', 'orders', 'stock']);
    await page.locator('[aria-label="One hop more"]').click();
    await settled(page);
    expect(await page.locator('.graph .node').count()).toBeGreaterThan(3);
    await page.locator('.segmented button', { hasText: 'All 10' }).click();
    await settled(page);
    expect(await page.locator('.graph .node').count()).toBe(11);
    await node(page, 'stock').click();
    await page.keyboard.press('h');
    await settled(page);
    expect(await node(page, 'stock').count()).toBe(0);
    await page.locator('.view-head .link', { hasText: 'Show' }).click();
    await settled(page);
    expect(await node(page, 'stock').count()).toBe(1);
    await page.context().close();
  });

  it('selects an edge, with its slowest transactions, and opens its page', async () => {
    const { page } = await browser.open();
    const title = (await page.locator('.graph .edge').first().locator('.hit').count()) > 0;
    expect(title).toBe(true);
    // The middle of a curve need not be on it: the event goes to the path itself.
    await page.locator('.graph .edge .hit').first().dispatchEvent('click');
    await settled(page);
    expect(await panelTitle(page)).toContain('→');
    expect(await page.locator('.panel data-table[aria-label], .panel table[aria-label="Slowest transactions here"] tbody tr').count()).toBe(
      5,
    );
    await page.locator('.panel .btn', { hasText: 'Open' }).click();
    await settled(page);
    expect(await page.locator('.subject h1').textContent()).toContain('→');
    await page.context().close();
  });

  it('says what colour means: p95 and errors, with a ramp and its ends', async () => {
    const { page } = await browser.open();
    await page.locator('.segmented button', { hasText: 'p95' }).click();
    await settled(page);
    expect(await page.locator('.legend').textContent()).toContain('Edge colour: p95');
    expect(await page.locator('.legend .ramp').count()).toBe(1);
    const tones = await page
      .locator('.graph .edge')
      .evaluateAll((all) => all.map((e) => getComputedStyle(e.querySelector('.line')!).stroke));
    expect(new Set(tones).size).toBeGreaterThan(5);
    await page.context().close();
  });

  it.each([
    ['shop', 11, 60_000],
    ['sixty', 61, 200_000],
    ['platform', 62, 600_000],
    ['vast', 62, 4_000_000],
  ] as const)('%s: draws at most %i nodes, and as much crosses to the page as its lists need', async (scene, nodes, bytes) => {
    const { page, channel } = await browser.open({ scene });
    expect(await page.locator('.graph .node').count()).toBeLessThanOrEqual(nodes);
    // The services table beside it draws what is in view.
    expect(await page.locator('#app *').count()).toBeLessThan(4000);
    expect(channel.sent.bytes).toBeLessThan(bytes);
    await page.context().close();
  });

  it('draws at most 400 services however many there are, and the table holds the rest', async () => {
    const { page, channel, problems } = await browser.open({ scene: 'vast' });
    // And those outside, and the node for the rest.
    expect(await page.locator('.graph .node').count()).toBeLessThanOrEqual(62);
    await page.locator('.segmented button', { hasText: 'Top 400' }).click();
    await settled(page);
    expect(channel.asked.filter((a) => a.method === 'graph').at(-1)!.arg).toMatchObject({ maxServices: 400 });
    const drawn = await page.locator('.graph .node').count();
    expect(drawn).toBeGreaterThan(300);
    expect(drawn).toBeLessThanOrEqual(402);
    const listed = Number(await page.locator('.panel table').getAttribute('aria-rowcount')) - 1;
    expect(listed).toBeGreaterThan(1500);
    // Only what is seen is in the document.
    expect(await page.locator('.panel tbody tr[data-row]').count()).toBeLessThanOrEqual(900 / 24 + 20);
    expect(await page.locator('*').count()).toBeLessThan(12_000);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('draws a folded service with its neighbours when it is chosen in the table', async () => {
    const { page } = await browser.open({ scene: 'platform' });
    await page.locator('.panel input').fill('store-4');
    await settled(page);
    await page.locator('.panel tbody tr.folded-from').first().click();
    await settled(page);
    const name = await panelTitle(page);
    expect(name).toContain('store-4');
    expect(await page.locator('.graph .node.selected text.name').first().textContent()).toBe(name);
    await page.context().close();
  });

  it('has a table twin with every edge', async () => {
    const { page } = await browser.open();
    await page.keyboard.press('t');
    await settled(page);
    expect(await page.locator('.twin table[role=grid]').count()).toBe(2);
    expect(await page.locator('.twin table').last().locator('tbody tr').count()).toBe(15);
    expect(await violations(page)).toEqual([]);
    await page.context().close();
  });

  it('says so when no answer was seen, and shows no time where there is none', async () => {
    const { page, problems } = await browser.open({ scene: 'half' });
    expect(await page.locator('.view-head').textContent()).toMatch(/3 services, 3 edges\s*No answer was seen whole/);
    await page.getByRole('button', { name: 'Why' }).click();
    await settled(page);
    expect(await page.locator('.view-host').getAttribute('data-view')).toBe('quality');
    await page.locator('.rail [data-view="graph"]').click();
    await page.locator('.graph .node').last().dblclick();
    await settled(page);
    // A sentence in place of two empty charts and an empty table.
    expect(await page.locator('.view-host[data-view="service"]').textContent()).toMatch(
      /No call here has a latency that the packets prove/,
    );
    expect(await page.locator('.latency-chart, [data-section="slowest"]').count()).toBe(0);
    await page.locator('.rail [data-view="transactions"]').click();
    await settled(page);
    expect(await page.locator('.tx-row[data-row="0"] .tx-duration').textContent()).toMatch(/^\s*–/);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each([720, 1045, 1330])('keeps its head and picture within what the side panel leaves (%i px)', async (width) => {
    const { page } = await browser.open({ scene: 'platform', width, height: 800 });
    const { overflow, right, panel } = await page.evaluate(() => {
      const view = document.querySelector('main.view')!;
      const buttons = [...view.querySelectorAll('.view-head button')].map((b) => b.getBoundingClientRect()).filter((r) => r.width > 0);
      const limit = view.getBoundingClientRect().right;
      return { overflow: view.scrollWidth - view.clientWidth, right: Math.max(...buttons.map((r) => r.right)), panel: limit };
    });
    expect(overflow).toBeLessThanOrEqual(0);
    expect(right).toBeLessThanOrEqual(panel);
    await page.context().close();
  });

  it('saves a picture in pixels, also when the host asks for it from another view', async () => {
    const { page, channel, problems } = await browser.open();
    const saved = () => channel.said.filter((s) => s.name === 'saveFile').map((s) => s.arg as { name: string; content: Uint8Array });
    await page.getByRole('button', { name: 'Save as PNG' }).click();
    await expect.poll(() => saved().length, { timeout: 15_000 }).toBe(1);
    const [first] = saved();
    expect(first!.name).toBe('call-graph.png');
    const bytes = Buffer.from(first!.content);
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    const [widthPx, heightPx] = [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
    expect(widthPx).toBeGreaterThan(1400);
    expect(heightPx).toBeGreaterThan(400);
    // A picture of something: an empty one of this size is a few kilobytes.
    expect(bytes.length).toBeGreaterThan(20_000);
    await page.locator('.rail [data-view="quality"]').click();
    await settled(page);
    channel.peer.say('savePicture', { as: 'svg' });
    await expect.poll(() => saved().length, { timeout: 15_000 }).toBe(2);
    expect(saved()[1]!.name).toBe('call-graph.svg');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('saves a picture that stands alone', async () => {
    const { page, channel } = await browser.open();
    await page.locator('[aria-label="Save as SVG"]').click();
    await settled(page);
    const saved = channel.said.find((s) => s.name === 'saveFile')!.arg as { name: string; content: string };
    expect(saved.name).toBe('call-graph.svg');
    expect(saved.content).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(saved.content).toContain('gateway');
    expect(saved.content).not.toMatch(/var\(|class=|<!--/);
    await page.context().close();
  });

  it('magnifies and fits by keys, and moves by the wheel', async () => {
    const { page } = await browser.open();
    const world = () => page.locator('.graph .world').getAttribute('transform');
    const fitted = await world();
    await page.keyboard.press('+');
    expect(await world()).toContain('scale(1.25)');
    const before = await world();
    await page.locator('.graph').hover({ position: { x: 300, y: 60 } });
    await page.mouse.wheel(0, 40);
    await expect.poll(world).not.toBe(before);
    await page.keyboard.press('0');
    expect(await world()).toBe(fitted);
    await page.context().close();
  });

  for (const theme of ['dark', 'light', 'hc', 'hc-light'] as const satisfies readonly ThemeName[])
    it(`is clean for axe-core, selected and unselected (${theme})`, async () => {
      const { page, problems } = await browser.open({ theme });
      expect(await violations(page)).toEqual([]);
      await node(page, 'orders').click();
      await settled(page);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    });
});
