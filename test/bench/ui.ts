/**
 * Open and frame times of the page in a real Chromium, over the real engine:
 *   npm run bench:ui [-- --no-docs] [--only NAME]
 * Each scene is opened three times, the median counts. "First paint" is the frame around the views, "usable" when every question is
 * answered and drawn; the engine answers in the same process, so its time is in it. Frames: while the view is scrolled or hovered, one step
 * a frame; how far apart they are, and how much of that the page worked (Chromium's own account: script, style, layout). "CPU" is processor
 * time of the page's main thread, which doesn't depend on what else the machine does. Counters are
 * asserted in test/webview; times are only told. Writes docs/performance.md.
 */
import { cpus } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { table, writeSection } from '../conformance/section.ts';
import { type Opened, settled, WebviewBrowser } from '../webview/harness/browser.ts';
import { type SceneName, scene } from '../webview/harness/scenes.ts';
import { OpeningWork, workMeter } from './pageWork.ts';

const ROUNDS = 3;
const FRAMES = 90;
const DRAWING = /^(Script|Layout|RecalcStyle)Duration$/;
const { values } = parseArgs({ options: { 'no-docs': { type: 'boolean', default: false }, only: { type: 'string', default: '' } } });

interface Case {
  readonly name: string;
  readonly scene: SceneName;
  /** What comes before, untimed. */
  readonly before?: (page: Page) => Promise<void>;
  /** From the open page to the view that is measured. */
  readonly go?: (page: Page) => Promise<void>;
  /** What comes after it, untimed. */
  readonly after?: (page: Page) => Promise<void>;
  /** What is done once a frame. */
  readonly step: 'hover' | { readonly scroll: string; readonly px: number };
  readonly rows: string;
}
const rail = (view: string) => async (page: Page) => {
  await page.locator(`.rail [data-view="${view}"]`).click();
  await settled(page);
};
const CASES: readonly Case[] = [
  { name: 'call graph, 10 services', scene: 'shop', step: 'hover', rows: '.graph .node' },
  { name: 'call graph, 60 services', scene: 'sixty', step: 'hover', rows: '.graph .node' },
  { name: 'call graph, 60 of 300 services', scene: 'platform', step: 'hover', rows: '.graph .node' },
  {
    name: 'call graph, all 300 services',
    scene: 'platform',
    go: async (page) => {
      await page.locator('.segmented button', { hasText: 'All 300' }).click();
      await settled(page);
    },
    step: 'hover',
    rows: '.graph .node',
  },
  {
    name: 'waterfall, 100,000 spans',
    scene: 'wide',
    before: rail('transactions'),
    go: async (page) => {
      await page.locator('.tx-row[data-row="0"]').dblclick();
      await settled(page);
    },
    after: async (page) => {
      // Its children were folded into groups: all of them.
      await page.locator('.wf-row[data-row="0"]').focus();
      await page.keyboard.press('ArrowDown');
      await page.keyboard.press('ArrowRight');
      await settled(page);
    },
    step: { scroll: '.wf-body', px: 480 },
    rows: '.wf-row',
  },
  {
    name: 'transactions, 1,000,000 rows',
    scene: 'million',
    go: rail('transactions'),
    step: { scroll: '.tx-body', px: 480 },
    rows: '.tx-row',
  },
];

interface Measured {
  readonly paintMs: number;
  readonly paintCpuMs: number;
  readonly usableMs: number;
  readonly usableCpuMs: number;
  readonly goMs: number;
  readonly goCpuMs: number;
  readonly frameMs: number;
  readonly frameP95Ms: number;
  readonly workMs: number;
  readonly rows: number;
  readonly elements: number;
  readonly kilobytes: number;
}

async function measure(browser: WebviewBrowser, c: Case): Promise<Measured> {
  let opening: OpeningWork | undefined;
  const opened: Opened = await browser.open({ scene: c.scene }, async (blank) => {
    opening = await OpeningWork.start(blank);
  });
  const { page, channel } = opened;
  // From the first byte of the page on: before it the harness bundles the page anew.
  const { paintMs, usableMs } = await page.evaluate(() => {
    const { responseStart } = performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming;
    const paint = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN;
    return { paintMs: paint - responseStart, usableMs: performance.now() - responseStart };
  });
  const { untilPaintMs, allMs } = await opening!.stop();
  await c.before?.(page);
  await page.evaluate(clockOfPage);
  const worked = await workMeter(page);
  const workAtClick = await worked(/^TaskDuration$/);
  await c.go?.(page);
  const goCpuMs = (await worked(/^TaskDuration$/)) - workAtClick;
  const goMs = await page.evaluate(() => (window as unknown as { goMs: number }).goMs);
  await c.after?.(page);
  const kilobytes = channel.sent.bytes / 1000;
  const rows = await page.locator(c.rows).count();
  const elements = await page.locator('#app *').count();
  const workBefore = await worked(DRAWING);
  const frames = c.step === 'hover' ? await hovering(page) : await scrolling(page, c.step.scroll, c.step.px);
  const workMs = ((await worked(DRAWING)) - workBefore) / frames.length;
  await page.context().close();
  for (const p of opened.problems) console.error(`${c.name}: ${p}`);
  frames.sort((a, b) => a - b);
  return {
    paintMs,
    paintCpuMs: untilPaintMs,
    usableMs,
    usableCpuMs: allMs,
    goMs,
    goCpuMs,
    frameMs: median(frames),
    frameP95Ms: frames[Math.floor(frames.length * 0.95)]!,
    workMs,
    rows,
    elements,
    kilobytes,
  };
}

/** From the last click (before it was handled) to the frame after the last answer was drawn, by the page's own clock. */
function clockOfPage(): void {
  let clicked = 0;
  window.addEventListener('click', (e) => (clicked = e.timeStamp), true);
  const app = document.querySelector<HTMLElement>('#app')!;
  new MutationObserver(() => {
    if (app.dataset['idle'] !== 'true') return;
    requestAnimationFrame(() => requestAnimationFrame((now) => Object.assign(window, { goMs: now - clicked })));
  }).observe(app, { attributes: true, attributeFilter: ['data-idle'] });
}

/** Times between frames while the view is scrolled by so much in each. */
const scrolling = (page: Page, selector: string, px: number): Promise<number[]> =>
  page.locator(selector).evaluate(
    (element, { px, frames }) =>
      new Promise<number[]>((resolve) => {
        const times: number[] = [];
        let last = performance.now();
        const step = (now: number) => {
          times.push(now - last);
          last = now;
          if (times.length > frames) resolve(times.slice(1));
          else {
            element.scrollTop += px;
            requestAnimationFrame(step);
          }
        };
        requestAnimationFrame(step);
      }),
    { px, frames: FRAMES },
  );

/** The pointer enters another service in each frame: the most a graph redraws. */
const hovering = (page: Page): Promise<number[]> =>
  page.evaluate(
    (frames) =>
      new Promise<number[]>((resolve) => {
        const nodes = [...document.querySelectorAll('.graph .node')];
        const times: number[] = [];
        let last = performance.now();
        const step = (now: number) => {
          times.push(now - last);
          last = now;
          if (times.length > frames) resolve(times.slice(1));
          else {
            const at = (k: number) => nodes[k % nodes.length]!;
            for (const type of ['mouseleave', 'pointerleave']) at(times.length - 1).dispatchEvent(new MouseEvent(type));
            for (const type of ['mouseenter', 'pointerenter']) at(times.length).dispatchEvent(new MouseEvent(type));
            requestAnimationFrame(step);
          }
        };
        requestAnimationFrame(step);
      }),
    FRAMES,
  );

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)]!;

const rows: string[][] = [];
const browser = await WebviewBrowser.start(true);
try {
  for (const c of CASES.filter((x) => x.name.includes(values.only))) {
    // Made before the clock starts: the analysis is measured by other benches.
    await scene(c.scene);
    const rounds: Measured[] = [];
    for (let k = 0; k < ROUNDS; k++) rounds.push(await measure(browser, c));
    const of = (key: keyof Measured, digits = 0) => median(rounds.map((r) => r[key])).toFixed(digits);
    const row = [
      c.name,
      of('paintMs'),
      of('paintCpuMs'),
      of('usableMs'),
      of('usableCpuMs'),
      c.go ? of('goMs') : '',
      c.go ? of('goCpuMs') : '',
      of('workMs', 1),
      of('frameMs', 1),
      of('frameP95Ms', 1),
      of('rows'),
      of('elements'),
      of('kilobytes'),
    ];
    console.log(row.join(' | '));
    rows.push(row);
  }
} finally {
  await browser.close();
}
const head = [
  'view',
  'first paint ms',
  'its CPU ms',
  'usable ms',
  'its CPU ms',
  'then to the view ms',
  'its CPU ms',
  'work a frame ms',
  'frame ms',
  'p95 ms',
  'rows or nodes',
  'elements',
  'kB crossed',
];
const text = `One run of \`npm run bench:ui\` on ${cpus().length} x ${cpus()[0]?.model ?? 'unknown'}, Chromium without a GPU, the engine in the same process; medians of ${ROUNDS}. "CPU" is processor time of the page's main thread until then, which other work on the machine hardly changes; the other times are by the clock. A frame is at best 16.7 ms. "Work" is script, style and layout of the page while every frame brings something new: the graph lights another service's path, lists move by 20 rows.

${table(head, rows)}`;
if (!values['no-docs'] && values.only === '')
  writeSection(path.resolve(import.meta.dirname, '../../docs/performance.md'), 'ui bench', `## The page\n${text}`, '# Performance');
