/** Processor time of a page's main thread: what it works, however busy the machine is. */
import type { Browser, Page } from 'playwright-core';

const CATEGORIES = ['toplevel', 'loading'];
/** Chromium's name of one turn of a thread's loop. */
const TURN = 'ThreadControllerImpl::RunTask';

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** µs */
  readonly ts: number;
  /** Processor time, µs. */
  readonly tdur?: number;
}

/** From a blank page on. */
export class OpeningWork {
  private readonly browser: Browser;
  private constructor(browser: Browser) {
    this.browser = browser;
  }
  static async start(page: Page): Promise<OpeningWork> {
    const browser = page.context().browser()!;
    await browser.startTracing(page, { categories: CATEGORIES });
    return new OpeningWork(browser);
  }
  async stop(): Promise<{ readonly untilPaintMs: number; readonly allMs: number }> {
    const { traceEvents } = JSON.parse((await this.browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
    const paint = traceEvents.find((e) => e.name === 'firstContentfulPaint');
    if (!paint) return { untilPaintMs: Number.NaN, allMs: Number.NaN };
    const turns = traceEvents.filter((e) => e.name === TURN && e.pid === paint.pid && e.tid === paint.tid);
    const sum = (list: readonly TraceEvent[]) => list.reduce((ms, e) => ms + (e.tdur ?? 0) / 1000, 0);
    return { untilPaintMs: sum(turns.filter((e) => e.ts < paint.ts)), allMs: sum(turns) };
  }
}

/** Work of the main thread so far, ms; `of`: which of Chromium's durations count. */
export async function workMeter(page: Page): Promise<(of: RegExp) => Promise<number>> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Performance.enable', { timeDomain: 'threadTicks' });
  return async (of) => {
    const { metrics } = await cdp.send('Performance.getMetrics');
    return metrics.filter((m) => of.test(m.name)).reduce((sum, m) => sum + m.value * 1000, 0);
  };
}
