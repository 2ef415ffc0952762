/** What stands around the views: filter, time range, states, memory, sizes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/shared/protocol.ts';
import { violations } from './harness/axe.ts';
import { settled, WebviewBrowser } from './harness/browser.ts';
import { STATES } from './harness/statuses.ts';
import { THEMES } from './harness/themes.ts';

let browser: WebviewBrowser;
beforeAll(async () => {
  browser = await WebviewBrowser.start();
});
afterAll(() => browser.close());

type Opened = Awaited<ReturnType<WebviewBrowser['open']>>;
const lastAsked = ({ channel }: Opened, method: string) =>
  channel.asked.filter((a) => a.method === method).at(-1)?.arg as Record<string, unknown>;
const lastState = ({ channel }: Opened) => channel.said.filter((s) => s.name === 'state').at(-1)?.arg as unknown as Record<string, unknown>;

describe('more calls than the memory holds', () => {
  it('says everywhere what is of everything, what was kept, and what is of a sample', async () => {
    const { page, problems } = await browser.open({ scene: 'kept' });
    const banner = page.locator('.message.warning').first();
    expect(await banner.textContent()).toMatch(
      /[\d,]+ of 1,122 transactions are kept in detail: the memory allowed is full.*Counts, errors and latencies are of everything/s,
    );
    const foot = (await page.locator('footer').textContent())!.replace(/\s+/g, ' ');
    expect(foot).toMatch(/12,168 calls 1,122 transactions [\d,]+ kept in detail/);
    await page.keyboard.press('/');
    await page.keyboard.type('service:mail');
    await settled(page);
    expect(await page.locator('.filter-box .count').textContent()).toMatch(/^\s*\d+ of \d+ sampled\s*$/);
    await page.locator('[aria-label="Clear filter and time range"]').click();
    await settled(page);
    await page.locator('.rail [data-view=transactions]').click();
    await settled(page);
    expect(await page.locator('.view-head').first().textContent()).toMatch(/of 1,122 kept in detail/);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

describe('the filter box', () => {
  it('filters every view, says how many match, and clears', async () => {
    const opened = await browser.open();
    const { page, problems } = opened;
    await page.keyboard.press('/');
    await page.keyboard.type('service:mail');
    await settled(page);
    expect(lastAsked(opened, 'graph')).toMatchObject({ filter: 'service:mail' });
    expect(await page.locator('.filter-box .count').textContent()).toMatch(/^\d+ of \d+$/);
    expect(lastState(opened)).toMatchObject({ filter: 'service:mail' });
    await page.locator('.rail [data-view=transactions]').click();
    await settled(page);
    expect(lastAsked(opened, 'transactions')).toMatchObject({ filter: 'service:mail' });
    await page.locator('[aria-label="Clear filter and time range"]').click();
    await settled(page);
    expect(lastAsked(opened, 'transactions')).not.toHaveProperty('filter');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('underlines what is wrong where it is, and keeps the last good filter', async () => {
    const opened = await browser.open();
    const { page } = opened;
    await page.keyboard.press('/');
    await page.keyboard.type('service:mail duration>abc');
    await settled(page);
    expect(await page.locator('.filter-box [role=alert]').count()).toBe(1);
    expect((await page.locator('.squiggle span').textContent())!.trim()).not.toBe('');
    expect(await page.locator('.filter-box input').getAttribute('aria-invalid')).toBe('true');
    expect(lastAsked(opened, 'graph')['filter'] ?? '').not.toContain('abc');
    expect(await page.locator('.graph .node').count()).toBeGreaterThan(0);
    await page.context().close();
  });

  it('completes fields and values by keys', async () => {
    const { page } = await browser.open();
    await page.keyboard.press('/');
    await page.keyboard.type('serv');
    await settled(page);
    expect(await page.locator('.suggestions li').count()).toBeGreaterThan(0);
    expect(await page.locator('.filter-box input').getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toBe('service:');
    await page.keyboard.type('or');
    await settled(page);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Tab');
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toContain('service:orders');
    // One level at a time: suggestions, if there are any more, then the text.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toBe('');
    await page.context().close();
  });

  it('shows presets as words of the language, pressed while they are in the text', async () => {
    const { page } = await browser.open();
    const chip = page.locator('.chip', { hasText: 'Errors' });
    await chip.click();
    await settled(page);
    expect(await chip.getAttribute('aria-pressed')).toBe('true');
    expect(await page.locator('.filter-box input').inputValue()).toBe('failed:yes');
    const n = await chip.locator('.n').textContent();
    expect(await page.locator('.filter-box .count').textContent()).toMatch(new RegExp(`^${n} of`));
    await chip.click();
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toBe('');
    await page.context().close();
  });

  it('says so when nothing matches, with one way back', async () => {
    const opened = await browser.open();
    const { page } = opened;
    await page.keyboard.press('/');
    await page.keyboard.type('duration>1000s');
    await settled(page);
    expect(await page.locator('.state h1').textContent()).toMatch(/^0 of \d+ transactions match$/);
    await page.locator('.state .btn').click();
    await settled(page);
    expect(await page.locator('.graph .node').count()).toBe(11);
    await page.context().close();
  });
});

describe('the time overview', () => {
  it('restricts every view by a drag, steps by keys, and a double click clears', async () => {
    const opened = await browser.open();
    const { page, problems } = opened;
    const box = (await page.locator('.timeline').boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.25, box.y + 20);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 20, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    const range = lastAsked(opened, 'graph')['range'] as { fromNs: number; toNs: number };
    const { durationNs } = opened.channel.snapshot.summary!;
    expect(range.fromNs / durationNs).toBeCloseTo(0.25, 1);
    expect(range.toNs / durationNs).toBeCloseTo(0.5, 1);
    // The overview itself stays whole.
    expect(lastAsked(opened, 'timeline')).not.toHaveProperty('range');
    expect(await page.locator('.filter-box .count').textContent()).toMatch(/^\d+ of \d+$/);
    await page.locator('.timeline .overlay').focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    const next = lastAsked(opened, 'graph')['range'] as { fromNs: number; toNs: number };
    expect(next.fromNs).toBeCloseTo(range.toNs, -5);
    await page.mouse.dblclick(box.x + box.width * 0.6, box.y + 20);
    await settled(page);
    expect(lastAsked(opened, 'graph')).not.toHaveProperty('range');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it("steps through the windows of a job's result, by buttons and by keys", async () => {
    const opened = await browser.open({ scene: 'windows' });
    const { page, problems } = opened;
    const { epochNs, durationNs } = opened.channel.snapshot.summary!;
    const range = () => lastAsked(opened, 'graph')['range'] as { fromNs: number; toNs: number };
    const window = () => (BigInt(epochNs) + BigInt(Math.round(range().fromNs))) / 2_000_000_000n;
    const chip = page.locator('.range-chip');
    expect(await chip.getByTitle(/long$/).textContent()).toBe('Windows of 2.00\u202fs');
    const drawn = async () => page.locator('.graph .edge').evaluateAll((edges) => edges.map((e) => e.textContent).join());
    const seen: string[] = [];
    for (let at = 0; seen.length < 3; at++) {
      await chip.getByRole('button', { name: 'One window later' }).click();
      await settled(page);
      if (at === 0) expect(range().fromNs).toBe(0);
      else expect((BigInt(epochNs) + BigInt(Math.round(range().fromNs))) % 2_000_000_000n).toBe(0n);
      expect(window()).toBe(BigInt(epochNs) / 2_000_000_000n + BigInt(at));
      seen.push(await drawn());
    }
    expect(new Set(seen).size).toBe(3);
    await page.locator('.timeline .overlay').focus();
    await page.keyboard.press('ArrowLeft');
    await settled(page);
    expect(await drawn()).toBe(seen[1]);
    await page.keyboard.press('Escape');
    await settled(page);
    expect(lastAsked(opened, 'graph')).not.toHaveProperty('range');
    await chip.getByRole('button', { name: 'One window earlier' }).click();
    await settled(page);
    expect(range().toNs).toBe(durationNs);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('can be driven by keys alone', async () => {
    const opened = await browser.open();
    const { page } = opened;
    await page.locator('.timeline .overlay').focus();
    await page.keyboard.press('ArrowRight');
    await settled(page);
    expect(lastState(opened)['range']).toBeDefined();
    expect(await page.evaluate(() => document.activeElement?.classList.contains('overlay'))).toBe(true);
    await page.keyboard.press('Shift+ArrowRight');
    await settled(page);
    await page.keyboard.press('Escape');
    await settled(page);
    expect(lastState(opened)['range']).toBeUndefined();
    await page.context().close();
  });
});

describe('the service page', () => {
  const open = async (shown = {}) => {
    const opened = await browser.open(shown);
    await opened.page.locator('.graph .node', { hasText: 'orders' }).dblclick();
    await settled(opened.page);
    return opened;
  };

  it('has figures, charts, time splits, neighbours, endpoints and examples, and leads on', async () => {
    const { page, problems } = await open();
    expect(await page.locator('.subject h1').textContent()).toBe('orders');
    expect(await page.locator('.subject .hist').count()).toBeGreaterThan(5);
    expect(await page.locator('.subject .heat .cell').count()).toBeGreaterThan(0);
    // Eight levels, however many cells.
    expect(await page.locator('.subject .heat .cell').count()).toBeLessThanOrEqual(8);
    expect(await page.locator('.split-pair .split-bar').count()).toBe(2);
    const callees = page.locator('[data-section=callees] tbody tr');
    expect((await callees.locator('td').first().textContent())!.trim()).not.toBe('');
    expect(await callees.count()).toBe(3);
    await callees.filter({ hasText: 'stock' }).click();
    await settled(page);
    expect(await page.locator('.subject h1').textContent()).toBe('stock');
    await page.keyboard.press('Escape');
    await settled(page);
    await page.keyboard.press('Escape');
    await settled(page);
    expect(await page.locator('.graph .node').count()).toBe(11);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('turns a drag in the heatmap into a time range and a band, and says what is different there', async () => {
    const opened = await open();
    const { page, problems } = opened;
    const box = (await page.locator('.heat').boundingBox())!;
    await page.mouse.move(box.x + 60, box.y + 6);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 20, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toMatch(/^service:orders duration>\S+ms duration<\S+ms$/);
    expect(lastAsked(opened, 'subject')).toHaveProperty('range');
    await page.locator('.band-offer .btn', { hasText: 'What is different' }).click();
    await settled(page);
    const asked = lastAsked(opened, 'differences');
    expect(asked['bandNs']).toHaveLength(2);
    // Against the others of that time: the band must not filter them away.
    expect(asked).not.toHaveProperty('filter');
    expect(await page.locator('.section-head', { hasText: 'What is different here' }).count()).toBe(1);
    await page.locator('.band-offer .btn', { hasText: 'Clear' }).click();
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toBe('');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('sorts by a click on a head, and copies a table', async () => {
    const { page, channel } = await open();
    const table = page.locator('[data-section=callees] table');
    await table.locator('th button', { hasText: 'p50' }).click();
    const p50 = (await table.locator('tbody td:nth-child(4)').allTextContents()).map(Number);
    expect(p50).toEqual([...p50].sort((a, b) => b - a));
    await table.locator('tbody tr').first().focus();
    await page.keyboard.press('Control+c');
    await settled(page);
    const copied = channel.said.find((s) => s.name === 'copy')!.arg as { text: string };
    expect(copied.text.split('\n')).toHaveLength(4);
    expect(copied.text).toContain('stock\t');
    await page.context().close();
  });

  it('prints the values where there are too few calls for percentiles', async () => {
    const { page } = await open();
    await page.keyboard.press('/');
    await page.keyboard.type('service:orders duration>40ms');
    await settled(page);
    expect(await page.locator('.subject').textContent()).toContain('too few for percentiles');
    expect(await page.locator('.subject .figures').textContent()).toContain('–');
    await page.context().close();
  });

  it('is clean for axe-core in every theme', async () => {
    for (const theme of ['dark', 'light', 'hc', 'hc-light'] as const) {
      const { page, problems } = await open({ theme });
      expect(await violations(page), theme).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    }
  });
});

describe('states', () => {
  for (const state of STATES.filter((s) => s !== 'ready'))
    it(`${state}: says what it is, is never blank, and is clean for axe-core`, async () => {
      const { page, problems } = await browser.open({ state, theme: state === 'partial' ? 'light' : 'dark' });
      expect((await page.locator('.state h1, .message, .skeleton').count()) > 0).toBe(true);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    });

  it('offers to cancel, to run again and to see the log', async () => {
    const { page, channel } = await browser.open({ state: 'provisional' });
    await page.locator('.message .link', { hasText: 'Cancel' }).click();
    await settled(page);
    expect(channel.said).toContainEqual({ name: 'runCommand', arg: { command: 'tracenest.cancel' } });
    await page.context().close();
    const failed = await browser.open({ state: 'failed' });
    await failed.page.locator('.btn', { hasText: 'Try Again' }).click();
    await failed.page.locator('.btn', { hasText: 'Open Log' }).click();
    await settled(failed.page);
    expect(failed.channel.said.map((s) => s.arg)).toEqual([{ command: 'tracenest.runAgain' }, { command: 'tracenest.showLog' }]);
    await failed.page.context().close();
  });

  it('follows an analysis from reading to its result, and keeps what is shown when it is cancelled', async () => {
    const { page, channel, problems } = await browser.open({ state: 'loading' });
    expect(await page.locator('.skeleton').count()).toBe(1);
    const ready: Snapshot = { ...channel.snapshot, generation: 1, summary: null, status: { kind: 'ready' } };
    channel.peer.say('snapshot', { ...ready, status: { kind: 'analysing', stage: 'nest', done: 0.5, text: 'Inferring causes, 50 %' } });
    await expect.poll(() => page.locator('.message').textContent()).toContain('Inferring causes');
    expect(await page.locator('[role=progressbar]').getAttribute('aria-valuenow')).toBe('50');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('keeps the view while a generation is gone, and says nothing of stale answers', async () => {
    const { page, channel, problems } = await browser.open();
    channel.peer.say('snapshot', { ...channel.snapshot, generation: 999 });
    await expect.poll(() => channel.asked.some((a) => (a.arg as { generation: number }).generation === 999)).toBe(true);
    await settled(page);
    expect(channel.said.filter((s) => s.name === 'log')).toEqual([]);
    expect(await page.locator('.graph .node').count()).toBe(11);
    channel.peer.say('snapshot', channel.snapshot);
    await settled(page);
    await expect.poll(() => page.locator('.graph .node').count()).toBe(11);
    expect(problems).toEqual([]);
    await page.context().close();
  });
});

describe('the page', () => {
  it('comes back as it was left', async () => {
    const { page, problems } = await browser.open();
    await page.locator('.graph .node', { hasText: 'orders' }).dblclick();
    await settled(page);
    await page.locator('.chip', { hasText: 'Errors' }).click();
    await settled(page);
    await page.reload();
    await settled(page);
    expect(await page.locator('.subject h1').textContent()).toBe('orders');
    expect(await page.locator('.filter-box input').inputValue()).toBe('failed:yes');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows what the host reveals', async () => {
    const { page, channel } = await browser.open();
    const service = await page.locator('.graph .node', { hasText: 'stock' }).getAttribute('data-id');
    channel.peer.say('reveal', { view: 'service', service: Number(service), tab: 'callers' });
    await expect.poll(() => page.locator('.subject h1').textContent()).toBe('stock');
    channel.peer.say('reveal', { view: 'transactions', sort: 'duration' });
    await expect.poll(() => page.locator('.rail [aria-current=page]').getAttribute('data-view')).toBe('transactions');
    await page.context().close();
  });

  it('recolours when the theme changes', async () => {
    const { page, problems } = await browser.open();
    const fill = () =>
      page
        .locator('.graph .box')
        .first()
        .evaluate((e) => getComputedStyle(e).fill);
    const dark = await fill();
    await page.evaluate(([bodyClass, variables]) => window.setTheme(bodyClass, variables), [
      THEMES.light.bodyClass,
      THEMES.light.variables,
    ] as const);
    expect(await fill()).not.toBe(dark);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('works at 200 % zoom: nothing is cut off sideways', async () => {
    for (const view of ['graph', 'quality'] as const) {
      const { page, problems } = await browser.open({ width: 720, height: 450 });
      await page.locator(`.rail [data-view=${view}]`).click();
      await settled(page);
      const wide = await page.evaluate(() => document.scrollingElement!.scrollWidth - innerWidth);
      expect(wide).toBeLessThanOrEqual(0);
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    }
  });

  it('moves nothing where motion is not wanted, by the system or by VS Code', async () => {
    const { page } = await browser.open();
    const longest = () =>
      page.evaluate(() =>
        Math.max(
          ...[...document.querySelectorAll('*')].flatMap((e) => {
            const { transitionDuration, animationDuration, animationName } = getComputedStyle(e);
            const moves = animationName === 'none' ? transitionDuration : `${transitionDuration}, ${animationDuration}`;
            return moves.split(',').map((t) => Number.parseFloat(t));
          }),
        ),
      );
    expect(await longest()).toBe(0);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await longest()).toBeGreaterThan(0);
    await page.evaluate(() => document.body.classList.add('vscode-reduce-motion'));
    expect(await longest()).toBe(0);
    await page.context().close();
  });

  it('has its charts as tables too, in which a band is chosen by keyboard', async () => {
    const { page, problems } = await browser.open();
    await page.locator('.graph .node', { hasText: 'orders' }).first().dblclick();
    await settled(page);
    await page.keyboard.press('t');
    await settled(page);
    expect(await page.locator('.subject svg.chart').count()).toBe(0);
    const bins = page.locator('[data-section="bins"] tbody tr');
    const calls = (await bins.locator('td:nth-child(3)').allTextContents()).reduce((sum, text) => sum + Number(text), 0);
    expect(calls).toBe(92);
    expect(await bins.last().textContent()).toContain('100.0');
    expect(await page.locator('[data-section="slices"] tbody tr').count()).toBeGreaterThan(10);
    expect(await violations(page)).toEqual([]);
    await bins.last().focus();
    await page.keyboard.press('Enter');
    await settled(page);
    expect(await page.locator('.filter-box input').inputValue()).toMatch(/service:orders duration>\d.* duration<\d/);
    await page.getByRole('button', { name: 'What is different here?' }).click();
    await settled(page);
    expect(await page.locator('.subject').textContent()).toContain('What is different here');
    await page.keyboard.press('t');
    await settled(page);
    expect(await page.locator('.subject svg.chart').count()).toBeGreaterThan(0);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('resizes its side panel by keys, tells the host its width, and closes it', async () => {
    const { page, channel } = await browser.open();
    const width = () => page.locator('.panel').evaluate((e) => (e as HTMLElement).offsetWidth);
    await page.locator('.splitter').focus();
    await page.keyboard.press('ArrowLeft');
    expect(await width()).toBe(384);
    expect(channel.said.filter((s) => s.name === 'panelWidth').map((s) => s.arg)).toEqual([{ px: 384 }]);
    await page.keyboard.press('Enter');
    expect(await page.locator('.panel').isVisible()).toBe(false);
    await page.locator('.graph .node', { hasText: 'db' }).click();
    await settled(page);
    expect(await page.locator('.panel').isVisible()).toBe(true);
    await page.context().close();
  });

  it('shows names from packets as text, never as markup', async () => {
    const { page } = await browser.open({ scene: 'hostile' });
    expect(await page.locator('img, script[src^="x"], b.injected').count()).toBe(0);
    expect(await page.locator('.graph').textContent()).toContain('<img');
    expect(await page.locator('#app').textContent()).not.toMatch(/[\u202e\n]lines|\u202eb/);
    await page.context().close();
  });
});

describe('quality', () => {
  it('lists facts with what they do to the conclusions', async () => {
    for (const theme of ['dark', 'light', 'hc', 'hc-light'] as const) {
      const { page, problems } = await browser.open({ theme });
      await page.locator('.foot button').click();
      await settled(page);
      expect(await page.locator('.quality tbody tr').count()).toBeGreaterThan(1);
      expect(await page.locator('.inference').textContent()).toContain('Placed under a parent');
      expect(await violations(page)).toEqual([]);
      expect(problems).toEqual([]);
      await page.context().close();
    }
  });
});
