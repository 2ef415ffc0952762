/** The whole transaction above the rows: one lane per depth, the part that is shown framed. */
import type { WaterfallOverview, WaterfallSlice } from '../../src/shared/protocol.ts';
import { OVERVIEW_PX, timeScale } from './geometry.ts';
import type { WaterfallPalette } from './palette.ts';
import { addInterval, newRaster, type Raster, runsOf } from './raster.ts';
import { isZoomed, type Zoom } from './zoom.ts';

const PAD_PX = 4;
const MAX_LANES = 10;

/** From what the engine sent, or, when it sent none, from the rows held. */
export function overviewRaster(
  overview: WaterfallOverview | null,
  held: readonly WaterfallSlice[],
  zoom: Zoom,
  columns: number,
): { raster: Raster; depth: number } {
  const range = zoom.whole;
  if (overview) {
    const { columns: sent, lanes, service, count, depth } = overview;
    return { raster: { range, columns: sent, lanes, service, count, longestNs: new Float64Array(0) }, depth };
  }
  let depth = 1;
  for (const s of held) for (const d of s.depth) depth = Math.max(depth, d + 1);
  const raster = newRaster(range, columns, Math.min(depth, MAX_LANES));
  for (const s of held) for (let i = 0; i < s.call.length; i++) addInterval(raster, s.depth[i]!, s.startNs[i]!, s.endNs[i]!, s.service[i]!);
  return { raster, depth };
}

export function paintOverview(
  g: CanvasRenderingContext2D,
  raster: Raster,
  zoom: Zoom,
  treePx: number,
  barsPx: number,
  palette: WaterfallPalette,
): void {
  g.clearRect(0, 0, treePx + barsPx, OVERVIEW_PX);
  const scale = timeScale(zoom.whole, barsPx, treePx);
  const perColumn = (scale.rightPx - scale.leftPx) / raster.columns;
  const lanePx = (OVERVIEW_PX - 2 * PAD_PX) / raster.lanes;
  const barPx = Math.max(1, lanePx - (lanePx > 4 ? 2 : lanePx > 2 ? 1 : 0));
  for (let lane = 0; lane < raster.lanes; lane++) {
    for (const run of runsOf(raster, lane)) {
      g.fillStyle = palette.service(run.service).solid;
      g.fillRect(
        scale.leftPx + run.fromColumn * perColumn,
        PAD_PX + lane * lanePx,
        Math.max(1, (run.toColumn - run.fromColumn) * perColumn),
        barPx,
      );
    }
  }
  if (!isZoomed(zoom)) return;
  // What is not shown recedes; the frame is drawn in the text colour so that it holds in every theme.
  const from = scale.x(zoom.shown.fromNs);
  const to = scale.x(zoom.shown.toNs);
  g.globalAlpha = 0.7;
  g.fillStyle = palette.background;
  g.fillRect(treePx, 0, from - treePx, OVERVIEW_PX);
  g.fillRect(to, 0, treePx + barsPx - to, OVERVIEW_PX);
  g.globalAlpha = 1;
  g.strokeStyle = palette.foreground;
  g.lineWidth = 1;
  g.strokeRect(Math.round(from) + 0.5, 0.5, Math.max(2, Math.round(to - from) - 1), OVERVIEW_PX - 1);
}
