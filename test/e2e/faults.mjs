// Faults under a person's hands: the worker crashes, the extension host restarts, a disk refuses.
import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function faultTests(suite, wb) {
  await suite.test('a worker that crashes is said with the way on, other editors go on, and trying again works', wb, async () => {
    const [file] = globSync(path.join(wb.server.dir, 'extensions/tracenest.tracenest-*/dist/worker.js'));
    const worker = readFileSync(file);
    await wb.quickOpen('rotated/shop-1.pcap');
    await wb.settled();
    // Whatever view was remembered of it.
    await wb.openView('graph');
    await wb.service('orders').waitFor();
    try {
      writeFileSync(file, 'setTimeout(() => { throw new Error("out of luck") }, 100)');
      await wb.openFromExplorer('shop.pcap');
      await wb.view().getByText('The analysis stopped unexpectedly').waitFor();
      await wb.view().getByText('out of luck').waitFor();
      await wb.screenshot('fault-worker');
      await wb.page.locator('.tab', { hasText: 'shop-1.pcap' }).click();
      await wb.openView('transactions');
      assert.ok((await wb.host('transactions').getByRole('row').count()) > 10, 'the other capture still answers');
    } finally {
      writeFileSync(file, worker);
    }
    await wb.page.locator('.tab', { hasText: /^shop\.pcap$/ }).click();
    await wb.view().getByRole('button', { name: 'Try Again' }).click();
    await wb.settled();
    await wb.openView('graph');
    await wb.service('orders').waitFor();
    await wb.closeEditors();
  });

  await suite.test('an extension host that is killed: reloading the window brings the editor back with what it showed', wb, async () => {
    await wb.quickOpen('shop.pcap');
    await wb.settled();
    await wb.openView('transactions');
    // The workbench in a browser writes what it stores every five seconds.
    await wb.page.waitForTimeout(7000);
    const [host] = extensionHosts(wb.server.child.pid);
    assert.ok(host, 'an extension host is running');
    process.kill(host, 'SIGKILL');
    await wb.page.waitForTimeout(1000);
    await wb.reload();
    expected(wb, /terminated unexpectedly/);
    await wb.host('transactions').waitFor();
    await wb.settled();
    assert.ok((await wb.host('transactions').getByRole('row').count()) > 10, 'it was analysed anew');
    await wb.closeEditors();
  });

  await suite.test('an extension host that is killed is started anew: the editor comes back in the same window', wb, async () => {
    await wb.quickOpen('shop.pcap');
    await wb.settled();
    await wb.openView('transactions');
    const [before] = extensionHosts(wb.server.child.pid);
    process.kill(before, 'SIGKILL');
    for (let i = 0; i < 300 && [undefined, before].includes(extensionHosts(wb.server.child.pid)[0]); i++) await wb.page.waitForTimeout(100);
    assert.notEqual(extensionHosts(wb.server.child.pid)[0], before, 'another extension host runs');
    // The page of before is closed, and another asks the new host.
    await wb.statusBar().filter({ hasText: '10 services' }).waitFor();
    expected(wb, /terminated unexpectedly/);
    await wb.host('transactions').waitFor();
    await wb.settled();
    await wb.screenshot('fault-host');
    assert.ok((await wb.host('transactions').getByRole('row').count()) > 10, 'it was analysed anew');
    // Both ways between page and host work again.
    await wb.openView('graph');
    await wb.service('orders').waitFor();
    await wb.closeEditors();
  });

  await suite.test('an export that the disk refuses is said, with the log one click away', wb, async () => {
    await wb.quickOpen('shop.pcap');
    await wb.settled();
    await wb.statusBar().filter({ hasText: '10 services' }).waitFor();
    await wb.page.waitForTimeout(500);
    await wb.command('Tracenest: Export...');
    await wb.pick('DOT');
    await wb.page.locator('.quick-input-widget', { hasText: 'Export as DOT' }).waitFor();
    // The dialog opens with a suggestion of its own.
    for (let i = 0; i < 100 && !/shop\.dot$/.test(await wb.quickInput().inputValue()); i++) await wb.page.waitForTimeout(100);
    // Nobody, root included, makes a file there.
    await wb.quickInput().fill('/sys/shop.dot');
    // The dialog takes the path when it has listed its folder.
    await wb.page.locator('.quick-input-list .monaco-list-row', { hasText: 'kernel' }).filter({ visible: true }).first().waitFor();
    await wb.page.waitForTimeout(500);
    await wb.page.keyboard.press('Enter');
    const toast = wb.toast(/Tracenest: .*(ENOENT|EACCES|EPERM|EROFS|Unable to write)/);
    await toast.waitFor();
    await toast.getByText('Show Log').waitFor();
    await wb.screenshot('fault-export');
    expected(wb, /ENOENT|EACCES|EPERM|EROFS/);
    await wb.command('Notifications: Clear All Notifications');
    await wb.closeEditors();
  });
}

/** The workbench prints on its console what it tells the user as well: that is what was asked for, and no error of the test. */
function expected(wb, pattern) {
  const others = wb.errors.filter((e) => !pattern.test(e));
  wb.errors.splice(0, wb.errors.length, ...others);
}

/** Processes below ours that run extensions. */
function extensionHosts(pid) {
  const below = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number);
  return below.flatMap((child) => {
    const isHost = readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('--type=extensionHost');
    return isHost ? [child, ...extensionHosts(child)] : extensionHosts(child);
  });
}
