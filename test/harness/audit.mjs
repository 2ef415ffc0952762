// `npm run audit`: known weaknesses of the packages, those that are bundled apart from those that only build and test.
// Exit codes: 0 nothing in what is bundled, 1 something is, 2 the registry gave no answer, so nothing was audited.
import { spawnSync } from 'node:child_process';
import { notice } from './notice.mjs';
import { ROOT } from './setup.mjs';

/**
 * @param {unknown} report what `npm audit --json` printed
 * @param {ReadonlySet<string>} bundled names of packages
 * @returns {{code: number, lines: string[]}}
 */
export function judge(report, bundled) {
  const found = report?.vulnerabilities;
  if (typeof found !== 'object' || found === null)
    return { code: 2, lines: [`Not audited: the registry gave no answer (${report?.message ?? report?.error?.summary ?? 'no report'}).`] };
  const all = Object.values(found);
  const line = (v) => `  ${v.name} ${v.range}: ${v.severity}${v.fixAvailable ? ', a fix is available' : ''}`;
  const inside = all.filter((v) => bundled.has(v.name));
  const outside = all.filter((v) => !bundled.has(v.name));
  return {
    code: inside.length > 0 ? 1 : 0,
    lines: [
      `${inside.length} bundled packages with known weaknesses`,
      ...inside.map(line),
      `${outside.length} packages that only build and test with known weaknesses`,
      ...outside.map(line),
    ],
  };
}

if (process.argv[1] === import.meta.filename) {
  const { stdout } = spawnSync('npm', ['audit', '--json'], { cwd: ROOT, encoding: 'utf8', shell: process.platform === 'win32' });
  let report = null;
  try {
    report = JSON.parse(stdout);
  } catch {
    // Judged as no answer.
  }
  const { packages } = await notice();
  const { code, lines } = judge(report, new Set(packages.map((p) => p.name)));
  console.log(lines.join('\n'));
  process.exitCode = code;
}
