/** The canvas of bars and the one of the overview: sizes, palette and the frame that draws them. */

import { rowWindow } from '../ui/rows.ts';
import { sharpContext } from './canvas.ts';
import { OVERVIEW_PX, ROW_PX, timeScale } from './geometry.ts';
import type { WaterfallModel } from './model.ts';
import { overviewRaster, paintOverview } from './overview.ts';
import { type PaintRow, paintBars } from './paint.ts';
import { readPalette, type WaterfallPalette } from './palette.ts';
import type { Raster } from './raster.ts';
import type { Zoom } from './zoom.ts';

export interface BarsLayout {
  readonly treePx: number;
  readonly barsPx: number;
  readonly heightPx: number;
  readonly scrollTopPx: number;
}

export class Bars {
  private palette: WaterfallPalette | null = null;
  private raster: { raster: Raster; depth: number } | null = null;
  private readonly colorOf: (service: number) => string;

  constructor(colorOf: (service: number) => string) {
    this.colorOf = colorOf;
  }

  /** Colours are read again at the next frame. */
  themeChanged(): void {
    this.palette = null;
  }
  /** The overview is made again at the next frame: another transaction, or more rows of it. */
  rowsChanged(): void {
    this.raster = null;
  }

  paint(
    canvas: HTMLCanvasElement,
    model: WaterfallModel,
    zoom: Zoom,
    layout: BarsLayout,
    ticksNs: readonly number[],
    durationText: (ns: number) => string,
  ): void {
    const g = sharpContext(canvas, layout.barsPx, layout.heightPx);
    if (!g) return;
    const { first, last } = rowWindow(model.totalRows, ROW_PX, layout.scrollTopPx, layout.heightPx, 1);
    const rows: PaintRow[] = [];
    for (let row = first; row < last; row++) {
      const r = model.paintRow(row, durationText);
      if (r) rows.push(r);
    }
    paintBars(g, {
      widthPx: layout.barsPx,
      heightPx: layout.heightPx,
      scrollTopPx: layout.scrollTopPx,
      totalRows: model.totalRows,
      scale: timeScale(zoom.shown, layout.barsPx),
      ticksNs,
      rows,
      critical: model.criticalPieces(),
      palette: this.colors(canvas),
    });
  }

  /** Levels of the transaction, to be said beside the overview. */
  paintOverview(canvas: HTMLCanvasElement, model: WaterfallModel, zoom: Zoom, layout: BarsLayout): number {
    this.raster ??= overviewRaster(model.overview, model.pages.held(), zoom, Math.max(1, Math.round(layout.barsPx)));
    const g = sharpContext(canvas, layout.treePx + layout.barsPx, OVERVIEW_PX);
    if (g) paintOverview(g, this.raster.raster, zoom, layout.treePx, layout.barsPx, this.colors(canvas));
    return this.raster.depth;
  }

  private colors(canvas: HTMLCanvasElement): WaterfallPalette {
    this.palette ??= readPalette(this.colorOf, getComputedStyle(canvas).fontFamily);
    return this.palette;
  }
}
