// What a user sees when a capture is wrong, changes, or holds hostile text: never a blank view, never a stack trace.
import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { HOSTILE } from '../vscode/pcap.mjs';

const WRONG = [
  ['broken/empty.pcap', 'an empty file', [/empty/i]],
  ['broken/text.pcap', 'a text file named .pcap', [/not a capture/i, /first bytes 54 68 69 73/]],
  ['broken/no-packets.pcap', 'a capture without packets', [/no packets/i]],
  ['broken/tls.pcap', 'a capture of TLS only', [/% of bytes are TLS/]],
  ['broken/odd-link.pcap', 'a capture of a link type that is not read', [/link type 162 \(USER15\) unsupported; 5 packets skipped/]],
  [
    'broken/no-requests.pcap',
    'a capture without requests',
    [/No requests were found in 6 packets of 1 connection/, /no connection carries a request/i],
  ],
];

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function stateTests(suite, wb) {
  for (const [file, what, texts] of WRONG) {
    await suite.test(`${what} is explained`, wb, async () => {
      await wb.quickOpen(file);
      const main = wb.view().locator('main:not([hidden])');
      for (const text of texts) await main.filter({ hasText: text }).waitFor();
      const shown = (await main.textContent()) ?? '';
      assert.ok(shown.length > 60, 'it says what to do next');
      assert.doesNotMatch(shown, /\bat .+:\d+:\d+|undefined|NaN|\[object/);
      await wb.screenshot(`state-${path.basename(file, '.pcap')}`);
      await wb.closeEditors();
    });
  }

  await suite.test('a capture cut in mid-packet shows what is before the cut, and says where it is', wb, async () => {
    await wb.quickOpen('broken/cut.pcap');
    await wb.settled();
    const { size } = statSync(path.join(wb.folder, 'broken/cut.pcap'));
    const where = `capture ends mid-packet at byte ${size}; the 2183 packets before it are kept`;
    await wb.view().locator('.banner', { hasText: where }).waitFor();
    await wb
      .view()
      .locator('.foot', { hasText: /659\s*calls/ })
      .waitFor();
    await wb.screenshot('state-partial');
    await wb.closeEditors();
  });

  await suite.test('a capture that grows while it is open offers to analyse it again', wb, async () => {
    const file = path.join(wb.folder, 'growing.pcap');
    copyFileSync(path.join(wb.folder, 'rotated/shop-1.pcap'), file);
    await wb.quickOpen('growing.pcap');
    await wb.settled();
    appendFileSync(file, Buffer.alloc(5000));
    const banner = wb.view().locator('.banner', { hasText: /growing\.pcap grew by/ });
    await banner.waitFor();
    await wb.screenshot('state-stale');
    await banner.getByRole('button', { name: /again/i }).click();
    await banner.waitFor({ state: 'detached' });
    await wb.closeEditors();
    rmSync(file);
  });

  await suite.test(
    'a capture that is renamed while it is open is followed; one that is deleted keeps what was read, and says so',
    wb,
    async () => {
      const [before, after] = ['before.pcap', 'after.pcap'];
      copyFileSync(path.join(wb.folder, 'rotated/shop-1.pcap'), path.join(wb.folder, before));
      await wb.quickOpen(before);
      await wb.settled();
      await wb.showExplorer();
      await wb.row(before).click();
      // The editor takes the focus when it is there.
      await wb.settled();
      const name = wb.page.locator('.explorer-folders-view input');
      await wb.page.locator('.explorer-folders-view .monaco-list').focus();
      await wb.page.keyboard.press('F2');
      await name.fill(after);
      await name.press('Enter');
      await wb.page.locator('.tab.active', { hasText: /^after\.pcap$/ }).waitFor();
      await wb.openView('graph');
      await wb.service('orders').waitFor();
      assert.equal(await wb.page.locator('.tab').count(), 1, 'no editor is left on the old name');
      rmSync(path.join(wb.folder, after));
      await wb.view().locator('.banner', { hasText: 'after.pcap was deleted. What is shown was read before that' }).waitFor();
      await wb.service('orders').waitFor();
      await wb.screenshot('state-deleted');
      await wb.closeEditors();
    },
  );

  await suite.test('hostile text from packets is shown as text in every place', wb, async () => {
    let dialogs = 0;
    wb.page.on('dialog', (d) => {
      dialogs++;
      void d.dismiss();
    });
    await wb.quickOpen('broken/hostile.pcap');
    await wb.settled();
    await wb.openView('transactions');
    const frame = await wb.viewFrame();
    const injected = await frame.evaluate(
      () => document.querySelectorAll('img[src="x"]').length + [...document.scripts].filter((s) => s.text.includes('alert')).length,
    );
    assert.equal(injected, 0, 'nothing from a packet became an element');
    const text = await wb.view().locator('body').textContent();
    assert.ok(!text?.includes('\u202e'), 'characters that reorder text are shown as escapes');
    await wb.showSideBar();
    const trees = (await wb.tree('Services').allInnerTexts()).concat(await wb.tree('Transactions').allInnerTexts()).join('\n');
    assert.ok(!trees.includes('\u202e'));
    assert.equal(await wb.page.locator('.pane .codicon-trash').count(), 0, 'no icon from a packet');
    await wb.command('Tracenest: Show Service...');
    await wb.page.locator('.quick-input-list .monaco-list-row').first().waitFor();
    assert.equal(await wb.page.locator('.quick-input-list .codicon-trash').count(), 0, 'no icon from a packet');
    await wb.page.keyboard.press('Escape');
    assert.equal(dialogs, 0, `nothing ran: ${Object.keys(HOSTILE)}`);
    await wb.screenshot('state-hostile');
    await wb.closeEditors();
  });
}
