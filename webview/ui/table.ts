/**
 * A grid of rows that are all at hand: sortable by its heads, one tab stop, arrow keys move, Enter opens, Space selects, Ctrl+C copies it
 * as tab-separated text. Long tables draw only what their scrolling ancestor shows.
 */
import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { visibleText } from '../../src/shared/format.ts';
import { noFormula } from '../../src/shared/spreadsheet.ts';
import { movedRow, rowWindow } from './rows.ts';
import { style } from './style.ts';

export interface Column<R> {
  readonly key: string;
  readonly title: string;
  /** What is sorted and copied, in the unit of the title; NaN: not known. */
  value(row: R): string | number;
  /** What is drawn; the value where absent. */
  cell?(row: R): unknown;
  readonly num?: boolean;
  readonly class?: string;
  readonly widthPx?: number;
  readonly hint?: string;
}
export interface TableData<R> {
  readonly label: string;
  readonly columns: readonly Column<R>[];
  readonly rows: readonly R[];
  readonly id: (row: R) => string | number;
  readonly sort?: { readonly key: string; readonly descending: boolean };
  readonly selected?: (row: R) => boolean;
  /** Click and Space. */
  readonly click?: (row: R) => void;
  /** Double click and Enter; `click` where absent. */
  readonly open?: (row: R) => void;
  readonly rowClass?: (row: R) => string;
  /** Data for native context menus, as JSON. */
  readonly menu?: (row: R) => object;
  readonly flush?: boolean;
}
const ROW_PX = 24;
/** Shorter tables are drawn whole. */
const WHOLE = 80;

export class DataTable<R> extends HTMLElement {
  private given: TableData<R> | null = null;
  private sort: { readonly key: string; readonly descending: boolean } | null = null;
  private sorted: readonly R[] = [];
  private active = 0;
  private scroller: HTMLElement | null = null;
  private readonly scrolled = () => this.draw();

  set data(data: TableData<R>) {
    const fresh = this.given?.label !== data.label;
    this.given = data;
    if (fresh) {
      this.sort = data.sort ?? null;
      this.active = 0;
    }
    this.arrange();
    const chosen = data.selected ? this.sorted.findIndex(data.selected) : -1;
    this.active = chosen >= 0 ? chosen : Math.min(this.active, Math.max(0, this.sorted.length - 1));
    this.draw();
  }

  connectedCallback(): void {
    this.scroller = scrollParent(this);
    this.scroller?.addEventListener('scroll', this.scrolled, { passive: true });
    this.draw();
  }
  disconnectedCallback(): void {
    this.scroller?.removeEventListener('scroll', this.scrolled);
  }

  private arrange(): void {
    const { rows, columns } = this.given!;
    const column = this.sort && columns.find((c) => c.key === this.sort!.key);
    if (!column || !this.sort) {
      this.sorted = rows;
      return;
    }
    const sign = this.sort.descending ? -1 : 1;
    this.sorted = rows
      .map((row, at) => ({ row, at, v: column.value(row) }))
      .sort((a, b) => sign * order(a.v, b.v) || a.at - b.at)
      .map((x) => x.row);
  }

  private draw(): void {
    if (!this.given || !this.isConnected) return;
    const { label, columns, rows, flush } = this.given;
    const total = rows.length;
    const shown = total <= WHOLE ? { first: 0, last: total } : this.window(total);
    const space = (count: number) =>
      count > 0
        ? html`<tr aria-hidden="true"><td colspan=${columns.length} ${style({ height: `${count * ROW_PX}px`, padding: '0' })}></td></tr>`
        : nothing;
    render(
      html`<div class="table-wrap">
        <table class="table ${flush ? 'flush' : ''}" role="grid" aria-label=${label} aria-rowcount=${total + 1} @keydown=${(e: KeyboardEvent) => this.key(e)}>
          <thead>
            <tr aria-rowindex="1">${columns.map((c) => this.head(c))}</tr>
          </thead>
          <tbody>
            ${space(shown.first)}${repeat(
              this.sorted.slice(shown.first, shown.last),
              (row) => this.given!.id(row),
              (row, k) => this.row(row, shown.first + k),
            )}${space(total - shown.last)}
          </tbody>
        </table>
      </div>`,
      this,
    );
  }

  private window(total: number): { first: number; last: number } {
    if (!this.scroller) return { first: 0, last: WHOLE };
    const top = this.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top + ROW_PX;
    return rowWindow(total, ROW_PX, Math.max(0, -top), this.scroller.clientHeight);
  }

  private head(c: Column<R>): TemplateResult {
    const on = this.sort?.key === c.key;
    const direction = on ? (this.sort!.descending ? 'descending' : 'ascending') : nothing;
    const mark = on ? html`<span class="sort-mark" aria-hidden="true">${this.sort!.descending ? '▾' : '▴'}</span>` : nothing;
    return html`<th scope="col" class="${c.num ? 'num' : ''} ${c.class ?? ''}" aria-sort=${direction} title=${c.hint ?? nothing}
      ${style({ width: c.widthPx === undefined ? null : `${c.widthPx}px` })}>
      ${c.title === '' ? html`<span class="sr">${c.hint ?? c.key}</span>` : html`<button tabindex="-1" @click=${() => this.sortBy(c)}>${c.title}${mark}</button>`}
    </th>`;
  }

  private row(row: R, at: number): TemplateResult {
    const { columns, selected, click, open, rowClass, menu } = this.given!;
    const act = click ?? open;
    return html`<tr
      class="${act ? 'can-open' : ''} ${rowClass?.(row) ?? ''}"
      data-row=${at}
      aria-rowindex=${at + 2}
      aria-selected=${selected ? selected(row) : nothing}
      tabindex=${at === this.active ? 0 : -1}
      data-vscode-context=${menu ? JSON.stringify(menu(row)) : nothing}
      @click=${() => {
        this.active = at;
        act?.(row);
      }}
      @dblclick=${() => open?.(row)}
      @focus=${() => {
        if (this.active === at) return;
        this.active = at;
        this.draw();
      }}
    >
      ${columns.map((c) => html`<td class="${c.num ? 'num' : ''} ${c.class ?? ''}">${c.cell ? c.cell(row) : c.value(row)}</td>`)}
    </tr>`;
  }

  private sortBy(c: Column<R>): void {
    this.sort = { key: c.key, descending: this.sort?.key === c.key ? !this.sort.descending : c.num === true };
    this.arrange();
    this.draw();
  }

  private key(e: KeyboardEvent): void {
    const { open, click } = this.given!;
    const row = this.sorted[this.active];
    const page = this.scroller ? Math.floor(this.scroller.clientHeight / ROW_PX) : 10;
    if ((e.ctrlKey || e.metaKey) && e.key === 'c' && String(document.getSelection() ?? '') === '') this.copy();
    else if (e.ctrlKey || e.altKey || e.metaKey || !(e.target instanceof HTMLTableRowElement)) return;
    else if (e.key === 'Enter' && row !== undefined) (open ?? click)?.(row);
    else if (e.key === ' ' && row !== undefined) (click ?? open)?.(row);
    else {
      const to = movedRow(e.key, this.active, this.sorted.length, page);
      if (to < 0) return;
      this.focusRow(to);
    }
    e.preventDefault();
    e.stopPropagation();
  }

  private focusRow(at: number): void {
    this.active = at;
    const top = this.getBoundingClientRect().top + ROW_PX + at * ROW_PX;
    if (this.scroller && this.sorted.length > WHOLE) {
      const box = this.scroller.getBoundingClientRect();
      if (top < box.top + ROW_PX) this.scroller.scrollTop += top - box.top - ROW_PX;
      else if (top + ROW_PX > box.bottom) this.scroller.scrollTop += top + ROW_PX - box.bottom;
    }
    this.draw();
    this.querySelector<HTMLElement>(`[data-row="${at}"]`)?.focus();
  }

  private copy(): void {
    const columns = this.given!.columns.filter((c) => c.title !== '');
    const lines = [columns.map((c) => c.title), ...this.sorted.map((row) => columns.map((c) => copied(c.value(row))))];
    this.dispatchEvent(new CustomEvent('copy-text', { bubbles: true, detail: lines.map((l) => l.join('\t')).join('\n') }));
  }
}
customElements.define('data-table', DataTable);

const copied = (value: string | number): string =>
  typeof value === 'number' ? (Number.isNaN(value) ? '' : String(value)) : noFormula(visibleText(value.replaceAll(/[\t\r\n]/g, ' '), 2000));

/** A table as part of a template. */
export const table = <R>(data: TableData<R>): TemplateResult => html`<data-table .data=${data as TableData<unknown>}></data-table>`;

/** What is not known (NaN) counts as smallest. */
const order = (a: string | number, b: string | number): number => {
  if (typeof a === 'string' || typeof b === 'string') return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
  const x = Number.isNaN(a) ? Number.NEGATIVE_INFINITY : a;
  const y = Number.isNaN(b) ? Number.NEGATIVE_INFINITY : b;
  return x < y ? -1 : x > y ? 1 : 0;
};

function scrollParent(element: HTMLElement): HTMLElement | null {
  for (let e = element.parentElement; e; e = e.parentElement) {
    const { overflowY } = getComputedStyle(e);
    if (overflowY === 'auto' || overflowY === 'scroll') return e;
  }
  return null;
}
