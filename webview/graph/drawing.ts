/** The picture as SVG: edges below, services above; everything that depends on hover and selection is a class. */
import { scaleSqrt } from 'd3';
import { html, nothing, svg, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { count, duration, percent, visibleText } from '../../src/shared/format.ts';
import type { ServiceNode } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { style } from '../ui/style.ts';
import { type Label, labels } from './labels.ts';
import type { Layout, LayoutOptions } from './layout.ts';
import { type NodeSize, nodeText, othersNode, othersText, serviceNode } from './node.ts';
import { type DrawnEdge, OTHERS, type Picture } from './picture.ts';
import type { Route } from './routes.ts';
import { errorShareOf, FAILING_ABOVE, GUESSED_ABOVE, type Percentile, type Tones } from './tones.ts';

export interface Drawing {
  readonly picture: Picture;
  readonly layout: Layout;
  readonly options: LayoutOptions;
  readonly size: NodeSize;
  readonly tones: Tones;
  readonly percentile: Percentile;
  readonly strokePx: (calls: number) => number;
  readonly labels: ReadonlyMap<number, Label>;
  readonly color: (service: number) => string;
  /** Services drawn as bars, named only while pointed at. */
  readonly quiet: ReadonlySet<number>;
}
export interface Marks {
  readonly selected: number | undefined;
  readonly selectedEdge: number | undefined;
  /** Service with the tab stop. */
  readonly active: number;
  readonly lit: { readonly nodes: ReadonlySet<number>; readonly edges: ReadonlySet<number> } | null;
}
export interface Handlers {
  enter(service: number): void;
  leave(): void;
  click(service: number): void;
  open(service: number): void;
  focus(service: number): void;
  edge(e: DrawnEdge): void;
  openEdge(e: DrawnEdge): void;
  tip(content: unknown, at: MouseEvent): void;
  untip(): void;
}
const LABELLED_EDGES = 30;

export const strokeScale = (most: number, widest = 6): ((calls: number) => number) =>
  scaleSqrt([0, Math.max(1, most)], [1, widest]).clamp(true);

export function labelsOf(
  p: Picture,
  l: Layout,
  o: LayoutOptions,
  tones: Tones,
  strokePx: (calls: number) => number,
  room: boolean,
): Map<number, Label> {
  const byId = new Map(p.edges.map((e) => [e.id, e]));
  const order = l.routes
    .filter((r) => (byId.get(r.edge)?.calls ?? 0) > 0)
    .sort((a, b) => byId.get(b.edge)!.calls - byId.get(a.edge)!.calls);
  const text = (id: number) => {
    const e = byId.get(id)!;
    return (e.back ? '↺ ' : '') + (e.edge ? tones.label(e.edge) : '');
  };
  return labels(l, o, order, text, (id) => strokePx(byId.get(id)!.calls), room && p.edges.length <= LABELLED_EDGES);
}

export function drawing(d: Drawing, m: Marks, h: Handlers): TemplateResult {
  const byId = new Map(d.picture.edges.map((e) => [e.id, e]));
  const services = new Map(d.picture.services.map((s) => [s.id, s]));
  // Read along the columns, as the arrow keys go.
  const nodes = [...d.layout.nodes.values()].sort((a, b) => a.column - b.column || a.y - b.y);
  return svg`<g class="world">
    ${repeat(
      d.layout.routes,
      (r) => r.edge,
      (r) => edge(d, m, h, r, byId.get(r.edge)!),
    )}
    ${repeat(
      nodes,
      (n) => n.id,
      ({ id, x, y, heightPx }) => {
        const s = services.get(id);
        const classes = [
          'node moves',
          d.size,
          id === m.selected ? 'selected' : '',
          m.lit?.nodes.has(id) ? 'on' : '',
          d.quiet.has(id) ? 'quiet' : '',
        ];
        if (!s || s.isClients) classes.push('outside');
        else if (errorShareOf(s.inbound) > FAILING_ABOVE) classes.push('failing');
        return svg`<g class=${classes.join(' ')} data-id=${id} transform="translate(${x},${y - heightPx / 2})"
        tabindex=${id === m.active ? 0 : -1} role="button" aria-pressed=${id === m.selected}
        aria-label=${s ? nodeText(s, nodeDrawing(d, s)) : othersText(d.picture.hidden)}
        data-vscode-context=${s ? menuOf(s) : nothing}
        @mouseenter=${() => h.enter(id)} @mouseleave=${() => h.leave()} @click=${() => h.click(id)} @dblclick=${() => h.open(id)} @focus=${() => h.focus(id)}
        @mousemove=${(e: MouseEvent) => (s && (d.size !== 'large' || s.name.length > 16) ? h.tip(nodeText(s, nodeDrawing(d, s)), e) : undefined)}>
        ${id === OTHERS || !s ? othersNode(d.picture.hidden, { size: d.size, widthPx: d.options.nodeWidthPx }) : serviceNode(s, nodeDrawing(d, s))}
      </g>`;
      },
    )}
  </g>`;
}
const nodeDrawing = (d: Drawing, s: ServiceNode) => ({
  size: d.size,
  widthPx: d.options.nodeWidthPx,
  percentile: d.percentile,
  bar: d.quiet.has(s.id),
  color: d.color(s.id),
  folded: d.picture.folded.get(s.id) ?? 0,
});
/** For the native menu (package.json, webview/context). */
const menuOf = (s: ServiceNode): string =>
  JSON.stringify({ webviewSection: s.isClients ? 'clients' : 'service', service: s.name, preventDefaultContextMenuItems: true });

function edge(d: Drawing, m: Marks, h: Handlers, r: Route, e: DrawnEdge): unknown {
  if (e.calls === 0) return nothing;
  const width = d.strokePx(e.calls);
  const tone = e.edge ? d.tones.of(e.edge) : null;
  const guessed = (e.edge?.guessedShare ?? 0) > GUESSED_ABOVE;
  const classes = `edge moves ${m.lit?.edges.has(e.id) ? 'on' : ''} ${e.edge && e.edge.id === m.selectedEdge ? 'selected' : ''}`;
  const dash = guessed ? `${(4 + width).toFixed(1)} ${(3 + width * 0.6).toFixed(1)}` : null;
  const label = d.labels.get(r.edge);
  return svg`<g class=${classes} data-edge=${r.edge} ${style({ '--tone': tone, '--dash': dash })}>
    <path class=${guessed ? 'line guessed' : 'line'} d=${r.path} stroke-width=${width}></path>
    <path class="tip" d=${arrow(r, Math.max(4, width / 2 + 2))}></path>
    ${label ? labelOf(label) : nothing}
    <path class="hit" d=${r.path} @click=${() => h.edge(e)} @dblclick=${() => h.openEdge(e)}
      @mousemove=${(at: MouseEvent) => h.tip(edgeTip(d, e), at)} @mouseleave=${() => h.untip()}></path>
  </g>`;
}

const arrow = ({ tip: [x, y], tipUp }: Route, half: number): string =>
  tipUp ? `M${x},${y}L${x - half},${y + 8}L${x + half},${y + 8}Z` : `M${x},${y}L${x - 8},${y - half}L${x - 8},${y + half}Z`;

const labelOf = (l: Label): TemplateResult => {
  const hover = l.onHover ? 'hover-label' : '';
  return svg`${l.above ? nothing : svg`<rect class="pill ${hover}" x=${l.x - l.widthPx / 2} y=${l.y - 8} width=${l.widthPx} height="16" rx="2"></rect>`}
    <text class=${hover} x=${l.x} y=${l.above ? l.y : l.y + 4} text-anchor="middle">${l.text}</text>`;
};

function edgeTip(d: Drawing, e: DrawnEdge): TemplateResult {
  const name = (id: number) => visibleText(d.picture.services.find((s) => s.id === id)?.name ?? t('{0} others', d.picture.hidden), 40);
  const title = html`<div class="strong">${name(e.from)} → ${name(e.to)}</div>`;
  if (!e.edge) return html`${title}<div>${t('{0} calls', count(e.calls))}</div>`;
  const { latency, guessedShare, back } = e.edge;
  return html`${title}
    <div>${t('{0} calls, p50 {1}, p95 {2}', count(latency.calls), duration(latency.p50Ns), duration(latency.p95Ns))}</div>
    <div>${t('{0} errors, {1} of the links guessed', count(latency.errors), percent(guessedShare, 1))}</div>
    ${back ? html`<div>↺ ${t('closes a cycle')}</div>` : null}`;
}
