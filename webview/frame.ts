/** What stands around a view: rail, strip, messages, side panel, foot. */
import { html, nothing, render, type TemplateResult } from 'lit';
import type { ViewKind } from '../src/shared/protocol.ts';
import type { App } from './app.ts';
import { foot } from './foot.ts';
import { banner } from './states/banner.ts';
import { instead } from './states/instead.ts';
import { t } from './text.ts';
import { Strip } from './time/strip.ts';
import { icon } from './ui/icon.ts';
import { Splitter } from './ui/splitter.ts';
import { hideTip } from './ui/tip.ts';
import type { Reason } from './view.ts';

const RAIL: readonly (readonly [ViewKind, string, () => string])[] = [
  ['graph', 'type-hierarchy', () => t('Graph')],
  ['transactions', 'list-tree', () => t('Transactions')],
  ['patterns', 'symbol-structure', () => t('Patterns')],
  ['compare', 'arrow-swap', () => t('Compare')],
  ['quality', 'shield', () => t('Quality')],
];
const RAIL_OF: { readonly [K in ViewKind]?: ViewKind } = { service: 'graph', waterfall: 'transactions', packets: 'transactions' };
/** These compare or judge whole captures: no filter, no time range. */
const WITHOUT_STRIP: readonly ViewKind[] = ['compare', 'quality'];

export class Frame {
  private readonly app: App;
  private readonly element: HTMLElement;
  private readonly strip: Strip;
  private readonly splitter: Splitter;
  private readonly parts: {
    readonly view: HTMLElement;
    readonly panel: HTMLElement;
    readonly content: HTMLElement;
    readonly live: HTMLElement;
  };
  private content: TemplateResult | null = null;
  private collapsed = false;

  constructor(element: HTMLElement, app: App) {
    this.app = app;
    this.element = element;
    this.strip = new Strip(app);
    // What stood here until now (shared/firstPaint.ts) has the same places.
    element.replaceChildren();
    render(this.template(), element);
    const find = (selector: string) => element.querySelector<HTMLElement>(selector)!;
    this.parts = { view: find('.view'), panel: find('.panel'), content: find('.panel-content'), live: find('#live') };
    this.splitter = new Splitter(
      this.parts.panel,
      () => this.collapse(),
      (px) => app.panelWidth(px),
    );
  }

  draw(reason?: Reason): void {
    hideTip();
    render(this.template(), this.element);
    this.splitter.attach();
    this.strip.update(reason ?? 'data');
  }

  private template(): TemplateResult {
    const { app } = this;
    const replaced = instead(app);
    // While nothing is known yet the strip keeps its place, so that nothing moves when the first results come.
    const { status, summary } = app.snapshot;
    const waiting = status.kind === 'analysing' || (summary !== null && summary.calls > 0 && !app.hasRows);
    const bare = (replaced !== null && !waiting) || WITHOUT_STRIP.includes(app.state.view);
    return html`<div class="page">
      <nav class="rail" aria-label=${t('Views')}>
        ${RAIL.map(([kind, picture, title]) => {
          const on = (RAIL_OF[app.state.view] ?? app.state.view) === kind;
          return html`<button aria-current=${on ? 'page' : nothing} title=${title()} data-view=${kind} @click=${() => app.open(kind)}>
            ${icon(picture)}<span class="label">${title()}</span>
          </button>`;
        })}
      </nav>
      <div class="strip" ?hidden=${bare} role="search" aria-label=${t('Filter and time')}>${this.strip.element}</div>
      <section class="banner" aria-label=${t('State of the analysis')}>${banner(app)}</section>
      <main class="view" tabindex="-1" ?hidden=${replaced !== null}></main>
      ${replaced === null ? nothing : html`<main class="view instead" tabindex="-1">${replaced}</main>`}
      <aside class="panel" aria-label=${t('Selection')} hidden><div class="panel-content" tabindex="-1"></div></aside>
      <footer class="foot">${foot(app)}</footer>
      <div id="live" class="sr" aria-live="polite"></div>
    </div>`;
  }

  /** An empty element that fills the view area. */
  host(kind: ViewKind | null): HTMLElement {
    const host = document.createElement('div');
    host.className = 'view-host';
    if (kind) host.dataset['view'] = kind;
    this.parts.view.replaceChildren(host);
    this.parts.view.scrollTop = 0;
    return host;
  }
  panel(content: TemplateResult | null): void {
    this.content = content;
    this.parts.panel.hidden = content === null || this.collapsed;
    render(content ?? nothing, this.parts.content);
  }
  collapse(): void {
    this.collapsed = true;
    this.panel(this.content);
  }
  panelWidth(px: number): void {
    this.splitter.resize(px);
  }
  openPanel(): void {
    if (!this.collapsed) return;
    this.collapsed = false;
    this.panel(this.content);
  }

  /** The focus goes with the view, unless something that is still there has it. */
  focusView(): void {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body || !activeElement.isConnected)
      this.parts.view.focus({ preventScroll: true });
  }
  announce(text: string): void {
    this.parts.live.textContent = text;
  }
  /** Whether something is still to come: for tests, and for whoever waits for a picture. */
  idle(yes: boolean): void {
    this.element.dataset['idle'] = String(yes);
  }
}
