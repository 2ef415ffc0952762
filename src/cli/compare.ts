import { compareSamples } from '../engine/compare/compare.ts';
import { inline } from '../engine/export/markdown.ts';
import { count, duration, signedMilliseconds, visibleJson } from '../shared/format.ts';
import type { DifferenceRow } from '../shared/protocol.ts';
import { ANALYSIS_HELP, ANALYSIS_OPTIONS } from './analysing.ts';
import { type Command, Exit, oneOf, parse, UsageError } from './command.ts';
import { writePieces } from './output.ts';
import { samplesFrom } from './samples.ts';
import { type Column, type Style, safe, spaced, styleOf, table } from './terminal.ts';

const FORMATS = ['text', 'json', 'markdown'] as const;
const WORDS: Readonly<Record<DifferenceRow['verdict'], string>> = {
  slower: 'SLOWER',
  faster: 'faster',
  added: 'new',
  removed: 'gone',
  'too-few': 'too few calls',
  same: 'no change shown',
};
const ORDER = Object.keys(WORDS);

export const compare: Command = {
  name: 'compare',
  usage: `Usage: tracenest compare BEFORE AFTER [--format FORMAT] [--out FILE] [options]

BEFORE and AFTER are captures (pcap, pcapng; also .gz, .zst) or baselines ("check --save-baseline").
For each edge: the shift of median and p95 with its 95 % interval, whatever the distribution. Of all edges
called changed at most 5 % are false alarms; with fewer than 20 measured calls on a side nothing is claimed.

  --format FORMAT       ${FORMATS.join(', ')} (text)
  --out FILE            where to write ("-" or none: standard output)
${ANALYSIS_HELP}

Exit codes: 0 done (changed or not), 1 nothing usable, 2 wrong usage.
`,
  async run(args) {
    const { values, positionals } = parse(args, {
      ...ANALYSIS_OPTIONS,
      format: { type: 'string', default: 'text' },
      out: { type: 'string', short: 'o', default: '-' },
    });
    const format = oneOf(values.format, FORMATS, '--format');
    const [first, second, ...more] = positionals;
    if (first === undefined || second === undefined || more.length > 0)
      throw new UsageError(`compare takes two captures, not ${positionals.length}`);
    const before = await samplesFrom(first, values);
    const after = await samplesFrom(second, values);
    const edges = (side: typeof before) => side.samples.filter((s) => s.from !== '');
    const rows = sorted(compareSamples(edges(before), edges(after)));
    const title = { before: before.title, after: after.title };
    const text =
      format === 'json'
        ? `${visibleJson(JSON.stringify({ ...title, rows }, null, 2))}\n`
        : format === 'markdown'
          ? markdown(title, rows)
          : terminal(title, rows, styleOf(process.stdout));
    await writePieces(values.out, [text]);
    return Exit.ok;
  },
};

/** Changed edges first, the largest shifts first. */
function sorted(rows: readonly DifferenceRow[]): DifferenceRow[] {
  const size = (row: DifferenceRow) => Math.max(Math.abs(row.shiftP50Ns || 0), Math.abs(row.shiftP95Ns || 0));
  return [...rows].sort((a, b) => ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict) || size(b) - size(a));
}

interface Title {
  readonly before: string;
  readonly after: string;
}
const shift = (ns: number, [from, to]: readonly [number, number]): string =>
  Number.isFinite(ns) ? `${signedMilliseconds(ns)} [${signedMilliseconds(from)}, ${signedMilliseconds(to)}]` : '';
function headline(rows: readonly DifferenceRow[]): string {
  const of = (verdict: DifferenceRow['verdict']) => rows.filter((row) => row.verdict === verdict).length;
  const parts = ORDER.map(
    (verdict) => [of(verdict as DifferenceRow['verdict']), WORDS[verdict as DifferenceRow['verdict']].toLowerCase()] as const,
  );
  return parts
    .filter(([n]) => n > 0)
    .map(([n, word]) => `${count(n)} ${word}`)
    .join(', ');
}

function terminal(title: Title, rows: readonly DifferenceRow[], style: Style): string {
  const paint: Readonly<Record<DifferenceRow['verdict'], (text: string) => string>> = {
    slower: style.red,
    faster: style.green,
    added: style.yellow,
    removed: style.yellow,
    'too-few': style.dim,
    same: style.dim,
  };
  const columns: Column<DifferenceRow>[] = [
    { title: '', text: (r) => WORDS[r.verdict], style: (text, r) => paint[r.verdict](text) },
    { title: 'caller', text: (r) => safe(r.from, 40) },
    { title: '→ callee', text: (r) => `→ ${safe(r.to, 40)}` },
    { title: 'calls', right: true, text: (r) => `${count(r.before?.calls ?? 0)} → ${count(r.after?.calls ?? 0)}` },
    { title: 'p50', right: true, text: (r) => `${duration(r.before?.p50Ns ?? Number.NaN)} → ${duration(r.after?.p50Ns ?? Number.NaN)}` },
    { title: 'shift ms [95 %]', right: true, text: (r) => shift(r.shiftP50Ns, r.intervalP50Ns) },
    { title: 'p95', right: true, text: (r) => `${duration(r.before?.p95Ns ?? Number.NaN)} → ${duration(r.after?.p95Ns ?? Number.NaN)}` },
    { title: 'shift ms [95 %]', right: true, text: (r) => shift(r.shiftP95Ns, r.intervalP95Ns), style: style.bold },
  ];
  return `${style.bold(`${safe(title.before)} → ${safe(title.after)}`)}\n  ${headline(rows)}\n\n${spaced(table(columns, rows, style))}`;
}

function markdown(title: Title, rows: readonly DifferenceRow[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |\n`;
  const body = rows.map((r) =>
    line([
      WORDS[r.verdict],
      `${inline(r.from)} → ${inline(r.to)}`,
      `${count(r.before?.calls ?? 0)} → ${count(r.after?.calls ?? 0)}`,
      shift(r.shiftP50Ns, r.intervalP50Ns),
      shift(r.shiftP95Ns, r.intervalP95Ns),
    ]),
  );
  const head = line(['', 'edge', 'calls', 'p50 shift, ms [95 %]', 'p95 shift, ms [95 %]']) + line(['---', '---', '---:', '---:', '---:']);
  return `## ${inline(title.before)} → ${inline(title.after)}\n\n${headline(rows)}\n\n${head}${body.join('')}`;
}
