// Every view in three themes, and what an accessibility checker finds in it.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../harness/setup.mjs';
import { writePlatform } from './platform.ts';
import { THEMES } from './workbench.mjs';

const axe = readFileSync(path.join(ROOT, 'node_modules/axe-core/axe.min.js'), 'utf8');

/** Ways to each view, by what a user does. */
const VIEWS = {
  graph: async (wb) => wb.openView('graph'),
  service: async (wb) => {
    await wb.command('Tracenest: Show Service...');
    await wb.pick('orders');
    await wb.host('service').waitFor();
  },
  transactions: async (wb) => wb.openView('transactions'),
  waterfall: async (wb) => {
    await wb.command('Tracenest: Explain Parent Choice');
    await wb.host('waterfall').waitFor();
  },
  patterns: async (wb) => wb.openView('patterns'),
  quality: async (wb) => wb.openView('quality'),
  compare: async (wb) => {
    await wb.openView('compare');
    const other = wb.host('compare').getByRole('button', { name: 'Other Capture…' });
    if (await other.isVisible()) await other.click();
    await wb.host('compare').getByRole('button', { name: 'rotated/shop-1.pcap' }).click();
    await wb.host('compare').locator('.segmented button', { hasText: 'Edges' }).click();
    await wb.host('compare').locator('.cmp-headline').waitFor();
  },
  'compare-patterns': async (wb) => {
    await wb.host('compare').locator('.segmented button', { hasText: 'Patterns' }).click();
    await wb.host('compare').locator('.cmp-shapes').waitFor();
  },
};

/** Violations in the page of the analysis editor, in one line each. */
export async function violations(wb) {
  const frame = await wb.viewFrame();
  // The policy of the page forbids foreign scripts; evaluate() is the debugger's and is not bound by it.
  await frame.evaluate(axe);
  const found = await frame.evaluate(async () => {
    const { violations } = await globalThis.axe.run(document, { resultTypes: ['violations'] });
    return violations.map((v) => ({
      id: v.id,
      help: v.help,
      nodes: v.nodes.slice(0, 3).map((n) => `${n.target.join(' ')}: ${n.failureSummary}`),
    }));
  });
  return found.map((v) => `${v.id} (${v.help})\n  ${v.nodes.join('\n  ')}`);
}

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function lookTests(suite, wb) {
  await suite.test('the sample is open for pictures', wb, async () => {
    await wb.closeEditors();
    await wb.openFromExplorer('shop.pcap');
    await wb
      .view()
      .locator('.foot', { hasText: /[\d,]+\s*calls/ })
      .waitFor();
    await wb.settled();
  });
  for (const theme of Object.keys(THEMES)) {
    for (const [view, open] of Object.entries(VIEWS)) {
      await suite.test(`${view} in ${THEMES[theme]}: a picture, nothing axe objects to`, wb, async () => {
        await wb.theme(theme);
        await wb.settled();
        await open(wb);
        await wb.settled();
        await wb.page.waitForTimeout(300);
        await wb.screenshot(`${view}-${theme}`);
        const found = await violations(wb);
        assert.deepEqual(found, [], found.join('\n'));
      });
    }
  }
  writePlatform(path.join(wb.folder, 'platform.tracenest.json'));
  for (const theme of Object.keys(THEMES)) {
    await suite.test(`300 services in ${THEMES[theme]}: a picture, nothing axe objects to`, wb, async () => {
      await wb.theme(theme);
      await wb.quickOpen('platform.tracenest.json');
      await wb.host('graph').locator('svg .node').first().waitFor();
      await wb.settled();
      await wb.screenshot(`platform-${theme}`);
      const found = await violations(wb);
      assert.deepEqual(found, [], found.join('\n'));
    });
  }
  await suite.test('the graph at 200 % zoom and in a narrow editor', wb, async () => {
    await wb.theme('dark');
    await wb.quickOpen('shop.pcap');
    await wb.openView('graph');
    await wb.page.setViewportSize({ width: 720, height: 800 });
    await wb.page.waitForTimeout(500);
    await wb.screenshot('graph-narrow');
    const frame = await wb.viewFrame();
    const overflow = await frame.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    assert.ok(overflow <= 0, `the page is ${overflow} px too wide`);
    await wb.page.setViewportSize({ width: 1440, height: 900 });
    await wb.closeEditors();
  });
}
