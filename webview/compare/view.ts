/** Compare: this capture against another one. One sentence first, then every edge with its shift and how sure it is. */
import { html, nothing, render, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { count, duration, signedMilliseconds, visibleText } from '../../src/shared/format.ts';
import type { Comparison, DifferenceRow, PageAct } from '../../src/shared/protocol.ts';
import { isQuiet, Latest } from '../rpc.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { segmented } from '../ui/parts.ts';
import { movedRow, rowWindow } from '../ui/rows.ts';
import { style } from '../ui/style.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { markdownOf, tsvOf } from './markdown.ts';
import { panel } from './panel.ts';
import { comparedPatterns } from './patterns.ts';
import { header, legend, plotsOf, ROW_PX, rowTemplate, verdict } from './rows.ts';
import { swapped } from './swap.ts';
import { headline, shownBy, sortedRows, VERDICTS } from './words.ts';

/** Plots are this wide, and narrower where the view is. */
const PLOT_PX = { wide: 200, narrow: 150 } as const;
const WIDE_PX = 820;
/** What was compared last, for coming back from another view. */
let last: { readonly generation: number; readonly uri: string; readonly swap: boolean } | null = null;

type Capture = { readonly uri: string; readonly name: string };

export class CompareView implements View {
  readonly kind = 'compare';
  private host!: HTMLElement;
  private context!: AppContext;
  private captures: readonly Capture[] | null = null;
  private uri = '';
  /** What a command asked for, until the captures are known. */
  private wanted = '';
  private swap = false;
  private given: Comparison | null = null;
  private shown: Comparison | null = null;
  private rows: readonly DifferenceRow[] = [];
  private part: 'edges' | 'patterns' = 'edges';
  /** Id of the chosen pattern. */
  private pattern = '';
  private cursor = 0;
  private failure = '';
  private frame = 0;
  private readonly asked = new Latest();
  private readonly sizes = new ResizeObserver(() => this.schedule());

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    this.sizes.observe(host);
    this.swap = last?.swap ?? false;
    void this.list(last?.uri ?? '');
    this.draw();
  }
  update(reason: Reason): void {
    if (reason === 'data' && this.uri) this.compare(this.uri);
    this.schedule();
  }
  onKey(e: KeyboardEvent): boolean {
    if (e.key !== 'Escape' || !this.uri) return false;
    this.leave();
    return true;
  }
  dispose(): void {
    this.asked.cancel();
    this.sizes.disconnect();
    cancelAnimationFrame(this.frame);
    this.context.panel(null);
  }

  act(what: PageAct): void {
    if (what.act !== 'compareWith') return;
    this.wanted = what.uri;
    void this.list('');
  }

  private async list(last: string): Promise<void> {
    try {
      this.captures = await this.context.call('captures', {});
      const then = this.wanted || last;
      this.wanted = '';
      if (then && this.captures.some((c) => c.uri === then)) this.compare(then);
    } catch (e) {
      this.fail(e);
    }
    this.draw();
  }
  private compare(uri: string): void {
    const { generation } = this.context.snapshot;
    if (uri !== this.uri) this.given = this.shown = null;
    this.uri = uri;
    this.failure = '';
    this.draw();
    void this.asked.run(
      (signal) => this.context.call('compare', { generation, with: uri }, signal),
      (c) => {
        last = { generation, uri, swap: this.swap };
        this.given = c;
        this.arrange();
        this.context.announce(headline(this.shown!, duration).title);
      },
      (e) => this.fail(e),
    );
  }
  private arrange(): void {
    if (!this.given) return;
    this.shown = this.swap ? swapped(this.given) : this.given;
    this.rows = sortedRows(this.shown.rows);
    const { row } = headline(this.shown, duration);
    this.cursor = Math.max(0, row ? this.rows.indexOf(row) : 0);
    this.draw();
    if (this.part === 'edges') this.showPanel();
  }
  private fail(e: unknown): void {
    if (isQuiet(e)) return;
    this.context.log(e);
    this.failure = e instanceof Error ? e.message : String(e);
    this.draw();
  }
  private leave(): void {
    this.asked.cancel();
    this.uri = '';
    this.given = this.shown = last = null;
    this.context.panel(null);
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
    render(this.uri ? this.comparison() : this.choice(), this.host);
  }

  private choice(): TemplateResult {
    const { captures, failure } = this;
    return html`<div class="cmp-choice">
      <h1>${t('Compare with another capture')}</h1>
      <p class="mut">${t('The other one is taken as before, this one as after. Latencies of every edge are compared; what chance would do as well is not called a change.')}</p>
      ${failure ? html`<p class="err">${failure}</p>` : nothing}
      ${captures === null && !failure ? html`<p class="mut" aria-busy="true">${t('Looking for captures…')}</p>` : nothing}
      ${captures?.length === 0 ? html`<p>${t('There is no other capture in this workspace.')}</p>` : nothing}
      <ul>
        ${captures?.map((c) => html`<li><button class="link ell" title=${visibleText(c.uri, 400)} @click=${() => this.compare(c.uri)}>${icon('file')} ${visibleText(c.name, 120)}</button></li>`)}
      </ul>
      <button class="btn second" @click=${() => this.context.runCommand('tracenest.openCapture')}>${t('Open Capture…')}</button>
    </div>`;
  }

  private comparison(): TemplateResult {
    const name = (text: string | undefined) => html`<span class="mono ell">${visibleText(text ?? '', 80)}</span>`;
    const chosen = this.captures?.find((c) => c.uri === this.uri)?.name;
    const { shown } = this;
    return html`<div class="cmp">
      <div class="view-head">
        <h1>${t('Compare')}</h1>
        ${name(shown?.before ?? chosen)} ${icon('arrow-right', 'mut')} ${name(shown?.after ?? this.context.snapshot.summary?.title)}<span class="grow"></span>
        ${shown?.patterns ? this.parts() : nothing}
        <button class="chip wide-only" @click=${() => this.leave()}>${t('Other Capture…')}</button>
        <button class="chip wide-only" aria-pressed=${this.swap} ?disabled=${!shown} @click=${() => this.turn()}>${t('Swap')}</button>
        <button class="chip" ?disabled=${!shown} @click=${() => this.copy()}>${t('Copy Summary as Markdown')}</button>
      </div>
      ${this.failure ? html`<p class="hint">${t('These captures could not be compared: {0}', this.failure)}</p>` : shown ? (this.part === 'patterns' && shown.patterns ? this.patterns(shown.patterns) : this.result(shown)) : html`<p class="hint" aria-busy="true">${t('Reading the other capture and comparing…')}</p>`}
    </div>`;
  }

  private parts(): TemplateResult {
    const choices = [
      ['edges', t('Edges')],
      ['patterns', t('Patterns')],
    ] as const;
    return segmented<'edges' | 'patterns'>(t('What is compared'), choices, this.part, (part) => {
      this.part = part;
      this.draw();
      if (part === 'edges') this.showPanel();
      else this.context.panel(null);
    });
  }
  private patterns(patterns: NonNullable<Comparison['patterns']>): TemplateResult {
    return comparedPatterns({
      patterns,
      directory: this.context.directory,
      chosen: this.pattern,
      choose: (id) => {
        this.pattern = id;
        this.draw();
      },
    });
  }

  private result(c: Comparison): TemplateResult {
    const h = headline(c, duration);
    const tested = c.rows.filter((r) => Number.isFinite(r.q)).length;
    const counts = VERDICTS.map((v) => [v, c.rows.filter((r) => r.verdict === v).length] as const).filter(([, n]) => n > 0);
    const plots = plotsOf(this.rows, this.host.clientWidth > WIDE_PX ? PLOT_PX.wide : PLOT_PX.narrow);
    return html`<div class="cmp-result">
        <h2 class="cmp-headline"><span class="cmp-verdict ${h.verdict}" aria-hidden="true"><span>${h.verdict === 'slower' ? '▲' : h.verdict === 'faster' ? '▼' : '='}</span></span>${visibleText(h.title, 300)}</h2>
        <p class="mut">${h.row ? this.detail(h.row) : ''} ${t('At most 5 % of the changes named here are chance, over {0} edges with enough calls.', count(tested))}</p>
        <div class="cmp-counts">${counts.map(([v, n]) => html`<span>${verdict(v)} <b>${count(n)}</b></span>`)}</div>
      </div>
      <div class="cmp-grid" role="grid" aria-label=${t('Edges compared')} aria-rowcount=${this.rows.length + 1} ${style({ '--plot': `${plots.widthPx}px` })}>
        ${header(plots)}
        <div class="cmp-body virtual" role="rowgroup" @scroll=${() => this.schedule()} @keydown=${(e: KeyboardEvent) => this.key(e)}>
          <div class="virtual-body" role="presentation" ${style({ height: `${this.rows.length * ROW_PX}px` })}>${this.visible(plots)}</div>
        </div>
      </div>
      ${legend()}`;
  }

  private detail(r: DifferenceRow): string {
    const by = shownBy(r);
    const shiftNs = by === 'p50' ? r.shiftP50Ns : r.shiftP95Ns;
    const [from, to] = by === 'p50' ? r.intervalP50Ns : r.intervalP95Ns;
    if (!Number.isFinite(shiftNs)) return '';
    return t('{0} {1} ms, interval {2} to {3} ms.', by, signedMilliseconds(shiftNs), signedMilliseconds(from), signedMilliseconds(to));
  }

  private get scroller(): HTMLElement | null {
    return this.host.querySelector<HTMLElement>('.cmp-body');
  }
  private visible(plots: ReturnType<typeof plotsOf>): unknown {
    const { scroller, cursor } = this;
    const total = this.rows.length;
    const { first, last: end } = rowWindow(total, ROW_PX, scroller?.scrollTop ?? 0, scroller?.clientHeight || this.host.clientHeight);
    const shown = Array.from({ length: Math.max(0, end - first) }, (_, k) => first + k);
    if (cursor < first) shown.unshift(cursor);
    else if (cursor >= end && cursor < total) shown.push(cursor);
    return repeat(
      shown,
      (row) => row,
      (row) => {
        const here = row === cursor;
        return rowTemplate(this.rows[row]!, row, plots, { selected: here, focusable: here, select: () => this.moveTo(row) });
      },
    );
  }
  private key(e: KeyboardEvent): void {
    if ((e.ctrlKey || e.metaKey) && e.key === 'c' && String(document.getSelection() ?? '') === '') {
      e.preventDefault();
      this.context.copy(tsvOf(this.rows));
      this.context.announce(t('{0} rows copied', count(this.rows.length)));
    }
    if (e.ctrlKey || e.altKey || e.metaKey) return;
    const to = movedRow(e.key, this.cursor, this.rows.length, Math.floor((this.scroller?.clientHeight ?? ROW_PX) / ROW_PX));
    if (e.key === 'Enter') this.open(this.rows[this.cursor])?.();
    else if (to >= 0) {
      this.moveTo(to);
      this.host.querySelector<HTMLElement>(`.cmp-row[data-row="${to}"]`)?.focus({ preventScroll: true });
    } else return;
    e.preventDefault();
    e.stopPropagation();
  }
  private moveTo(row: number): void {
    this.cursor = row;
    const { scroller } = this;
    const top = row * ROW_PX;
    if (scroller && top < scroller.scrollTop) scroller.scrollTop = top;
    else if (scroller && top + ROW_PX > scroller.scrollTop + scroller.clientHeight)
      scroller.scrollTop = top + ROW_PX - scroller.clientHeight;
    this.draw();
    this.showPanel();
  }

  /** The edge's own page, where this capture has the edge. */
  private open(r: DifferenceRow | undefined): (() => void) | null {
    const { directory } = this.context;
    const from = r && directory.byName(r.from);
    const to = r && directory.byName(r.to);
    const edge = from && to && directory.edgeBetween(from.id, to.id);
    return edge ? () => this.context.go('service', { edge: edge.id }) : null;
  }
  private showPanel(): void {
    const r = this.rows[this.cursor];
    this.context.panel(r ? panel(r, () => this.context.panel(null), this.open(r)) : null);
  }
  private turn(): void {
    this.swap = !this.swap;
    if (last) last = { ...last, swap: this.swap };
    this.arrange();
  }
  private copy(): void {
    if (!this.shown) return;
    this.context.copy(markdownOf(this.shown, headline(this.shown, duration).title));
    this.context.announce(t('Summary copied'));
  }
}
