/** A service in the picture. Large: name; latency, calls, errors in fixed columns. Low: name; latency and folded edges. */
import { nothing, svg, type TemplateResult } from 'lit';
import { count, middleEllipsis, percent, shortCount, visibleText } from '../../src/shared/format.ts';
import type { ServiceNode } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';
import { errorShareOf, FAILING_ABOVE, latencyText, type Percentile } from './tones.ts';

export type NodeSize = 'large' | 'low' | 'line';
export const NODE_HEIGHT_PX: Readonly<Record<NodeSize, number>> = { large: 44, low: 36, line: 20 };

const SMALL_CHARACTER_PX = 6.2;

export interface NodeDrawing {
  readonly size: NodeSize;
  readonly widthPx: number;
  readonly percentile: Percentile;
  readonly color: string;
  /** Too many services for a name on each. */
  readonly bar: boolean;
  /** Edges of this service that are not drawn. */
  readonly folded: number;
}

export function serviceNode(n: ServiceNode, d: NodeDrawing): TemplateResult {
  if (d.bar) return bar(n, d);
  const [w, h] = [d.widthPx, NODE_HEIGHT_PX[d.size]];
  const failing = errorShareOf(n.inbound) > FAILING_ABOVE;
  return svg`<rect class="box" x="0.5" y="0.5" width=${w - 1} height=${h - 1} rx="3"></rect>
    ${n.isClients ? nothing : work(n, d, w, h)} ${d.size === 'large' ? large(n, d, w, failing) : low(n, d, w, failing)}
    ${failing ? svg`<path class="cross" d="M-3,-3L3,3M3,-3L-3,3" transform="translate(${w - 14},${d.size === 'large' ? 14 : d.size === 'low' ? 11 : 10})"></path>` : nothing}`;
}

/** Colour of the service at the left, share of all own work at the bottom. */
const work = (n: ServiceNode, d: NodeDrawing, w: number, h: number) => svg`
  ${d.size === 'line' ? nothing : svg`<rect class="track" x="1" y=${h - 3} width=${w - 2} height="2"></rect>`}
  <rect class="swatch" x="1" y="1" width=${d.size === 'large' ? 4 : 3} height=${h - 2} ${style({ '--c': d.color })}></rect>
  ${d.size === 'line' ? nothing : svg`<rect class="swatch" x="1" y=${h - 3} width=${Math.max(1, (w - 2) * n.selfShare)} height="2" ${style({ '--c': d.color })}></rect>`}`;

function large(n: ServiceNode, d: NodeDrawing, w: number, failing: boolean): TemplateResult {
  const share = errorShareOf(n.inbound);
  const name = svg`<text class="name" x="12" y="18">${middleEllipsis(visibleText(n.name), Math.floor((w - (failing ? 34 : 22)) / 7.4))}</text>`;
  if (n.isClients) return svg`${name} <text class="sub" x="12" y="34">${t('outside, only calls')}</text>`;
  return svg`${name}
    <text class="sub" x="12" y="34">${latencyText(n.inbound, d.percentile)}</text>
    <text class="sub" x=${w - 52} y="34" text-anchor="end">${shortCount(n.inbound.calls)}</text>
    <text class=${failing ? 'sub failing-share' : 'sub'} x=${w - 10} y="34" text-anchor="end">${percent(share, 1)}</text>`;
}

function low(n: ServiceNode, d: NodeDrawing, w: number, failing: boolean): TemplateResult {
  const one = d.size === 'line';
  const full = visibleText(n.name);
  const room = w - (failing ? 30 : 14);
  const latency = n.isClients ? '' : latencyText(n.inbound, d.percentile);
  // On one line the name comes first: the latency stands beside it where both have room.
  const beside = one && latency !== '' && (full.length + latency.length + 1) * SMALL_CHARACTER_PX <= room;
  const name = svg`<text class="name" x="9" y=${one ? 14 : 15}>${middleEllipsis(full, Math.floor(room / SMALL_CHARACTER_PX))}</text>`;
  if (beside) return svg`${name} <text class="sub" x=${w - (failing ? 24 : 8)} y="14" text-anchor="end">${latency}</text>`;
  if (one) return name;
  return svg`${name} <text class="sub" x="9" y="29">${n.isClients ? t('outside') : latencyText(n.inbound, d.percentile)}</text>
    ${d.folded > 0 ? svg`<text class="sub" x=${w - 8} y="29" text-anchor="end">+${d.folded}</text>` : nothing}`;
}

function bar(n: ServiceNode, d: NodeDrawing): TemplateResult {
  const w = d.widthPx;
  const text = middleEllipsis(visibleText(n.name), 40);
  const textPx = text.length * SMALL_CHARACTER_PX + 8;
  return svg`<rect class="box" x="0.5" y="0.5" width=${w - 1} height="7" rx="2"></rect>
    <rect class="swatch" x="1" y="1" width="3" height="6" ${style({ '--c': d.color })}></rect>
    <rect class="pill tag" x="0" y="-18" width=${textPx} height="16" rx="2"></rect><text class="name tag" x="4" y="-6">${text}</text>`;
}

/** The services that are not drawn: doubled and dashed. */
export function othersNode(hidden: number, d: Pick<NodeDrawing, 'size' | 'widthPx'>): TemplateResult {
  const [w, h] = [d.widthPx, NODE_HEIGHT_PX[d.size]];
  return svg`<rect class="box" x="4.5" y="4.5" width=${w - 1} height=${h - 1} rx="3"></rect>
    <rect class="box" x="0.5" y="0.5" width=${w - 1} height=${h - 1} rx="3"></rect>
    <text class="name" x="9" y=${d.size === 'large' ? 18 : 15}>${t('+{0} others', hidden)}</text>
    ${d.size === 'line' ? nothing : svg`<text class="sub" x="9" y=${d.size === 'large' ? 34 : 29}>${t('in the table')}</text>`}`;
}

/** The whole node in words: first what is seen of it, in that order, so that it can be called by that; then what the numbers are. */
export function nodeText(n: ServiceNode, d: Pick<NodeDrawing, 'size' | 'percentile' | 'folded'>): string {
  const name = visibleText(n.name);
  if (n.isClients) return `${name}, ${t('outside, only calls')}`;
  const { calls, errors } = n.inbound;
  const latency = latencyText(n.inbound, d.percentile);
  const share = percent(errorShareOf(n.inbound), 1);
  if (d.size === 'large') return t('{0}, {1}, {2}, {3}: p{4}, calls, errors', name, latency, shortCount(calls), share, d.percentile);
  const folded = d.size === 'low' && d.folded > 0 ? `, +${d.folded}` : '';
  return t('{0}, {1}{2}: p{3}; {4} calls, {5} failed', name, latency, folded, d.percentile, count(calls), count(errors));
}
export const othersText = (hidden: number): string => t('+{0} others, in the table', hidden);
