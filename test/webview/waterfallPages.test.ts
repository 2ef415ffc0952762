import { describe, expect, it } from 'vitest';
import type { WaterfallSlice } from '../../src/shared/protocol.ts';
import { waterfallAction } from '../../webview/waterfall/keys.ts';
import { MAX_PAGES, PAGE_ROWS, WaterfallPages } from '../../webview/waterfall/pages.ts';

const TOTAL = 100_000;
const slice = (firstRow: number, rows: number): WaterfallSlice => {
  const n = Math.max(0, Math.min(rows, TOTAL - firstRow));
  return { totalRows: TOTAL, firstRow, call: Int32Array.from({ length: n }, (_, i) => 1_000_000 + firstRow + i) } as WaterfallSlice;
};
const model = (fetch: (first: number, rows: number, signal: AbortSignal) => Promise<WaterfallSlice> = async (f, n) => slice(f, n)) => {
  const errors: unknown[] = [];
  return {
    errors,
    pages: new WaterfallPages(
      fetch,
      () => undefined,
      (e) => errors.push(e),
    ),
  };
};

describe('pages of a waterfall', () => {
  it('asks for what comes into view, once', async () => {
    const { pages } = model();
    await pages.open();
    expect(pages.totalRows).toBe(TOTAL);
    await Promise.all([pages.need(480, 520), pages.need(490, 530)]);
    expect(pages.fetched).toBe(2);
    expect(pages.at(500)!.slice.call[pages.at(500)!.i]).toBe(1_000_500);
    expect(pages.at(5000)).toBeUndefined();
  });
  it('holds a bounded number of pages while scrolling through everything', async () => {
    const { pages } = model();
    await pages.open();
    for (let row = 0; row < TOTAL; row += 250) await pages.need(row, row + 40);
    expect(pages.held().length).toBeLessThanOrEqual(MAX_PAGES);
    expect(pages.fetched).toBe(TOTAL / PAGE_ROWS);
    expect(pages.at(TOTAL - 1)).toBeDefined();
  });
  it('finds a row that was never shown', async () => {
    const { pages } = model();
    await pages.open();
    expect(await pages.find(1_003_210)).toBe(3210);
    expect(pages.fetched).toBe(7);
  });
  it('reports a failed page and stays quiet after it is closed', async () => {
    let fail = false;
    const { pages, errors } = model(async (f, n) => {
      if (fail) throw new Error('gone');
      return slice(f, n);
    });
    await pages.open();
    fail = true;
    await pages.need(1000, 1010);
    expect(errors).toHaveLength(1);
    pages.close();
    await pages.need(2000, 2010);
    expect(errors).toHaveLength(1);
  });
});

describe('keys', () => {
  const press = (key: string, mods: { altKey?: boolean; ctrlKey?: boolean; metaKey?: boolean } = {}) =>
    waterfallAction({ key, altKey: false, ctrlKey: false, metaKey: false, ...mods });
  it('are the ones of the design', () => {
    expect(['ArrowDown', '[', '.', 'F', 'c', 'e', 'G', 'Enter', 'p'].map((k) => press(k))).toEqual([
      'next',
      'collapseAll',
      'nextSibling',
      'zoomToSpan',
      'criticalOnly',
      'nextError',
      'nextUncertain',
      'details',
      'packets',
    ]);
    expect(press('ArrowUp', { altKey: true })).toBe('parent');
  });
  it("leave the workbench's shortcuts alone", () => {
    expect(press('f', { ctrlKey: true })).toBeNull();
    expect(press('p', { metaKey: true })).toBeNull();
    expect(press('ArrowLeft', { altKey: true })).toBeNull();
  });
});
