/** The side panel while nothing is selected: all services, drawn or not, and the keys. */
import { html, type TemplateResult } from 'lit';
import { count } from '../../src/shared/format.ts';
import type { ServiceId, ServiceNode } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { icon } from '../ui/icon.ts';
import { panelHead, sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';
import { serviceColumns } from './columns.ts';
import type { Percentile } from './tones.ts';

/** Longer lists can be searched. */
const FIND_ABOVE = 30;

export interface ServicesPanelOptions {
  readonly context: AppContext;
  /** All of the scope. */
  readonly services: readonly ServiceNode[];
  readonly drawn: ReadonlySet<ServiceId>;
  readonly percentile: Percentile;
  readonly search: string;
  readonly find: (text: string) => void;
  readonly select: (s: ServiceNode) => void;
  /** A service that isn't drawn: shown with its neighbours. */
  readonly reach: (s: ServiceNode) => void;
  /** Sections below the list, when all services are drawn. */
  readonly more: () => unknown;
  readonly close: () => void;
}

export function servicesPanel(o: ServicesPanelOptions): TemplateResult {
  const { context, drawn } = o;
  const working = o.services.filter((s) => !s.isClients);
  const missing = working.filter((s) => !drawn.has(s.id)).length;
  const search = o.search.trim().toLowerCase();
  const found = search === '' ? working : working.filter((s) => s.name.toLowerCase().includes(search));
  const ranked = [...found].sort((a, b) => Number(drawn.has(b.id)) - Number(drawn.has(a.id)) || b.selfShare - a.selfShare || a.id - b.id);
  const firstMissing = missing > 0 ? ranked.find((s) => !drawn.has(s.id)) : undefined;
  const open = (s: ServiceNode) => (drawn.has(s.id) ? context.go('service', { service: s.id }) : o.reach(s));
  const finder = html`<div class="pad search-pad">
    <div class="filter-box">
      ${icon('search', 'mut')}
      <div class="field">
        <input
          type="text"
          placeholder=${t('Find a service')}
          aria-label=${t('Find a service')}
          spellcheck="false"
          .value=${o.search}
          @input=${(e: Event) => o.find((e.target as HTMLInputElement).value)}
        />
      </div>
    </div>
  </div>`;
  const list = table<ServiceNode>({
    label: t('Services'),
    rows: ranked,
    id: (s) => s.id,
    columns: serviceColumns(context.directory, o.percentile, drawn),
    click: (s) => (drawn.has(s.id) ? o.select(s) : o.reach(s)),
    open,
    rowClass: (s) => (s === firstMissing ? 'folded-from' : ''),
    menu: (s) => ({ webviewSection: 'service', service: s.name, preventDefaultContextMenuItems: true }),
  });
  if (missing === 0)
    return html`${panelHead(t('Nothing selected'), o.close)}
      <div class="panel-sub">${t('Click a service for its callers and callees, an edge for its slowest transactions.')}</div>
      <div class="panel-body">
        <section>${sectionHead(t('Most self time'), t('share of all work'))} ${working.length > FIND_ABOVE ? finder : null} ${list}</section>
        ${o.more()} ${keys()}
      </div>`;
  return html`${panelHead(t('Services'), o.close, null, html`<span class="mut small">${t('{0} drawn, {1} folded', count(working.length - missing), count(missing))}</span>`)}
    ${finder}
    ${list}
    <div class="panel-sub search-pad">${t('Below the line: not drawn. Enter draws the service with its neighbours.')}</div>`;
}

const KEYS: readonly (readonly [string, () => string])[] = [
  ['→ ←', () => t('callee, caller')],
  ['↑ ↓', () => t('sibling')],
  ['Enter', () => t('open details')],
  ['F  H', () => t('focus, hide')],
  ['+ − 0', () => t('zoom, fit')],
  ['T', () => t('as a table')],
  ['/', () => t('filter')],
  ['Esc', () => t('one level back')],
];
const keys = () =>
  html`<section class="wide-only">
    ${sectionHead(t('Keys'))}
    <div class="keys">${KEYS.map(([k, text]) => html`<kbd>${k}</kbd><span class="mut">${text()}</span>`)}</div>
  </section>`;
