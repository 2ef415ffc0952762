// A capture large enough to be seen while it is worked on: stages, results amid reading, cancel, again, and more than the memory allowed.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { growCapture } from '../bench/grow.ts';
import { until } from './suite.mjs';

const NAME = 'large.pcap';
const BYTES = 150e6;
/** A machine that does much else takes long for all of it. */
const PATIENT = { timeout: 180_000 };

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function largeTests(suite, wb) {
  const file = path.join(wb.folder, NAME);
  const grow = () => existsSync(file) || growCapture(readFileSync(path.join(wb.folder, 'shop.pcap')), BYTES, file);
  const message = () => wb.view().locator('.banner .message');
  const foot = () => wb.view().locator('.foot');
  const calls = async () => numberOf(/([\d,]+)\s*calls/, await foot().textContent());

  await suite.test('Cancel Analysis stops a long analysis; what was found until then stays, marked provisional', wb, async () => {
    grow();
    await wb.quickOpen(NAME);
    await message()
      .filter({ hasText: /[\d,]+ calls so far, links are provisional and numbers still change/ })
      .waitFor(PATIENT);
    await wb.service('orders').waitFor();
    await foot().getByText('Analysing', { exact: true }).waitFor();
    await wb.screenshot('large-provisional');
    await wb.command('Tracenest: Cancel Analysis');
    await message()
      .filter({ hasText: /Cancelled\.\s*These are the [\d,]+ calls found until then; links are provisional/ })
      .waitFor();
    await foot().getByText('Incomplete', { exact: true }).waitFor();
    assert.equal(await wb.view().getByRole('progressbar').count(), 0, 'nothing goes on');
    await wb.settled();
    await wb.service('orders').waitFor();
    await wb.screenshot('large-cancelled');
  });

  await suite.test('Run Analysis Again after that tells its stages and ends with all calls', wb, async () => {
    const found = await calls();
    const frame = await wb.viewFrame();
    await frame.evaluate(recordMessages);
    await wb.command('Tracenest: Run Analysis Again');
    await foot()
      .getByText(/^Quality: /)
      .waitFor(PATIENT);
    await wb.settled();
    const said = /** @type {string[]} */ (await frame.evaluate('said'));
    const first = (stage) => said.findIndex((text) => stage.test(text));
    const stages = [/^Reading \d+\s%/, /^Reading .*calls so far, links are provisional/, /^Inferring causes, \d+\s%/].map(first);
    assert.ok(!stages.includes(-1), `${stages} in ${said.join(' | ')}`);
    assert.deepEqual(
      stages,
      stages.toSorted((a, b) => a - b),
      'one after the other',
    );
    assert.equal(await message().count(), 0, 'nothing is missing');
    assert.ok((await calls()) > found, `more than the ${found} found before it was cancelled`);
  });

  await suite.test('a capture above the memory allowed says what is kept in detail, and counts everything', wb, async () => {
    const all = await calls();
    // Settings are applied together: once the theme is seen, so is the memory.
    wb.set({ 'tracenest.analysis.maxMemory': 128 });
    await wb.theme('light');
    await wb.command('Tracenest: Run Analysis Again');
    const full = message().filter({ hasText: /transactions are kept in detail: the memory allowed is full/ });
    await full.waitFor(PATIENT);
    await wb.settled();
    const [, kept, of] = /^([\d,]+) of ([\d,]+) transactions are kept in detail/.exec((await full.textContent())?.trim() ?? '') ?? [];
    assert.ok(kept && of && plain(kept) > 100 && plain(kept) < plain(of), `${kept} of ${of}`);
    await until(async () => (await calls()) === all);
    await foot()
      .filter({ hasText: `${kept} kept in detail` })
      .waitFor();
    await wb.screenshot('large-memory');
    wb.set({ 'tracenest.analysis.maxMemory': 2048 });
    await wb.theme('dark');
    await wb.closeEditors();
  });
  rmSync(file, { force: true });
}

/** Runs in the page: every text of the line above the view, in order. */
function recordMessages() {
  const said = [];
  Object.assign(window, { said });
  const look = () => {
    const text = document.querySelector('.banner .message .ell')?.textContent?.trim() ?? '';
    if (text !== '' && said.at(-1) !== text) said.push(text);
  };
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true, characterData: true });
}

const plain = (text) => Number(text.replaceAll(',', ''));
const numberOf = (pattern, text) => plain(pattern.exec(text ?? '')?.[1] ?? 'none');
