/** Chromium with the page in it, for tests and screenshots. */
import { type Browser, chromium, type Page } from 'playwright-core';
import type { SceneName } from './scenes.ts';
import { type Channel, Harness } from './serve.ts';
import type { StateName } from './statuses.ts';
import type { ThemeName } from './themes.ts';

export const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

export interface Shown {
  readonly scene?: SceneName;
  readonly theme?: ThemeName;
  readonly state?: StateName;
  readonly settings?: object;
  readonly width?: number;
  readonly height?: number;
}
export interface Opened {
  readonly page: Page;
  /** Messages the page sent. */
  readonly channel: Channel;
  /** Uncaught errors, console errors and policy violations; must stay empty. */
  readonly problems: string[];
}

export class WebviewBrowser {
  private readonly browser: Browser;
  private readonly harness: Harness;
  private readonly address: string;

  private constructor(browser: Browser, harness: Harness, address: string) {
    this.browser = browser;
    this.harness = harness;
    this.address = address;
  }
  /** `minified`: the bundle as the package has it. */
  static async start(minified = false): Promise<WebviewBrowser> {
    const harness = new Harness(minified);
    const address = await harness.listen();
    const browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    });
    return new WebviewBrowser(browser, harness, address);
  }
  async close(): Promise<void> {
    await this.browser.close();
    await this.harness.close();
  }

  /** A fresh page on a scene, painted and idle; `before`: what is done with it while it is still blank. Close it with `page.context().close()`. */
  async open(shown: Shown = {}, before?: (page: Page) => Promise<void>): Promise<Opened> {
    const context = await this.browser.newContext({
      viewport: { width: shown.width ?? 1440, height: shown.height ?? 900 },
      reducedMotion: 'reduce',
    });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('pageerror', (e) => problems.push(e.stack ?? e.message));
    page.on('console', (m) => m.type() === 'error' && problems.push(m.text()));
    const q = new URLSearchParams({
      scene: shown.scene ?? 'shop',
      theme: shown.theme ?? 'dark',
      state: shown.state ?? 'ready',
      settings: JSON.stringify(shown.settings ?? {}),
    });
    const others = new Set(this.harness.channels.keys());
    await before?.(page);
    await page.goto(`${this.address}/?${q}`);
    const name = [...this.harness.channels.keys()].find((k) => !others.has(k))!;
    await settled(page);
    return { page, channel: this.harness.channels.get(name)!, problems };
  }
}

/** Waits until no question is open and two frames were painted. */
export async function settled(page: Page): Promise<void> {
  await page.locator('#app[data-idle="true"]').waitFor({ timeout: 15_000 });
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  await page.locator('#app[data-idle="true"]').waitFor();
}
