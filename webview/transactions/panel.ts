/** The selected transaction beside the list: figures, shape, and who holds its critical path. */
import { html, nothing, svg, type TemplateResult } from 'lit';
import { count, duration, milliseconds, percent, visibleText } from '../../src/shared/format.ts';
import type { TraceRow, TransactionDetails, WaterfallSlice } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { dot, figures, panelHead, sectionHead, serviceName } from '../ui/parts.ts';
import { sized } from '../ui/sized.ts';
import { type Column, table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';

/** Rows of the miniature; a transaction with more says how many are left out. */
const SHAPE_ROWS = 40;
const SHAPE_ROW_PX = 8;

export class TransactionPanel {
  private readonly context: AppContext;
  private readonly latest = new Latest();
  private shown: { readonly details: TransactionDetails; readonly shape: WaterfallSlice } | null = null;
  private wanted: TraceRow = -1;

  constructor(context: AppContext) {
    this.context = context;
  }

  /** Shows a transaction; undefined: says what a selection would show. */
  show(trace: TraceRow | undefined): void {
    const { generation } = this.context.snapshot;
    if (trace === undefined || trace < 0) {
      this.latest.cancel();
      this.shown = null;
      this.wanted = -1;
      this.context.panel(null);
      return;
    }
    this.wanted = trace;
    const waterfall = { generation, trace, firstRow: 0, rows: SHAPE_ROWS, collapsed: [] };
    void this.latest.run(
      async (signal) => {
        const [details, shape] = await Promise.all([
          this.context.call('transaction', { generation, trace }, signal),
          this.context.call('waterfall', waterfall, signal),
        ]);
        return { details, shape };
      },
      (shown) => {
        this.shown = shown;
        this.draw();
      },
      (e) => this.context.log(e),
    );
  }

  draw(): void {
    if (this.shown && this.shown.details.trace === this.wanted) this.context.panel(this.template(this.shown.details, this.shown.shape));
  }
  dispose(): void {
    this.latest.cancel();
    this.context.panel(null);
  }

  private template(d: TransactionDetails, shape: WaterfallSlice): TemplateResult {
    const { context } = this;
    const open = html`<button class="btn low" @click=${() => context.go('waterfall', { trace: d.trace })}>${t('Open Waterfall')}</button>`;
    const more = shape.totalRows - shape.call.length;
    return html`${panelHead(visibleText(d.endpoint, 120), () => context.select({}), dot(context.directory.color(d.service)), open)}
      <div class="panel-sub mono">${d.id}</div>
      ${figures([
        { label: d.slowerThan === null ? `${t('duration')}, ${t('uncertain')}` : t('duration'), value: duration(d.durationNs) },
        { label: t('spans'), value: count(d.spans) },
        { label: t('errors'), value: count(d.errors), bad: d.errors > 0 },
        { label: t('guessed links'), value: count(d.guesses) },
      ])}
      <div class="panel-body">
        <section>
          ${sectionHead(t('Shape'), more > 0 ? t('first {0} of {1} rows', shape.call.length, count(shape.totalRows)) : '')}
          <div class="pad gap"><div class="tx-shape" ${sized((w) => miniature(shape, w, (s) => context.directory.color(s)))}></div></div>
        </section>
        <section>${sectionHead(t('On the critical path'), t('ms'))} ${this.criticalPath(d)}</section>
      </div>`;
  }

  private criticalPath(d: TransactionDetails): TemplateResult {
    type Row = TransactionDetails['criticalPath'][number];
    const { directory } = this.context;
    const columns: Column<Row>[] = [
      {
        key: 'service',
        title: t('service'),
        value: (r) => visibleText(directory.name(r.service), 60),
        cell: (r) => serviceName(directory, r.service, 60),
      },
      { key: 'time', title: t('time'), num: true, value: (r) => r.ns / 1e6, cell: (r) => milliseconds(r.ns) },
      { key: 'share', title: t('share'), num: true, value: (r) => r.ns / d.durationNs, cell: (r) => percent(r.ns / d.durationNs) },
    ];
    return table<Row>({
      label: t('Time on the critical path by service'),
      columns,
      rows: d.criticalPath,
      id: (r) => r.service,
      open: (r) => this.context.go('service', { service: r.service }),
    });
  }
}

/** Every call as a thin bar; the waterfall at a glance. */
function miniature(s: WaterfallSlice, width: number, color: (service: number) => string): TemplateResult {
  const spanNs = Math.max(1, s.range.toNs - s.range.fromNs);
  const x = (ns: number) => ((Math.min(ns, s.range.toNs) - s.range.fromNs) / spanNs) * width;
  const rows = Array.from(s.call, (_, i) => {
    const from = x(s.startNs[i]!);
    const to = Number.isFinite(s.endNs[i]!) ? x(s.endNs[i]!) : width;
    return svg`<line class="grid" x1="0" x2=${width} y1=${i * SHAPE_ROW_PX + 7.5} y2=${i * SHAPE_ROW_PX + 7.5}></line>
      <rect x=${from} y=${i * SHAPE_ROW_PX + 1} width=${Math.max(2, to - from)} height="5" fill=${color(s.service[i]!)}></rect>`;
  });
  return html`<svg class="chart" width=${width} height=${s.call.length * SHAPE_ROW_PX} role="img" aria-label=${t('Shape of the transaction')}>
    ${rows.length > 0 ? rows : nothing}
  </svg>`;
}
