import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NNBSP } from '../../src/shared/format.ts';
import { type CallRow, WaterfallFlag, type WaterfallSlice } from '../../src/shared/protocol.ts';
import { collapsedBelowRoot, parentRow, siblingRow } from '../../webview/waterfall/actions.ts';
import { WaterfallPages } from '../../webview/waterfall/pages.ts';
import { durationUnit, inUnit, rulerTicks } from '../../webview/waterfall/ruler.ts';

/** Depths of rows in display order make a tree; a fake engine that folds like the real one. */
function engine(depths: readonly number[], groups: ReadonlySet<number> = new Set()) {
  const hasChild = depths.map((d, i) => (depths[i + 1] ?? 0) > d);
  return async (collapsed: readonly CallRow[], firstRow: number, rows: number): Promise<WaterfallSlice> => {
    const shut = new Set(collapsed);
    const shown: number[] = [];
    for (let i = 0; i < depths.length; i++) {
      shown.push(i);
      if (!shut.has(i)) continue;
      while (i + 1 < depths.length && depths[i + 1]! > depths[shown.at(-1)!]!) i++;
    }
    const page = shown.slice(firstRow, firstRow + rows);
    return {
      totalRows: shown.length,
      firstRow,
      call: Int32Array.from(page),
      depth: Uint16Array.from(page, (i) => depths[i]!),
      childCount: Int32Array.from(page, (i) => (hasChild[i] ? 1 : 0)),
      marks: Uint8Array.from(page, (i) => (groups.has(i) ? WaterfallFlag.group : 0)),
    } as WaterfallSlice;
  };
}
async function pagesOf(depths: readonly number[]): Promise<WaterfallPages> {
  const ask = engine(depths);
  const pages = new WaterfallPages(
    (first, rows) => ask([], first, rows),
    () => {},
    (e) => {
      throw e;
    },
  );
  await pages.open();
  return pages;
}
const NEVER = new AbortController().signal;

describe('steps in the tree', () => {
  //  0    1    2    3    4    5    6
  const depths = [0, 1, 2, 2, 1, 2, 1];
  it('go to siblings under the same parent only', async () => {
    const pages = await pagesOf(depths);
    expect(await siblingRow(pages, 1, 1)).toBe(4);
    expect(await siblingRow(pages, 4, 1)).toBe(6);
    expect(await siblingRow(pages, 6, 1)).toBe(-1);
    expect(await siblingRow(pages, 3, 1)).toBe(-1);
    expect(await siblingRow(pages, 3, -1)).toBe(2);
    expect(await siblingRow(pages, 5, -1)).toBe(-1);
  });
  it('go up to the parent, and not above the root', async () => {
    const pages = await pagesOf(depths);
    expect(await Promise.all([5, 4, 2, 0].map((r) => parentRow(pages, r)))).toEqual([4, 0, 1, -1]);
  });
  it('cross pages', async () => {
    const far = [0, 1, ...Array.from({ length: 1500 }, () => 2), 1];
    const pages = await pagesOf(far);
    expect(await siblingRow(pages, 1, 1)).toBe(1502);
    expect(await parentRow(pages, 1400)).toBe(1);
  });
});

describe('folding all', () => {
  it('leaves the root and its children, whatever is below', async () => {
    const node = fc.integer({ min: 1, max: 5 });
    await fc.assert(
      fc.asyncProperty(fc.array(node, { maxLength: 200 }), async (steps) => {
        const depths = [0];
        for (const s of steps) depths.push(Math.min(s, depths.at(-1)! + 1));
        const ask = engine(depths);
        const collapsed = await collapsedBelowRoot((c, first, rows) => ask(c, first, rows), NEVER);
        const left = await ask([...collapsed], 0, 500);
        expect(Array.from(left.depth).every((d) => d <= 1)).toBe(true);
        expect(left.totalRows).toBe(depths.filter((d) => d <= 1).length);
      }),
    );
  });
  it('does not open a group, which is what its call in the list would do', async () => {
    const collapsed = await collapsedBelowRoot(engine([0, 1, 2, 1, 2], new Set([3])), NEVER);
    expect([...collapsed]).toEqual([1]);
  });
});

describe('the ruler', () => {
  it('follows the zoom with its unit, from the start of the transaction', () => {
    const texts = (from: number, to: number) => rulerTicks(1e9, { fromNs: 1e9 + from, toNs: 1e9 + to }, 600).map((k) => k.text);
    expect(texts(0, 40e6)[0]).toBe(`0${NNBSP}ms`);
    expect(texts(0, 40e6)).toContain('20');
    expect(texts(570e3, 660e3)[0]).toMatch(/^5\d0\u202fµs$/);
    expect(texts(0, 20e9)[0]).toBe(`0${NNBSP}s`);
  });
  it('never lets two labels touch', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 5e10, noNaN: true }),
        fc.double({ min: 1e3, max: 5e10, noNaN: true }),
        fc.integer({ min: 120, max: 2000 }),
        (from, span, width) => {
          const ticks = rulerTicks(0, { fromNs: from, toNs: from + span }, width).filter((k) => k.text !== '');
          for (let i = 1; i < ticks.length; i++) {
            const gap = ((ticks[i]!.ns - ticks[i - 1]!.ns) / span) * width;
            expect(gap).toBeGreaterThan(((ticks[i]!.text.length + ticks[i - 1]!.text.length) / 2) * 6);
          }
        },
      ),
    );
  });
  it('writes durations in one unit, short ones with two figures', () => {
    const unit = durationUnit(14e9);
    expect(unit.name).toBe('ms');
    expect([14.249e9, 42.14e6, 0.42e6, 82e3].map((ns) => inUnit(ns, unit))).toEqual(['14,249', '42.1', '0.42', '0.082']);
  });
});
