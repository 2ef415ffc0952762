// `npm start` as a person runs it: an address with a token, which is asked for, and an end by Ctrl+C.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { BIN, ROOT, toolEnv } from '../harness/setup.mjs';

/** @param {import('./suite.mjs').Suite} suite */
export async function startTests(suite) {
  await suite.test('npm start serves VS Code on 127.0.0.1 with a token, and stops', null, async () => {
    const env = { ...toolEnv() };
    // No browser may be opened by a test.
    for (const k of ['DISPLAY', 'WAYLAND_DISPLAY']) delete env[k];
    const child = spawn(path.join(BIN, 'node'), ['test/harness/start.mjs', '--web'], { cwd: ROOT, env });
    let output = '';
    for (const s of [child.stdout, child.stderr]) s.on('data', (d) => (output += d));
    const ended = new Promise((resolve) => child.once('exit', resolve));
    try {
      const address = await new Promise((resolve, reject) => {
        const look = setInterval(() => {
          const m = /http:\/\/127\.0\.0\.1:\d+\S+/.exec(output);
          if (m) resolve(m[0]);
        }, 100);
        ended.then((code) => reject(new Error(`It ended (${code})\n${output}`))).finally(() => clearInterval(look));
        setTimeout(() => reject(new Error(`No address in 120 s\n${output}`)), 120_000).unref();
      });
      const url = new URL(address);
      assert.match(url.searchParams.get('tkn') ?? '', /^[0-9a-f]{48}$/);
      assert.equal((await fetch(url.origin, { redirect: 'manual' })).status, 403, 'without the token nobody gets in');
      const answer = await fetch(address, { redirect: 'manual' });
      assert.ok(answer.status === 200 || answer.status === 302, `with the token: ${answer.status}`);
      assert.match(decodeURIComponent(url.searchParams.get('folder') ?? ''), /sample$/);
      child.kill('SIGINT');
      assert.equal(await ended, 0);
      await assert.rejects(fetch(url.origin), 'nothing listens any more');
    } finally {
      if (child.exitCode === null) child.kill('SIGTERM');
    }
  });
}
