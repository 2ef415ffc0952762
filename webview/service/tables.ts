/** Tables of the page: who calls, what is called, endpoints, slowest examples. */
import { html, type TemplateResult } from 'lit';
import { count, milliseconds, visibleText } from '../../src/shared/format.ts';
import type { EndpointRow, ExampleRow, NeighbourRow } from '../../src/shared/protocol.ts';
import { spark } from '../charts/spark.ts';
import { callsColumn, errorsColumn, nameColumn, timeColumn } from '../graph/columns.ts';
import { t } from '../text.ts';
import { instant } from '../time/instant.ts';
import { confidence } from '../ui/confidence.ts';
import { sectionHead } from '../ui/parts.ts';
import { table } from '../ui/table.ts';
import type { AppContext } from '../view.ts';

const TITLES = {
  callers: (n: number) => t('Called by ({0})', n),
  callees: (n: number) => t('Calls ({0})', n),
  below: (n: number) => t('Calls made while answering these ({0})', n),
} as const;

export function neighbours(context: AppContext, way: keyof typeof TITLES, rows: readonly NeighbourRow[], two: boolean): TemplateResult {
  const title = TITLES[way](rows.length);
  if (rows.length === 0)
    return html`<section data-section=${way}>
      ${sectionHead(title)}
      <p class="mut small">${way === 'callers' ? t('No request to it was seen.') : t('No outgoing request was seen.')}</p>
    </section>`;
  // Where it is narrow, columns that have nothing to say give way to names.
  const saying = (something: boolean) => (two && !something ? 'roomy-only' : '');
  return html`<section data-section=${way}>
    ${sectionHead(title, t('times in ms'))}
    ${table<NeighbourRow>({
      label: TITLES[way](0),
      rows,
      id: (r) => `${r.edge} ${r.service}`,
      flush: true,
      sort: { key: 'p95', descending: true },
      columns: [
        nameColumn(context.directory, t('service'), (r) => r.service),
        callsColumn(),
        errorsColumn(),
        timeColumn('p50', (l) => l.p50Ns),
        timeColumn('p95', (l) => l.p95Ns, true),
        { ...timeColumn<NeighbourRow>('p99', (l) => l.p99Ns), class: saying(rows.some((r) => Number.isFinite(r.latency.p99Ns))) },
        { ...timeColumn<NeighbourRow>('max', (l) => l.maxNs), class: two ? 'roomy-only' : '' },
        {
          key: 'rtt',
          title: t('rtt'),
          hint: t('Round trip of the network, median'),
          num: true,
          class: 'roomy-only',
          value: (r) => r.rttP50Ns / 1e6,
          cell: (r) => rtt(r.rttP50Ns),
        },
        {
          key: 'rtx',
          title: t('rtx'),
          hint: t('Retransmissions'),
          num: true,
          class: saying(rows.some((r) => r.retransmissions > 0)),
          value: (r) => r.retransmissions,
          cell: (r) => (r.retransmissions > 0 ? count(r.retransmissions) : html`<span class="mut">0</span>`),
        },
        {
          key: 'confidence',
          title: t('confidence'),
          hint: t('Of the place of these calls in their transactions, mean'),
          value: (r) => r.confidence,
          cell: (r) => confidence(r.confidence, true),
        },
        {
          key: 'trend',
          title: t('trend'),
          hint: t('Median latency over time'),
          widthPx: 72,
          class: 'wide-only',
          value: (r) => r.latency.p50Ns / 1e6,
          cell: (r) => spark(r.trend),
        },
      ],
      click: (r) => context.go('service', { service: r.service }),
    })}
  </section>`;
}
const rtt = (ns: number): string => (Number.isFinite(ns) && ns < 1e6 ? (ns / 1e6).toFixed(2) : milliseconds(ns));

/** `service`: whose they are, to find their routes in the source; '' for an edge. */
export const endpoints = (rows: readonly EndpointRow[], service: string): TemplateResult =>
  html`<section data-section="endpoints">
    ${sectionHead(t('Endpoints'), t('times in ms'))}
    ${table<EndpointRow>({
      label: t('Endpoints'),
      rows,
      id: (e) => `${e.protocol} ${e.endpoint}`,
      flush: true,
      menu: (e) => ({ webviewSection: 'endpoint', service, endpoint: e.endpoint, preventDefaultContextMenuItems: true }),
      sort: { key: 'calls', descending: true },
      columns: [
        { key: 'endpoint', title: t('endpoint'), class: 'ell mono', value: (e) => visibleText(e.endpoint) },
        callsColumn(),
        errorsColumn(),
        timeColumn('p50', (l) => l.p50Ns),
        timeColumn('p95', (l) => l.p95Ns, true),
        timeColumn('max', (l) => l.maxNs),
      ],
    })}
  </section>`;

export const examples = (context: AppContext, rows: readonly ExampleRow[]): TemplateResult =>
  rows.length === 0
    ? html``
    : html`<section data-section="slowest">
    ${sectionHead(t('Slowest examples'), t('times in ms'))}
    ${table<ExampleRow>({
      label: t('Slowest examples'),
      rows,
      id: (x) => x.call,
      flush: true,
      sort: { key: 'call', descending: true },
      columns: [
        { key: 'at', title: t('at'), num: true, widthPx: 72, value: (x) => x.startNs / 1e9, cell: (x) => instant(context, x.startNs) },
        { key: 'endpoint', title: t('endpoint'), class: 'ell mono', value: (x) => visibleText(x.endpoint, 120) },
        { key: 'entry', title: t('transaction'), class: 'ell mono mut', value: (x) => visibleText(x.entry) },
        {
          key: 'failed',
          title: '',
          hint: t('failed'),
          widthPx: 20,
          value: (x) => (x.failed ? 1 : 0),
          cell: (x) => (x.failed ? html`<span class="err" title=${t('failed')}>✕</span>` : null),
        },
        {
          key: 'call',
          title: t('this call'),
          num: true,
          class: 'strong',
          value: (x) => x.durationNs / 1e6,
          cell: (x) => milliseconds(x.durationNs),
        },
        { key: 'whole', title: t('whole'), num: true, value: (x) => x.traceDurationNs / 1e6, cell: (x) => milliseconds(x.traceDurationNs) },
        { key: 'confidence', title: t('confidence'), value: (x) => x.confidence, cell: (x) => confidence(x.confidence, true) },
      ],
      click: (x) => context.go('waterfall', { trace: x.trace, call: x.call }),
    })}
  </section>`;
