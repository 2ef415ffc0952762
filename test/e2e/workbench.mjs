// The workbench as a person uses it: explorer, palette, trees, editors, and the page inside an analysis editor.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../harness/setup.mjs';
import { workbenchUrl } from '../harness/vscode.mjs';

export const SCREENSHOTS = path.join(ROOT, 'artifacts/screenshots');
mkdirSync(SCREENSHOTS, { recursive: true });
export const THEMES = { dark: 'Dark Modern', light: 'Light Modern', contrast: 'Default High Contrast' };

export class Workbench {
  /** @param {import('playwright-core').BrowserContext} context */
  constructor(server, context, folder) {
    this.server = server;
    this.context = context;
    this.folder = folder;
    /** Errors of any page or frame; a test run has none. */
    this.errors = [];
  }

  /** A new window on the folder. */
  async start() {
    await this.page?.close();
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(45_000);
    this.page.on('pageerror', (e) => this.errors.push(String(e.stack ?? e).slice(0, 600)));
    this.page.on('console', (m) => {
      if (m.type() === 'error' && /webview|Content Security Policy|tracenest/i.test(m.text())) this.errors.push(m.text().slice(0, 600));
    });
    await this.page.goto(workbenchUrl(this.server.url, { folder: this.folder }));
    await this.ready();
    await this.showExplorer();
  }
  async reload() {
    await this.page.reload();
    await this.ready();
  }
  /** The extension's contributions are there. */
  async ready() {
    await this.page.locator('.monaco-workbench').waitFor();
    await this.page.locator('.activitybar .action-label[aria-label="Tracenest"]').waitFor();
  }

  row(name) {
    return this.page.locator('.explorer-folders-view .monaco-list-row', {
      has: this.page.locator(`.label-name`, { hasText: new RegExp(`^${literal(name)}$`) }),
    });
  }
  async showExplorer() {
    const rows = this.page.locator('.explorer-folders-view .monaco-list-row');
    const label = '.action-label[aria-label^="Explorer"]';
    // A click while it is in front, its rows still to come, would hide it.
    const inFront = this.page.locator(`.activitybar .action-item.checked ${label}`);
    if (!(await rows.first().isVisible()) && (await inFront.count()) === 0) await this.page.locator(`.activitybar ${label}`).click();
    await rows.first().waitFor();
  }
  /** By double click in the explorer; folders on the way are opened. */
  async openFromExplorer(name) {
    await this.showExplorer();
    const parts = name.split('/');
    const file = parts.pop();
    for (const part of parts) {
      const row = this.row(part);
      if ((await row.getAttribute('aria-expanded')) !== 'true') await row.click();
    }
    await this.row(file).dblclick();
    await this.page.locator('.tab.active', { hasText: file }).waitFor();
  }
  /** Quick open: by keyboard alone. The workbench lists files from a cache that may be older than a file just made, hence again if need be. */
  async quickOpen(name) {
    const file = name.split('/').pop();
    for (let attempt = 1; ; attempt++) {
      await this.page.keyboard.press('Control+P');
      try {
        await this.typeAndTake(name, file, { timeout: 7000 });
        // The list may change under the pointer: another file, of a longer name, is not the one.
        await this.page.locator('.tab.active', { hasText: new RegExp(`^${literal(file)}$`) }).waitFor({ timeout: 7000 });
        return;
      } catch (e) {
        if (attempt === 3) throw e;
        await this.page.keyboard.press('Escape');
      }
    }
  }
  /** Runs a command by its title in the palette. */
  async command(title) {
    // On a busy machine the palette may be closed again by what closed before it: it is open when it takes text.
    for (let i = 0; i < 3; i++) {
      await this.openPalette();
      const takes = await this.quickInput()
        .fill(`>${title}`, { timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
      if (takes) break;
    }
    await this.typeAndTake(`>${title}`, title);
  }
  /** A quick input that is still closing takes the key with it, hence not before it is gone, and again if need be. */
  async openPalette() {
    await this.quickInput()
      .waitFor({ state: 'hidden', timeout: 3000 })
      .catch(() => this.page.keyboard.press('Escape'));
    for (let i = 0; i < 4; i++) {
      await this.page.keyboard.press('F1');
      const open = await this.quickInput()
        .waitFor({ timeout: 3000 })
        .then(
          () => true,
          () => false,
        );
      if (open) return;
    }
    throw new Error('The palette did not open');
  }
  /** Titles in the palette that match. */
  async paletteEntries(text) {
    await this.openPalette();
    await this.quickInput().fill(`>${text}`);
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await this.page.waitForTimeout(300);
    const rows = await this.page.locator('.quick-input-list .monaco-list-row').allInnerTexts();
    await this.page.keyboard.press('Escape');
    return rows.map((r) => r.split('\n')[0].trim());
  }
  quickInput() {
    return this.page.locator('.quick-input-widget .quick-input-box input');
  }
  /** Types into a quick input that is about to open, and takes the entry with exactly this label. */
  async typeAndTake(text, shown, options = {}) {
    await this.quickInput().waitFor();
    await this.quickInput().fill(text);
    const label = new RegExp(`^${literal(shown)}$`);
    await this.page
      .locator('.quick-input-list .monaco-list-row', { has: this.page.locator('.label-name', { hasText: label }) })
      .first()
      .click(options);
  }
  /** Takes an entry of a quick pick that is open. */
  async pick(text) {
    await this.quickInput().waitFor();
    await this.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    await this.quickInput().fill(text);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: text }).first().waitFor();
    await this.page.keyboard.press('Enter');
  }
  async closeEditors() {
    if ((await this.page.locator('.tab').count()) === 0) return;
    await this.command('View: Close All Editors');
    await this.page.locator('.tab').first().waitFor({ state: 'detached' });
  }

  /** The page of the visible analysis editor. */
  view() {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }
  /** The same as a frame, to run code in. */
  async viewFrame() {
    await this.view().locator('body').waitFor();
    for (let i = 0; i < 100; i++) {
      for (const f of this.page.frames().filter((f) => /fake\.html/.test(f.url()))) {
        const owner = await f.parentFrame()?.frameElement();
        if (owner && (await owner.isVisible())) return f;
      }
      await this.page.waitForTimeout(100);
    }
    throw new Error('No analysis editor is visible');
  }
  /** Nothing is under way in the page: it was asked for everything it shows. */
  async settled() {
    await this.view().locator('#app[data-idle="true"]').waitFor();
  }
  /** A view of the rail, by a click. */
  async openView(kind) {
    await this.view().locator(`.rail button[data-view="${kind}"]`).click();
    await this.view().locator(`main .view-host[data-view="${kind}"]`).waitFor();
    await this.settled();
  }
  /** The view that is shown. */
  host(kind) {
    return this.view().locator(`.view-host[data-view="${kind}"]`);
  }
  /** A service in the call graph. */
  service(name) {
    return this.host('graph').locator('svg .node', { has: this.page.locator('text.name', { hasText: new RegExp(`^${literal(name)}`) }) });
  }
  statusBar() {
    return this.page.locator('.statusbar-item[id$="tracenest.status"]');
  }
  toast(text) {
    return this.page.locator('.notifications-toasts', { hasText: text });
  }
  async showSideBar() {
    const tree = this.page.locator('.pane-header', { hasText: 'Captures' });
    if (!(await tree.isVisible())) await this.page.locator('.activitybar .action-label[aria-label="Tracenest"]').click();
    await tree.waitFor();
  }
  /** Rows of one of the three trees. */
  tree(name) {
    return this.page.locator('.pane', { has: this.page.locator('.pane-header', { hasText: name }) }).locator('.monaco-list-row');
  }

  /** Settings of the machine, applied at once. */
  set(settings) {
    const file = path.join(this.server.dir, 'user/Machine/settings.json');
    // Replaced whole: the workbench may read at any time, and half a file would be no settings at all.
    writeFileSync(`${file}.new`, JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), ...settings }));
    renameSync(`${file}.new`, file);
  }
  async theme(name) {
    const kind = { dark: 'vs-dark', light: 'vs', contrast: 'hc-black' }[name];
    const applied = this.page.locator(`.monaco-workbench.${kind}`);
    // A window that has just opened may not watch the settings file yet, or still apply an older change: the theme has to stay.
    for (let i = 0; i < 10; i++) {
      this.set({ 'workbench.colorTheme': THEMES[name] });
      await applied.waitFor({ timeout: 2000 }).catch(() => {});
      await this.page.waitForTimeout(800);
      if (await applied.isVisible()) return;
    }
    throw new Error(`The theme ${THEMES[name]} was not applied`);
  }
  async screenshot(name) {
    await this.page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`) });
  }
}

const literal = (s) => s.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
