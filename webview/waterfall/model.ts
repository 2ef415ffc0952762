/**
 * The rows of one transaction as the view sees them: pages plus what is derived from them (critical path, waiting, overview), for one
 * choice of collapsed rows and options.
 */
import { type CallRow, type TimeRange, WaterfallFlag, type WaterfallOverview, type WaterfallSlice } from '../../src/shared/protocol.ts';
import { type FetchPage, type RowRef, WaterfallPages } from './pages.ts';
import type { CriticalPiece, PaintRow } from './paint.ts';
import { waitingPairs } from './waiting.ts';

export class WaterfallModel {
  range: TimeRange = { fromNs: 0, toNs: 1 };
  overview: WaterfallOverview | null = null;
  readonly pages: WaterfallPages;
  private critical: CriticalPiece[] | null = null;
  private children: Map<CallRow, [number, number][]> | null = null;

  constructor(fetch: FetchPage, onPage: () => void, onError: (e: unknown) => void) {
    const changed = () => {
      this.critical = null;
      this.children = null;
      onPage();
    };
    this.pages = new WaterfallPages(fetch, changed, onError);
  }

  async open(): Promise<void> {
    const first = await this.pages.open();
    this.range = first.range;
    this.overview = first.overview ?? null;
  }

  get totalRows(): number {
    return this.pages.totalRows;
  }

  paintRow(row: number, durationText: (ns: number) => string): PaintRow | null {
    const ref = this.pages.at(row);
    if (!ref) return null;
    const { slice: s, i } = ref;
    const marks = s.marks[i]!;
    const startNs = s.startNs[i]!;
    const endNs = s.endNs[i]!;
    const answered = Number.isFinite(endNs) && (marks & WaterfallFlag.noResponse) === 0;
    return {
      row,
      service: s.service[i]!,
      startNs,
      endNs: answered ? endNs : Number.POSITIVE_INFINITY,
      requestEndNs: s.requestEndNs[i]!,
      responseStartNs: s.responseStartNs[i]!,
      waitingNs: this.waitingOf(ref),
      guess: (marks & WaterfallFlag.guess) !== 0,
      group: (marks & WaterfallFlag.group) !== 0,
      retransmissions: s.retransmissions[i]!,
      durationText: answered ? durationText(endNs - startNs) : '–',
    };
  }

  /** Pieces of the critical path in the pages held, in order of time. */
  criticalPieces(): readonly CriticalPiece[] {
    if (this.critical) return this.critical;
    const out: CriticalPiece[] = [];
    for (const s of this.pages.held()) {
      for (let i = 0; i < s.call.length; i++) {
        for (let k = s.criticalIndex[i]!; k < s.criticalIndex[i + 1]!; k++)
          out.push({ row: s.firstRow + i, fromNs: s.critical[2 * k]!, toNs: s.critical[2 * k + 1]! });
      }
    }
    out.sort((a, b) => a.fromNs - b.fromNs || a.row - b.row);
    this.critical = out;
    return out;
  }

  private waitingOf({ slice: s, i }: RowRef): ArrayLike<number> {
    if (s.waiting && s.waitingIndex) return s.waiting.subarray(2 * s.waitingIndex[i]!, 2 * s.waitingIndex[i + 1]!);
    if (s.childCount[i] === 0) return [];
    return waitingPairs(s.startNs[i]!, s.endNs[i]!, this.childrenOf(s.call[i]!));
  }

  private childrenOf(call: CallRow): readonly [number, number][] {
    if (!this.children) {
      this.children = new Map();
      for (const s of this.pages.held()) for (let i = 0; i < s.call.length; i++) this.addChild(this.children, s, i);
    }
    return this.children.get(call) ?? [];
  }

  private addChild(into: Map<CallRow, [number, number][]>, s: WaterfallSlice, i: number): void {
    const siblings = into.get(s.parent[i]!);
    const times: [number, number] = [s.startNs[i]!, s.endNs[i]!];
    if (siblings) siblings.push(times);
    else into.set(s.parent[i]!, [times]);
  }
}
