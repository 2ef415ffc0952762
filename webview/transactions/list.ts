/** Rows of a long list, asked for in pages as they come into view. While a new order is read the rows of the old one stay drawn. */
import type { Paged } from '../../src/shared/protocol.ts';

export const PAGE_ROWS = 200;
const MAX_PAGES = 25;

export type FetchRows<R> = (offset: number, limit: number, signal: AbortSignal) => Promise<Paged<R>>;

export class PagedList<R> {
  /** -1: not known yet. */
  total = -1;
  private pages = new Map<number, readonly R[]>();
  private before: ReadonlyMap<number, readonly R[]> = new Map();
  private pending = new Set<number>();
  private controller = new AbortController();
  private fetch: FetchRows<R>;
  private readonly changed: () => void;
  private readonly failed: (e: unknown) => void;

  constructor(fetch: FetchRows<R>, changed: () => void, failed: (e: unknown) => void) {
    this.fetch = fetch;
    this.changed = changed;
    this.failed = failed;
  }

  /** Everything may be different now: asks again as rows are needed. */
  restart(fetch: FetchRows<R>): void {
    this.controller.abort();
    this.controller = new AbortController();
    this.fetch = fetch;
    this.before = this.pages.size > 0 ? this.pages : this.before;
    this.pages = new Map();
    this.pending = new Set();
    void this.load(0);
  }

  at(row: number): R | undefined {
    const page = Math.floor(row / PAGE_ROWS);
    return (this.pages.get(page) ?? this.before.get(page))?.[row - page * PAGE_ROWS];
  }
  /** Row of the first entry that satisfies the test, among the pages held; -1: none. */
  indexOf(test: (row: R) => boolean): number {
    for (const [page, rows] of this.pages) {
      const i = rows.findIndex(test);
      if (i >= 0) return page * PAGE_ROWS + i;
    }
    return -1;
  }
  need(first: number, last: number): void {
    for (let p = Math.floor(Math.max(0, first) / PAGE_ROWS); p * PAGE_ROWS < last; p++) void this.load(p);
  }
  close(): void {
    this.controller.abort();
  }

  private async load(page: number): Promise<void> {
    if (this.pages.has(page) || this.pending.has(page)) return;
    const { signal } = this.controller;
    this.pending.add(page);
    try {
      const { total, rows } = await this.fetch(page * PAGE_ROWS, PAGE_ROWS, signal);
      if (signal.aborted) return;
      this.total = total;
      this.pages.set(page, rows);
      this.before = new Map([...this.before].filter(([p]) => p !== page));
      for (const oldest of this.pages.keys()) {
        if (this.pages.size <= MAX_PAGES) break;
        this.pages.delete(oldest);
      }
      this.changed();
    } catch (e) {
      if (!signal.aborted) this.failed(e);
    } finally {
      if (!signal.aborted) this.pending.delete(page);
    }
  }
}
