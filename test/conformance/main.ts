/**
 * Agreement with other projects' suites:
 *   npm run conformance
 * Reads the captures at TRACENEST_CORPORA (default ../shared/data/captures) and writes docs/conformance.md.
 */
import path from 'node:path';
import { CORPORA, hasCorpora } from '../engine/support/extract.ts';
import { readAll, runSuite, SUITES } from './corpora.ts';
import { REASONS } from './reasons.ts';
import { table, writeSection } from './section.ts';

if (!hasCorpora) {
  console.error(`No captures at ${CORPORA}: set TRACENEST_CORPORA to the folder of the suites.`);
  process.exit(1);
}
const reading = readAll();
console.log(`${reading.captures} captures read, ${reading.failures.length} failed`);
const results = SUITES.map((suite) => {
  const result = runSuite(suite);
  console.log(`${suite.name}: ${result.agreed} of ${result.total} in ${result.checks.length} captures`);
  return result;
});
const percent = (agreed: number, total: number) => (total === 0 ? '-' : `${((100 * agreed) / total).toFixed(1)} %`);
const agreed = results.reduce((sum, r) => sum + r.agreed, 0);
const total = results.reduce((sum, r) => sum + r.total, 0);
const rows = results.map((r) => [r.suite.name, r.suite.unit, r.checks.length, r.total, r.agreed, percent(r.agreed, r.total)]);
const differences = results.flatMap((r) =>
  r.checks
    .filter((check) => check.differences.length > 0)
    .map((check) => [
      `\`${check.capture}\``,
      `${check.agreed} of ${check.total}`,
      check.differences
        .slice(0, 3)
        .map((text) => text.replaceAll('|', '\\|').slice(0, 100))
        .join('; ') + (check.differences.length > 3 ? `; ${check.differences.length - 3} more` : ''),
      REASONS[check.capture] ?? '**not examined**',
    ]),
);
const page = `Every capture of the suites and of the project's own fixtures, whole and cut off in the middle: ${reading.captures} captures with
${reading.packets.toLocaleString('en')} packets read, ${reading.failures.length} failures.
${reading.failures.map((text) => `- ${text}\n`).join('')}
${table(['suite', 'statements', 'captures', 'total', 'agreed', ''], [...rows, ['**all**', '', '', total, agreed, percent(agreed, total)]])}

A statement that only one side makes counts against the agreement. Statements that the suites make about things the engine doesn't do
(alerts, files, other protocols) are no part of the totals. Nor are: lines of DeepFlow for further segments of a MySQL response, tshark's
"unknown" MySQL commands (steps of a login), questions of a DNS message after the first, and calls without a method (bytes that are no
request line and were answered in HTTP: they state no request).

## Disagreements
${table(['capture', 'agreed', 'differences', 'reason'], differences)}`;
writeSection(
  path.resolve(import.meta.dirname, '../../docs/conformance.md'),
  'conformance',
  page,
  '# Conformance\nMade by `npm run conformance`: what the engine finds in the captures of other test suites, against what those suites state, and against\ntshark where they state nothing.',
);
console.log(`${agreed} of ${total} (${percent(agreed, total)})`);
process.exitCode = reading.failures.length === 0 ? 0 : 1;
