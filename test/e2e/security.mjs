// What the page of an editor may do, what it can reach, and where a password goes: in the real workbench.
import assert from 'node:assert/strict';
import { copyFileSync, globSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const PASSWORD = 'hunter2-never-written';

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function securityTests(suite, wb) {
  await suite.test('the page runs its own script and no other, and asks nothing of the network', wb, async () => {
    await wb.quickOpen('shop.pcap');
    await wb.settled();
    const frame = await wb.viewFrame();
    const found = await frame.evaluate(async () => {
      const violations = [];
      document.addEventListener('securitypolicyviolation', (e) => violations.push(e.effectiveDirective));
      const meta = document.querySelector('meta[http-equiv="Content-Security-Policy"]');
      const add = (name, more) => document.body.appendChild(Object.assign(document.createElement(name), more));
      add('script', { textContent: 'globalThis.injected = 1' });
      add('div', {}).setAttribute('onclick', 'globalThis.injected = 2');
      document.body.lastElementChild.click();
      add('img', { src: 'http://127.0.0.1:9/x.png' });
      add('iframe', { src: 'http://127.0.0.1:9/' });
      add('style', { textContent: 'body { outline: 7px solid red }' });
      const fetched = await fetch('http://127.0.0.1:9/').then(
        () => true,
        () => false,
      );
      await new Promise((r) => setTimeout(r, 500));
      const styled = getComputedStyle(document.body).outlineWidth === '7px';
      return {
        policy: meta?.content ?? '',
        injected: globalThis.injected,
        fetched,
        styled,
        violations: [...new Set(violations)],
      };
    });
    assert.match(found.policy, /^default-src 'none'; script-src 'nonce-[\w+/=]{20,}'; /);
    assert.doesNotMatch(found.policy, /unsafe-|https?: |data:/);
    assert.deepEqual([found.injected, found.fetched, found.styled], [undefined, false, false]);
    for (const directive of ['script-src-elem', 'script-src-attr', 'img-src', 'frame-src', 'connect-src', 'style-src-elem'])
      assert.ok(found.violations.includes(directive), `${directive} was enforced: ${found.violations}`);
    // Chromium prints what it refused.
    wb.errors.length = 0;
  });

  await suite.test('the page reads nothing but dist and media of the extension', wb, async () => {
    const [root] = globSync(path.join(wb.server.dir, 'extensions/tracenest.tracenest-*'));
    for (const place of ['dist', '.']) copyFileSync(path.join(root, 'dist/webview.css'), path.join(root, place, 'probe.css'));
    const frame = await wb.viewFrame();
    const loads = await frame.evaluate(async () => {
      const own = document.querySelector('link[rel=stylesheet]').href;
      const load = (href) =>
        new Promise((resolve) => {
          const link = Object.assign(document.createElement('link'), { rel: 'stylesheet', href });
          link.onload = () => resolve(true);
          link.onerror = () => resolve(false);
          document.head.appendChild(link);
        });
      return [await load(own.replace('webview.css', 'probe.css')), await load(own.replace('dist/webview.css', 'probe.css'))];
    });
    assert.deepEqual(loads, [true, false]);
    wb.errors.length = 0;
    await wb.closeEditors();
  });

  await suite.test('a password is asked for, and is in no log, setting, state or file', wb, async () => {
    wb.set({
      'tracenest.kafka.connections': [
        { name: 'lab', brokers: ['127.0.0.1:1'], 'security.protocol': 'SASL_PLAINTEXT', 'sasl.mechanism': 'PLAIN', 'sasl.username': 'u' },
      ],
    });
    await wb.page.waitForTimeout(1500);
    await wb.command('Tracenest: Attach to Kafka Topic...');
    await wb.pick('lab');
    await wb.page.locator('.quick-input-widget', { hasText: 'Password of u at lab' }).waitFor();
    assert.equal(await wb.quickInput().getAttribute('type'), 'password');
    await wb.quickInput().fill(PASSWORD);
    await wb.page.keyboard.press('Enter');
    await wb.toast(/127\.0\.0\.1:1 can't be asked for its topics/).waitFor({ timeout: 60_000 });
    await wb.screenshot('security-password');
    await wb.page.waitForTimeout(6000);
    const forms = [PASSWORD, Buffer.from(PASSWORD).toString('base64'), Buffer.from(`\0u\0${PASSWORD}`).toString('base64')];
    const holders = [wb.server.dir, wb.folder].flatMap((dir) =>
      readdirSync(dir, { recursive: true, withFileTypes: true })
        .filter((f) => f.isFile())
        .map((f) => path.join(f.parentPath, f.name))
        .filter((f) => forms.some((form) => readFileSync(f).includes(form))),
    );
    assert.deepEqual(holders, [], 'files of the editor and of the folder that hold the password');
    assert.ok(!forms.some((form) => wb.server.log().includes(form)));
    assert.ok(!JSON.stringify(wb.errors).includes(PASSWORD));
    wb.errors.length = 0;
    await wb.command('Notifications: Clear All Notifications');
    wb.set({ 'tracenest.kafka.connections': [] });
  });
}
