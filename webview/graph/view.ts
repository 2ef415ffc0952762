/** The call graph: asks for what is to be drawn, keeps focus, hidden services and zoom, and tells the side panel. */
import { html, render, type TemplateResult } from 'lit';
import { count } from '../../src/shared/format.ts';
import type { Edge, Graph, PageAct, PictureKind, ServiceId, ServiceNode } from '../../src/shared/protocol.ts';
import { Latest } from '../rpc.ts';
import { nothingMatches } from '../states/instead.ts';
import { t } from '../text.ts';
import { sized } from '../ui/sized.ts';
import type { AppContext, Reason, View } from '../view.ts';
import { graphHead } from './head.ts';
import { legend } from './legend.ts';
import { memory } from './memory.ts';
import { SubjectPanel } from './panel.ts';
import { Plan } from './plan.ts';
import { servicesPanel } from './servicesPanel.ts';
import type { Box } from './sizes.ts';
import { Stage } from './stage.ts';
import { StructureSections } from './structure.ts';
import { twin } from './twin.ts';

const MOST_DRAWN = 400;
/** Head and legend. */
const AROUND_PX = 68;

export class GraphView implements View {
  readonly kind = 'graph';
  private host!: HTMLElement;
  private context!: AppContext;
  private panel!: SubjectPanel;
  private structure!: StructureSections;
  private stage!: Stage;
  private readonly plan = new Plan();
  private readonly asking = new Latest();
  private graph: Graph | null = null;
  private services: readonly ServiceNode[] = [];
  private edges: readonly Edge[] = [];
  private search = '';
  private closed = false;
  private asked = '';
  private saving: PictureKind | null = null;

  mount(host: HTMLElement, context: AppContext): void {
    this.host = host;
    this.context = context;
    this.panel = new SubjectPanel(context, () => this.drawPanel());
    this.structure = new StructureSections(context, () => this.drawPanel());
    this.stage = new Stage(context, (id) => this.open(id));
    this.ask();
    this.draw();
  }
  dispose(): void {
    this.asking.cancel();
    this.panel.dispose();
    this.structure.dispose();
  }

  update(reason: Reason): void {
    if (reason === 'selection') this.closed = false;
    this.ask();
    this.draw();
  }

  /** Focus in this generation. */
  private get focus(): number | undefined {
    return memory.focus === null ? undefined : this.context.directory.byName(memory.focus)?.id;
  }

  private ask(): void {
    const { context } = this;
    const scope = context.scope();
    const hidden = [...memory.hidden].map((name) => context.directory.byName(name)?.id).filter((id) => id !== undefined);
    const question = {
      ...scope,
      maxServices: memory.all ? MOST_DRAWN : context.settings.maxServices,
      ...(this.focus !== undefined && { focus: this.focus, hops: memory.hops }),
      ...(hidden.length > 0 && { hidden }),
    };
    const key = JSON.stringify(question);
    if (key === this.asked) return;
    this.asked = key;
    void this.asking.run(
      (signal) =>
        Promise.all([
          context.call('graph', question, signal),
          context.call('services', scope, signal),
          context.call('edges', scope, signal),
        ]),
      ([graph, services, edges]) => {
        this.graph = graph;
        this.services = services;
        this.edges = edges;
        this.draw();
        this.announce();
      },
      (e) => {
        this.asked = '';
        context.log(e);
      },
    );
  }

  private announce(): void {
    const failing = this.services.filter((s) => !s.isClients && s.inbound.errors > s.inbound.calls / 100).length;
    this.context.announce(
      t(
        '{0} services, {1} edges, {2} services with more than 1 % errors',
        count(this.services.length),
        count(this.edges.length),
        count(failing),
      ),
    );
  }

  private draw(): void {
    render(
      html`<div class="graph-view" ${sized((w, h) => this.content({ widthPx: w, heightPx: Math.max(120, h - AROUND_PX) }))}></div>`,
      this.host,
    );
    this.drawPanel();
  }

  private content(box: Box): TemplateResult {
    const { graph, context } = this;
    return html`
        ${graphHead({
          context,
          graph,
          total: this.services.filter((s) => !s.isClients).length,
          edges: this.edges.length,
          measured: this.services.length === 0 || this.services.some((s) => s.inbound.n > 0),
          focus: this.focus,
          change: () => this.changed(),
          fit: () => this.stage.fit(),
          save: (as) => this.save(as),
        })}
        ${graph === null ? html`<div></div>` : this.body(graph, box)}`;
  }

  private body(graph: Graph, box: Box): TemplateResult {
    const { context } = this;
    if (graph.services.length === 0) {
      const { transactions = 0 } = context.snapshot.summary ?? {};
      return html`<div>${nothingMatches(transactions, t('transactions'), () => this.showAll())}</div>`;
    }
    if (memory.table)
      return html`<div class="graph-box scrolls" tabindex="0">${twin(context, this.services, this.edges, context.settings.percentile)}</div>`;
    const plan = this.plan.of(context, graph, this.edges, this.focus === undefined && memory.hidden.size === 0, box);
    return html`<div class="graph-box" ${sized((w, h) => this.drawn(this.stage.draw(plan, w, h)))}></div>
      ${legend({
        most: plan.most,
        strokePx: plan.strokePx,
        size: plan.size,
        folded: plan.picture.folded.size > 0,
        colorBy: memory.colorBy ?? context.settings.colorEdgesBy,
        percentile: context.settings.percentile,
        tones: plan.tones,
        backEdges: plan.picture.edges.some((e) => e.back && e.calls > 0),
      })}`;
  }

  /** A picture that was asked for before there was one is saved now that there is. */
  private drawn(content: unknown): unknown {
    const { saving } = this;
    if (saving) requestAnimationFrame(() => this.stage.save(saving).catch((e) => this.context.log(e)));
    this.saving = null;
    return content;
  }
  save(as: PictureKind): void {
    this.saving = as;
    memory.table = false;
    this.draw();
  }

  private drawPanel(): void {
    const { context, graph } = this;
    if (graph === null || this.closed) {
      context.panel(null);
      return;
    }
    const subject = this.panel.template();
    context.panel(
      subject ??
        servicesPanel({
          context,
          services: this.services,
          drawn: new Set(graph.services.map((s) => s.id)),
          percentile: context.settings.percentile,
          search: this.search,
          find: (text) => {
            this.search = text;
            this.drawPanel();
          },
          select: (s) => context.select({ service: s.id }),
          reach: (s) => this.reach(s),
          more: () => this.structure.template(),
          close: () => {
            this.closed = true;
            this.drawPanel();
          },
        }),
    );
  }

  private showAll(): void {
    memory.hidden.clear();
    memory.focus = null;
    this.context.set({ filter: undefined, range: undefined, measuredOnly: undefined });
  }
  private reach(s: ServiceNode): void {
    memory.focus = s.name;
    memory.hidden.delete(s.name);
    this.context.select({ service: s.id });
  }
  private open(id: number): void {
    if (!this.context.directory.service(id)?.isClients) this.context.go('service', { service: id });
  }
  private hide(id: ServiceId): void {
    const name = this.context.directory.name(id);
    memory.hidden.add(name);
    if (memory.focus === name) memory.focus = null;
    if (this.context.selection.service === id) this.context.select({});
  }
  act(what: PageAct): void {
    if (what.act === 'focus') {
      const service = this.context.directory.service(what.service);
      if (service) this.reach(service);
    } else if (what.act === 'hide') this.hide(what.service);
    else if (what.act === 'asTable') memory.table = !memory.table;
    else if (what.act === 'resetGraph') {
      Object.assign(memory, { colorBy: null, all: false, focus: null, hops: 1, table: false });
      memory.hidden.clear();
      this.stage.fit();
    }
    this.changed();
  }
  private changed(): void {
    this.ask();
    this.draw();
  }

  onKey(e: KeyboardEvent): boolean {
    if (e.ctrlKey || e.metaKey || e.altKey) return false;
    const { selection, directory } = this.context;
    const selected = selection.service === undefined ? undefined : directory.service(selection.service);
    switch (e.key) {
      case '0':
        this.stage.fit();
        return true;
      case '+':
      case '=':
        this.stage.magnify(1);
        return true;
      case '-':
        this.stage.magnify(-1);
        return true;
      case 't':
        memory.table = !memory.table;
        break;
      case 'f':
        if (!selected && memory.focus === null) return false;
        memory.focus = selected && memory.focus !== selected.name ? selected.name : null;
        break;
      case 'h':
        if (!selected || (selected.isClients && this.services.length < 3)) return false;
        this.hide(selected.id);
        break;
      default:
        return this.stage.onKey(e);
    }
    this.changed();
    return true;
  }
}
