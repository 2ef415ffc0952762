/** The line above the graph: what is drawn of how much, which part of it, and what colours mean. */
import { html, type TemplateResult } from 'lit';
import { count, visibleText } from '../../src/shared/format.ts';
import type { Graph, PictureKind, ServiceId } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { iconButton } from '../ui/icon.ts';
import { segmented } from '../ui/parts.ts';
import type { AppContext } from '../view.ts';
import { memory } from './memory.ts';
import type { ColorBy } from './tones.ts';

export interface HeadOptions {
  readonly context: AppContext;
  readonly graph: Graph | null;
  /** Of the scope. */
  readonly total: number;
  readonly edges: number;
  /** Some call has a latency. */
  readonly measured: boolean;
  readonly focus: ServiceId | undefined;
  /** Something in the memory was changed. */
  readonly change: () => void;
  readonly fit: () => void;
  readonly save: (as: PictureKind) => void;
}
type Part = 'some' | 'all' | 'around';

export function graphHead(o: HeadOptions): TemplateResult {
  const { context, graph, change } = o;
  const { settings } = context;
  const set = (set: () => void) => () => {
    set();
    change();
  };
  return html`<div class="view-head">
    <h1>${t('Call graph')}</h1>
    <span class="mut wide-only ell">${graph ? amount(o, graph) : ''}</span>
    ${
      graph && !o.measured
        ? html`<span>${t('No answer was seen whole, so there are no latencies.')} <button class="link" @click=${() => context.go('quality')}>${t('Why')}</button></span>`
        : null
    }
    <span class="grow"></span>
    ${
      graph && memory.hidden.size > 0
        ? html`<span class="mut">${t('{0} hidden', memory.hidden.size)}</span>
          <button class="link" @click=${set(() => memory.hidden.clear())}>${t('Show')}</button>`
        : null
    }
    ${o.focus === undefined ? null : hops(o)} ${graph ? parts(o) : null} <span class="mut wide-only">${t('Colour edges by')}</span>
    ${segmented<ColorBy>(
      t('Colour edges by'),
      [
        ['none', t('Nothing')],
        ['p95', `p${settings.percentile}`],
        ['errors', t('Errors')],
      ],
      memory.colorBy ?? settings.colorEdgesBy,
      (key) => set(() => (memory.colorBy = key))(),
    )}
    <span class="head-buttons">
      ${iconButton(
        'table',
        memory.table ? t('As a picture (T)') : t('As a table (T)'),
        set(() => (memory.table = !memory.table)),
      )}
      ${iconButton('save', t('Save as SVG'), () => o.save('svg'), 'wide-only')}${iconButton('file-media', t('Save as PNG'), () => o.save('png'), 'wide-only')}${iconButton('screen-full', t('Fit (0)'), o.fit)}
    </span>
  </div>`;
}

/** Who only calls from outside is not counted as a service. */
function amount({ context, edges, focus, total }: HeadOptions, graph: Graph): string {
  const drawn = graph.services.filter((s) => !s.isClients).length;
  if (focus !== undefined)
    return t('{0} of {1} services: around {2}', count(drawn), count(total), visibleText(context.directory.name(focus), 40));
  if (graph.hiddenServices === 0 || memory.hidden.size > 0) return counted(drawn, edges);
  return t('{0} of {1} services: most time on critical paths', count(drawn), count(total));
}
const counted = (services: number, edges: number): string =>
  services === 1 && edges === 1
    ? t('1 service, 1 edge')
    : services === 1
      ? t('1 service, {0} edges', count(edges))
      : edges === 1
        ? t('{0} services, 1 edge', count(services))
        : t('{0} services, {1} edges', count(services), count(edges));

const hops = ({ change }: HeadOptions): TemplateResult => {
  const step = (by: number) => () => {
    memory.hops = Math.max(1, Math.min(9, memory.hops + by));
    change();
  };
  return html`<span class="hops" role="group" aria-label=${t('Distance from the focus')}>
    ${iconButton('remove', t('One hop less'), step(-1))}<span>${memory.hops === 1 ? t('1 hop') : t('{0} hops', memory.hops)}</span>${iconButton('add', t('One hop more'), step(1))}
  </span>`;
};

/** Offered where not all services fit, or a part is shown. */
function parts(o: HeadOptions): TemplateResult | null {
  const { context, change } = o;
  const total = context.directory.services.filter((s) => !s.isClients).length;
  const { maxServices } = context.settings;
  if (total <= maxServices && memory.focus === null) return null;
  const { service } = context.selection;
  const choices: (readonly [Part, string])[] = [
    ['some', total <= maxServices ? t('All {0}', count(total)) : t('Top {0}', count(maxServices))],
    ...(total > maxServices ? ([['all', total > 400 ? t('Top 400') : t('All {0}', count(total))]] as const) : []),
    ['around', t('Around selection')],
  ];
  const current: Part = memory.focus !== null ? 'around' : memory.all ? 'all' : 'some';
  return segmented<Part>(t('Services drawn'), choices, current, (part) => {
    const name = service === undefined ? memory.focus : context.directory.name(service);
    if (part === 'around' && name === null) {
      context.announce(t('Select a service first'));
      return;
    }
    memory.focus = part === 'around' ? name : null;
    memory.all = part === 'all';
    change();
  });
}
