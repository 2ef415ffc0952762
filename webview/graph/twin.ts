/** The graph as two tables: for who can't or won't read a picture. Holds all services and edges of the scope, drawn or not. */
import { html, type TemplateResult } from 'lit';
import type { Edge, ServiceNode } from '../../src/shared/protocol.ts';
import { t } from '../text.ts';
import { confidence } from '../ui/confidence.ts';
import { sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';
import { callsColumn, errorsColumn, nameColumn, serviceColumns, timeColumn } from './columns.ts';
import type { Percentile } from './tones.ts';

export const twin = (context: AppContext, services: readonly ServiceNode[], edges: readonly Edge[], p: Percentile): TemplateResult =>
  html`<div class="twin">
    <section>
      ${sectionHead(t('Services'))}
      ${table<ServiceNode>({
        label: t('Services of the call graph'),
        rows: services,
        id: (s) => s.id,
        sort: { key: 'self', descending: true },
        columns: serviceColumns(context.directory, p),
        selected: (s) => s.id === context.selection.service,
        click: (s) => context.select({ service: s.id }),
        open: (s) => context.go('service', { service: s.id }),
        flush: true,
      })}
    </section>
    <section>
      ${sectionHead(t('Edges'), t('times in ms'))}
      ${table<Edge>({
        label: t('Edges of the call graph'),
        rows: edges,
        id: (e) => e.id,
        sort: { key: 'calls', descending: true },
        columns: [
          { ...nameColumn<Edge>(context.directory, t('caller'), (e) => e.from), key: 'caller', class: '' },
          { ...nameColumn<Edge>(context.directory, t('callee'), (e) => e.to), key: 'callee', class: '' },
          callsColumn(),
          errorsColumn(),
          timeColumn('p50', (l) => l.p50Ns),
          timeColumn('p95', (l) => l.p95Ns),
          { key: 'confidence', title: t('confidence'), value: (e) => e.confidence, cell: (e) => confidence(e.confidence, true) },
          { key: 'cycle', title: t('cycle'), value: (e) => (e.back ? '↺' : '') },
        ],
        selected: (e) => e.id === context.selection.edge,
        click: (e) => context.select({ edge: e.id }),
        open: (e) => context.go('service', { edge: e.id }),
        flush: true,
      })}
    </section>
  </div>`;
