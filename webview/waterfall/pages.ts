/**
 * Rows of one waterfall, asked for in pages as they come into view. Holds at most MAX_PAGES, the least recently used go first, so a
 * transaction of 100,000 spans costs the view as much memory as one of 10,000.
 */
import type { CallRow, WaterfallSlice } from '../../src/shared/protocol.ts';

export const PAGE_ROWS = 500;
export const MAX_PAGES = 20;

/** One row of a slice. */
export interface RowRef {
  readonly slice: WaterfallSlice;
  readonly i: number;
}
export type FetchPage = (firstRow: number, rows: number, signal: AbortSignal) => Promise<WaterfallSlice>;

export class WaterfallPages {
  totalRows = 0;
  /** Pages asked for since the start, for tests and the log. */
  fetched = 0;
  private readonly pages = new Map<number, WaterfallSlice>();
  private readonly pending = new Map<number, Promise<void>>();
  private readonly controller = new AbortController();
  private readonly fetch: FetchPage;
  private readonly onPage: () => void;
  private readonly onError: (e: unknown) => void;

  constructor(fetch: FetchPage, onPage: () => void, onError: (e: unknown) => void) {
    this.fetch = fetch;
    this.onPage = onPage;
    this.onError = onError;
  }

  /** The first page; rejects when it cannot be had. */
  async open(): Promise<WaterfallSlice> {
    const slice = await this.fetch(0, PAGE_ROWS, this.controller.signal);
    this.fetched++;
    this.keep(0, slice);
    return slice;
  }

  at(row: number): RowRef | undefined {
    const slice = this.pages.get(Math.floor(row / PAGE_ROWS));
    if (!slice) return undefined;
    const i = row - slice.firstRow;
    return i >= 0 && i < slice.call.length ? { slice, i } : undefined;
  }

  /** Asks for the pages of rows [from, to) that are not here yet. */
  need(from: number, to: number): Promise<void> {
    const asked: Promise<void>[] = [];
    const last = Math.floor((Math.min(to, this.totalRows) - 1) / PAGE_ROWS);
    for (let p = Math.floor(Math.max(0, from) / PAGE_ROWS); p <= last; p++) {
      const slice = this.pages.get(p);
      if (slice) this.touch(p, slice);
      else asked.push(this.pending.get(p) ?? this.load(p));
    }
    return Promise.all(asked).then(() => undefined);
  }

  /** Row of a call among the pages held, -1 when it isn't there. */
  rowOf(call: CallRow): number {
    for (const slice of this.pages.values()) {
      const i = slice.call.indexOf(call);
      if (i >= 0) return slice.firstRow + i;
    }
    return -1;
  }

  /** Row of a call, reading pages in order until it is found; -1 when no row shows it. */
  async find(call: CallRow): Promise<number> {
    const held = this.rowOf(call);
    if (held >= 0) return held;
    for (let row = 0; row < this.totalRows; row += PAGE_ROWS) {
      await this.need(row, row + 1);
      const found = this.rowOf(call);
      if (found >= 0) return found;
    }
    return -1;
  }

  /** Pages held, in order of rows. */
  held(): WaterfallSlice[] {
    return [...this.pages.values()].sort((a, b) => a.firstRow - b.firstRow);
  }

  close(): void {
    this.controller.abort();
  }

  private load(page: number): Promise<void> {
    this.fetched++;
    const done = this.fetch(page * PAGE_ROWS, PAGE_ROWS, this.controller.signal).then(
      (slice) => {
        this.pending.delete(page);
        if (this.controller.signal.aborted) return;
        this.keep(page, slice);
        this.onPage();
      },
      (e: unknown) => {
        this.pending.delete(page);
        if (!this.controller.signal.aborted) this.onError(e);
      },
    );
    this.pending.set(page, done);
    return done;
  }

  private keep(page: number, slice: WaterfallSlice): void {
    this.totalRows = slice.totalRows;
    this.touch(page, slice);
    for (const oldest of this.pages.keys()) {
      if (this.pages.size <= MAX_PAGES) break;
      this.pages.delete(oldest);
    }
  }

  private touch(page: number, slice: WaterfallSlice): void {
    this.pages.delete(page);
    this.pages.set(page, slice);
  }
}
