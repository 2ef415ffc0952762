/** The waterfall of one transaction: rows in the DOM, bars on a canvas, the details of the selected call in the side panel. */
import { html, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { count } from '../../src/shared/format.ts';
import { type PageAct, type TimeRange, WaterfallFlag } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { rowWindow } from '../ui/rows.ts';
import { style } from '../ui/style.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { Bars } from './bars.ts';
import { DURATIONS_PX, LEFT_PX, ROW_PX, scrollToShow, TREE_PX, timeScale } from './geometry.ts';
import { waterfallAction } from './keys.ts';
import { legend } from './legend.ts';
import type { WaterfallModel } from './model.ts';
import { SpanPanel } from './panel/spanPanel.ts';
import { onWheel, type PointerTarget, startDrag } from './pointer.ts';
import { head, overviewText, ruler, splitter } from './render.ts';
import { type RowContext, rowTemplate, waitingRow } from './row.ts';
import { durationUnit, inUnit, rulerTicks, type Tick, type TimeUnit } from './ruler.ts';
import { WaterfallSession } from './session.ts';
import { isZoomed, type Zoom, zoomOut } from './zoom.ts';

/** Below this the tree column is narrow. */
const NARROW_PX = 720;
/** Rows of grey before the first page is here. */
const SKELETON_ROWS = 14;
/** Height to draw rows for before it is known. */
const FIRST_GUESS_PX = 600;

export class WaterfallView implements View, PointerTarget {
  readonly kind = 'waterfall';
  private host!: HTMLElement;
  private context!: AppContext;
  private session!: WaterfallSession;
  private panel!: SpanPanel;
  private bars!: Bars;
  private drag: TimeRange | null = null;
  private depth = 0;
  private userTreePx = 0;
  private hostPx = 0;
  private frame = 0;
  /** The scrolling box and its inner size. Kept, because reading a size after the rows changed costs a layout (3 ms a frame, measured). */
  private body: { readonly element: HTMLElement; width: number; height: number } | null = null;
  private readonly sizes = new ResizeObserver(() => {
    this.measure();
    this.schedule();
  });

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    this.bars = new Bars((s) => context.directory.color(s));
    this.panel = new SpanPanel(context, () => this.zoom.whole.fromNs);
    this.session = new WaterfallSession(context, {
      columns: () => this.barsPx,
      pageRows: () => Math.max(1, Math.floor((this.body?.height ?? ROW_PX) / ROW_PX) - 1),
      changed: () => {
        this.bars.rowsChanged();
        this.schedule();
      },
      reveal: (row) => this.reveal(row),
      arrived: (call) => {
        this.panel.show(call, this.groupNote());
        this.schedule();
      },
      details: () => this.panel.focus(),
    });
    this.sizes.observe(host);
    this.measure();
    host.addEventListener('wheel', this.wheel, { passive: false });
    this.draw();
    void this.session.open();
  }

  update(reason: Reason): void {
    if (reason === 'theme') this.bars.themeChanged();
    if (reason === 'data' || reason === 'scope') void this.session.open();
    else if (reason === 'selection') void this.session.selected();
    else if (reason === 'remembered' || reason === 'settings') this.panel.draw();
    this.schedule();
  }

  onKey(e: KeyboardEvent): boolean {
    if (e.key === 'Escape') {
      if (!isZoomed(this.zoom)) return false;
      this.setZoom(zoomOut(this.zoom.whole));
      return true;
    }
    const action = waterfallAction(e);
    if (!action || !this.session.model) return false;
    void this.session.act(action);
    return true;
  }

  act(what: PageAct): void {
    if (what.act === 'criticalOnly') this.session.toggleCritical();
  }

  dispose(): void {
    this.session.close();
    this.panel.dispose();
    this.sizes.disconnect();
    this.host.removeEventListener('wheel', this.wheel);
    cancelAnimationFrame(this.frame);
  }

  get zoom(): Zoom {
    return this.session.zoom;
  }
  get treePx(): number {
    return this.userTreePx || (this.hostPx < NARROW_PX ? TREE_PX.narrow : TREE_PX.wide);
  }
  get barsPx(): number {
    return Math.max(160, (this.body?.width ?? this.hostPx) - this.treePx);
  }
  setZoom(z: Zoom): void {
    this.session.zoom = z;
    this.schedule();
  }
  setDrag(range: TimeRange | null): void {
    this.drag = range;
    this.schedule();
  }

  private measure(): void {
    this.hostPx = this.host.clientWidth;
    const element = this.host.querySelector<HTMLElement>('.wf-body');
    if (element && element !== this.body?.element) this.sizes.observe(element);
    this.body = element && { element, width: element.clientWidth, height: element.clientHeight };
  }
  private readonly wheel = (e: WheelEvent) => {
    if (this.session.model) onWheel(e, this.host, this);
  };

  /** A group stands for many calls; its details are those of the first. */
  private groupNote(): string {
    const ref = this.session.model?.pages.at(this.session.cursor);
    if (!ref || (ref.slice.marks[ref.i]! & WaterfallFlag.group) === 0) return '';
    return t('first of {0} calls of this group; → opens it', count(ref.slice.childCount[ref.i]!));
  }

  /** Scrolls as little as needed; the focus follows when it was on a row. */
  private reveal(row: number): void {
    const { body } = this;
    if (body) {
      const top = scrollToShow(row, body.element.scrollTop, body.height);
      if (top !== body.element.scrollTop) body.element.scrollTop = top;
    }
    const inRows = document.activeElement?.classList.contains('wf-row') === true;
    this.draw();
    if (inRows) this.host.querySelector<HTMLElement>(`.wf-row[data-row="${row}"]`)?.focus({ preventScroll: true });
  }

  private schedule(): void {
    if (this.frame !== 0) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = 0;
      this.draw();
    });
  }

  private draw(): void {
    const { session, treePx, barsPx } = this;
    const { whole, shown } = session.zoom;
    const scrollTop = this.body?.element.scrollTop ?? 0;
    const unit = durationUnit(whole.toNs - whole.fromNs);
    const ticks = session.model ? rulerTicks(whole.fromNs, shown, barsPx - LEFT_PX - DURATIONS_PX) : [];
    render(this.template(ticks, unit, scrollTop), this.host);
    // A note instead of rows, or rows again: another box.
    if (!this.body?.element.isConnected) this.measure();
    this.paint(ticks, unit, treePx, scrollTop);
  }

  private template(ticks: readonly Tick[], unit: TimeUnit, scrollTop: number): TemplateResult {
    const { session, treePx, barsPx } = this;
    const { whole, shown } = session.zoom;
    const showAll = () => this.setZoom(zoomOut(whole));
    const service = this.context.directory.name(session.transaction?.service ?? -1);
    const options = {
      criticalOnly: session.criticalOnly,
      zoomed: isZoomed(session.zoom),
      measuredOnly: this.context.state.measuredOnly === true,
    };
    return html`<div class="wf">
      ${head(session.transaction, service, options, {
        toList: () => this.context.go('transactions', session.trace < 0 ? {} : { trace: session.trace }),
        toggleCritical: () => session.toggleCritical(),
        nextUncertain: () => void session.findNext('uncertain'),
        nextError: () => void session.findNext('error'),
        zoomOut: showAll,
      })}
      <div class="wf-overview" @pointerdown=${(e: PointerEvent) => this.startDrag(e, whole)} @dblclick=${showAll}>
        <canvas aria-hidden="true"></canvas>${overviewText(this.depth)}
      </div>
      <div
        class="wf-ruler"
        title=${t('Drag to zoom; Ctrl+wheel zooms, Shift+wheel pans; 0 shows all')}
        @pointerdown=${(e: PointerEvent) => this.startDrag(e, shown)}
        @dblclick=${showAll}
      >
        ${ruler(timeScale(shown, barsPx, treePx), treePx, treePx + barsPx, ticks, unit, this.drag)}
      </div>
      ${this.grid(scrollTop)}${splitter(
        treePx,
        (px) => this.resizeTree(px),
        () => this.host,
      )}${legend()}
    </div>`;
  }

  private grid(scrollTop: number): TemplateResult {
    const { model, failure } = this.session;
    const total = model?.totalRows ?? 0;
    const note = failure || (model && total === 0 ? t('No call of this transaction is shown with these options.') : '');
    if (note) return html`<div class="wf-body"><p class="wf-note">${note}</p></div>`;
    const height = (model ? total : SKELETON_ROWS) * ROW_PX;
    return html`<div
      class="wf-body"
      role="treegrid"
      aria-label=${t('Calls of the transaction; bars show their times')}
      aria-rowcount=${total}
      aria-busy=${model === null}
      @scroll=${() => this.schedule()}
      @keydown=${(e: KeyboardEvent) => this.key(e)}
    >
      <div class="wf-rows" role="rowgroup" ${style({ height: `${height}px`, '--tree': `${this.treePx}px` })}>
        <canvas class="wf-bars" aria-hidden="true"></canvas>
        ${model ? this.rows(model, scrollTop) : Array.from({ length: SKELETON_ROWS }, (_, k) => waitingRow(k))}
      </div>
    </div>`;
  }

  /** The rows in view, and the one with the cursor wherever it is: it may hold the focus. */
  private rows(model: WaterfallModel, scrollTop: number): unknown {
    const { context, session } = this;
    const { cursor } = session;
    const { first, last } = rowWindow(model.totalRows, ROW_PX, scrollTop, this.body?.height || FIRST_GUESS_PX);
    void model.pages.need(first, last);
    const shown = Array.from({ length: Math.max(0, last - first) }, (_, k) => first + k);
    if (cursor < first) shown.unshift(cursor);
    else if (cursor >= last && cursor < model.totalRows) shown.push(cursor);
    const c: RowContext = {
      name: (s) => context.directory.name(s),
      color: (s) => context.directory.color(s),
      startNs: session.zoom.whole.fromNs,
      select: (row) => session.moveTo(row),
      toggle: (row) => session.toggle(row),
      open: () => this.panel.focus(),
    };
    return repeat(
      shown,
      (row) => row,
      (row) => {
        const ref = model.pages.at(row);
        return ref ? rowTemplate(row, ref, { selected: row === cursor, focusable: row === cursor }, c) : waitingRow(row);
      },
    );
  }

  private key(e: KeyboardEvent): void {
    // Escape goes to the page, which asks this view first.
    if (e.key === 'Escape' || !this.onKey(e)) return;
    e.preventDefault();
    e.stopPropagation();
  }
  private resizeTree(px: number): void {
    this.userTreePx = Math.round(Math.max(160, Math.min(px, 640, this.hostPx - 240)));
    this.schedule();
  }
  private startDrag(e: PointerEvent, range: TimeRange): void {
    if (this.session.model) startDrag(e, e.currentTarget as HTMLElement, this, range);
  }

  private paint(ticks: readonly Tick[], unit: TimeUnit, treePx: number, scrollTopPx: number): void {
    const { body, barsPx } = this;
    const { model, zoom } = this.session;
    const canvas = this.host.querySelector<HTMLCanvasElement>('canvas.wf-bars');
    const overview = this.host.querySelector<HTMLCanvasElement>('.wf-overview canvas');
    if (!model || !body || !canvas || !overview) return;
    const layout = { treePx, barsPx, heightPx: body.height, scrollTopPx };
    const ticksNs = ticks.map((tick) => tick.ns);
    this.bars.paint(canvas, model, zoom, layout, ticksNs, (ns) => inUnit(ns, unit));
    const depth = this.bars.paintOverview(overview, model, zoom, layout);
    if (depth === this.depth) return;
    this.depth = depth;
    this.schedule();
  }
}
