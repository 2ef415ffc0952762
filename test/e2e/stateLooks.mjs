// States of an analysis in three themes: reading with and without first results, nothing found, a part missing, failed.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { noise } from '../vscode/pcap.mjs';
import { violations } from './looks.mjs';
import { THEMES } from './workbench.mjs';

/** Uncompressed size of what says nothing: several seconds of reading on any machine, a few MB on disk. */
const NOISE_BYTES = 6e9;
const PCAP_HEADER = 24;

/** Captures that take their time: what is `first`, then packets that are no requests, all at one second. Members of a gzip file may follow each other. */
function writeSlow(file, first, second) {
  const part = gzipSync(noise(16 << 20, second), { level: 1 });
  writeFileSync(file, Buffer.concat([gzipSync(first), ...Array(Math.ceil(NOISE_BYTES / (16 << 20))).fill(part)]));
}

/** @param {import('./suite.mjs').Suite} suite @param {import('./workbench.mjs').Workbench} wb */
export async function stateLookTests(suite, wb) {
  const shop = readFileSync(path.join(wb.folder, 'shop.pcap'));
  const slow = { waiting: path.join(wb.folder, 'waiting.pcap.gz'), reading: path.join(wb.folder, 'reading.pcap.gz') };
  await suite.test('captures that take their time are there', wb, async () => {
    await wb.closeEditors();
    // That of the first packet: the time line stays the sample's.
    const second = shop.readUInt32LE(PCAP_HEADER) + 5;
    writeSlow(slow.waiting, shop.subarray(0, PCAP_HEADER), second);
    writeSlow(slow.reading, shop, second);
  });
  const main = () => wb.view().locator('main:not([hidden])');
  const states = {
    'loading-skeleton': ['waiting.pcap.gz', () => main().locator('.skeleton').waitFor()],
    'loading-results': ['reading.pcap.gz', () => wb.host('graph').locator('svg .node').first().waitFor()],
    empty: [
      'broken/tls.pcap',
      () =>
        main()
          .filter({ hasText: /% of bytes are TLS/ })
          .waitFor(),
    ],
    partial: [
      'broken/cut.pcap',
      () =>
        wb
          .view()
          .locator('.banner', { hasText: /mid-packet|cut/ })
          .waitFor(),
    ],
    failed: [
      'broken/text.pcap',
      () =>
        main()
          .filter({ hasText: /not a capture/i })
          .waitFor(),
    ],
  };
  for (const theme of Object.keys(THEMES))
    for (const [state, [file, shown]] of Object.entries(states))
      await suite.test(`state ${state} in ${THEMES[theme]}: a picture, nothing axe objects to`, wb, async () => {
        if (state === 'loading-skeleton') await wb.theme(theme);
        await wb.openFromExplorer(file);
        await shown();
        if (state.startsWith('loading')) await wb.view().locator('.banner', { hasText: /%/ }).waitFor();
        await wb.screenshot(`state-${state}-${theme}`);
        const found = await violations(wb);
        assert.deepEqual(found, [], found.join('\n'));
        await wb.closeEditors();
      });
  await wb.theme('dark');
  for (const file of Object.values(slow)) rmSync(file, { force: true });
}
