// Everything from the command palette and the keyboard.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { until } from './suite.mjs';

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function paletteTests(suite, wb) {
  await suite.test('without an analysis the palette offers only what makes sense', wb, async () => {
    const entries = await wb.paletteEntries('Tracenest:');
    for (const c of ['Open Capture...', 'Open Sample Capture', 'Run Analysis on Selected Captures', 'Show Log', 'Open Walkthrough'])
      assert.ok(entries.includes(`Tracenest: ${c}`), `${c} in ${entries.join(' | ')}`);
    for (const c of ['Show Service...', 'Export...', 'Cancel Analysis', 'Reveal Service', 'Open with Tracenest'])
      assert.ok(!entries.includes(`Tracenest: ${c}`), `${c} is not there`);
  });

  await suite.test('Open Sample Capture opens the sample', wb, async () => {
    await wb.command('Tracenest: Open Sample Capture');
    await wb.page.locator('.tab.active', { hasText: 'shop.pcap' }).waitFor();
    await wb
      .view()
      .locator('.foot', { hasText: /[\d,]+\s*calls/ })
      .waitFor();
    await wb.closeEditors();
  });

  await suite.test('Show Service..., Show Callers of Service... name services with their figures', wb, async () => {
    await wb.openFromExplorer('shop.pcap');
    await wb
      .view()
      .locator('.foot', { hasText: /[\d,]+\s*calls/ })
      .waitFor();
    await wb.command('Tracenest: Show Service...');
    await wb.quickInput().waitFor();
    const rows = wb.page.locator('.quick-input-list .monaco-list-row');
    await rows.first().waitFor();
    assert.match((await rows.allInnerTexts()).join('\n'), /orders[\s\S]*p95 [\d.,]+\s?ms/);
    await wb.screenshot('palette-show-service');
    await wb.pick('orders');
    await servicePage(wb, 'orders');
    assert.equal((await callersPart(wb)).scrolledPx, 0, 'a page begins at its top');
    await wb.command('Tracenest: Show Callers of Service...');
    await wb.pick('db');
    await servicePage(wb, 'db');
    await until(async () => (await callersPart(wb)).isInFront);
    const callers = wb.host('service').locator('[data-section="callers"]');
    await callers.getByRole('heading', { name: /^Called by \(3\)/ }).waitFor();
    for (const name of ['orders', 'stock', 'catalog']) await callers.getByRole('row').filter({ hasText: name }).waitFor();
    await wb.screenshot('palette-show-callers');
  });

  await suite.test('views by command: call graph, transactions, slowest, patterns, quality', wb, async () => {
    for (const [title, kind] of [
      ['Show Transactions', 'transactions'],
      ['Show Call-Path Patterns', 'patterns'],
      ['Show Capture Quality', 'quality'],
      ['Show Slowest Transactions', 'transactions'],
      ['Show Call Graph', 'graph'],
    ]) {
      await wb.command(`Tracenest: ${title}`);
      await wb.host(kind).waitFor();
      await wb.settled();
    }
  });

  await suite.test('Ctrl+F filters with the same language and says what is wrong; Clear Filter takes it back', wb, async () => {
    await wb.page.keyboard.press('Control+F');
    await wb.quickInput().waitFor();
    await wb.quickInput().fill('duration>>');
    await wb.page.locator('.quick-input-message', { hasText: /\w/ }).waitFor();
    await wb.quickInput().fill('service:orders');
    await wb.page.keyboard.press('Enter');
    // Showing the result takes the focus, and would close a palette opened before it.
    const box = wb.view().locator('.filter-box input');
    await until(async () => (await box.inputValue()) === 'service:orders');
    await wb.command('Tracenest: Clear Filter');
    await until(async () => (await box.inputValue()) === '');
    await wb.settled();
  });

  await suite.test('Ctrl+G shows a service', wb, async () => {
    await wb.page.keyboard.press('Control+G');
    await wb.pick('stock');
    await servicePage(wb, 'stock');
  });

  await suite.test('Explain Parent Choice opens a waterfall at an inferred call', wb, async () => {
    await wb.command('Tracenest: Explain Parent Choice');
    await wb.host('waterfall').waitFor();
    await wb.settled();
  });

  await suite.test('Export... writes a file', wb, async () => {
    const file = path.join(wb.folder, 'shop.dot');
    await wb.command('Tracenest: Export...');
    await wb.pick('DOT');
    // The file dialog of the web workbench is a quick input with the suggested path.
    await wb.quickInput().waitFor();
    await wb.page.locator('.quick-input-widget', { hasText: 'Export as DOT' }).waitFor();
    await until(async () => /shop\.dot$/.test(await wb.quickInput().inputValue()));
    await wb.page.keyboard.press('Enter');
    await wb.toast('Saved').waitFor();
    assert.ok(existsSync(file));
    assert.match(readFileSync(file, 'utf8'), /digraph/);
    rmSync(file);
    await wb.command('Notifications: Clear All Notifications');
  });

  await suite.test('Export... as PNG saves the picture of the graph', wb, async () => {
    const file = path.join(wb.folder, 'call-graph.png');
    await wb.command('Tracenest: Export...');
    // Entries of the palette, which closes now, are still in the page.
    await wb.page.locator('.quick-input-widget', { hasText: 'Parquet' }).waitFor();
    await wb.pick('PNG');
    await wb.quickInput().waitFor();
    await until(async () => /call-graph\.png$/.test(await wb.quickInput().inputValue()));
    await wb.page.keyboard.press('Enter');
    await until(async () => existsSync(file) && readFileSync(file).length > 20_000);
    assert.equal(readFileSync(file).subarray(1, 4).toString(), 'PNG');
    rmSync(file);
  });

  await suite.test('Check Latency Limits offers limits, and what is broken stands in the Problems panel', wb, async () => {
    const file = path.join(wb.folder, 'latency-limits.json');
    await wb.command('Tracenest: Check Latency Limits');
    await wb.toast('no limits yet').waitFor();
    await wb.command('Notifications: Clear All Notifications');
    writeFileSync(file, JSON.stringify({ default: null, limits: [{ from: 'gateway', to: 'orders', maxMs: 0.1, minCalls: 5 }] }));
    await wb.command('Tracenest: Check Latency Limits');
    await wb.page.locator('.notifications-toasts', { hasText: '1 broken' }).getByRole('button', { name: 'Show Problems' }).click();
    await wb.page.locator('.markers-panel', { hasText: /gateway → orders: p95 is/ }).waitFor();
    await wb.screenshot('limits-problems');
    rmSync(file);
    await wb.command('View: Toggle Panel Visibility');
    await wb.command('Notifications: Clear All Notifications');
  });

  await suite.test('Run Analysis Again keeps the view; the title bar has one icon of ours', wb, async () => {
    await wb.command('Tracenest: Show Transactions');
    await wb.page.locator('.editor-actions .action-label[aria-label^="Run Analysis Again"]').click();
    await wb
      .view()
      .locator('.foot', { hasText: /[\d,]+\s*calls/ })
      .waitFor();
    await wb.settled();
    await wb.host('transactions').waitFor();
  });

  await suite.test('Run Analysis on Selected Captures puts rotated files on one timeline', wb, async () => {
    await wb.command('Tracenest: Run Analysis on Selected Captures');
    await wb.quickInput().fill('shop-');
    await wb.page.locator('.quick-input-list .monaco-list-row', { hasText: 'shop-2.pcap' }).waitFor();
    // By keyboard: the first entry has the focus; space ticks it.
    for (const ticked of [1, 2]) {
      await wb.page.keyboard.press('ArrowDown');
      await wb.page.keyboard.press('Space');
      await wb.page.locator('.quick-input-widget', { hasText: `${ticked} Selected` }).waitFor();
    }
    await wb.page.keyboard.press('Enter');
    await wb.page.locator('.tab.active', { hasText: 'shop-1.pcap and 1 more' }).waitFor();
    await wb
      .view()
      .locator('.foot', { hasText: /[\d,]+\s*calls/ })
      .waitFor();
    await wb.host('graph').waitFor();
    await wb.settled();
    await wb.screenshot('several-captures');
  });
}

/** The page of this service and of no other: other pages name it too. */
async function servicePage(wb, name) {
  await wb.host('service').getByRole('heading', { level: 1, name, exact: true }).waitFor();
  await wb.settled();
}

/** Where the page of a service stands, and whether who calls it is what one sees first: below it the page may end. */
const callersPart = (wb) =>
  wb
    .host('service')
    .locator('[data-section="callers"]')
    .evaluate((part) => {
      const box = part.closest('.view');
      const fromTop = part.getBoundingClientRect().top - box.getBoundingClientRect().top;
      const atEnd = box.scrollTop + box.clientHeight >= box.scrollHeight - 2 && fromTop >= 0 && fromTop < box.clientHeight;
      return { scrolledPx: box.scrollTop, isInFront: box.scrollTop > 0 && (Math.abs(fromTop) < 4 || atEnd) };
    });
