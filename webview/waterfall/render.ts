/** The fixed parts of the waterfall: head, overview, ruler, rows' frame and legend. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { count, duration, percent, visibleText } from '../../src/shared/format.ts';
import type { TransactionDetails } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { style } from '../ui/style.ts';
import { RULER_PX, type TimeScale } from './geometry.ts';
import type { Tick, TimeUnit } from './ruler.ts';

export interface HeadActions {
  readonly toList: () => void;
  readonly toggleCritical: () => void;
  readonly nextUncertain: () => void;
  readonly nextError: () => void;
  readonly zoomOut: () => void;
}

export function head(
  transaction: TransactionDetails | null,
  service: string,
  options: { readonly criticalOnly: boolean; readonly zoomed: boolean; readonly measuredOnly: boolean },
  on: HeadActions,
): TemplateResult {
  const d = transaction;
  return html`<div class="wf-head">
    <button class="link" @click=${on.toList}>${t('Transactions')}</button>${icon('chevron-right', 'mut')}
    <h1 class="ell" title=${visibleText(`${service} ${d?.endpoint ?? ''}`, 240)}>${visibleText(service, 60)} <span class="mono">${visibleText(d?.endpoint ?? '', 120)}</span></h1>
    ${d ? html`<span class="strong">${duration(d.durationNs)}</span>` : nothing}${d && d.slowerThan === null ? html`<span class="mut">${`${t('duration')}, ${t('uncertain')}`}</span>` : nothing}
    ${d ? html`<span class="mut wide-only ell about" title=${facts(d, options.measuredOnly)}>${facts(d, options.measuredOnly)}</span>` : nothing}
    <span class="grow"></span>
    ${options.zoomed ? html`<button class="chip" title=${t('Show the whole transaction (0)')} @click=${on.zoomOut}>${t('Zoom out')}</button>` : nothing}
    <button class="chip" aria-pressed=${options.criticalOnly} title=${t('Critical path only (C)')} @click=${on.toggleCritical}>
      ${t('Critical path')}
    </button>
    ${d && d.errors > 0 ? html`<button class="chip wide-only" title=${t('Next error (E)')} @click=${on.nextError}>${t('Next error')}</button>` : nothing}
    <button class="chip wide-only" title=${t('Next uncertain (G)')} @click=${on.nextUncertain}>${t('Next uncertain')}</button>
  </div>`;
}

function facts(d: TransactionDetails, measuredOnly: boolean): string {
  const parts = [t('{0} spans', count(d.spans)), t('{0} errors', count(d.errors)), t('{0} guessed', count(d.guesses))];
  if (d.slowerThan !== null && d.slowerThan > 0) parts.unshift(t('slower than {0}', percent(Math.floor(d.slowerThan * 100) / 100)));
  if (!d.complete) parts.push(t('incomplete: the capture cuts it'));
  if (measuredOnly) parts.unshift(t('inferred calls hidden'));
  return parts.join(' · ');
}

export function ruler(
  scale: TimeScale,
  treePx: number,
  widthPx: number,
  ticks: readonly Tick[],
  unit: TimeUnit,
  drag: { readonly fromNs: number; readonly toNs: number } | null,
): TemplateResult {
  const dragged = drag ? [scale.x(Math.min(drag.fromNs, drag.toNs)), scale.x(Math.max(drag.fromNs, drag.toNs))] : null;
  return html`<svg class="wf-scale" width=${widthPx} height=${RULER_PX} aria-hidden="true">
    <text class="tick" x="12" y="16">${t('service and endpoint')}</text>
    ${ticks.map((tick) => {
      const x = scale.x(tick.ns);
      const atEdge = x < treePx + 24;
      return svg`<line class="axis" x1=${x} x2=${x} y1="18" y2="24"></line>
        <text class="tick" x=${atEdge ? Math.max(treePx + 7, x - 1) : x} y="14" text-anchor=${atEdge ? 'start' : 'middle'}>${tick.text}</text>`;
    })}
    <text class="tick" x=${widthPx - 12} y="16" text-anchor="end">${unit.name}</text>
    ${dragged ? svg`<rect class="wf-drag" x=${dragged[0]} y="0" width=${Math.max(1, dragged[1]! - dragged[0]!)} height=${RULER_PX}></rect>` : nothing}
  </svg>`;
}

export const overviewText = (depth: number): TemplateResult =>
  html`<div class="wf-overview-text">
    <div>${t('whole transaction')}</div>
    <div>${depth > 0 ? t('one row per depth, {0} deep', depth) : ''}</div>
  </div>`;

/** Moves the border between tree and bars; arrow keys by 16 px. */
export function splitter(treePx: number, resize: (px: number) => void, host: () => HTMLElement): TemplateResult {
  const down = (e: PointerEvent) => {
    const handle = e.currentTarget as HTMLElement;
    handle.setPointerCapture(e.pointerId);
    const move = (ev: PointerEvent) => resize(ev.clientX - host().getBoundingClientRect().left);
    const end = () => {
      handle.removeEventListener('pointermove', move);
      handle.removeEventListener('pointerup', end);
      handle.removeEventListener('pointercancel', end);
    };
    handle.addEventListener('pointermove', move);
    handle.addEventListener('pointerup', end);
    handle.addEventListener('pointercancel', end);
  };
  const key = (e: KeyboardEvent) => {
    const by = e.key === 'ArrowLeft' ? -16 : e.key === 'ArrowRight' ? 16 : 0;
    if (by === 0) return;
    e.preventDefault();
    e.stopPropagation();
    resize(treePx + by);
  };
  return html`<div
    class="wf-splitter"
    role="separator"
    aria-orientation="vertical"
    aria-label=${t('Width of the tree')}
    aria-valuenow=${treePx}
    aria-valuemin="160"
    aria-valuemax="640"
    tabindex="0"
    ${style({ left: `${treePx - 3}px` })}
    @pointerdown=${down}
    @keydown=${key}
  ></div>`;
}
