import { visibleText } from '../../shared/format.ts';
import type { Edge, LatencySummary, ServiceNode } from '../../shared/protocol.ts';
import { round } from './attributes.ts';

/** A fact of a service or an edge that the graph formats carry. Numbers that aren't known (NaN) are left out. */
export type Fact = readonly [name: string, value: string | number | boolean];

const known = (facts: readonly Fact[]): readonly Fact[] => facts.filter(([, value]) => typeof value !== 'number' || Number.isFinite(value));
const ms = (ns: number): number => Math.round(ns / 10) / 100_000;

const latencyFacts = (l: LatencySummary): readonly Fact[] => [
  ['calls', l.calls],
  ['errors', l.errors],
  ['p50_ms', ms(l.p50Ns)],
  ['p95_ms', ms(l.p95Ns)],
  ['p99_ms', ms(l.p99Ns)],
  ['max_ms', ms(l.maxNs)],
];

export const serviceFacts = (s: ServiceNode): readonly Fact[] =>
  known([
    ['tenant', s.tenant],
    ['named_by', s.namedBy],
    ['instances', s.instances],
    ['protocols', s.protocols.join(' ')],
    ['clients', s.isClients],
    ['rank', s.rank],
    ...latencyFacts(s.inbound),
    ['self_share', round(s.selfShare)],
  ]);
export const edgeFacts = (e: Edge): readonly Fact[] =>
  known([
    ...latencyFacts(e.latency),
    ['rtt_p50_ms', ms(e.rttP50Ns)],
    ['retransmissions', e.retransmissions],
    ['confidence', round(e.confidence)],
    ['guessed_share', round(e.guessedShare)],
    ['back', e.back],
  ]);

/** Ids of services in a file: by position, since a name may occur in several tenants. */
export function nodeIds(services: readonly ServiceNode[]): ReadonlyMap<number, string> {
  return new Map(services.map((service, index) => [service.id, `s${index}`]));
}

/** Text that XML 1.0 can hold and a terminal may show: hidden characters as escapes, what is no character replaced. */
export const xmlText = (text: string): string => visibleText(text, Number.POSITIVE_INFINITY).replace(/[\ufffe\uffff]/g, '\ufffd');
