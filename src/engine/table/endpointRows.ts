import type { ObservedEndpoint, Subject } from '../../shared/protocol.ts';
import { compareText } from '../graph/callGraph.ts';
import { PROTOCOLS } from '../protocols/names.ts';
import { Grouped } from '../stats/grouped.ts';
import { summariseWith } from './dropped.ts';
import { isFailed, type Selection } from './selection.ts';

const MAX_ALL_ENDPOINTS = 10_000;

/** Those of all services in the scope, busiest first. */
export const allEndpoints = (s: Selection): ObservedEndpoint[] => endpointRows(s, s.counted, MAX_ALL_ENDPOINTS);

/** Endpoints of the calls in `rows`, busiest first. `of`: whose rows they are; absent: everybody's. */
export function endpointRows(s: Selection, rows: Int32Array, most: number, of?: Subject): ObservedEndpoint[] {
  const a = s.analysis;
  const places = new Map<number, number>();
  const place = Int32Array.from(rows, (row) => {
    const id = a.endpoints.of[row]!;
    let at = places.get(id);
    if (at === undefined) {
      at = places.size;
      places.set(id, at);
    }
    return at;
  });
  const calls = new Int32Array(places.size);
  const errors = new Int32Array(places.size);
  for (let i = 0; i < rows.length; i++) {
    calls[place[i]!]!++;
    if (isFailed(a, rows[i]!)) errors[place[i]!]!++;
  }
  const grouped = new Grouped(
    rows.length,
    places.size,
    (i) => place[i]!,
    (i) => a.times.latency(rows[i]!),
  );
  const dropped = new Map(s.dropped?.endpointsOf(of).map((d) => [`${d.service} ${d.protocol} ${d.text}`, d]));
  const list = [...places].map(([id, at]): ObservedEndpoint => {
    const { service, text, protocol: number } = a.endpoints.list[id]!;
    const protocol = PROTOCOLS[number]!;
    const key = `${service} ${protocol} ${text}`;
    const latency = summariseWith(grouped.of(at), calls[at]!, errors[at]!, dropped.get(key)?.sums);
    dropped.delete(key);
    return { service, endpoint: text, protocol, latency };
  });
  const none = new Float64Array(0);
  for (const { service, text, protocol, sums } of dropped.values())
    list.push({ service, endpoint: text, protocol, latency: summariseWith(none, 0, 0, sums) });
  return list
    .sort((x, y) => y.latency.calls - x.latency.calls || compareText(x.endpoint, y.endpoint) || x.service - y.service)
    .slice(0, most);
}
