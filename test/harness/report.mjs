// One form of results for every runner of ours.
import { writeFileSync } from 'node:fs';

/**
 * Prints results and writes them to TRACENEST_REPORT as {suite, passed, failed, skipped, failures}.
 * @param {string} suite
 * @param {{title: string, state: 'passed' | 'failed' | 'skipped', ms?: number, error?: string}[]} results
 * @param {string} [trouble] why the run as a whole failed
 * @returns exit code
 */
export function writeReport(suite, results, trouble = '') {
  const mark = { passed: 'ok     ', failed: 'FAILED ', skipped: 'skipped' };
  for (const r of results) {
    console.log(`${mark[r.state]} ${r.title} (${Math.round(r.ms ?? 0)} ms)`);
    if (r.error) console.log(`        ${r.error.split('\n').slice(0, 12).join('\n        ')}`);
  }
  const of = (state) => results.filter((r) => r.state === state);
  const failures = of('failed').map((r) => `${r.title}: ${(r.error ?? '').split('\n')[0]}`);
  if (trouble) failures.push(trouble);
  else if (results.length === 0) failures.push('no test ran');
  const report = { suite, passed: of('passed').length, failed: failures.length, skipped: of('skipped').length, failures };
  if (trouble) console.error(trouble);
  console.log(JSON.stringify({ suite, passed: report.passed, failed: report.failed, skipped: report.skipped }));
  if (process.env.TRACENEST_REPORT) writeFileSync(process.env.TRACENEST_REPORT, JSON.stringify(report));
  return report.failed === 0 ? 0 : 1;
}
