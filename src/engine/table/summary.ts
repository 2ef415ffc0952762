import type { Summary } from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { LIKELY } from '../traces/summaries.ts';
import { isFailed, wholeRange } from './selection.ts';

/** How sure the links are: counts of calls by what is known of their place. */
export interface LinkCounts {
  /** With a parent. */
  readonly placed: number;
  /** Sent from outside. */
  readonly roots: number;
  /** With a parent that is a guess. */
  readonly guesses: number;
  /** Sent by a service, but no call was found that made it do so. */
  readonly orphans: number;
}

export function countLinks(a: Analysis): LinkCounts {
  let placed = 0;
  let roots = 0;
  let guesses = 0;
  for (let row = 0; row < a.count; row++) {
    if (a.forest.parent[row]! >= 0) {
      placed++;
      if (a.nesting.confidence[row]! < LIKELY) guesses++;
    } else if (a.services[a.caller[row]!]!.isClients) roots++;
  }
  const orphans = a.count - placed - roots;
  const d = a.condensed?.digest;
  if (d === undefined) return { placed, roots, guesses, orphans };
  return { placed: placed + d.placed, roots: roots + d.roots, guesses: guesses + d.guesses, orphans: orphans + d.orphans };
}

/** `quality` from qualityOf(); `title` and `sources` as the session names them. */
export function summaryOf(
  a: Analysis,
  about: { title: string; sources: readonly string[]; windowNs?: number | undefined; quality: Summary['quality'] },
): Summary {
  const { calls } = a.extraction;
  let errors = 0;
  let traceIdCalls = 0;
  let twoSided = false;
  const dropped = a.condensed?.digest;
  for (let row = 0; row < a.count; row++) {
    if (isFailed(a, row)) errors++;
    if (calls.traceKey[row] !== 0) traceIdCalls++;
    if (calls.calleeFirstNs !== undefined && !Number.isNaN(calls.calleeFirstNs[row]!)) twoSided = true;
  }
  return {
    title: about.title,
    sources: about.sources,
    epochNs: a.extraction.epochNs.toString(),
    durationNs: wholeRange(a).toNs,
    ...(about.windowNs && { windowNs: about.windowNs }),
    packets: a.extraction.packets,
    bytes: a.extraction.packetBytes,
    calls: a.count + (dropped?.calls ?? 0),
    transactions: a.forest.traces + (dropped?.transactions ?? 0),
    ...(dropped && { kept: { calls: a.count, transactions: a.forest.traces, sample: a.condensed!.sampleBelow } }),
    services: a.services.filter((s) => !s.isClients).length,
    edges: a.edges.length,
    errors: errors + (dropped?.errors ?? 0),
    ...countLinks(a),
    tenants: a.tenants,
    algorithm: a.algorithm,
    quality: about.quality,
    clockSide: twoSided ? 'callee' : 'one tap',
    traceIdCalls: traceIdCalls + (dropped?.traceIdCalls ?? 0),
  };
}
