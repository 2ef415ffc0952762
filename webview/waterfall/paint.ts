/**
 * Draws the bars of the rows in view on one canvas, with grid, critical path and the column of durations. Stateless: everything drawn
 * is in `Scene`, so a frame costs the rows in view and no more.
 */
import { BAR_PX, BAR_TOP_PX, barPieces, CRITICAL_Y_PX, DURATIONS_PX, ROW_PX, type TimeScale } from './geometry.ts';
import type { ServiceTones, WaterfallPalette } from './palette.ts';

export interface PaintRow {
  /** Row number in the waterfall. */
  readonly row: number;
  readonly service: number;
  readonly startNs: number;
  readonly endNs: number;
  readonly requestEndNs: number;
  readonly responseStartNs: number;
  readonly waitingNs: ArrayLike<number>;
  readonly guess: boolean;
  readonly group: boolean;
  readonly retransmissions: number;
  readonly durationText: string;
}
/** A piece of the critical path; pieces are in order of time. */
export interface CriticalPiece {
  readonly row: number;
  readonly fromNs: number;
  readonly toNs: number;
}
export interface Scene {
  readonly widthPx: number;
  readonly heightPx: number;
  readonly scrollTopPx: number;
  readonly totalRows: number;
  readonly scale: TimeScale;
  readonly ticksNs: readonly number[];
  readonly rows: readonly PaintRow[];
  readonly critical: readonly CriticalPiece[];
  readonly palette: WaterfallPalette;
}

export function paintBars(g: CanvasRenderingContext2D, scene: Scene): void {
  const { widthPx, heightPx, scrollTopPx, scale, palette } = scene;
  g.clearRect(0, 0, widthPx, heightPx);
  const top = (row: number) => row * ROW_PX - scrollTopPx;
  const clipTo = widthPx - DURATIONS_PX + 6;
  paintGrid(g, scene, Math.min(heightPx, top(scene.totalRows)));
  g.save();
  g.beginPath();
  g.rect(0, 0, clipTo, heightPx);
  g.clip();
  for (const r of scene.rows) paintBar(g, r, top(r.row) + BAR_TOP_PX, scale, clipTo, palette, scrollTopPx);
  paintCritical(g, scene, top);
  g.restore();
  g.font = palette.smallFont;
  g.textAlign = 'right';
  g.textBaseline = 'alphabetic';
  g.fillStyle = palette.muted;
  for (const r of scene.rows) g.fillText(r.durationText, widthPx - 12, top(r.row) + 16);
}

function paintGrid(g: CanvasRenderingContext2D, scene: Scene, bottomPx: number): void {
  g.fillStyle = scene.palette.grid;
  for (const t of scene.ticksNs) g.fillRect(Math.round(scene.scale.x(t)), 0, 1, Math.max(0, bottomPx));
}

function paintBar(
  g: CanvasRenderingContext2D,
  r: PaintRow,
  y: number,
  scale: TimeScale,
  clipTo: number,
  palette: WaterfallPalette,
  scrollTopPx: number,
): void {
  const p = barPieces(scale, r, -4, clipTo + 4);
  if (!p) return;
  const tones = palette.service(r.service);
  if (r.guess) {
    g.strokeStyle = palette.faint;
    g.lineWidth = 1;
    g.setLineDash([3, 2]);
    g.strokeRect(p.bar.x - 2.5, y - 2.5, p.bar.w + 5, BAR_PX + 5);
    g.setLineDash([]);
  }
  g.fillStyle = tones.solid;
  if (r.group) {
    // Many calls in one row: a bar of half the height, so that it is not taken for a single call.
    g.fillRect(p.bar.x, y + BAR_PX / 4, p.bar.w, BAR_PX / 2);
  } else {
    g.fillRect(p.bar.x, y, p.bar.w, BAR_PX);
    if (p.waiting.length > 0) paintWaiting(g, p.waiting, y, tones, palette, scrollTopPx);
    g.fillStyle = tones.inset;
    for (const inset of [p.request, p.response]) if (inset) g.fillRect(inset.x, y + 3, inset.w, BAR_PX - 6);
    g.strokeStyle = tones.solid;
    g.lineWidth = 1;
    g.strokeRect(p.bar.x + 0.5, y + 0.5, Math.max(1, p.bar.w - 1), BAR_PX - 1);
  }
  if (r.retransmissions > 0) {
    // Where in the call segments were sent again is in the Packets tab; the mark only says that they were.
    g.fillStyle = palette.error;
    g.fillRect(p.bar.x + Math.max(0, p.bar.w * 0.3 - 1), y - 3, 2, BAR_PX + 6);
  }
}

function paintWaiting(
  g: CanvasRenderingContext2D,
  pieces: readonly { readonly x: number; readonly w: number }[],
  y: number,
  tones: ServiceTones,
  palette: WaterfallPalette,
  scrollTopPx: number,
): void {
  const hatch = palette.hatch(g, tones, scrollTopPx);
  for (const w of pieces) {
    g.fillStyle = tones.hatchBase;
    g.fillRect(w.x, y, w.w, BAR_PX);
    g.fillStyle = hatch;
    g.fillRect(w.x, y, w.w, BAR_PX);
  }
}

/** Under the bars, joined by thin verticals where it passes from one call to another; a halo keeps it apart from what it crosses. */
function paintCritical(g: CanvasRenderingContext2D, scene: Scene, top: (row: number) => number): void {
  const { critical, scale, palette, heightPx } = scene;
  const joins = new Path2D();
  const lines = new Path2D();
  let previous: CriticalPiece | null = null;
  for (const c of critical) {
    const y = top(c.row) + CRITICAL_Y_PX;
    const x0 = scale.x(c.fromNs);
    if (y > -4 && y < heightPx + 4) {
      lines.moveTo(x0, y);
      lines.lineTo(Math.max(scale.x(c.toNs), x0 + 1), y);
    }
    if (previous && previous.row !== c.row) {
      const before = top(previous.row) + CRITICAL_Y_PX;
      if (Math.max(before, y) > 0 && Math.min(before, y) < heightPx) {
        const x = Math.round(x0) + 0.5;
        joins.moveTo(x, Math.max(-2, Math.min(before, y)));
        joins.lineTo(x, Math.min(heightPx + 2, Math.max(before, y)));
      }
    }
    previous = c;
  }
  g.strokeStyle = palette.muted;
  g.lineWidth = 1;
  g.stroke(joins);
  g.strokeStyle = palette.background;
  g.lineWidth = 4;
  g.stroke(lines);
  g.strokeStyle = palette.foreground;
  g.lineWidth = 2;
  g.stroke(lines);
}
