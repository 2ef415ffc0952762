/** Calls by time and latency. A drag selects a time range and a band of latencies. Eight levels of one colour, one path each. */
import { svg, type TemplateResult } from 'lit';
import type { Heatmap, TimeRange } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';
import { logScale, logTicks, tickText } from './logScale.ts';

export interface Band {
  readonly range: TimeRange;
  readonly bandNs: readonly [number, number];
}
export interface HeatmapOptions {
  readonly heightPx: number;
  readonly p95Ns: number;
  readonly timeText: (ns: number, stepNs: number) => string;
  readonly band: Band | null;
  readonly select: (band: Band | null) => void;
}
const LEFT_PX = 36;
const AXIS_PX = 20;
const TOP_PX = 4;
const LEVELS = 8;
const LEAST_DRAG_PX = 4;

export function heatmap(h: Heatmap, widthPx: number, o: HeatmapOptions): TemplateResult | null {
  if (h.columns === 0 || h.rows === 0 || h.edgesNs.length < 2) return null;
  const base = o.heightPx - AXIS_PX;
  const [lo, hi] = [h.edgesNs[0]!, h.edgesNs[h.rows]!];
  const y = logScale(lo, hi, base, TOP_PX);
  const span = h.range.toNs - h.range.fromNs || 1;
  const x = (ns: number) => LEFT_PX + ((ns - h.range.fromNs) / span) * (widthPx - LEFT_PX);
  const time = (px: number) => h.range.fromNs + Math.max(0, Math.min(1, (px - LEFT_PX) / (widthPx - LEFT_PX))) * span;
  const level = { x, y, base, widthPx };
  return svg`<svg class="chart heat" width=${widthPx} height=${o.heightPx} role="img" aria-label=${t('Calls by time and latency; drag to select a band')}
    @pointerdown=${(e: PointerEvent) => drag(e, o, time, (px) => y.invert(Math.max(TOP_PX, Math.min(base, px))))}
    @dblclick=${() => o.select(null)}>
    <rect class="ground" x=${LEFT_PX} y=${TOP_PX} width=${widthPx - LEFT_PX} height=${base - TOP_PX}></rect>
    ${grid(lo, hi, level)}${cells(h, base, widthPx)}
    <line class="axis" x1=${LEFT_PX} x2=${widthPx} y1=${base + 0.5} y2=${base + 0.5}></line>
    ${times(h.range, x, widthPx, o)} ${Number.isFinite(o.p95Ns) ? p95(y(o.p95Ns), widthPx) : null} ${o.band ? selection(o.band, x, y, level) : null}
    <rect class="selection rubber" visibility="hidden"></rect>
  </svg>`;
}
interface Frame {
  readonly x: (ns: number) => number;
  readonly y: ReturnType<typeof logScale>;
  readonly base: number;
  readonly widthPx: number;
}

function cells(h: Heatmap, base: number, widthPx: number): unknown {
  const cw = (widthPx - LEFT_PX) / h.columns;
  const ch = (base - TOP_PX) / h.rows;
  let most = 1;
  for (const n of h.counts) if (n > most) most = n;
  const paths = Array.from({ length: LEVELS }, () => '');
  const [w, hgt] = [Math.max(1, cw - 0.5).toFixed(1), Math.max(1, ch - 0.5).toFixed(1)];
  for (let row = 0; row < h.rows; row++)
    for (let column = 0; column < h.columns; column++) {
      const n = h.counts[row * h.columns + column]!;
      if (n === 0) continue;
      const k = Math.min(LEVELS - 1, Math.floor(Math.sqrt(n / most) * LEVELS));
      paths[k] += `M${(LEFT_PX + column * cw).toFixed(1)},${(base - (row + 1) * ch).toFixed(1)}h${w}v${hgt}h-${w}z`;
    }
  return paths.map((d, k) => (d === '' ? null : svg`<path class="cell" d=${d} ${style({ '--v': 30 + (70 * (k + 1)) / LEVELS })}></path>`));
}

const grid = (lo: number, hi: number, { y, widthPx }: Frame): unknown =>
  logTicks(lo, hi, 6).map((ns) => {
    const at = Math.round(y(ns)) + 0.5;
    return svg`<text class="tick" x=${LEFT_PX - 8} y=${at + 3.5} text-anchor="end">${tickText(ns)}</text>
      <line class="grid" x1=${LEFT_PX} x2=${widthPx} y1=${at} y2=${at}></line>`;
  });

function times(range: TimeRange, x: (ns: number) => number, widthPx: number, o: HeatmapOptions): unknown {
  const wanted = Math.max(2, Math.min(6, Math.floor((widthPx - LEFT_PX) / 90)));
  const rough = (range.toNs - range.fromNs) / wanted;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((m) => m * power).find((s) => s >= rough) ?? rough;
  const out = [];
  for (let ns = Math.ceil(range.fromNs / step) * step; ns <= range.toNs; ns += step) {
    const px = x(ns);
    const anchor = px < LEFT_PX + 12 ? 'start' : px > widthPx - 16 ? 'end' : 'middle';
    out.push(
      svg`<text class="tick" x=${Math.min(px, widthPx - 1)} y=${o.heightPx - 4} text-anchor=${anchor}>${o.timeText(ns, step)}</text>`,
    );
  }
  return out;
}

const p95 = (y: number, widthPx: number) =>
  svg`<line class="level" x1=${LEFT_PX} x2=${widthPx} y1=${y} y2=${y}></line>
    <text class="level-label" x=${widthPx - 4} y=${y - 4} text-anchor="end">p95</text>`;

function selection(b: Band, x: (ns: number) => number, y: ReturnType<typeof logScale>, { base, widthPx }: Frame): unknown {
  const [x0, x1] = [Math.max(LEFT_PX, x(b.range.fromNs)), Math.min(widthPx, x(b.range.toNs))];
  const [y0, y1] = [Math.max(TOP_PX, y(b.bandNs[1])), Math.min(base, y(b.bandNs[0]))];
  if (x1 <= x0 || y1 <= y0) return null;
  return svg`<rect class="selection" x=${x0} y=${y0} width=${x1 - x0} height=${y1 - y0}></rect>`;
}

/** The rubber band follows the pointer without a new drawing; the selection is told at the end. */
function drag(e: PointerEvent, o: HeatmapOptions, time: (px: number) => number, latency: (px: number) => number): void {
  if (e.button !== 0) return;
  const picture = e.currentTarget as SVGSVGElement;
  const rubber = picture.querySelector('.rubber')!;
  const at = (p: PointerEvent) => {
    const box = picture.getBoundingClientRect();
    return [
      Math.max(LEFT_PX, Math.min(box.width, p.clientX - box.left)),
      Math.max(TOP_PX, Math.min(box.height - AXIS_PX, p.clientY - box.top)),
    ] as const;
  };
  const [x0, y0] = at(e);
  let [x1, y1] = [x0, y0];
  picture.setPointerCapture(e.pointerId);
  const move = (m: PointerEvent) => {
    [x1, y1] = at(m);
    const sizes = { x: Math.min(x0, x1), y: Math.min(y0, y1), width: Math.abs(x1 - x0), height: Math.abs(y1 - y0) };
    for (const [k, v] of Object.entries(sizes)) rubber.setAttribute(k, String(v));
    rubber.setAttribute('visibility', 'visible');
  };
  const done = () => {
    picture.removeEventListener('pointermove', move);
    picture.removeEventListener('lostpointercapture', done);
    rubber.setAttribute('visibility', 'hidden');
    if (Math.abs(x1 - x0) < LEAST_DRAG_PX && Math.abs(y1 - y0) < LEAST_DRAG_PX) return;
    o.select({
      range: { fromNs: time(Math.min(x0, x1)), toNs: time(Math.max(x0, x1)) },
      bandNs: [latency(Math.max(y0, y1)), latency(Math.min(y0, y1))],
    });
  };
  picture.addEventListener('pointermove', move);
  picture.addEventListener('lostpointercapture', done);
}
