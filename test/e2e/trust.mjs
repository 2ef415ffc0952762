// With workspace trust on: a capture from a stranger's folder can be read, names files there are not used.
import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { ROOT } from '../harness/setup.mjs';
import { startServer } from '../harness/vscode.mjs';
import { Workbench } from './workbench.mjs';

/** @param {import('./suite.mjs').Suite} suite */
export async function trustTests(suite, vsix, context) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'tracenest-stranger-'));
  copyFileSync(path.join(ROOT, 'media/sample/shop.pcap'), path.join(folder, 'shop.pcap'));
  // Every address there might be: if this file were used, a name would show it.
  const names = Object.fromEntries(Array.from({ length: 255 }, (_, i) => [`10.77.0.${i}`, 'stranger']));
  writeFileSync(path.join(folder, 'services.json'), JSON.stringify(names));
  const server = await startServer({ extensions: [vsix], trust: true, settings: { 'security.workspace.trust.startupPrompt': 'never' } });
  try {
    const wb = new Workbench(server, context, folder);
    await suite.test('an untrusted folder: captures are read, its names files are not', wb, async () => {
      await wb.start();
      await wb.page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).or(wb.page.locator('.part.banner')).first().waitFor();
      await wb.openFromExplorer('shop.pcap');
      await wb
        .view()
        .locator('.foot', { hasText: /[\d,]+\s*calls/ })
        .waitFor();
      await wb.showSideBar();
      await wb.tree('Services').first().waitFor();
      const services = (await wb.tree('Services').allInnerTexts()).join('\n');
      assert.match(services, /orders/);
      assert.doesNotMatch(services, /stranger/);
      await wb.screenshot('untrusted');
      const offered = await wb.paletteEntries('Tracenest: ');
      assert.ok(
        offered.some((c) => c.includes('Export')),
        offered.join(', '),
      );
      for (const reaching of [
        'Attach to Kafka Topic',
        'Open Stored Traces',
        'Check Latency Limits',
        'Set as Baseline',
        'Import Service Names',
      ])
        assert.ok(!offered.some((c) => c.includes(reaching)), `${reaching} is not offered`);
    });
    await wb.page?.close();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
