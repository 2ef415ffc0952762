/** Wording of the evaluation: one line a run for the terminal, tables for the report. */
import type { Bin, Score } from './score.ts';

export interface Row extends Omit<Score, 'rightTrace'> {
  readonly file: string;
  readonly squeeze: number;
  readonly algorithm: string;
  readonly spans: number;
  readonly traces: number;
  /** Mean calls open at the sender when a call is sent. */
  readonly concurrency: number;
  readonly ms: number;
  readonly coldMs: number;
  readonly spansPerSecond: number;
  readonly peakMB: number;
  readonly ownMB: number;
}
/** Transactions that only one of two algorithms got right. */
export interface Test {
  readonly file: string;
  readonly squeeze: number;
  readonly first: string;
  readonly second: string;
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly p: number;
}

const percent = (share: number) => (100 * share).toFixed(2);
const COLUMNS: readonly [string, number, (row: Row) => string][] = [
  ['file', 18, (r) => r.file],
  ['x', 2, (r) => String(r.squeeze)],
  ['algorithm', 10, (r) => r.algorithm],
  ['spans', 6, (r) => String(r.spans)],
  ['open', 5, (r) => r.concurrency.toFixed(1)],
  ['span %', 6, (r) => percent(r.spanAccuracy)],
  ['trace %', 7, (r) => percent(r.traceAccuracy)],
  ['single %', 8, (r) => percent(r.singleTraceAccuracy)],
  ['ECE', 5, (r) => (100 * r.calibrationError).toFixed(1)],
  ['worst bin', 9, (r) => (100 * r.worstBin).toFixed(1)],
  ['spans/s', 8, (r) => r.spansPerSecond.toFixed(0)],
  ['ms', 6, (r) => r.ms.toFixed(0)],
  ['cold ms', 7, (r) => r.coldMs.toFixed(0)],
  ['peak MB', 7, (r) => r.peakMB.toFixed(0)],
  ['own MB', 6, (r) => r.ownMB.toFixed(0)],
];

export const HEADER = COLUMNS.map(([name, width]) => name.padStart(width)).join(' ');
export const consoleLine = (row: Row) => COLUMNS.map(([, width, cell]) => cell(row).padStart(width)).join(' ');

function reliability(rows: readonly Row[], pick: (row: Row) => readonly Bin[]): string {
  const lines = ['| stated | mean stated | right | links |', '|---|---|---|---|'];
  for (let b = 0; b < 10; b++) {
    let count = 0;
    let said = 0;
    let right = 0;
    for (const row of rows) {
      const bin = pick(row)[b]!;
      count += bin.count;
      said += bin.count * bin.said;
      right += bin.count * bin.right;
    }
    if (count > 0) lines.push(`| ${b * 10}-${b * 10 + 10} % | ${percent(said / count)} | ${percent(right / count)} | ${count} |`);
  }
  return lines.join('\n');
}

/** What a window costs: trace accuracy as a stream less that of the same algorithm in one batch, in points. */
export function windowLosses(rows: readonly Row[], batch: string, windowed: string): string[] {
  return rows
    .filter((row) => row.algorithm === windowed)
    .flatMap((row) => {
      const whole = rows.find((other) => other.algorithm === batch && other.file === row.file && other.squeeze === row.squeeze);
      return whole ? [`${row.file} x${row.squeeze}: ${(100 * (row.traceAccuracy - whole.traceAccuracy)).toFixed(2)} points`] : [];
    });
}

export function markdown(rows: readonly Row[], tests: readonly Test[]): string {
  const table = [
    `| ${COLUMNS.map(([name]) => name).join(' | ')} |`,
    `|${COLUMNS.map(() => '---').join('|')}|`,
    ...rows.map((row) => `| ${COLUMNS.map(([, , cell]) => cell(row)).join(' | ')} |`),
  ];
  const paired = [
    '| file | x | first | second | only first right | only second right | p |',
    '|---|---|---|---|---|---|---|',
    ...tests.map(
      (t) => `| ${t.file} | ${t.squeeze} | ${t.first} | ${t.second} | ${t.onlyFirst} | ${t.onlySecond} | ${t.p.toPrecision(2)} |`,
    ),
  ];
  const names = [...new Set(rows.map((row) => row.algorithm))];
  const calibrations = names.flatMap((name) => {
    const own = rows.filter((row) => row.algorithm === name);
    return [`### ${name}: links with several candidates`, '', reliability(own, (row) => row.calibration), ''];
  });
  return [
    '# Evaluation of nesting',
    '',
    'Trace %: transactions with every link right and no foreign call. Single %: only links of services with one caller.',
    'Open: mean number of calls open at the sender when it sends one.',
    '',
    ...table,
    '',
    '## Paired tests (McNemar, exact, transactions)',
    '',
    ...paired,
    '',
    '## Calibration',
    '',
    ...calibrations,
  ].join('\n');
}
