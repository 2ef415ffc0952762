/** A comparison as Markdown for a pull request or an issue: what changed in a table, what did not in a line. */
import { count, milliseconds, signedMilliseconds, visibleText } from '../../src/shared/format.ts';
import type { Comparison, DifferenceRow } from '../../src/shared/protocol.ts';
import { noFormula } from '../../src/shared/spreadsheet.ts';
import { sortedRows, VERDICT_GLYPHS, verdictText } from './words.ts';

/** Names come from packets: what Markdown or HTML would act on is escaped. */
const safe = (text: string): string => visibleText(text, 80).replaceAll(/[\\`*_{}[\]<>()#+!|~-]/g, '\\$&');

export function markdownOf(c: Comparison, title: string): string {
  const rows = sortedRows(c.rows);
  const changed = rows.filter((r) => r.verdict !== 'same' && r.verdict !== 'too-few');
  const rest = rows.length - changed.length;
  const lines = [`**${safe(title)}**`, '', `${safe(c.before)} → ${safe(c.after)}`, ''];
  if (changed.length > 0) {
    lines.push(
      '| edge | verdict | p50 before, ms | after | shift (95 % interval) | calls |',
      '|---|---|--:|--:|--:|--:|',
      ...changed.map(line),
      '',
    );
  }
  if (rest > 0) lines.push(`${count(rest)} edges: no change shown or too few calls.`, '');
  return lines.join('\n');
}

/** Tab-separated, with a head: what a spreadsheet takes. */
export function tsvOf(rows: readonly DifferenceRow[]): string {
  const ms = (ns: number | undefined) => (ns === undefined || Number.isNaN(ns) ? '' : String(ns / 1e6));
  const head = [
    'from',
    'to',
    'verdict',
    'p50 before ms',
    'p50 after ms',
    'shift p50 ms',
    'from ms',
    'to ms',
    'shift p95 ms',
    'from ms',
    'to ms',
  ];
  const lines = rows.map((r) => [
    noFormula(visibleText(r.from)),
    noFormula(visibleText(r.to)),
    r.verdict,
    ...[r.before?.p50Ns, r.after?.p50Ns, r.shiftP50Ns, ...r.intervalP50Ns, r.shiftP95Ns, ...r.intervalP95Ns].map(ms),
    String(r.before?.calls ?? 0),
    String(r.after?.calls ?? 0),
  ]);
  return [[...head, 'calls before', 'calls after'], ...lines].map((l) => l.join('\t')).join('\n');
}

function line(r: DifferenceRow): string {
  const [from, to] = r.intervalP50Ns;
  const shift = Number.isFinite(r.shiftP50Ns)
    ? `${signedMilliseconds(r.shiftP50Ns)} (${signedMilliseconds(from)} … ${signedMilliseconds(to)})`
    : '–';
  const calls = `${count(r.before?.calls ?? 0)} → ${count(r.after?.calls ?? 0)}`;
  return `| ${safe(r.from)} → ${safe(r.to)} | ${VERDICT_GLYPHS[r.verdict]} ${verdictText(r.verdict)} | ${p50(r.before)} | ${p50(r.after)} | ${shift} | ${calls} |`;
}
const p50 = (l: DifferenceRow['before']): string => (l ? milliseconds(l.p50Ns) : '–');
