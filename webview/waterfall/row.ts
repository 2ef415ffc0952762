/** One row of the tree column. What the bar shows stands here in words, for a screen reader. */
import { html, nothing, type TemplateResult } from 'lit';
import { confidenceOf, duration, visibleText } from '../../src/shared/format.ts';
import { type CallRow, type ServiceId, WaterfallFlag } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { confidence, confidenceText } from '../ui/confidence.ts';
import { icon } from '../ui/icon.ts';
import { dot } from '../ui/parts.ts';
import { style } from '../ui/style.ts';
import { INDENT_PX, ROW_PX } from './geometry.ts';
import type { RowRef } from './pages.ts';

/** Deeper rows keep this indent and say their depth: 40 levels of 12 px would leave no room for a name. */
const MAX_INDENT_LEVELS = 10;
const NAME_CHARACTERS = 60;
const LABEL_CHARACTERS = 160;

export interface RowContext {
  name(service: ServiceId): string;
  color(service: ServiceId): string;
  readonly startNs: number;
  select(row: number): void;
  toggle(row: number): void;
  open(row: number): void;
}
export interface RowState {
  readonly selected: boolean;
  readonly focusable: boolean;
}

export function rowTemplate(row: number, ref: RowRef, state: RowState, c: RowContext): TemplateResult {
  const { slice: s, i } = ref;
  const marks = s.marks[i]!;
  const depth = s.depth[i]!;
  const expandable = s.childCount[i]! > 0;
  const collapsed = (marks & WaterfallFlag.collapsed) !== 0;
  const group = (marks & WaterfallFlag.group) !== 0;
  const service = visibleText(c.name(s.service[i]!), NAME_CHARACTERS);
  const label = visibleText(s.strings[s.label[i]!] ?? '', LABEL_CHARACTERS);
  const toggle = (e: Event) => {
    if (!expandable) return;
    e.stopPropagation();
    c.toggle(row);
  };
  return html`<div
    class="wf-row"
    role="row"
    data-row=${row}
    aria-rowindex=${row + 1}
    aria-level=${depth + 1}
    aria-selected=${state.selected}
    aria-expanded=${expandable ? !collapsed : nothing}
    tabindex=${state.focusable ? 0 : -1}
    data-vscode-context=${menuOf(s.call[i]!)}
    ${style({ top: `${row * ROW_PX}px` })}
    @click=${() => c.select(row)}
    @dblclick=${() => c.open(row)}
  >
    <span class="wf-cell" role="gridcell" ${style({ 'padding-left': `${8 + Math.min(depth, MAX_INDENT_LEVELS) * INDENT_PX}px` })}>
      <span class="wf-twist" aria-hidden="true" @click=${toggle}>${expandable ? icon(collapsed ? 'chevron-right' : 'chevron-down') : nothing}</span>
      ${depth > MAX_INDENT_LEVELS ? html`<span class="wf-depth" aria-hidden="true">${depth}</span>` : nothing}
      <span class="wf-sure ${confidenceOf(s.confidence[i]!)}" title=${placed(ref)}>${confidence(s.confidence[i]!)}</span>${dot(c.color(s.service[i]!))}
      <span class="ell wf-name" title="${service} ${label}">${service} <span class="mono mut">${label}</span></span>
      ${collapsed && !group ? html`<span class="wf-hidden" title=${t('calls below, folded')}>+${s.childCount[i]!}</span>` : nothing}${status(s.status[i]!, marks)}
    </span>
    <span class="sr" role="gridcell">${spoken(ref, c.startNs)}</span>
  </div>`;
}

const menuOf = (call: CallRow): string => JSON.stringify({ webviewSection: 'call', call, preventDefaultContextMenuItems: true });

/** A row whose page is on its way. */
export const waitingRow = (row: number): TemplateResult =>
  html`<div class="wf-row waiting" role="row" aria-busy="true" aria-rowindex=${row + 1} ${style({ top: `${row * ROW_PX}px` })}>
    <span class="wf-cell" role="gridcell"><span class="wf-bone"></span></span>
  </div>`;

function placed({ slice: s, i }: RowRef): string {
  if (s.parent[i]! < 0) return t('entry of the transaction');
  return t('place in the transaction: {0}', confidenceText(s.confidence[i]!));
}

function status(code: number, marks: number): TemplateResult | typeof nothing {
  if (marks & WaterfallFlag.noResponse) return html`<span class="wf-status err">✕ ${t('no answer')}</span>`;
  if (marks & WaterfallFlag.failed && marks & WaterfallFlag.group) return html`<span class="wf-status err">✕ ${t('some')}</span>`;
  if (marks & WaterfallFlag.failed) return html`<span class="wf-status err">✕ ${code > 0 ? code : t('failed')}</span>`;
  return nothing;
}

function spoken(ref: RowRef, startNs: number): string {
  const { slice: s, i } = ref;
  const marks = s.marks[i]!;
  const parts = [
    marks & WaterfallFlag.noResponse ? t('no answer') : duration(s.endNs[i]! - s.startNs[i]!),
    t('starts at {0}', duration(s.startNs[i]! - startNs)),
  ];
  if (marks & WaterfallFlag.onCriticalPath) parts.push(t('on the critical path'));
  parts.push(placed(ref));
  if (s.retransmissions[i]! > 0) parts.push(t('{0} retransmissions', s.retransmissions[i]!));
  if (marks & WaterfallFlag.unsureTimes) parts.push(t('times uncertain'));
  return parts.join(', ');
}
