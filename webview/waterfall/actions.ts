/** What keys do to the cursor: only reading of rows, so that it can be tested without a page. Rows not held are read on the way. */
import { type CallRow, WaterfallFlag, type WaterfallSlice } from '../../src/shared/protocol.ts';
import { type FetchPage, PAGE_ROWS, type WaterfallPages } from './pages.ts';

type Step = 1 | -1;

/** The next row with the same depth under the same parent, or -1. */
export async function siblingRow(pages: WaterfallPages, row: number, step: Step): Promise<number> {
  const depth = await depthOf(pages, row);
  for (let r = row + step; r >= 0 && r < pages.totalRows; r += step) {
    const d = await depthOf(pages, r);
    if (d < depth) return -1;
    if (d === depth) return r;
  }
  return -1;
}

/** The row of the parent, or -1 for the root. */
export async function parentRow(pages: WaterfallPages, row: number): Promise<number> {
  const depth = await depthOf(pages, row);
  for (let r = row - 1; r >= 0; r--) if ((await depthOf(pages, r)) < depth) return r;
  return -1;
}

async function depthOf(pages: WaterfallPages, row: number): Promise<number> {
  if (!pages.at(row)) await pages.need(row, row + 1);
  const ref = pages.at(row);
  return ref ? ref.slice.depth[ref.i]! : -1;
}

/** Rounds of reading after which "collapse all" settles for what it has found. */
const MAX_ROUNDS = 60;
/**
 * The calls to collapse so that only the root and its children stay. Each round collapses what a page shows and reads it again, so
 * subtrees are never read whole.
 */
export async function collapsedBelowRoot(
  fetch: (collapsed: readonly CallRow[], ...page: Parameters<FetchPage>) => ReturnType<FetchPage>,
  signal: AbortSignal,
): Promise<Set<CallRow>> {
  const collapsed = new Set<CallRow>();
  let first = 0;
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const slice = await fetch([...collapsed], first, PAGE_ROWS, signal);
    if (addChildrenOfRoot(slice, collapsed) > 0) continue;
    first += PAGE_ROWS;
    if (first >= slice.totalRows) break;
  }
  return collapsed;
}

function addChildrenOfRoot(s: WaterfallSlice, into: Set<CallRow>): number {
  const before = into.size;
  for (let i = 0; i < s.call.length; i++) {
    // A group is folded already; its call among the collapsed ones would open it.
    const group = (s.marks[i]! & WaterfallFlag.group) !== 0;
    if (s.depth[i] === 1 && s.childCount[i]! > 0 && !group) into.add(s.call[i]!);
  }
  return into.size - before;
}
