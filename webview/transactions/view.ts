/** The list of transactions: virtual rows over pages, sorted by the engine, with the selected one summarised beside it. */
import { html, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { count, visibleText } from '../../src/shared/format.ts';
import type { TransactionRow, TransactionSort } from '../../src/shared/protocol.ts';
import { noFormula } from '../../src/shared/spreadsheet.ts';
import { isQuiet, Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { movedRow, rowWindow } from '../ui/rows.ts';
import { style } from '../ui/style.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { PagedList } from './list.ts';
import { TransactionPanel } from './panel.ts';
import { header, ROW_PX, rowTemplate, type SortState } from './row.ts';
import { startTime } from './startTime.ts';

/** Where the list was scrolled to, for coming back from a waterfall. Belongs to one order and filter. */
let left = { of: '', scrollTop: 0 };

export class TransactionsView implements View {
  readonly kind = 'transactions';
  private host!: HTMLElement;
  private context!: AppContext;
  private list!: PagedList<TransactionRow>;
  private panel!: TransactionPanel;
  private longestNs = 0;
  private readonly longest = new Latest();
  private cursor = 0;
  private failure = '';
  private frame = 0;
  private restored = false;
  private readonly sizes = new ResizeObserver(() => this.schedule());

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    this.panel = new TransactionPanel(context);
    this.list = new PagedList<TransactionRow>(
      this.fetch(),
      () => this.arrived(),
      (e) => this.failed(e),
    );
    this.sizes.observe(host);
    this.draw();
    this.read();
    this.panel.show(context.selection.trace);
  }

  update(reason: Reason): void {
    if (reason === 'data' || reason === 'scope' || reason === 'remembered') this.read();
    if (reason === 'data' || reason === 'selection') this.panel.show(this.context.selection.trace);
    if (reason === 'theme' || reason === 'settings') this.panel.draw();
    this.schedule();
  }

  dispose(): void {
    left = { of: this.key(), scrollTop: this.scroller?.scrollTop ?? 0 };
    this.list.close();
    this.longest.cancel();
    this.panel.dispose();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
  }

  private get sort(): SortState {
    const { sort, descending } = this.context.state;
    return { sort: sort ?? 'duration', descending: descending ?? true };
  }
  private get scroller(): HTMLElement | null {
    return this.host.querySelector<HTMLElement>('.tx-body');
  }
  private key(): string {
    return JSON.stringify([this.context.scope(), this.sort]);
  }

  private fetch() {
    const scope = this.context.scope();
    const { sort, descending } = this.sort;
    return (offset: number, limit: number, signal: AbortSignal) =>
      this.context.call('transactions', { ...scope, offset, limit, sort, descending }, signal);
  }

  private read(): void {
    this.failure = '';
    this.list.restart(this.fetch());
    // The longest of the scope is the length of the bars' axis; under another order it is not on the first page.
    const question = { ...this.context.scope(), offset: 0, limit: 1, sort: 'duration', descending: true } as const;
    void this.longest.run(
      (signal) => this.context.call('transactions', question, signal),
      ({ rows }) => {
        this.longestNs = rows[0]?.durationNs ?? 0;
        this.schedule();
      },
      (e) => this.context.log(e),
    );
  }

  private arrived(): void {
    const chosen = this.context.selection.trace;
    const at = chosen === undefined ? -1 : this.list.indexOf((r) => r.trace === chosen);
    if (at >= 0) this.cursor = at;
    this.draw();
    if (this.restored) return;
    this.restored = true;
    const { scroller } = this;
    if (!scroller) return;
    if (left.of === this.key()) scroller.scrollTop = left.scrollTop;
    else if (at >= 0) this.reveal(at);
    this.draw();
  }
  private failed(e: unknown): void {
    if (isQuiet(e)) return;
    this.context.log(e);
    this.failure = e instanceof Error ? e.message : String(e);
    this.draw();
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { total } = this.list;
    const { kept, transactions = 0 } = this.context.snapshot.summary ?? {};
    const all = kept?.transactions ?? transactions;
    const text = total < 0 ? '' : total === all ? t('{0} shown', count(total)) : t('{0} of {1} shown', count(total), count(all));
    render(
      html`<div class="tx">
        <div class="view-head">
          <h1>${t('Transactions')}</h1>
          <span class="mut wide-only">${text}${kept ? ` · ${t('{0} of {1} kept in detail', count(kept.transactions), count(transactions))}` : ''}</span><span class="grow"></span>
          <span class="tx-legend"><i class="own"></i>${t('entry itself')} <i class="waiting"></i>${t('waiting')}</span>
        </div>
        ${this.failure || total === 0 ? this.nothing() : this.grid(Math.max(0, total))}
      </div>`,
      this.host,
    );
  }

  private nothing(): TemplateResult {
    if (this.failure) return html`<p class="hint">${t('The list could not be read: {0}', this.failure)}</p>`;
    const { filter, range } = this.context.state;
    const clear = () => this.context.set({ filter: '', range: undefined });
    return filter || range
      ? html`<p class="hint">${t('No transaction matches.')} <button class="link" @click=${clear}>${t('Clear filter')}</button></p>`
      : html`<p class="hint">${t('No transactions.')}</p>`;
  }

  private grid(total: number): TemplateResult {
    return html`<div class="tx-grid" role="grid" aria-label=${t('Transactions')} aria-rowcount=${total + 1} aria-busy=${this.list.total < 0}>
      ${header(this.sort, (s) => this.sortBy(s))}
      <div class="tx-body virtual" role="rowgroup" @scroll=${() => this.schedule()} @keydown=${(e: KeyboardEvent) => this.keyDown(e)}>
        <div class="virtual-body" role="presentation" ${style({ height: `${total * ROW_PX}px` })}>${this.rows(total)}</div>
      </div>
    </div>`;
  }

  private rows(total: number): unknown {
    const { scroller, context, cursor } = this;
    const { first, last } = rowWindow(total, ROW_PX, scroller?.scrollTop ?? 0, scroller?.clientHeight || this.host.clientHeight);
    this.list.need(first, last);
    const shown = Array.from({ length: Math.max(0, last - first) }, (_, k) => first + k);
    if (cursor < first) shown.unshift(cursor);
    else if (cursor >= last && cursor < total) shown.push(cursor);
    const { timeFormat } = context.settings;
    const epochNs = context.snapshot.summary?.epochNs ?? '';
    return repeat(
      shown,
      (row) => row,
      (row) => {
        const r = this.list.at(row);
        if (!r)
          return html`<div class="tx-row virtual-row" role="row" aria-busy="true" ${style({ top: `${row * ROW_PX}px` })}><span role="gridcell"></span></div>`;
        return rowTemplate(r, row, {
          service: visibleText(context.directory.name(r.service), 60),
          start: startTime(r.startNs, epochNs, timeFormat),
          longestNs: this.longestNs || r.durationNs,
          selected: r.trace === context.selection.trace,
          focusable: row === cursor,
          select: () => this.moveTo(row),
          open: () => context.go('waterfall', { trace: r.trace }),
        });
      },
    );
  }

  private sortBy(sort: TransactionSort): void {
    const now = this.sort;
    // The interesting end first: longest, most, but the least sure and the earliest.
    const descending = sort === now.sort ? !now.descending : sort !== 'start' && sort !== 'confidence';
    if (this.scroller) this.scroller.scrollTop = 0;
    this.cursor = 0;
    this.context.set({ sort, descending });
  }

  /** Tab-separated, with a head: what a spreadsheet takes. The rows that were read, which are those that were seen. */
  private copy(): void {
    const name = (r: TransactionRow) => noFormula(visibleText(this.context.directory.name(r.service), 200));
    const lines = [['start s', 'service', 'endpoint', 'duration ms', 'spans', 'errors', 'lowest confidence', 'id']];
    for (let row = 0; row < this.list.total; row++) {
      const r = this.list.at(row);
      if (!r) continue;
      const figures = [r.durationNs / 1e6, r.spans, r.errors, r.minConfidence.toFixed(3), r.id].map(String);
      lines.push([(r.startNs / 1e9).toFixed(6), name(r), noFormula(visibleText(r.endpoint, 400)), ...figures]);
    }
    this.context.copy(lines.map((l) => l.join('\t')).join('\n'));
    this.context.announce(t('{0} rows copied', count(lines.length - 1)));
  }

  private keyDown(e: KeyboardEvent): void {
    const row = this.list.at(this.cursor);
    if ((e.ctrlKey || e.metaKey) && e.key === 'c' && String(document.getSelection() ?? '') === '') {
      e.preventDefault();
      this.copy();
      return;
    }
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    if (e.key === 'Enter' && row) this.context.go('waterfall', { trace: row.trace });
    else if (e.key === ' ' && row) this.context.select({ trace: row.trace });
    else {
      const page = Math.floor((this.scroller?.clientHeight ?? ROW_PX) / ROW_PX);
      const to = movedRow(e.key, this.cursor, Math.max(0, this.list.total), page);
      if (to < 0) return;
      this.moveTo(to);
      this.host.querySelector<HTMLElement>(`.tx-row[data-row="${to}"]`)?.focus({ preventScroll: true });
    }
    e.preventDefault();
    e.stopPropagation();
  }

  private moveTo(row: number): void {
    this.cursor = row;
    this.reveal(row);
    this.draw();
    const r = this.list.at(row);
    if (r && r.trace !== this.context.selection.trace) this.context.select({ trace: r.trace });
  }
  private reveal(row: number): void {
    const { scroller } = this;
    if (!scroller) return;
    const top = row * ROW_PX;
    if (top < scroller.scrollTop) scroller.scrollTop = top;
    else if (top + ROW_PX > scroller.scrollTop + scroller.clientHeight) scroller.scrollTop = top + ROW_PX - scroller.clientHeight;
  }
}
