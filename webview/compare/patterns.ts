/** Call-path patterns of both captures: the same shape in one row, the mean of the chosen one side by side. */
import { html, nothing, type TemplateResult } from 'lit';
import { count, milliseconds, NONE, percent, visibleText } from '../../src/shared/format.ts';
import type { Comparison, PatternRow, PatternSide } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import { type Names, shape, thumbnail } from '../patterns/shape.ts';
import { t } from '../text.ts';
import { sectionHead } from '../ui/parts.ts';
import { type Column, table } from '../ui/table.ts';

/** One shape, by its id the same in every capture. */
export interface Pair {
  readonly id: string;
  readonly before: PatternRow | undefined;
  readonly after: PatternRow | undefined;
}
const share = (row: PatternRow | undefined, side: PatternSide): number => (row ? row.count / Math.max(1, side.transactions) : 0);

/** Most common first, by whichever side has more of it. */
export function pairsOf({ before, after }: NonNullable<Comparison['patterns']>): Pair[] {
  const was = new Map(before.rows.map((r) => [r.id, r]));
  const now = new Map(after.rows.map((r) => [r.id, r]));
  const most = (p: Pair) => Math.max(share(p.before, before), share(p.after, after));
  return [...new Set([...was.keys(), ...now.keys()])]
    .map((id) => ({ id, before: was.get(id), after: now.get(id) }))
    .sort((a, b) => most(b) - most(a) || (a.id < b.id ? -1 : 1));
}

/** Names as that side has them; colours as this capture gives them, so that a service looks the same on both sides. */
function namesOf(side: PatternSide, directory: Directory): Names {
  const names = new Map(side.services.map((s) => [s.id, s.name]));
  return {
    name: (id) => names.get(id) ?? '',
    color: (id) => directory.color(directory.byName(names.get(id) ?? '')?.id ?? -1),
  };
}

export interface PatternsShown {
  readonly patterns: NonNullable<Comparison['patterns']>;
  readonly directory: Directory;
  readonly chosen: string;
  readonly choose: (id: string) => void;
}
export function comparedPatterns({ patterns, directory, chosen, choose }: PatternsShown): TemplateResult {
  const pairs = pairsOf(patterns);
  if (pairs.length === 0) return html`<p class="hint">${t('Neither capture shows a transaction.')}</p>`;
  const { before, after } = patterns;
  const names = { before: namesOf(before, directory), after: namesOf(after, directory) };
  const pair = pairs.find((p) => p.id === chosen) ?? pairs[0]!;
  const of = (p: Pair) => ({ row: (p.after ?? p.before)!, names: p.after ? names.after : names.before });
  const entry = (p: Pair) => {
    const { row, names } = of(p);
    const root = row.nodes[0];
    return html`${visibleText(root ? names.name(root.service) : row.entry, 60)} <span class="mono">${visibleText(root?.endpoint ?? '', 80)}</span>`;
  };
  const number = (key: string, title: string, side: 'before' | 'after', value: (r: PatternRow) => number, text: (v: number) => string) => ({
    key,
    class: key.startsWith('count') ? 'roomy' : '',
    title,
    num: true,
    value: (p: Pair) => (p[side] ? value(p[side]) : Number.NaN),
    cell: (p: Pair) => (p[side] ? text(value(p[side])) : NONE),
  });
  const p50Ms = (r: PatternRow) => r.latency.p50Ns / 1e6;
  const columns: Column<Pair>[] = [
    { key: 'entry', title: t('entry'), class: 'ell', value: (p) => visibleText(of(p).row.entry, 160), cell: entry },
    { key: 'shape', title: '', hint: t('shape'), class: 'roomy', value: (p) => p.id, cell: (p) => thumbnail(of(p).row, of(p).names) },
    { key: 'seen', title: t('seen'), value: seen, cell: (p) => html`<span class="cmp-verdict">${seen(p)}</span>` },
    number(
      'share-before',
      t('share before'),
      'before',
      (r) => share(r, before),
      (v) => percent(v, 1),
    ),
    number(
      'share-after',
      t('after'),
      'after',
      (r) => share(r, after),
      (v) => percent(v, 1),
    ),
    number('count-before', t('transactions before'), 'before', (r) => r.count, count),
    number('count-after', t('after'), 'after', (r) => r.count, count),
    number('p50-before', t('p50 before, ms'), 'before', p50Ms, (v) => milliseconds(v * 1e6)),
    number('p50-after', t('after'), 'after', p50Ms, (v) => milliseconds(v * 1e6)),
    number('p95-before', t('p95 before, ms'), 'before', (r) => r.latency.p95Ns, milliseconds),
    number('p95-after', t('after'), 'after', (r) => r.latency.p95Ns, milliseconds),
  ];
  return html`<div class="cmp-patterns">
    <div class="patterns-list" tabindex="-1">
      ${table<Pair>({ label: t('Patterns of both captures'), columns, rows: pairs, id: (p) => p.id, selected: (p) => p === pair, click: (p) => choose(p.id) })}
      ${left(before, after)}
    </div>
    <section class="cmp-shapes" aria-label=${t('Chosen pattern')}>
      ${half(t('Mean shape before'), pair.before, names.before)} ${half(t('Mean shape after'), pair.after, names.after)}
    </section>
  </div>`;
}

const seen = (p: Pair): string => (p.before === undefined ? t('+ new') : p.after === undefined ? t('− gone') : t('both'));

const half = (title: string, row: PatternRow | undefined, names: Names): TemplateResult =>
  html`<div>
    ${sectionHead(title, row ? t('{0} transactions', count(row.count)) : '')}
    ${row ? shape(row, names, title) : html`<p class="hint">${t('No transaction of this capture has this shape.')}</p>`}
  </div>`;

/** Only the most frequent shapes of a capture are compared: one that is rare on both sides may be missing. */
function left(before: PatternSide, after: PatternSide): TemplateResult | typeof nothing {
  const more = before.total - before.rows.length + (after.total - after.rows.length);
  return more > 0
    ? html`<p class="hint">${t('The {0} most frequent shapes of each capture; {1} rarer ones are left out.', count(Math.max(before.rows.length, after.rows.length)), count(more))}</p>`
    : nothing;
}
