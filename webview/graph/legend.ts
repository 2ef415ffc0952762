/** What width, dash, outline, bar and colour mean in the picture that is shown now. */
import { html, svg, type TemplateResult } from 'lit';
import { count, shortCount } from '../../src/shared/format.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';
import type { NodeSize } from './node.ts';
import type { ColorBy, Percentile, Tones } from './tones.ts';

export interface LegendOptions {
  readonly most: number;
  readonly strokePx: (calls: number) => number;
  readonly size: NodeSize;
  readonly folded: boolean;
  readonly colorBy: ColorBy;
  readonly percentile: Percentile;
  readonly tones: Tones;
  readonly backEdges: boolean;
}
const stroke = (px: number, dash = '') =>
  html`<svg width="24" height="12" aria-hidden="true">
    <line class="line" x1="0" x2="24" y1="6" y2="6" stroke-width=${px} stroke-dasharray=${dash}></line>
  </svg>`;

export function legend(o: LegendOptions): TemplateResult {
  const few = Math.max(1, Math.round(o.most / 10));
  return html`<div class="legend" role="group" aria-label=${t('Legend')}>
    <span>${few < o.most ? [stroke(o.strokePx(few)), shortCount(few)] : null}${stroke(o.strokePx(o.most))}${o.most === 1 ? t('1 call') : t('{0} calls', count(o.most))}</span>
    <span>${stroke(2, '6 4')}${t('over 2 % guessed links')}</span>
    <span
      ><svg width="16" height="12" aria-hidden="true"><rect class="failing" x="1" y="0.75" width="14" height="10.5" rx="2"></rect></svg>${t('errors > 1 %')}</span
    >
    ${o.size === 'line' ? null : html`<span>${share()}${t('share of self time')}</span>`}
    ${o.folded ? html`<span><kbd>+3</kbd>${t('edges not drawn')}</span>` : null} ${o.backEdges ? html`<span>↺ ${t('closes a cycle')}</span>` : null}
    ${meaning(o)}
  </div>`;
}

const share = () =>
  html`<svg width="24" height="12" aria-hidden="true">
    ${svg`<rect class="track" x="0" y="8" width="24" height="3"></rect><rect class="share" x="0" y="8" width="10" height="3"></rect>`}
  </svg>`;

function meaning({ colorBy, percentile, tones, size }: LegendOptions): TemplateResult {
  const { ramp } = tones;
  if (ramp)
    return html`<span
      >${colorBy === 'errors' ? t('Edge colour: share of errors') : t('Edge colour: p{0}', percentile)} · ${ramp.fromText}
      <i class="ramp" ${style({ '--from': ramp.from, '--to': ramp.to })}></i> ${ramp.toText}</span
    >`;
  return size === 'large'
    ? html`<span>${t('Node: p{0}, calls, errors · Edge: p{0}', percentile)}</span>`
    : html`<span>${size === 'low' ? t('Node: name, p{0}', percentile) : t('Node: name, p{0} where there is room', percentile)}</span>`;
}
