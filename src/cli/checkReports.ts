/** What `check` found, for people, for build servers and for pull requests. */
import type { Finding, Outcome } from '../engine/compare/limits.ts';
import { xmlText } from '../engine/export/graphFacts.ts';
import { inline } from '../engine/export/markdown.ts';
import { type Style, safe } from './terminal.ts';

const nameOf = (f: Finding): string => (f.from === '' ? f.to : `${f.from} → ${f.to}`);
const ORDER: readonly Outcome[] = ['broken', 'gone', 'too-few', 'no-baseline', 'ok'];
const sorted = (findings: readonly Finding[]): Finding[] =>
  [...findings].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome));
const countOf = (findings: readonly Finding[], outcome: Outcome): number => findings.filter((f) => f.outcome === outcome).length;

function headline(findings: readonly Finding[]): string {
  const broken = countOf(findings, 'broken');
  const judged = broken + countOf(findings, 'ok');
  const rest = findings.length - judged;
  return `${broken === 0 ? 'Within the limits' : `${broken} ${broken === 1 ? 'limit' : 'limits'} broken`}: ${judged} judged${rest > 0 ? `, ${rest} could not be` : ''}`;
}

export function terminal(title: string, baseline: string | null, findings: readonly Finding[], style: Style): string {
  const marks: Readonly<Record<Outcome, string>> = {
    broken: style.red('✗'),
    gone: style.yellow('?'),
    'too-few': style.dim('-'),
    'no-baseline': style.dim('-'),
    ok: style.green('✓'),
  };
  const lines = sorted(findings).map((f) => `  ${marks[f.outcome]} ${style.bold(safe(nameOf(f), 80))}: ${safe(f.text, 300)}\n`);
  const head = style.bold(`${safe(title)}${baseline === null ? '' : ` against ${safe(baseline)}`}`);
  return `${head}\n  ${headline(findings)}\n\n${lines.join('')}`;
}

export function markdown(title: string, baseline: string | null, findings: readonly Finding[]): string {
  const marks: Readonly<Record<Outcome, string>> = {
    broken: ':x:',
    gone: ':grey_question:',
    'too-few': ':heavy_minus_sign:',
    'no-baseline': ':heavy_minus_sign:',
    ok: ':white_check_mark:',
  };
  const rows = sorted(findings).map((f) => `| ${marks[f.outcome]} | ${inline(nameOf(f))} | ${inline(f.text, 300)} |\n`);
  return `## Latency of ${inline(title)}${baseline === null ? '' : ` against ${inline(baseline)}`}\n\n${headline(findings)}\n\n| | calls | finding |\n| --- | --- | --- |\n${rows.join('')}`;
}

const attribute = (text: string): string =>
  xmlText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;');

/** JUnit XML as build servers read it: a broken limit is a failure, what could not be judged is skipped. */
export function junit(title: string, findings: readonly Finding[]): string {
  const cases = sorted(findings).map((f) => {
    const head = `    <testcase classname="tracenest.latency" name="${attribute(nameOf(f))}"`;
    if (f.outcome === 'ok') return `${head}/>\n`;
    const tag = f.outcome === 'broken' ? 'failure' : 'skipped';
    return `${head}><${tag} message="${attribute(f.text)}"/></testcase>\n`;
  });
  const broken = countOf(findings, 'broken');
  const skipped = findings.length - broken - countOf(findings, 'ok');
  const counts = `tests="${findings.length}" failures="${broken}" errors="0" skipped="${skipped}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  <testsuite name="${attribute(title)}" ${counts}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`;
}
