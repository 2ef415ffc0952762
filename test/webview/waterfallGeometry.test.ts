import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { barPieces, LEFT_PX, scrollToShow, timeScale } from '../../webview/waterfall/geometry.ts';
import { addInterval, newRaster, runsOf } from '../../webview/waterfall/raster.ts';
import { waitingPairs } from '../../webview/waterfall/waiting.ts';
import { isZoomed, MIN_SHOWN_NS, pan, zoomBy, zoomOut, zoomTo, zoomToSpan } from '../../webview/waterfall/zoom.ts';

const range = { fromNs: 1000, toNs: 11_000 };

describe('the scale', () => {
  it('puts both ends inside, left of the durations', () => {
    const s = timeScale(range, 680);
    expect(s.x(1000)).toBe(LEFT_PX);
    expect(s.x(11_000)).toBe(608);
    expect(s.ns(s.x(4321))).toBeCloseTo(4321);
  });
});

describe('a bar', () => {
  const s = timeScale(range, 680);
  const times = { startNs: 2000, endNs: 10_000, requestEndNs: 2000, responseStartNs: 9000, waitingNs: [3000, 5000, 5004, 5005] };
  it('has a visible request, a response as long as it took, and the waiting that can be seen', () => {
    const b = barPieces(s, times, 0, 680)!;
    expect(b.bar).toEqual({ x: 68, w: 480 });
    expect(b.request).toEqual({ x: 68, w: 5 });
    expect(b.response).toEqual({ x: 488, w: 60 });
    expect(b.waiting).toEqual([{ x: 128, w: 120 }]);
  });
  it('is cut at the edges and gone outside them', () => {
    expect(barPieces(s, times, 100, 200)!.bar).toEqual({ x: 100, w: 100 });
    expect(barPieces(s, times, 560, 600)).toBeNull();
  });
  it('is 2 px wide when it took no time, and reaches the end when it was never answered', () => {
    expect(barPieces(s, { ...times, endNs: 2000, waitingNs: [] }, 0, 680)!.bar.w).toBe(2);
    const open = barPieces(s, { ...times, endNs: Infinity, responseStartNs: Infinity }, 0, 680)!;
    expect(open.bar.x + open.bar.w).toBe(608);
    expect(open.response).toBeNull();
  });
  it('never draws outside its clip', () => {
    const t = fc.double({ min: 0, max: 20_000, noNaN: true });
    fc.assert(
      fc.property(t, t, t, t, fc.array(t, { maxLength: 6 }), (a, b, c, d, waits) => {
        const [startNs, requestEndNs, responseStartNs, endNs] = [a, b, c, d].sort((x, y) => x - y) as [number, number, number, number];
        const pieces = barPieces(s, { startNs, endNs, requestEndNs, responseStartNs, waitingNs: waits.sort((x, y) => x - y) }, 0, 608);
        if (!pieces) return;
        for (const p of [pieces.bar, ...pieces.waiting, pieces.request, pieces.response]) {
          if (!p) continue;
          expect(p.w).toBeGreaterThan(0);
          expect(p.x).toBeGreaterThanOrEqual(0);
          expect(p.x + p.w).toBeLessThanOrEqual(608 + 1e-9);
        }
      }),
    );
  });
});

describe('rows in view', () => {
  it('scrolls only when it must', () => {
    expect(scrollToShow(5, 0, 240)).toBe(0);
    expect(scrollToShow(10, 0, 240)).toBe(24);
    expect(scrollToShow(2, 240, 240)).toBe(48);
  });
});

describe('waiting', () => {
  it('is the union of the children, inside the parent', () => {
    expect(
      waitingPairs(10, 100, [
        [50, 60],
        [5, 20],
        [55, 70],
        [90, Infinity],
        [200, 300],
      ]),
    ).toEqual([10, 20, 50, 70, 90, 100]);
  });
});

describe('the raster', () => {
  it('keeps the longest under a pixel and counts the rest', () => {
    const r = newRaster({ fromNs: 0, toNs: 100 }, 10, 2);
    for (let i = 0; i < 1000; i++) addInterval(r, 0, 40, 41, 7);
    addInterval(r, 0, 38, 48, 3);
    addInterval(r, 5, 0, 100, 1);
    expect(runsOf(r, 0)).toEqual([{ fromColumn: 3, toColumn: 5, service: 3, count: 1001 }]);
    expect(runsOf(r, 1)).toEqual([{ fromColumn: 0, toColumn: 10, service: 1, count: 1 }]);
  });
  it('draws at most one rectangle per pixel, whatever the number of spans', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(1000), fc.nat(300), fc.nat(5)), { maxLength: 300 }), (spans) => {
        const r = newRaster({ fromNs: 0, toNs: 1000 }, 50, 1);
        for (const [a, l, s] of spans) addInterval(r, 0, a, a + l, s);
        const runs = runsOf(r, 0);
        let end = 0;
        for (const run of runs) {
          expect(run.fromColumn).toBeGreaterThanOrEqual(end);
          expect(run.service).toBeGreaterThanOrEqual(0);
          end = run.toColumn;
        }
        expect(end).toBeLessThanOrEqual(50);
      }),
    );
  });
});

describe('zoom', () => {
  const whole = { fromNs: 0, toNs: 1e6 };
  it('keeps the time under the pointer in place', () => {
    const z = zoomBy(zoomOut(whole), 4, 250_000);
    expect(z.shown).toEqual({ fromNs: 187_500, toNs: 437_500 });
    expect(isZoomed(z)).toBe(true);
    expect(isZoomed(zoomBy(z, 0.01, 300_000))).toBe(false);
  });
  it('takes a dragged range in either direction', () => {
    expect(zoomTo(zoomOut(whole), 700_000, 300_000).shown).toEqual({ fromNs: 300_000, toNs: 700_000 });
  });
  it('stops at the ends without changing width', () => {
    const z = zoomTo(zoomOut(whole), 100_000, 300_000);
    expect(pan(z, 9e9).shown).toEqual({ fromNs: 800_000, toNs: 1e6 });
    expect(pan(z, -9e9).shown).toEqual({ fromNs: 0, toNs: 200_000 });
  });
  it('stays inside the whole and above the least width whatever is done', () => {
    const n = fc.double({ min: -2e6, max: 2e6, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), n, n), { maxLength: 20 }), (steps) => {
        let z = zoomOut(whole);
        for (const [what, a, b] of steps) {
          if (what === 0) z = zoomTo(z, a, b);
          else if (what === 1) z = zoomBy(z, Math.max(0.1, Math.abs(a) % 8), b);
          else if (what === 2) z = pan(z, a);
          else z = zoomToSpan(z, a, b > a ? b : Infinity);
          expect(z.shown.fromNs).toBeGreaterThanOrEqual(0);
          expect(z.shown.toNs).toBeLessThanOrEqual(1e6 + 1e-6);
          expect(z.shown.toNs - z.shown.fromNs).toBeGreaterThanOrEqual(MIN_SHOWN_NS - 1e-6);
        }
      }),
    );
  });
});
