/** What a comparison says, in one sentence and as an order of rows. */
import type { Comparison, DifferenceRow } from '../../src/shared/protocol.ts';

export type VerdictKind = DifferenceRow['verdict'];
export const VERDICTS: readonly VerdictKind[] = ['slower', 'added', 'removed', 'faster', 'too-few', 'same'];
export const VERDICT_WORDS: Readonly<Record<VerdictKind, { readonly glyph: string; readonly text: string; readonly count: string }>> = {
  slower: { glyph: '▲', text: 'slower', count: 'slower' },
  added: { glyph: '+', text: 'new edge', count: 'new edges' },
  removed: { glyph: '−', text: 'gone', count: 'gone' },
  faster: { glyph: '▼', text: 'faster', count: 'faster' },
  'too-few': { glyph: '?', text: 'too few calls', count: 'too few calls' },
  same: { glyph: '=', text: 'no change shown', count: 'no change shown' },
};

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
/** `duration` words a length of time. */
export function headline(c: Comparison, duration: (ns: number) => string): Headline {
  for (const verdict of ['slower', 'faster'] as const) {
    const row = origin(c.rows, verdict);
    if (!row) continue;
    const p50 = Math.abs(shift(row)) >= 1000;
    const byNs = Math.abs(p50 ? row.shiftP50Ns : row.shiftP95Ns);
    const spread = c.rows.some((r) => r.verdict === verdict && r.to === row.from);
    const amount = Number.isFinite(byNs)
      ? `takes ${duration(byNs)} ${verdict === 'slower' ? 'more' : 'less'}${p50 ? '' : ' at p95'}`
      : 'changed';
    const title = `${verdict === 'slower' ? 'Slower' : 'Faster'}: ${row.from} → ${row.to} ${amount}${spread ? ', and its callers with it' : ''}.`;
    return { verdict, title, row };
  }
  const of = (v: VerdictKind) => c.rows.filter((r) => r.verdict === v).length;
  if (of('added') + of('removed') > 0)
    return { verdict: 'added', title: `No latency shift shown; ${of('added')} new and ${of('removed')} gone edges.` };
  if (of('same') > 0) return { verdict: 'same', title: 'No change shown.' };
  return { verdict: 'too-few', title: 'Too few calls on both sides to compare.' };
}
