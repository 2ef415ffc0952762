// Commands that steer a view from the palette: graph, time, waterfall, packets, names, other captures.
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writePlatform } from './platform.ts';
import { until } from './suite.mjs';

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function commandTests(suite, wb) {
  const nodes = () => wb.host('graph').locator('svg .node');
  const foot = () => wb.view().locator('.foot', { hasText: /[\d,]+\s*calls/ });

  await suite.test('Focus on Service..., Hide Service... and Reset Graph change what the graph draws', wb, async () => {
    await wb.openFromExplorer('shop.pcap');
    await foot().waitFor();
    await wb.command('Tracenest: Show Call Graph');
    // Not before all of it is there: what is counted here is what Reset Graph must bring back.
    await wb
      .view()
      .locator('.foot')
      .getByText(/^Quality: /)
      .waitFor();
    await nodes().first().waitFor();
    await wb.settled();
    const all = await nodes().count();
    await wb.command('Tracenest: Focus on Service...');
    await wb.pick('stock');
    await until(async () => (await nodes().count()) < all);
    await wb.service('stock').waitFor();
    await wb.command('Tracenest: Reset Graph');
    await until(async () => (await nodes().count()) === all);
    await wb.command('Tracenest: Hide Service...');
    await wb.pick('stock');
    await until(async () => (await nodes().count()) === all - 1);
    assert.equal(await wb.service('stock').count(), 0);
    await wb.command('Tracenest: Reset Graph');
    await wb.service('stock').waitFor();
  });

  await suite.test('Open as Table shows the graph as a table, and the picture again', wb, async () => {
    await wb.command('Tracenest: Open as Table');
    await wb.host('graph').getByRole('grid').first().waitFor();
    await wb.command('Tracenest: Open as Table');
    await nodes().first().waitFor();
  });

  await suite.test('Set Time Range... takes times in words, refuses nonsense, and Clear Time Range takes it back', wb, async () => {
    await wb.command('Tracenest: Set Time Range...');
    await wb.page.locator('.quick-input-widget', { hasText: 'Seconds since the first packet' }).waitFor();
    await wb.quickInput().fill('10 - 2 s');
    await wb.page.locator('.quick-input-message', { hasText: 'before the second' }).waitFor();
    await wb.quickInput().fill('1 - 2.5 s');
    await wb.page.keyboard.press('Enter');
    const slider = wb.view().locator('.strip .overlay');
    await until(async () => /^1\.000\s?s – 2\.500/.test((await slider.getAttribute('aria-valuetext')) ?? ''));
    await wb.settled();
    await wb.command('Tracenest: Clear Time Range');
    await until(async () => (await slider.getAttribute('aria-valuetext')) === 'everything');
  });

  await suite.test('Select Percentile... changes the latency that services show', wb, async () => {
    await wb.command('Tracenest: Select Percentile...');
    await wb.pick('p99');
    await wb.host('graph').locator('.segmented', { hasText: 'p99' }).waitFor();
    await wb.command('Tracenest: Select Percentile...');
    await wb.pick('p95');
    await wb.host('graph').locator('.segmented', { hasText: 'p95' }).waitFor();
  });

  await suite.test('Show Measured Calls Only hides what was inferred, and shows it again', wb, async () => {
    const button = wb.view().locator('.strip button', { hasText: 'Measured calls only' });
    await wb.command('Tracenest: Show Measured Calls Only');
    await until(async () => (await button.getAttribute('aria-pressed')) === 'true');
    await wb.command('Tracenest: Show Measured Calls Only');
    await until(async () => (await button.getAttribute('aria-pressed')) === 'false');
  });

  await suite.test('Show Critical Path Only opens the slowest transaction so; again shows all calls', wb, async () => {
    await wb.command('Tracenest: Show Critical Path Only');
    await wb.host('waterfall').waitFor();
    const rows = async () => Number(await wb.host('waterfall').locator('.wf-body').getAttribute('aria-rowcount'));
    await until(async () => (await rows()) > 0);
    await wb.settled();
    const critical = await rows();
    await wb.command('Tracenest: Show Critical Path Only');
    await until(async () => (await rows()) > critical);
  });

  await suite.test('Reveal Packets, Reveal Bytes and Copy Wireshark Filter are about the selected call', wb, async () => {
    const panel = wb.view().locator('.panel');
    await wb.command('Tracenest: Reveal Packets');
    await panel.getByRole('grid', { name: 'Packets of the call' }).waitFor();
    await wb.command('Tracenest: Reveal Bytes');
    await panel.locator('.hex').waitFor();
    await wb.command('Tracenest: Copy Wireshark Filter');
    await wb.page.locator('.statusbar-item', { hasText: 'Wireshark filter copied' }).waitFor();
    await wb.command('Tracenest: Filter...');
    await wb.quickInput().waitFor();
    await wb.quickInput().fill('');
    await wb.page.keyboard.press('Control+V');
    await until(async () => /^frame\.number in \{[\d., ]+\}$/.test(await wb.quickInput().inputValue()));
    await wb.page.keyboard.press('Escape');
  });

  await suite.test('Show Keyboard Shortcuts lists all keys; Esc closes it', wb, async () => {
    await wb.command('Tracenest: Show Keyboard Shortcuts');
    const dialog = wb.view().getByRole('dialog', { name: 'Keyboard shortcuts' });
    await dialog.getByText('next error, next uncertain link').waitFor();
    await wb.screenshot('keys');
    await wb.page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'hidden' });
    await wb.host('waterfall').waitFor();
  });

  await suite.test('Open Capture in Hex Editor says where to get one', wb, async () => {
    await wb.command('Tracenest: Open Capture in Hex Editor');
    await wb.page.locator('.notifications-toasts', { hasText: 'Hex Editor extension is not installed' }).waitFor();
    await wb.command('Notifications: Clear All Notifications');
  });

  await suite.test('Import Service Names... names services of the open capture', wb, async () => {
    const file = path.join(wb.folder, 'imported.yaml');
    await wb.command('Tracenest: Show Call Graph');
    await wb.service('stock').click();
    const text = await wb.view().locator('.panel .panel-sub').first().textContent();
    const address = /\d+\.\d+\.\d+\.\d+(:\d+)?/.exec(text)?.[0];
    assert.ok(address, text);
    writeFileSync(file, `goods: ["${address}"]\n`);
    await wb.command('Tracenest: Import Service Names...');
    await wb.quickInput().waitFor();
    await wb.page.locator('.quick-input-widget', { hasText: 'Import Service Names' }).waitFor();
    await wb.page.locator('.quick-input-list .monaco-list-row', { hasText: 'imported.yaml' }).click();
    if (await wb.quickInput().isVisible()) await wb.page.keyboard.press('Enter');
    await wb.toast('1 name was imported').waitFor();
    await wb.host('graph').locator('svg .node', { hasText: 'goods' }).waitFor();
    await wb.command('Notifications: Clear All Notifications');
    // Taken back, since other tests know it by its own name.
    await wb.settled();
    await wb.command('Tracenest: Name Service...');
    await wb.pick('goods');
    await wb.page.locator('.quick-input-widget', { hasText: 'Empty takes the name back' }).waitFor();
    await wb.quickInput().fill('');
    await wb.page.keyboard.press('Enter');
    await wb.service('stock').waitFor();
    rmSync(file);
  });

  await suite.test('Show in Other Capture shows the same service there, beside this one', wb, async () => {
    await wb.settled();
    await wb.command('Tracenest: Show Service...');
    await wb.pick('orders');
    await wb.host('service').waitFor();
    await wb.settled();
    await wb.command('Tracenest: Show in Other Capture');
    await wb.pick('shop-1.pcap');
    await wb.page.locator('.tab.active', { hasText: 'shop-1.pcap' }).waitFor();
    const frames = wb.page.locator('iframe.webview.ready');
    await until(async () => (await frames.count()) === 2);
    const names = async () => {
      const shown = [];
      for (const f of wb.page.frames().filter((f) => /fake\.html/.test(f.url())))
        shown.push(await f.evaluate(() => document.querySelector('.view-host[data-view="service"] h1')?.textContent ?? ''));
      return shown;
    };
    await until(async () => (await names()).filter((n) => /orders/.test(n)).length === 2);
    await wb.screenshot('side-by-side');
    await wb.closeEditors();
  });

  await suite.test('Select Tenant... changes whose services are shown; it is offered only where there are several', wb, async () => {
    const file = path.join(wb.folder, 'tenants.tracenest.json');
    writePlatform(file, 40, ['north', 'south']);
    await wb.quickOpen('tenants.tracenest.json');
    // The palette offers what there is when it opens: not before the tenants are known.
    await wb.view().locator('.strip select.tenant').waitFor();
    await wb.settled();
    await wb.command('Tracenest: Select Tenant...');
    await wb.pick('south');
    await until(async () => (await wb.view().locator('.strip select.tenant').inputValue()) === 'south');
    await wb.closeEditors();
    rmSync(file);
    await wb.openFromExplorer('shop.pcap');
    await foot().waitFor();
    assert.ok(!(await wb.paletteEntries('Tracenest: Select')).includes('Tracenest: Select Tenant...'));
  });

  await suite.test('Compare Selected Captures asks for both and compares them', wb, async () => {
    await wb.command('Tracenest: Compare Selected Captures');
    await wb.page.getByPlaceholder('The capture from before').waitFor();
    await wb.pick('shop-1.pcap');
    await wb.page.getByPlaceholder('The capture from after').waitFor();
    await wb.pick('shop.pcap');
    await wb.page.locator('.tab.active', { hasText: /^shop\.pcap$/ }).waitFor();
    await wb.host('compare').locator('.cmp-headline').waitFor();
    await wb.host('compare').locator('.view-head', { hasText: 'rotated/shop-1.pcap' }).waitFor();
    await wb.closeEditors();
  });
}
