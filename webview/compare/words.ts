/** What a comparison says, in one sentence and as an order of rows. */
import type { Comparison, DifferenceRow } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';

export type VerdictKind = DifferenceRow['verdict'];
export const VERDICTS: readonly VerdictKind[] = ['slower', 'added', 'removed', 'faster', 'too-few', 'same'];
export const VERDICT_GLYPHS: Readonly<Record<VerdictKind, string>> = {
  slower: '▲',
  added: '+',
  removed: '−',
  faster: '▼',
  'too-few': '?',
  same: '=',
};
export function verdictText(v: VerdictKind): string {
  switch (v) {
    case 'slower':
      return t('slower');
    case 'added':
      return t('new edge');
    case 'removed':
      return t('gone');
    case 'faster':
      return t('faster');
    case 'too-few':
      return t('too few calls');
    case 'same':
      return t('no change shown');
  }
}

const shift = (r: DifferenceRow) => (Number.isFinite(r.shiftP50Ns) ? r.shiftP50Ns : 0);
/** What changed first; of the slower and of the faster ones the edge where it starts, then the largest shifts, ties by name. */
export function sortedRows(rows: readonly DifferenceRow[]): DifferenceRow[] {
  const sorted = byShift(rows);
  const starts = [origin(sorted, 'slower'), origin(sorted, 'faster')];
  const first = (r: DifferenceRow) => VERDICTS.indexOf(r.verdict) - (starts.includes(r) ? 0.5 : 0);
  return sorted.sort((a, b) => first(a) - first(b));
}
function byShift(rows: readonly DifferenceRow[]): DifferenceRow[] {
  return [...rows].sort(
    (a, b) =>
      VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict) ||
      Math.abs(shift(b)) - Math.abs(shift(a)) ||
      (a.from < b.from ? -1 : a.from > b.from ? 1 : 0) ||
      (a.to < b.to ? -1 : a.to > b.to ? 1 : 0),
  );
}

/**
 * The change that explains the others: among the edges with this verdict, the one with the largest shift whose callee makes no call with
 * the same verdict (slowness travels from callee to caller). In a cycle all have one: then the largest shift.
 */
export function origin(rows: readonly DifferenceRow[], verdict: 'slower' | 'faster'): DifferenceRow | undefined {
  const such = byShift(rows.filter((r) => r.verdict === verdict));
  const callers = new Set(such.map((r) => r.from));
  return such.find((r) => !callers.has(r.to)) ?? such[0];
}

export interface Headline {
  readonly verdict: VerdictKind;
  readonly title: string;
  readonly row?: DifferenceRow;
}
const isClear = ([from, to]: readonly [number, number]): boolean => from > 0 || to < 0;
/** The quantile whose shift made the verdict: the median where its interval is clear of zero, else p95. What may be chance is not named. */
export function shownBy(r: DifferenceRow): 'p50' | 'p95' {
  if (isClear(r.intervalP50Ns) && Math.abs(r.shiftP50Ns) >= 1000) return 'p50';
  return isClear(r.intervalP95Ns) ? 'p95' : 'p50';
}

/** `duration` words a length of time. */
export function headline(c: Comparison, duration: (ns: number) => string): Headline {
  for (const verdict of ['slower', 'faster'] as const) {
    const row = origin(c.rows, verdict);
    if (!row) continue;
    const p50 = shownBy(row) === 'p50';
    const byNs = Math.abs(p50 ? row.shiftP50Ns : row.shiftP95Ns);
    const spread = c.rows.some((r) => r.verdict === verdict && r.to === row.from);
    const claim = change(verdict, [row.from, row.to], Number.isFinite(byNs) ? duration(byNs) : '', p50);
    const title = spread ? t('{0}, and its callers with it.', claim) : t('{0}.', claim);
    return { verdict, title, row };
  }
  const of = (v: VerdictKind) => c.rows.filter((r) => r.verdict === v).length;
  if (of('added') + of('removed') > 0)
    return { verdict: 'added', title: t('No latency shift shown; {0} new and {1} gone edges.', of('added'), of('removed')) };
  if (of('same') > 0) return { verdict: 'same', title: t('No change shown.') };
  return { verdict: 'too-few', title: t('Too few calls on both sides to compare.') };
}

/** `by` empty: the shift has no length that is known. */
function change(verdict: 'slower' | 'faster', [from, to]: readonly [string, string], by: string, p50: boolean): string {
  const slower = verdict === 'slower';
  if (by === '') return slower ? t('Slower: {0} → {1} changed', from, to) : t('Faster: {0} → {1} changed', from, to);
  if (p50) return slower ? t('Slower: {0} → {1} takes {2} more', from, to, by) : t('Faster: {0} → {1} takes {2} less', from, to, by);
  return slower ? t('Slower: {0} → {1} takes {2} more at p95', from, to, by) : t('Faster: {0} → {1} takes {2} less at p95', from, to, by);
}
