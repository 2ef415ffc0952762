/** What is shown of one transaction and where the cursor is: reads rows, folds, steps. Knows nothing of the DOM. */
import { type CallRow, type TraceRow, type TransactionDetails, WaterfallFlag } from '../../src/shared/protocol.ts';
import { isQuiet } from '../rpc.ts';
import { t } from '../text.ts';
import type { AppContext } from '../view.ts';
import { collapsedBelowRoot, parentRow, siblingRow } from './actions.ts';
import type { WaterfallAction } from './keys.ts';
import { WaterfallModel } from './model.ts';
import type { FetchPage } from './pages.ts';
import { type Zoom, zoomBy, zoomOut, zoomToSpan } from './zoom.ts';

/** What the session asks of the picture. */
export interface SessionHost {
  /** Width of the bars in px: how fine the overview has to be. */
  columns(): number;
  pageRows(): number;
  /** Rows, zoom or options are others now. */
  changed(): void;
  /** The cursor moved to this row: bring it into view. */
  reveal(row: number): void;
  /** The call under the cursor is known; null: nothing is shown. */
  arrived(call: CallRow | null): void;
  /** Go to the details of the call under the cursor. */
  details(): void;
}

export class WaterfallSession {
  model: WaterfallModel | null = null;
  transaction: TransactionDetails | null = null;
  trace: TraceRow = -1;
  /** The transaction that is being read, or was last: asked for once. */
  private wanted: TraceRow = -1;
  zoom: Zoom = zoomOut({ fromNs: 0, toNs: 1 });
  cursor = 0;
  criticalOnly = false;
  /** Why nothing is shown, in words. */
  failure = '';
  private openCritical = false;
  private collapsed = new Set<CallRow>();
  private generation = -1;
  private loading = new AbortController();
  private readonly context: AppContext;
  private readonly host: SessionHost;

  constructor(context: AppContext, host: SessionHost) {
    this.context = context;
    this.host = host;
  }

  close(): void {
    this.loading.abort();
    this.model?.pages.close();
  }

  /** Shows the selected transaction from its first page; keeps zoom and folding while it stays the same. */
  async open(): Promise<void> {
    const { selection, snapshot } = this.context;
    const { generation } = snapshot;
    const signal = this.restart();
    this.wanted = selection.trace ?? -1;
    try {
      const trace = selection.trace ?? (await this.traceOf(selection.call, signal));
      if (signal.aborted) return;
      this.wanted = trace ?? -1;
      if (trace === undefined || trace < 0) return this.show(null, t('Choose a transaction in the list to see its waterfall.'));
      const other = trace !== this.trace;
      if (other) this.criticalOnly = this.openCritical;
      this.openCritical = false;
      // Rows of an older generation mean nothing now.
      if (other || generation !== this.generation) this.collapsed.clear();
      const [transaction, model] = await Promise.all([
        this.context.call('transaction', { generation, trace }, signal),
        this.read(generation, trace, signal),
      ]);
      if (signal.aborted) return model.pages.close();
      this.trace = trace;
      this.generation = generation;
      this.transaction = transaction;
      const { whole } = this.zoom;
      if (other || whole.fromNs !== model.range.fromNs || whole.toNs !== model.range.toNs) this.zoom = zoomOut(model.range);
      this.show(model, '');
      await this.follow();
    } catch (e) {
      if (signal.aborted || isQuiet(e)) return;
      this.context.log(e);
      this.show(null, t('This transaction could not be read: {0}', e instanceof Error ? e.message : String(e)));
    }
  }

  /** Another selection: of another transaction, or another call of this one. */
  async selected(): Promise<void> {
    const { trace } = this.context.selection;
    await (trace !== undefined && trace !== this.wanted ? this.open() : this.follow());
  }

  /** Puts the cursor on the selected call, unfolding what hides it. */
  async follow(): Promise<void> {
    const call = this.context.selection.call;
    if (!this.model || call === undefined) return this.moveTo(this.model ? this.cursor : 0, false);
    if (call === this.callAt(this.cursor)) return this.moveTo(this.cursor, false);
    let row = await this.model.pages.find(call);
    if (row < 0 && (this.collapsed.size > 0 || this.criticalOnly)) {
      this.collapsed.clear();
      this.criticalOnly = false;
      await this.reread();
      row = (await this.model?.pages.find(call)) ?? -1;
    }
    this.moveTo(row < 0 ? this.cursor : row, false);
  }

  callAt(row: number): CallRow {
    const ref = this.model?.pages.at(row);
    return ref ? ref.slice.call[ref.i]! : -1;
  }

  setZoom(z: Zoom): void {
    this.zoom = z;
    this.host.changed();
  }

  /** Moves the cursor; `select` also makes its call the selection of the page. */
  moveTo(row: number, select = true): void {
    const { model } = this;
    if (!model || model.totalRows === 0) return;
    this.cursor = Math.max(0, Math.min(row, model.totalRows - 1));
    this.host.reveal(this.cursor);
    void model.pages.need(this.cursor, this.cursor + 1).then(() => {
      const call = this.model === model ? this.callAt(this.cursor) : -1;
      if (call < 0) return;
      if (select && call !== this.context.selection.call) this.context.select({ trace: this.trace, call });
      this.host.arrived(call);
    });
  }

  async act(action: WaterfallAction): Promise<void> {
    const { model, cursor, zoom } = this;
    const ref = model?.pages.at(cursor);
    if (!model || !ref) return;
    const { slice, i } = ref;
    const shut = (slice.marks[i]! & WaterfallFlag.collapsed) !== 0;
    // The first call of an opened group is among the collapsed ones: folding it closes the group again.
    const foldable = !shut && (slice.childCount[i]! > 0 || this.collapsed.has(slice.call[i]!));
    const go = (row: number) => {
      if (row >= 0) this.moveTo(row);
    };
    switch (action) {
      case 'next':
        return go(cursor + 1);
      case 'previous':
        return go(cursor - 1);
      case 'pageDown':
        return go(cursor + this.host.pageRows());
      case 'pageUp':
        return go(Math.max(0, cursor - this.host.pageRows()));
      case 'first':
        return go(0);
      case 'last':
        return go(model.totalRows - 1);
      case 'nextSibling':
        return go(await siblingRow(model.pages, cursor, 1));
      case 'previousSibling':
        return go(await siblingRow(model.pages, cursor, -1));
      case 'parent':
        return go(await parentRow(model.pages, cursor));
      case 'collapse':
        return foldable ? this.toggle(cursor) : go(await parentRow(model.pages, cursor));
      case 'expand':
        return shut ? this.toggle(cursor) : slice.childCount[i]! > 0 ? go(cursor + 1) : undefined;
      case 'collapseAll':
        return this.collapseAll();
      case 'expandAll':
        this.collapsed.clear();
        return this.reread();
      case 'zoomToSpan':
        return this.setZoom(zoomToSpan(zoom, slice.startNs[i]!, slice.endNs[i]!));
      case 'zoomOut':
        return this.setZoom(zoomOut(zoom.whole));
      case 'zoomIn':
      case 'zoomLess':
        return this.setZoom(zoomBy(zoom, action === 'zoomIn' ? 1.5 : 1 / 1.5, (zoom.shown.fromNs + zoom.shown.toNs) / 2));
      case 'criticalOnly':
        return this.toggleCritical();
      case 'nextError':
        return this.findNext('error');
      case 'nextUncertain':
        return this.findNext('uncertain');
      case 'packets':
        return this.context.set({ tab: 'packets' });
      case 'details':
        return this.host.details();
    }
  }

  toggle(row: number): void {
    const call = this.callAt(row);
    if (call < 0) return;
    if (!this.collapsed.delete(call)) this.collapsed.add(call);
    this.cursor = row;
    void this.reread();
  }

  /** Also before the transaction is read: then it is shown so from the start. */
  toggleCritical(): void {
    this.criticalOnly = !this.criticalOnly;
    this.context.announce(this.criticalOnly ? t('Only calls on the critical path are shown') : t('All calls are shown'));
    if (this.model) void this.reread();
    else {
      this.openCritical = this.criticalOnly;
      void this.open();
    }
  }

  async findNext(what: 'error' | 'uncertain'): Promise<void> {
    const { generation } = this.context.snapshot;
    try {
      const call = await this.context.call('waterfallFind', { generation, trace: this.trace, what, afterCall: this.callAt(this.cursor) });
      if (call >= 0) this.context.select({ trace: this.trace, call });
      else this.context.announce(what === 'error' ? t('No call failed') : t('No call is uncertain'));
    } catch (e) {
      if (!isQuiet(e)) this.context.log(e);
    }
  }

  private async collapseAll(): Promise<void> {
    const { generation } = this.context.snapshot;
    try {
      this.collapsed = await collapsedBelowRoot(
        (collapsed, ...page) => this.fetcher(generation, this.trace, collapsed)(...page),
        this.loading.signal,
      );
      await this.reread();
    } catch (e) {
      if (!isQuiet(e)) this.context.log(e);
    }
  }

  /** Reads the rows again after folding or filtering, with the same call under the cursor. */
  private async reread(): Promise<void> {
    const call = this.callAt(this.cursor);
    const signal = this.restart();
    try {
      const model = await this.read(this.context.snapshot.generation, this.trace, signal);
      if (signal.aborted) return model.pages.close();
      const row = call < 0 ? -1 : await model.pages.find(call);
      this.show(model, '');
      this.moveTo(Math.max(0, row), row < 0);
    } catch (e) {
      if (!signal.aborted && !isQuiet(e)) this.context.log(e);
    }
  }

  private restart(): AbortSignal {
    this.loading.abort();
    this.loading = new AbortController();
    return this.loading.signal;
  }

  private show(model: WaterfallModel | null, failure: string): void {
    if (this.model !== model) this.model?.pages.close();
    this.model = model;
    this.failure = failure;
    if (!model) {
      this.transaction = null;
      this.trace = -1;
      this.wanted = -1;
      this.host.arrived(null);
    }
    this.host.changed();
  }

  private async traceOf(call: CallRow | undefined, signal: AbortSignal): Promise<TraceRow | undefined> {
    if (call === undefined) return undefined;
    return (await this.context.call('call', { generation: this.context.snapshot.generation, call }, signal)).trace;
  }

  private fetcher(generation: number, trace: TraceRow, collapsed: readonly CallRow[], overviewColumns?: number): FetchPage {
    const { criticalOnly } = this;
    const measuredOnly = this.context.state.measuredOnly === true;
    return (firstRow, rows, signal) => {
      const overview = firstRow === 0 && overviewColumns ? { overviewColumns } : {};
      return this.context.call(
        'waterfall',
        { generation, trace, firstRow, rows, collapsed, criticalOnly, measuredOnly, ...overview },
        signal,
      );
    };
  }

  private async read(generation: number, trace: TraceRow, signal: AbortSignal): Promise<WaterfallModel> {
    const columns = Math.min(4000, Math.max(200, Math.round(this.host.columns())));
    const fetch = this.fetcher(generation, trace, [...this.collapsed], columns);
    const failed = (e: unknown) => {
      if (!isQuiet(e)) this.context.log(e);
    };
    const model = new WaterfallModel(fetch, () => this.host.changed(), failed);
    signal.addEventListener('abort', () => model !== this.model && model.pages.close(), { once: true });
    await model.open();
    return model;
  }
}
