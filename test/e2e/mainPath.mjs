// The main job: from a capture in the explorer to why a call sits where it sits, and back after a restart.
import assert from 'node:assert/strict';

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function mainPathTests(suite, wb) {
  await suite.test('a capture opens from the explorer and becomes a call graph', wb, async () => {
    await wb.theme('dark');
    await wb.openFromExplorer('shop.pcap');
    await wb.host('graph').waitFor();
    await wb.settled();
    for (const name of ['gateway', 'auth', 'cache', 'orders', 'stock', 'price', 'catalog', 'mail', 'recommend', 'db'])
      await wb.service(name).waitFor();
    assert.match(await wb.statusBar().textContent(), /10 services, [\d,]+ calls/);
    await wb.screenshot('main-1-graph');
  });

  await suite.test('a click on a service shows its callers, callees and latencies', wb, async () => {
    await wb.service('orders').click();
    const panel = wb.view().locator('aside.panel');
    await panel.filter({ hasText: 'orders' }).waitFor();
    await wb.settled();
    const text = await panel.textContent();
    for (const expected of [/calls/i, /p95/i, /called by/i, /gateway/, /stock/, /[\d.]+\s?ms/]) assert.match(text, expected);
    await wb.screenshot('main-2-selected');
  });

  await suite.test('the trees beside it show the same capture', wb, async () => {
    await wb.showSideBar();
    await wb.tree('Captures').filter({ hasText: 'shop.pcap' }).filter({ hasText: '10 services' }).waitFor();
    const db = wb.tree('Services').filter({ hasText: /^db/ });
    await db.waitFor();
    await db.locator('.monaco-tl-twistie').click();
    await wb.tree('Services').filter({ hasText: 'Called by' }).locator('.monaco-tl-twistie').click();
    await wb
      .tree('Services')
      .filter({ hasText: /^orders.*p/ })
      .first()
      .waitFor();
    await wb
      .tree('Transactions')
      .filter({ hasText: /ms\d+ calls/ })
      .first()
      .waitFor();
    await wb.screenshot('main-3-trees');
  });

  await suite.test('a transaction opens from the list as a waterfall', wb, async () => {
    await wb.openView('transactions');
    const rows = wb.host('transactions').getByRole('row');
    assert.ok((await rows.count()) > 10);
    await wb.screenshot('main-4-transactions');
    await rows.nth(1).dblclick();
    await wb.host('waterfall').waitFor();
    await wb.settled();
    const first = wb.host('waterfall').locator('.wf-row').first();
    assert.match(await first.textContent(), /gateway/);
    assert.ok((await wb.host('waterfall').locator('.wf-row').count()) > 3, 'calls are nested in it');
    await wb.screenshot('main-5-waterfall');
  });

  await suite.test('a call says why it sits where it sits', wb, async () => {
    await wb.host('waterfall').locator('.wf-row').nth(2).click();
    await wb.settled();
    await wb.view().getByRole('tab', { name: 'Why this parent' }).click();
    await wb.settled();
    const text = await wb.view().locator('aside.panel').textContent();
    assert.match(text, /\d+\s?%/, 'candidates have a share');
    await wb.screenshot('main-6-why');
  });

  await suite.test('a call leads to its packets and their bytes', wb, async () => {
    for (const tab of ['Packets', 'Bytes']) {
      await wb.view().getByRole('tab', { name: tab }).click();
      await wb.settled();
    }
    await wb
      .view()
      .locator('aside.panel')
      .getByText(/48 54 54 50|HTTP\/1\.1/)
      .first()
      .waitFor();
    await wb.screenshot('main-7-bytes');
  });

  await suite.test('a row of the Transactions view opens its waterfall', wb, async () => {
    await wb.openView('graph');
    await wb.showSideBar();
    await wb
      .tree('Transactions')
      .filter({ hasText: /ms\d+ calls/ })
      .nth(1)
      .click();
    await wb.host('waterfall').waitFor();
    await wb.settled();
  });

  await suite.test('a reload restores the editor and what it showed', wb, async () => {
    const shown = await wb.host('waterfall').locator('h1').textContent();
    // The workbench in a browser writes what it stores every five seconds.
    await wb.page.waitForTimeout(7000);
    await wb.reload();
    await wb.host('waterfall').waitFor();
    await wb.settled();
    assert.equal(await wb.host('waterfall').locator('h1').textContent(), shown);
  });

  await suite.test('closing and opening again restores the view', wb, async () => {
    await wb.openView('transactions');
    await wb.page.waitForTimeout(1000);
    await wb.closeEditors();
    await wb.quickOpen('shop.pcap');
    await wb.host('transactions').waitFor();
    await wb.openView('graph');
  });

  await suite.test('going to another editor and back keeps the view', wb, async () => {
    await wb.openView('transactions');
    await wb.quickOpen('rotated/shop-1.pcap');
    await wb.host('graph').waitFor();
    await wb.page.locator('.tab', { hasText: /^shop\.pcap$/ }).click();
    await wb.host('transactions').waitFor();
    await wb.settled();
    assert.equal(await wb.page.locator('.tab').count(), 2, 'two captures are open at once');
    await wb.closeEditors();
  });
}
