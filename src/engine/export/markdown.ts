/**
 * A summary for a pull request or a ticket. Redacted: no targets, queries, headers, hosts of clients or addresses; endpoints appear as
 * templates, and a service known only by its address gets a number.
 */

import { count, duration, percent, visibleText } from '../../shared/format.ts';
import type { Edge, LatencySummary, ServiceNode } from '../../shared/protocol.ts';
import { sampleNote } from './sampled.ts';
import type { ExportSource, Pieces } from './source.ts';

const MAX_ROWS = 30;

/** Text of unknown origin inside a Markdown table: no markup, no links, no line breaks. */
export const inline = (text: string, max = 80): string =>
  visibleText(text, max)
    .replace(/[\\`*_{}[\]<>()#+!|~@&]/g, (c) => (c === '&' ? '&amp;' : c === '<' ? '&lt;' : c === '>' ? '&gt;' : `\\${c}`))
    // GitHub makes links of bare ones.
    .replaceAll('://', '\\://')
    .replace(/(www)\./gi, '$1\\.');

/** Values in an address position: service names that only repeat an address, also as part of a name ("ip-10-0-0-1", "10.0.0.1.nip.io"). */
const ADDRESS = /(?<!\d)(?:\d{1,3}[.-]){3}\d{1,3}(?!\d)|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;
/** Names without addresses: what is left where there is a real name, else a number. */
export function redactedNames(services: readonly ServiceNode[]): ReadonlyMap<number, string> {
  let unnamed = 0;
  return new Map(services.map((s) => [s.id, s.name.search(ADDRESS) >= 0 || s.namedBy === 'address' ? `unnamed ${++unnamed}` : s.name]));
}
export const redactedText = (text: string): string => text.replace(ADDRESS, '(address)');

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
const table = (head: readonly string[], align: readonly string[], rows: readonly (readonly string[])[]): string =>
  row(head) + row(align) + rows.map(row).join('');
const latency = (l: LatencySummary): string[] => [count(l.calls), count(l.errors), duration(l.p50Ns), duration(l.p95Ns), duration(l.p99Ns)];
const LATENCY_HEAD = ['calls', 'errors', 'p50', 'p95', 'p99'];
const RIGHT = LATENCY_HEAD.map(() => '---:');

export function* markdown(source: ExportSource): Pieces {
  const { summary, services, edges, slowest, quality } = source;
  const names = redactedNames(services);
  const name = (id: number) => inline(names.get(id) ?? 'unknown');
  yield `## ${inline(redactedText(summary.title))}\n\n`;
  yield `${count(summary.calls)} calls in ${count(summary.transactions)} transactions ${summary.services === 1 ? 'to 1 service' : `between ${count(summary.services)} services`} over ${duration(summary.durationNs)}, `;
  yield `${count(summary.errors)} errors (${percent(summary.errors / Math.max(1, summary.calls), 1)}). `;
  yield `Links inferred from timing: ${count(summary.placed)} calls placed, ${count(summary.guesses)} of them guesses.\n\n`;

  if (summary.kept) yield `${inline(sampleNote(summary), 500)}\n\n`;

  const byCalls = [...services].filter((s) => !s.isClients).sort((a, b) => b.inbound.calls - a.inbound.calls || a.id - b.id);
  yield '### Services\n\n';
  yield table(
    ['service', ...LATENCY_HEAD, 'own time'],
    ['---', ...RIGHT, '---:'],
    byCalls.slice(0, MAX_ROWS).map((s) => [name(s.id), ...latency(s.inbound), percent(s.selfShare, 1)]),
  );
  yield more(byCalls.length);

  const bySum = [...edges].sort((a, b) => total(b) - total(a) || a.id - b.id);
  yield '\n### Who calls whom\n\n';
  yield table(
    ['caller', 'callee', ...LATENCY_HEAD],
    ['---', '---', ...RIGHT],
    bySum.slice(0, MAX_ROWS).map((e) => [name(e.from), name(e.to), ...latency(e.latency)]),
  );
  yield more(edges.length);

  if (slowest.length > 0) {
    yield '\n### Slowest transactions\n\n';
    const rows = slowest
      .slice(0, 10)
      .map((t) => [
        inline(redactedText(t.endpoint)),
        name(t.service),
        `${duration(t.durationNs)}${t.slowerThan === null ? ' (uncertain)' : ''}`,
        count(t.spans),
        count(t.errors),
        t.guesses > 0 ? `${count(t.guesses)} guessed` : 'all',
      ]);
    yield table(['entry', 'service', 'duration', 'calls', 'errors', 'links sure'], ['---', '---', '---:', '---:', '---:', '---'], rows);
  }
  const notes = quality.facts.filter((fact) => fact.level !== 'ok');
  if (notes.length > 0) {
    yield '\n### Limits of this capture\n\n';
    for (const fact of notes)
      yield `- ${[fact.text, fact.effect]
        .filter((text) => text !== '')
        .map(sentence)
        .join(' ')}\n`;
  }
}

const total = (e: Edge): number => e.latency.calls * (Number.isFinite(e.latency.meanNs) ? e.latency.meanNs : 0);
const sentence = (text: string): string => {
  const safe = inline(redactedText(text), 300);
  return `${safe.charAt(0).toUpperCase()}${safe.slice(1)}${/[.!?]$/.test(safe) ? '' : '.'}`;
};
const more = (all: number): string => (all > MAX_ROWS ? `\n${count(all - MAX_ROWS)} more are left out.\n` : '');
