/** Patterns: transactions of the same shape counted as one. Above the list of shapes, below the mean of the chosen one. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { count, milliseconds, percent, visibleText } from '../../src/shared/format.ts';
import type { PatternRow, StableId } from '../../src/shared/protocol.ts';
import { isQuiet, Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { errorShare, sectionHead } from '../ui/parts.ts';
import { style } from '../ui/style.ts';
import { type Column, table } from '../ui/table.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { shape, thumbnail, timesText } from './shape.ts';

const PAGE_ROWS = 100;
/** Chosen last, for coming back from a waterfall. */
let last: StableId | null = null;

export class PatternsView implements View {
  readonly kind = 'patterns';
  private host!: HTMLElement;
  private context!: AppContext;
  private rows: readonly PatternRow[] | null = null;
  private total = 0;
  /** Transactions of all shapes, those not listed yet too. */
  private transactions = 0;
  private chosen: StableId | null = last;
  private failure = '';
  private readonly asked = new Latest();

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    context.panel(null);
    this.draw();
    this.read();
  }
  update(reason: Reason): void {
    if (reason === 'data' || reason === 'scope') this.read();
    else this.draw();
  }
  dispose(): void {
    this.asked.cancel();
  }

  private read(more = false): void {
    const offset = more ? (this.rows?.length ?? 0) : 0;
    const scope = this.context.scope();
    const ask = (signal: AbortSignal) =>
      Promise.all([
        this.context.call('patterns', { ...scope, offset, limit: PAGE_ROWS }, signal),
        this.context.call('filterCheck', scope, signal),
      ]);
    void this.asked.run(
      ask,
      ([{ total, rows }, { matchingTransactions }]) => {
        this.total = total;
        this.transactions = matchingTransactions;
        this.rows = more ? [...(this.rows ?? []), ...rows] : rows;
        this.failure = '';
        this.draw();
      },
      (e) => {
        if (isQuiet(e)) return;
        this.context.log(e);
        this.failure = e instanceof Error ? e.message : String(e);
        this.draw();
      },
    );
  }

  private draw(): void {
    const { rows, failure } = this;
    const text = rows ? t('{0} shapes of {1} transactions', count(this.total), count(this.transactions)) : '';
    render(
      html`<div class="patterns">
        <div class="view-head">
          <h1>${t('Patterns')}</h1>
          <span class="mut wide-only">${text}</span><span class="grow"></span>
          <span class="small mut wide-only">${icon('warning')} ${t('many calls of one kind, one after another (N+1)')}</span>
        </div>
        ${failure ? html`<p class="hint">${t('Patterns could not be read: {0}', failure)}</p>` : rows ? this.content(rows) : html`<p class="hint" aria-busy="true">${t('Grouping transactions by shape…')}</p>`}
      </div>`,
      this.host,
    );
  }

  private content(rows: readonly PatternRow[]): TemplateResult {
    if (rows.length === 0) return html`<p class="hint">${t('No transaction matches.')}</p>`;
    const chosen = rows.find((r) => r.id === this.chosen) ?? rows[0]!;
    return html`<div class="patterns-list">
        ${this.list(rows, chosen)}
        ${this.total > rows.length ? html`<p class="hint"><button class="link" @click=${() => this.read(true)}>${t('Show {0} more', count(Math.min(PAGE_ROWS, this.total - rows.length)))}</button></p>` : nothing}
      </div>
      ${this.detail(chosen)}`;
  }

  private list(rows: readonly PatternRow[], chosen: PatternRow): TemplateResult {
    const most = rows.reduce((m, r) => Math.max(m, r.count), 1);
    const entry = (r: PatternRow) => {
      const root = r.nodes[0];
      const name = root ? visibleText(this.context.directory.name(root.service), 60) : visibleText(r.entry, 60);
      return html`${name} <span class="mono">${visibleText(root?.endpoint ?? '', 80)}</span>`;
    };
    const columns: Column<PatternRow>[] = [
      { key: 'entry', title: t('entry'), value: (r) => visibleText(r.entry, 160), cell: entry, class: 'ell' },
      {
        key: 'shape',
        title: '',
        hint: t('shape'),
        class: 'wide-only',
        value: (r) => r.id,
        cell: (r) => thumbnail(r, this.context.directory),
      },
      { key: 'marks', title: t('repeats'), value: (r) => r.repeats.reduce((m, x) => Math.max(m, x.times), 0), cell: (r) => marks(r) },
      {
        key: 'count',
        title: t('transactions'),
        num: true,
        value: (r) => r.count,
        cell: (r) =>
          html`<span class="count-bar" aria-hidden="true"><i ${style({ width: `${(r.count / most) * 100}%` })}></i></span>${count(r.count)}`,
      },
      { key: 'spans', title: t('spans'), num: true, value: (r) => r.spans, cell: (r) => count(r.spans) },
      { key: 'p50', title: t('p50, ms'), num: true, value: (r) => r.latency.p50Ns / 1e6, cell: (r) => milliseconds(r.latency.p50Ns) },
      { key: 'p95', title: t('p95, ms'), num: true, value: (r) => r.latency.p95Ns / 1e6, cell: (r) => milliseconds(r.latency.p95Ns) },
      {
        key: 'max',
        title: t('max, ms'),
        num: true,
        class: 'wide-only',
        value: (r) => r.latency.maxNs / 1e6,
        cell: (r) => milliseconds(r.latency.maxNs),
      },
      {
        key: 'errors',
        title: t('err %'),
        num: true,
        value: (r) => (100 * r.latency.errors) / r.count,
        cell: (r) => errorShare(r.latency.errors, r.count),
      },
    ];
    return table<PatternRow>({
      label: t('Patterns'),
      columns,
      rows,
      id: (r) => r.id,
      sort: { key: 'count', descending: true },
      selected: (r) => r === chosen,
      click: (r) => {
        this.chosen = last = r.id;
        this.draw();
      },
      open: (r) => this.open(r),
    });
  }

  private detail(r: PatternRow): TemplateResult {
    return html`<section class="patterns-shape" aria-label=${t('Chosen pattern')}>
      <div class="patterns-shape-head">
        ${sectionHead(t('Mean shape'), t('{0} of all transactions', percent(this.share(r), 1)))}<span class="grow"></span>
        <button class="btn low" @click=${() => this.open(r)}>${t('Open Example')}</button>
      </div>
      ${
        r.repeats.length > 0
          ? html`<ul class="patterns-repeats">
              ${r.repeats.slice(0, 4).map((x) => html`<li>${x.sequential ? icon('warning') : icon('info')} ${repeatText(x)}</li>`)}
            </ul>`
          : nothing
      }
      ${shape(r, this.context.directory)}
    </section>`;
  }
  private share(r: PatternRow): number {
    const all = this.context.snapshot.summary?.transactions ?? 0;
    return all > 0 ? r.count / all : Number.NaN;
  }
  private open(r: PatternRow): void {
    last = r.id;
    this.context.go('waterfall', { trace: r.exampleTrace });
  }
}

type Repeat = PatternRow['repeats'][number];
function repeatText(x: Repeat): string {
  const what = visibleText(x.text, 120);
  const times = x.times >= 10 ? String(Math.round(x.times)) : x.times.toFixed(1).replace(/\.0$/, '');
  return x.sequential
    ? t('{0} is called {1} times by one call, one after another: one query for each entry of a list (N+1)?', what, times)
    : t('{0} is called {1} times by one call, at the same time', what, times);
}
function marks(r: PatternRow): TemplateResult | typeof nothing {
  const worst = [...r.repeats].sort((a, b) => Number(b.sequential) - Number(a.sequential) || b.times - a.times)[0];
  if (!worst) return nothing;
  return html`<span class="pattern-mark ${worst.sequential ? 'n-plus-1' : ''}" title=${repeatText(worst)}
    >${worst.sequential ? icon('warning') : nothing}${worst.sequential ? 'N+1 ' : ''}${timesText(worst.times)} ${visibleText(worst.text, 40)}</span
  >`;
}
