/** What `analyze` prints: the answer in the order of its worth. */
import type { ExportSource } from '../engine/export/source.ts';
import { count, duration, NONE, percent, sizeBytes } from '../shared/format.ts';
import type { Edge, Failure, LatencySummary, ServiceNode, Status, TransactionRow } from '../shared/protocol.ts';
import { type Column, type Style, safe, spaced, table, wrap } from './terminal.ts';

export interface SummaryOptions {
  readonly style: Style;
  /** Width of the terminal; prose is wrapped to it. */
  readonly columns: number;
  /** Rows of each list; Infinity: all. */
  readonly rows: number;
}

const latencyColumns = <T>(of: (row: T) => LatencySummary, style: Style): Column<T>[] => [
  { title: 'calls', right: true, text: (r) => count(of(r).calls) },
  {
    title: 'errors',
    right: true,
    text: (r) => count(of(r).errors),
    style: (text, r) => (of(r).errors > 0 ? style.red(text) : style.dim(text)),
  },
  { title: 'p50', right: true, text: (r) => duration(of(r).p50Ns) },
  { title: 'p95', right: true, text: (r) => duration(of(r).p95Ns), style: style.bold },
  { title: 'p99', right: true, text: (r) => duration(of(r).p99Ns) },
];

export function* summaryText(source: ExportSource, status: Status, options: SummaryOptions): Generator<string> {
  const { style } = options;
  const { summary, services, edges, slowest, quality } = source;
  const name = new Map(services.map((s) => [s.id, label(s, summary.tenants.length > 1)]));
  const nameOf = (id: number) => name.get(id) ?? '?';
  yield* heading(source, style);

  if (status.kind === 'partial') {
    yield `\n${style.yellow('Partial result')}\n`;
    for (const reason of status.reasons) yield reasonText(reason, options);
  }

  const answering = services
    .filter((s) => !s.isClients)
    .sort((a, b) => b.selfShare - a.selfShare || b.inbound.calls - a.inbound.calls || a.id - b.id);
  const serviceColumns: Column<ServiceNode>[] = [
    { title: 'service', text: (s) => nameOf(s.id) },
    ...latencyColumns<ServiceNode>((s) => s.inbound, style),
    { title: 'own time', right: true, text: (s) => percent(s.selfShare, 1) },
    { title: 'at', text: (s) => addresses(s), style: style.dim },
  ];
  yield* section('Services, by their share of the time', serviceColumns, answering, options);

  const byTime = [...edges].sort((a, b) => spent(b.latency) - spent(a.latency) || a.id - b.id);
  const edgeColumns: Column<Edge>[] = [
    { title: 'caller', text: (e) => nameOf(e.from) },
    { title: '→ callee', text: (e) => `→ ${nameOf(e.to)}` },
    ...latencyColumns<Edge>((e) => e.latency, style),
    {
      title: 'guessed',
      right: true,
      text: (e) => (e.guessedShare > 0 ? percent(e.guessedShare, e.guessedShare < 0.01 ? 1 : 0) : ''),
      style: style.yellow,
    },
  ];
  yield* section('Who calls whom, by time spent', edgeColumns, byTime, options);

  const traceColumns: Column<TransactionRow>[] = [
    { title: 'duration', right: true, text: lasted, style: style.bold },
    { title: 'own', right: true, text: (t) => duration(t.selfNs) },
    { title: 'calls', right: true, text: (t) => count(t.spans) },
    { title: 'errors', right: true, text: (t) => count(t.errors), style: (text, t) => (t.errors > 0 ? style.red(text) : style.dim(text)) },
    {
      title: 'least sure',
      right: true,
      text: (t) => percent(t.minConfidence),
      style: (text, t) => (t.guesses > 0 ? style.yellow(text) : text),
    },
    { title: 'start', right: true, text: (t) => `${(t.startNs / 1e9).toFixed(3)} s` },
    { title: 'entry', text: (t) => `${safe(t.endpoint)} at ${nameOf(t.service)}` },
  ];
  yield* section('Slowest transactions', traceColumns, slowest.slice(0, 10), options);

  yield `\n${style.bold('Capture quality')}\n`;
  const facts = [...quality.facts].sort((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level));
  for (const fact of facts) {
    const mark = fact.level === 'warning' ? style.red('!') : fact.level === 'note' ? style.yellow('-') : style.green('✓');
    const words = safe(sentence(fact.text), 400);
    const effect = fact.effect ? `: ${safe(fact.effect, 400)}` : '';
    yield `  ${mark} ${wrap(words + effect, options.columns, '    ')}\n`;
  }
  for (const problem of quality.problems.slice(0, 5))
    yield `  ${style.yellow('-')} ${wrap(`${safe(problem.capture)}: ${safe(problem.text, 300)}`, options.columns, '    ')}\n`;
  if (quality.problemsTotal > 5) yield `    ${count(quality.problemsTotal - 5)} more problems in the captures\n`;
}

const some = (n: number, word: string): string => `${count(n)} ${word}${n === 1 ? '' : 's'}`;
/** A duration that was not measured says so: the root's answer was not seen, or its times are not proved. */
const lasted = (t: TransactionRow): string =>
  t.slowerThan !== null ? duration(t.durationNs) : t.durationNs > 0 ? `${duration(t.durationNs)}?` : NONE;
const LEVELS = ['warning', 'note', 'ok'];
const sentence = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const label = (s: ServiceNode, tenants: boolean): string => safe(tenants && s.tenant !== '' ? `${s.tenant}/${s.name}` : s.name, 40);
const spent = (l: LatencySummary): number => (Number.isFinite(l.meanNs) ? l.meanNs * l.n : 0);
function addresses(s: ServiceNode): string {
  const first = safe(s.addresses[0] ?? '', 30);
  return s.instances > 1 ? `${first} and ${s.instances - 1} more` : first;
}

function* heading(source: ExportSource, style: Style): Generator<string> {
  const s = source.summary;
  const start = new Date(Number(BigInt(s.epochNs) / 1_000_000n)).toISOString().replace('T', ' ').slice(0, 19);
  yield `${style.bold(safe(s.title, 100))}\n`;
  yield spaced(`  ${some(s.packets, 'packet')}, ${sizeBytes(s.bytes)}, ${duration(s.durationNs)} from ${start} UTC\n`);
  const errors =
    s.errors > 0 ? style.red(spaced(`${some(s.errors, 'error')} (${percent(s.errors / Math.max(1, s.calls), 1)})`)) : 'no errors';
  yield `  ${style.bold(some(s.calls, 'call'))} in ${style.bold(some(s.transactions, 'transaction'))} ${s.services === 1 ? 'to' : 'between'} ${style.bold(some(s.services, 'service'))}, ${errors}\n`;
  const guesses = s.guesses > 0 ? style.yellow(`${count(s.guesses)} of them guesses`) : 'none a guess';
  const placed =
    s.placed > 0 ? `${some(s.placed, 'call')} placed under their cause by "${s.algorithm}" (${guesses})` : 'no call was caused by another';
  const ids = s.traceIdCalls > 0 ? `; ${some(s.traceIdCalls, 'call')} with a trace id` : '';
  yield `  ${placed}${ids}; latencies as the ${s.clockSide === 'one tap' ? 'tap' : s.clockSide} saw them\n`;
}

function* section<T>(title: string, columns: readonly Column<T>[], rows: readonly T[], options: SummaryOptions): Generator<string> {
  if (rows.length === 0) return;
  const shown = rows.slice(0, options.rows);
  yield `\n${options.style.bold(title)}\n${table(columns, shown, options.style)}`;
  if (rows.length > shown.length) yield options.style.dim(`  ${count(rows.length - shown.length)} more: --all shows them\n`);
}

/** What happened, why, what next: on lines of their own. */
export function reasonText(reason: Failure, options: Pick<SummaryOptions, 'style' | 'columns'>): string {
  const line = (text: string) => wrap(spaced(safe(text, 600)), options.columns, '    ');
  return `  ${options.style.bold(line(reason.what))}\n    ${line(reason.why)}\n    ${options.style.dim(line(reason.next))}\n`;
}
