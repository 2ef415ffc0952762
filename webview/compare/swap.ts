/** The same comparison seen from the other capture. */
import type { Comparison, DifferenceRow, Ns } from '../../src/shared/protocol.ts';

const OTHER: Readonly<Record<DifferenceRow['verdict'], DifferenceRow['verdict']>> = {
  slower: 'faster',
  faster: 'slower',
  added: 'removed',
  removed: 'added',
  same: 'same',
  'too-few': 'too-few',
};
/** Not -0, and not-a-number stays so. */
const minus = (ns: Ns): Ns => 0 - ns;
const turned = ([from, to]: readonly [Ns, Ns]): readonly [Ns, Ns] => [minus(to), minus(from)];

export const swapped = (c: Comparison): Comparison => ({
  before: c.after,
  after: c.before,
  ...(c.patterns && { patterns: { before: c.patterns.after, after: c.patterns.before } }),
  rows: c.rows.map(({ before, after, ...r }) => ({
    ...r,
    ...(after && { before: after }),
    ...(before && { after: before }),
    shiftP50Ns: minus(r.shiftP50Ns),
    intervalP50Ns: turned(r.intervalP50Ns),
    shiftP95Ns: minus(r.shiftP95Ns),
    intervalP95Ns: turned(r.intervalP95Ns),
    verdict: OTHER[r.verdict],
  })),
});
