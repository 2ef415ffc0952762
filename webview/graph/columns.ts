/** Columns several tables of services share. */
import { html } from 'lit';
import { count, milliseconds, percent, shortCount, visibleText } from '../../src/shared/format.ts';
import type { LatencySummary, ServiceId, ServiceNode } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import { t } from '../text.ts';
import { errorShare, serviceName } from '../ui/parts.ts';
import type { Column } from '../ui/table.ts';
import { latencyAt, type Percentile } from './tones.ts';

type Has = { readonly latency: LatencySummary };
const ms = (ns: number) => ns / 1e6;

export const nameColumn = <R>(directory: Directory, title: string, of: (r: R) => ServiceId): Column<R> => ({
  key: 'service',
  title,
  class: 'ell',
  value: (r) => visibleText(directory.name(of(r))),
  cell: (r) => serviceName(directory, of(r)),
});
export const callsColumn = <R extends Has>(): Column<R> => ({
  key: 'calls',
  title: t('calls'),
  num: true,
  value: (r) => r.latency.calls,
  cell: (r) => count(r.latency.calls),
});
export const errorsColumn = <R extends Has>(): Column<R> => ({
  key: 'errors',
  title: t('err %'),
  num: true,
  value: (r) => (r.latency.calls > 0 ? (100 * r.latency.errors) / r.latency.calls : 0),
  cell: (r) => errorShare(r.latency.errors, r.latency.calls),
});
/** Milliseconds; the table's head says so. */
export const timeColumn = <R extends Has>(key: string, of: (l: LatencySummary) => number, strong = false): Column<R> => ({
  key,
  title: key,
  num: true,
  ...(strong && { class: 'strong' }),
  value: (r) => ms(of(r.latency)),
  cell: (r) => milliseconds(of(r.latency)),
});

/** For lists of all services. */
export function serviceColumns(directory: Directory, p: Percentile, drawn?: ReadonlySet<ServiceId>): Column<ServiceNode>[] {
  const name: Column<ServiceNode> = nameColumn(directory, t('service'), (s) => s.id);
  return [
    drawn === undefined
      ? name
      : { ...name, class: 'ell', cell: (s) => (drawn.has(s.id) ? serviceName(directory, s.id) : mutedName(directory, s)) },
    { key: 'calls', title: t('calls'), num: true, value: (s) => s.inbound.calls, cell: (s) => shortCount(s.inbound.calls) },
    {
      key: 'latency',
      title: t('p{0} ms', p),
      num: true,
      value: (s) => ms(latencyAt(s.inbound, p)),
      cell: (s) => milliseconds(latencyAt(s.inbound, p)),
    },
    { key: 'errors', title: t('err %'), num: true, value: (s) => shareOf(s), cell: (s) => errorShare(s.inbound.errors, s.inbound.calls) },
    {
      key: 'self',
      title: t('self'),
      hint: t('Share of all own work'),
      num: true,
      value: (s) => s.selfShare,
      cell: (s) => percent(s.selfShare, s.selfShare < 0.01 ? 1 : 0),
    },
  ];
}
const shareOf = ({ inbound }: ServiceNode) => (inbound.calls > 0 ? (100 * inbound.errors) / inbound.calls : 0);
const mutedName = (directory: Directory, s: ServiceNode) => html`<span class="mut">${serviceName(directory, s.id)}</span>`;
