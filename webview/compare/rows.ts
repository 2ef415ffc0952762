/** Rows of a comparison: an edge, its verdict, and two forest plots on common axes. */
import { ticks } from 'd3-array';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { count, MINUS, milliseconds, NONE, signedMilliseconds, visibleText } from '../../src/shared/format.ts';
import type { DifferenceRow, LatencySummary } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';
import { type ForestAxis, forestAxis, forestMark, type Interval } from './forest.ts';
import { VERDICT_GLYPHS, type VerdictKind, verdictText } from './words.ts';

export const ROW_PX = 28;
const PLOT_PX = 20;
const SIDE_PX = 8;

export const p50Of = (r: DifferenceRow): Interval => ({ shiftNs: r.shiftP50Ns, fromNs: r.intervalP50Ns[0], toNs: r.intervalP50Ns[1] });
export const p95Of = (r: DifferenceRow): Interval => ({ shiftNs: r.shiftP95Ns, fromNs: r.intervalP95Ns[0], toNs: r.intervalP95Ns[1] });

/** Both columns share one axis per quantile, so that lengths can be compared down the column. */
export interface Plots {
  readonly widthPx: number;
  readonly p50: ForestAxis;
  readonly p95: ForestAxis;
}
export const plotsOf = (rows: readonly DifferenceRow[], widthPx: number): Plots => ({
  widthPx,
  p50: forestAxis(rows.map(p50Of)),
  p95: forestAxis(rows.map(p95Of)),
});

const scale = (axis: ForestAxis, widthPx: number) => (ns: number) =>
  SIDE_PX + ((ns - axis.fromNs) / (axis.toNs - axis.fromNs)) * (widthPx - 2 * SIDE_PX);

export const verdict = (v: VerdictKind): TemplateResult =>
  html`<span class="cmp-verdict ${v}"><span aria-hidden="true">${VERDICT_GLYPHS[v]}</span>${verdictText(v)}</span>`;

export function header(plots: Plots): TemplateResult {
  return html`<div class="cmp-row cmp-head" role="row" aria-rowindex="1">
    <span role="columnheader">${t('edge')}</span><span role="columnheader">${t('verdict')}</span>
    <span role="columnheader" class="num wide-only">${t('p50 before')}</span><span role="columnheader" class="num wide-only">${t('after')}</span>
    <span role="columnheader">${axisOf(t('shift of p50, ms'), plots.p50, plots.widthPx)}</span>
    <span role="columnheader">${axisOf(t('shift of p95, ms'), plots.p95, plots.widthPx)}</span>
    <span role="columnheader" class="num wide-only">${t('calls')}</span>
  </div>`;
}

function axisOf(title: string, axis: ForestAxis, widthPx: number): TemplateResult {
  const x = scale(axis, widthPx);
  const values = ticks(axis.fromNs / 1e6, axis.toNs / 1e6, 4);
  // The labels carry their signs: the axis is of shifts, not of times.
  const label = (ms: number) => (ms === 0 ? '0' : `${ms > 0 ? '+' : MINUS}${Number(Math.abs(ms).toPrecision(3))}`);
  return html`<span class="cmp-axis"
    >${title}<svg width=${widthPx} height="14" aria-hidden="true">
      ${values.map((ms) => svg`<text class="tick" x=${Math.min(widthPx - 14, Math.max(14, x(ms * 1e6)))} y="11" text-anchor="middle">${label(ms)}</text>`)}
    </svg></span
  >`;
}

function plot(v: Interval, kind: VerdictKind, axis: ForestAxis, widthPx: number): TemplateResult {
  const x = scale(axis, widthPx);
  const zero = Math.round(x(0)) + 0.5;
  const m = Number.isFinite(v.shiftNs) ? forestMark(v, x, axis) : null;
  // The verdict rests on one of the two quantiles: the other stays grey when its interval holds zero.
  const tone = v.fromNs > 0 || v.toNs < 0 ? kind : 'same';
  const end = (at: number, cut: boolean, side: 1 | -1) => (cut ? `M${at - 4 * side},7L${at},10L${at - 4 * side},13` : `M${at},7V13`);
  return html`<svg class="cmp-plot ${tone}" width=${widthPx} height=${PLOT_PX} aria-hidden="true">
    <line class="zero" x1=${zero} x2=${zero} y1="0" y2=${PLOT_PX}></line>
    ${
      m
        ? svg`${Number.isFinite(m.from) && Number.isFinite(m.to) ? svg`<path class="interval" d="M${m.from},10H${m.to}${end(m.from, m.cutLeft, -1)}${end(m.to, m.cutRight, 1)}"></path>` : nothing}
          <rect class="point" x=${m.x - 3} y="7" width="6" height="6"></rect>`
        : nothing
    }
  </svg>`;
}

export interface RowState {
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly select: () => void;
}
const p50 = (l: LatencySummary | undefined) => (l ? milliseconds(l.p50Ns) : NONE);
const spoken = (v: Interval): string =>
  Number.isFinite(v.shiftNs)
    ? t('{0} ms, interval {1} to {2}', signedMilliseconds(v.shiftNs), signedMilliseconds(v.fromNs), signedMilliseconds(v.toNs))
    : t('not known');

export function rowTemplate(r: DifferenceRow, row: number, plots: Plots, s: RowState): TemplateResult {
  const from = visibleText(r.from, 60);
  const to = visibleText(r.to, 60);
  return html`<div
    class="cmp-row virtual-row ${r.verdict === 'same' || r.verdict === 'too-few' ? 'quiet' : ''}"
    role="row"
    data-row=${row}
    aria-rowindex=${row + 2}
    aria-selected=${s.selected}
    tabindex=${s.focusable ? 0 : -1}
    ${style({ top: `${row * ROW_PX}px` })}
    @click=${s.select}
  >
    <span role="gridcell" class="ell" title="${from} → ${to}">${from}<span class="mut"> → </span>${to}</span>
    <span role="gridcell">${verdict(r.verdict)}</span>
    <span role="gridcell" class="num wide-only">${p50(r.before)}</span><span role="gridcell" class="num wide-only">${p50(r.after)}</span>
    <span role="gridcell">${plot(p50Of(r), r.verdict, plots.p50, plots.widthPx)}<span class="sr">${spoken(p50Of(r))}</span></span>
    <span role="gridcell">${plot(p95Of(r), r.verdict, plots.p95, plots.widthPx)}<span class="sr">${spoken(p95Of(r))}</span></span>
    <span role="gridcell" class="num wide-only">${count(r.before?.calls ?? 0)}<span class="mut"> → </span>${count(r.after?.calls ?? 0)}</span>
  </div>`;
}

export const legend = (): TemplateResult => html`<div class="legend">
  <span
    ><svg class="cmp-plot" width="40" height="12" aria-hidden="true"
      ><path class="interval" d="M4,6H36M4,3V9M36,3V9"></path><rect class="point" x="17" y="3" width="6" height="6"></rect></svg
    >${t('shift and its interval; clear of the line = shown')}</span
  >
  <span>${t('20 calls on both sides are needed for an interval')}</span>
</div>`;
