/** One transaction as a row: when, what, how long and of that how much the entry itself, errors, the weakest link. */
import { html, nothing, type TemplateResult } from 'lit';
import { count, milliseconds, NONE, percent, visibleText } from '../../src/shared/format.ts';
import type { TransactionRow, TransactionSort } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { confidence } from '../ui/confidence.ts';
import { style } from '../ui/style.ts';

export const ROW_PX = 24;
/** From this share on a row says how slow it is among its like. */
const REMARKABLE = 0.95;

export interface SortState {
  readonly sort: TransactionSort;
  readonly descending: boolean;
}
const COLUMNS: readonly { readonly title: () => string; readonly sort?: TransactionSort; readonly class: string }[] = [
  { title: () => t('start'), sort: 'start', class: 'num' },
  { title: () => t('entry'), class: '' },
  { title: () => t('duration, ms'), sort: 'duration', class: 'tx-duration-head' },
  { title: () => '', class: 'wide-only' },
  { title: () => t('spans'), sort: 'spans', class: 'num' },
  { title: () => t('errors'), sort: 'errors', class: 'num' },
  { title: () => t('lowest confidence'), sort: 'confidence', class: '' },
];

export function header(state: SortState, sortBy: (s: TransactionSort) => void): TemplateResult {
  return html`<div class="tx-row tx-head" role="row" aria-rowindex="1">
    ${COLUMNS.map((c) => {
      const on = c.sort === state.sort;
      const direction = on ? (state.descending ? 'descending' : 'ascending') : nothing;
      const { sort } = c;
      return html`<span class=${c.class} role="columnheader" aria-sort=${direction}
        >${
          sort
            ? html`<button @click=${() => sortBy(sort)}>
                ${c.title()}${on ? html`<span class="sort-mark" aria-hidden="true">${state.descending ? '▾' : '▴'}</span>` : nothing}
              </button>`
            : c.title() || html`<span class="sr">${t('rank')}</span>`
        }</span
      >`;
    })}
  </div>`;
}

export interface RowOptions {
  readonly service: string;
  readonly start: string;
  readonly longestNs: number;
  readonly selected: boolean;
  readonly focusable: boolean;
  readonly select: () => void;
  readonly open: () => void;
}

/** Only its request was seen: 0 would be a time, and there is none. */
export const unanswered = (r: TransactionRow): boolean => r.durationNs === 0 && !r.complete;

/** What was not measured says so, and is not ranked. */
function rank({ slowerThan, ...r }: TransactionRow): string {
  if (slowerThan === null) return r.durationNs > 0 ? t('uncertain') : '';
  return slowerThan >= REMARKABLE ? t('slower than {0}', percent(Math.floor(slowerThan * 100) / 100)) : '';
}

export function rowTemplate(r: TransactionRow, row: number, o: RowOptions): TemplateResult {
  const share = o.longestNs > 0 ? Math.min(1, r.durationNs / o.longestNs) : 0;
  const own = r.durationNs > 0 ? Math.min(1, Math.max(0, r.selfNs / r.durationNs)) : 1;
  const endpoint = visibleText(r.endpoint, 120);
  const measured = r.slowerThan !== null;
  return html`<div
    class="tx-row virtual-row"
    role="row"
    data-row=${row}
    aria-rowindex=${row + 2}
    aria-selected=${o.selected}
    tabindex=${o.focusable ? 0 : -1}
    data-vscode-context=${JSON.stringify({ webviewSection: 'transaction', trace: r.id, preventDefaultContextMenuItems: true })}
    ${style({ top: `${row * ROW_PX}px` })}
    @click=${o.select}
    @dblclick=${o.open}
  >
    <span class="num mut" role="gridcell">${o.start}</span>
    <span class="ell" role="gridcell" title="${o.service} ${endpoint}"
      >${o.service} <span class="mono">${endpoint}</span>${r.complete ? nothing : html`<span class="mut" title=${t('The capture cuts this transaction')}> ✂</span>`}</span
    >
    <span class="tx-duration" role="gridcell"
      ><span class="num ${measured ? 'strong' : 'mut'}" title=${measured ? nothing : `${t('duration')}, ${t('uncertain')}`}
        >${unanswered(r) ? NONE : milliseconds(r.durationNs)}${measured || unanswered(r) ? '' : '?'}</span
      ><span class="tx-bar" title=${t('entry itself {0}, waiting {1}', percent(own), percent(1 - own))} 
        ><i ${style({ width: `${(share * 100).toFixed(2)}%` })}><b ${style({ width: `${(own * 100).toFixed(2)}%` })}></b></i></span
    ></span>
    <span class="mut small wide-only" role="gridcell"
      >${rank(r)}</span
    >
    <span class="num" role="gridcell">${count(r.spans)}</span>
    <span class="num ${r.errors > 0 ? 'err' : 'mut'}" role="gridcell">${r.errors > 0 ? `✕ ${count(r.errors)}` : '0'}</span>
    <span role="gridcell">${confidence(r.minConfidence, true)}</span>
  </div>`;
}
