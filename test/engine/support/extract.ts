/** Whole captures through the whole extraction. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { Extractor, type ExtractorOptions } from '../../../src/engine/extractor.ts';

const ROOT = path.resolve(import.meta.dirname, '../../..');
export const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');
/** Captures of other projects' suites; tests that need them are skipped, with a message, where they are absent. */
export const CORPORA = process.env.TRACENEST_CORPORA ?? path.resolve(ROOT, '../shared/data/captures');
export const hasCorpora = existsSync(CORPORA);
if (!hasCorpora) console.warn(`No captures of other suites at ${CORPORA} (TRACENEST_CORPORA): tests that read them are skipped`);

export function extract(bytes: Uint8Array, options: Omit<ExtractorOptions, 'captures'> = {}): Extractor {
  const x = new Extractor({ captures: ['capture'], ...options });
  let at = 0;
  for (let c = x.wants(); c >= 0; c = x.wants()) {
    if (at < bytes.length) x.push(c, bytes.subarray(at, (at += 1 << 20)));
    else x.end(c);
  }
  x.finish();
  return x;
}
