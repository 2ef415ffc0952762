import { existsSync, globSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CORPORA = resolve(ROOT, process.env['TRACENEST_CORPORA'] ?? '../shared/data/captures');
const FIXTURES = join(ROOT, 'test/fixtures/captures');

/** Where captures of other projects' test suites lie; undefined (and said so) when this machine has none. */
export const corpora: string | undefined = existsSync(CORPORA) ? CORPORA : undefined;
if (!corpora) console.warn(`no corpora at ${CORPORA} (TRACENEST_CORPORA): only the project's own fixtures are checked`);

/** Every capture there and among the project's fixtures, as [short name, path]. */
export function captures(pattern = '**/*.{pcap,pcapng}'): [name: string, path: string][] {
  const found: [string, string][] = [];
  for (const folder of [FIXTURES, CORPORA]) {
    for (const name of globSync(pattern, { cwd: folder }).sort())
      found.push([`${folder === FIXTURES ? 'fixtures' : 'corpora'}/${name}`, join(folder, name)]);
  }
  return found;
}
