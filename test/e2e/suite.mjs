// Tests in a row on one workbench: each has a title, fails by throwing, and leaves a picture when it does.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from '../harness/setup.mjs';

const FAILURES = path.join(ROOT, 'artifacts/failures');

export class Suite {
  constructor(only = process.env.TRACENEST_GREP) {
    this.only = only ? new RegExp(only, 'i') : null;
    this.results = [];
  }
  /**
   * @param {string} title
   * @param {import('./workbench.mjs').Workbench | null} workbench
   * @param {() => Promise<void>} body
   */
  async test(title, workbench, body) {
    if (this.only && !this.only.test(title)) return;
    const started = performance.now();
    const errorsBefore = workbench?.errors.length ?? 0;
    let error = '';
    try {
      await body();
      const news = workbench?.errors.slice(errorsBefore) ?? [];
      if (news.length > 0) error = `The page reported errors:\n${news.join('\n')}`;
    } catch (e) {
      error = e instanceof Error ? (e.stack ?? e.message) : String(e);
    }
    const ms = performance.now() - started;
    this.results.push({ title, state: error ? 'failed' : 'passed', ms, ...(error ? { error } : {}) });
    console.log(`${error ? 'FAILED' : 'ok    '} ${title} (${Math.round(ms)} ms)`);
    if (error) console.log(`       ${error.split('\n').slice(0, 6).join('\n       ')}`);
    if (!error || !workbench?.page) return;
    mkdirSync(FAILURES, { recursive: true });
    const file = path.join(FAILURES, `${title.replaceAll(/\W+/g, '-').slice(0, 80)}.png`);
    await workbench.page.screenshot({ path: file, timeout: 5000 }).catch(() => {});
    // What is left open must not fail the next test.
    await workbench.start().catch((e) => console.error(`The workbench did not come back: ${e.message}`));
  }
}

/** Asks again until it holds. */
export async function until(holds) {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await new Promise((r) => setTimeout(r, 100));
  }
  throw new Error(`Waited in vain: ${holds}`);
}
