/** The picture in its box: layout for the size there is, hover, selection and focus, pan and zoom. */
import { render, svg } from 'lit';
import { ref } from 'lit/directives/ref.js';
import { count } from '../../src/shared/format.ts';
import type { PictureKind } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { hideTip, showTip } from '../ui/tip.ts';
import type { AppContext } from '../view.ts';
import { type Drawing, drawing, type Handlers, labelsOf } from './drawing.ts';
import { type Layout, type LayoutOptions, layout } from './layout.ts';
import { PanZoom } from './panZoom.ts';
import { type DrawnEdge, neighbour, OTHERS, path } from './picture.ts';
import type { Planned } from './plan.ts';
import { png } from './raster.ts';
import { optionsFor } from './sizes.ts';
import { standalone } from './standalone.ts';

export class Stage {
  private readonly context: AppContext;
  private readonly openService: (id: number) => void;
  private readonly zoom = new PanZoom();
  private element: SVGSVGElement | null = null;
  private hovered: number | null = null;
  /** Service that has the tab stop, by id of this generation. */
  private active = -1;
  private plan: Planned | null = null;
  private box = { widthPx: 0, heightPx: 0 };
  private laid: { readonly key: string; readonly layout: Layout; readonly options: LayoutOptions } | null = null;
  private labelled: { readonly plan: Planned; readonly layout: Layout; readonly labels: ReturnType<typeof labelsOf> } | null = null;

  constructor(context: AppContext, openService: (id: number) => void) {
    this.context = context;
    this.openService = openService;
  }

  draw(plan: Planned, widthPx: number, heightPx: number): unknown {
    this.plan = plan;
    this.box = { widthPx, heightPx };
    const { layout: l, options } = this.layoutFor(plan);
    if (this.labelled?.plan !== plan || this.labelled.layout !== l)
      this.labelled = { plan, layout: l, labels: labelsOf(plan.picture, l, options, plan.tones, plan.strokePx, widthPx >= 900) };
    const { selection, directory } = this.context;
    const selected = selection.service !== undefined && l.nodes.has(selection.service) ? selection.service : undefined;
    if (selected !== undefined) this.active = selected;
    else if (!l.nodes.has(this.active)) this.active = first(l);
    const d: Drawing = {
      picture: plan.picture,
      layout: l,
      options,
      size: plan.size,
      tones: plan.tones,
      percentile: plan.percentile,
      strokePx: plan.strokePx,
      labels: this.labelled.labels,
      color: (id) => directory.color(id),
      quiet: plan.quiet,
    };
    const start = this.hovered ?? selected;
    const lit = start === undefined || !l.nodes.has(start) ? null : path(plan.picture.edges, start);
    const { services, hidden } = plan.picture;
    return svg`<svg class=${lit ? 'graph dim' : 'graph'} width=${widthPx} height=${heightPx} role="group"
      aria-label=${t('Call graph of {0} services, {1} not drawn. Arrow keys follow calls, T shows it as a table.', count(services.length), count(hidden))}
      ${ref((e) => this.attach(e as SVGSVGElement | undefined, l))}
      @click=${(e: Event) => e.target === this.element && this.context.select({})}>
      ${drawing(d, { selected, selectedEdge: selection.edge, active: this.active, lit }, this.handlers)}
    </svg>`;
  }

  private layoutFor(plan: Planned): { readonly layout: Layout; readonly options: LayoutOptions } {
    const { widthPx, heightPx } = this.box;
    const key = `${widthPx} ${heightPx} ${plan.key}`;
    if (this.laid?.key !== key) {
      const options = optionsFor(plan.size, this.box, plan.columns);
      this.laid = { key, ...laidOut(plan, options) };
    }
    return this.laid;
  }

  private attach(element: SVGSVGElement | undefined, l: Layout): void {
    if (!element) return;
    this.element = element;
    // The content is in the element only after this turn's rendering.
    queueMicrotask(() => {
      this.zoom.attach(element, this.box.widthPx, this.box.heightPx, l.widthPx, l.heightPx);
      const { service } = this.context.selection;
      if (service !== undefined && document.activeElement?.closest('.graph') !== element) this.reveal(service);
    });
  }
  private reveal(id: number): void {
    const place = this.laid?.layout.nodes.get(id);
    const { nodeWidthPx = 0 } = this.laid?.options ?? {};
    if (place) this.zoom.reveal(place.x, place.y - place.heightPx / 2, nodeWidthPx, place.heightPx);
  }

  /** Hover only: the same plan with other marks. */
  private redraw(): void {
    const host = this.element?.parentElement;
    if (host && this.plan) render(this.draw(this.plan, this.box.widthPx, this.box.heightPx), host);
  }

  private readonly handlers: Handlers = {
    enter: (id) => {
      this.hovered = id;
      this.redraw();
    },
    leave: () => {
      this.hovered = null;
      hideTip();
      this.redraw();
    },
    click: (id) => (id === OTHERS ? this.context.select({}) : this.context.select({ service: id })),
    open: (id) => id !== OTHERS && this.openService(id),
    focus: (id) => {
      if (this.active === id) return;
      this.active = id;
      this.redraw();
    },
    edge: (e: DrawnEdge) => e.edge && this.context.select({ edge: e.edge.id }),
    openEdge: (e: DrawnEdge) => e.edge && this.context.go('service', { edge: e.edge.id }),
    tip: showTip,
    untip: hideTip,
  };

  fit(): void {
    this.zoom.fit();
  }
  magnify(way: 1 | -1): void {
    this.zoom.magnify(way);
  }
  /** The picture as a file that needs nothing around it. */
  async save(as: PictureKind): Promise<void> {
    if (!this.element || !this.laid) return;
    const { widthPx, heightPx } = this.laid.layout;
    const picture = standalone(this.element, widthPx, heightPx);
    this.context.saveFile(`call-graph.${as}`, as === 'svg' ? picture : await png(picture, widthPx, heightPx));
  }

  onKey(e: KeyboardEvent): boolean {
    const node = e.target instanceof Element ? e.target.closest('.graph .node') : null;
    if (!node || !this.plan || !this.laid) return false;
    const id = Number(node.getAttribute('data-id'));
    if (e.key === 'Enter') this.handlers.open(id);
    else if (e.key === ' ') this.handlers.click(id);
    else {
      const to = neighbour(e.key, id, this.plan.picture.edges, this.laid.layout.nodes);
      if (to === undefined) return e.key.startsWith('Arrow');
      this.handlers.click(to);
      this.reveal(to);
      this.element?.querySelector<SVGElement>(`[data-id="${to}"]`)?.focus();
    }
    return true;
  }
}

/** The tab stop before anything was selected: top of the first column. */
const first = (l: Layout): number => [...l.nodes.values()].sort((a, b) => a.column - b.column || a.y - b.y)[0]?.id ?? -1;

/** A picture wider than its box is shown smaller, and then has room below: it is laid out again for the height it will have. */
function laidOut(plan: Planned, options: LayoutOptions): { readonly layout: Layout; readonly options: LayoutOptions } {
  const { nodes, edges } = plan.picture;
  const l = layout(nodes, edges, options);
  const scale = options.widthPx / l.widthPx;
  if (scale > 0.95 || l.heightPx > options.heightPx) return { layout: l, options };
  const taller = { ...options, heightPx: Math.floor(options.heightPx / scale) };
  return { layout: layout(nodes, edges, taller), options: taller };
}
