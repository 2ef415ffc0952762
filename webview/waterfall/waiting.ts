/** The parts of a call that wait for its children: the union of the children's intervals inside it. */

/**
 * `children` holds [start, end) pairs in any order. Gives disjoint pairs in order, clipped to the parent; an unanswered child (end
 * Infinity) waits to the parent's end.
 */
export function waitingPairs(startNs: number, endNs: number, children: readonly (readonly [number, number])[]): number[] {
  const out: number[] = [];
  const sorted = [...children].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  for (const [a, b] of sorted) {
    const from = Math.max(a, startNs);
    const to = Math.min(b, endNs);
    if (!(to > from)) continue;
    const last = out.length - 1;
    if (last >= 0 && from <= out[last]!) out[last] = Math.max(out[last]!, to);
    else out.push(from, to);
  }
  return out;
}
