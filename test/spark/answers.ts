/** The batch job's answer and the command line's own, in the same terms. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { SpanRecord } from '../../src/engine/calls/spanRecord.ts';
import type { HeaviestPath } from '../../src/engine/traces/heaviest.ts';
import { Session } from '../../src/session/session.ts';
import { type AnalysisOptions, DEFAULT_ANALYSIS_OPTIONS, type SourceSpec } from '../../src/shared/protocol.ts';
import { ENGINE, ROOT, runJob } from './install.ts';

export const SAMPLE = path.join(ROOT, 'media/sample/shop.pcap');

export async function analysed(source: SourceSpec, options: Partial<AnalysisOptions> = {}): Promise<Session> {
  const session = new Session({ snapshot: () => {}, log: () => {} });
  await session.analyse([source], { ...DEFAULT_ANALYSIS_OPTIONS, ...options });
  return session;
}
export const scope = (s: Session) => ({ generation: s.result!.queries.generation });
/** Everything about a span but rounding of its confidence. */
export const facts = (spans: Iterable<SpanRecord>) =>
  [...spans]
    .map(({ confidence, ...s }) => ({ ...s, parent: s.parent ?? '', confidence: Math.round(confidence * 1e4) }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));

interface Edge {
  readonly window: string | null;
  readonly tenant: string;
  readonly caller: string;
  readonly callee: string;
  readonly [figure: string]: unknown;
}
export interface Result {
  readonly spanCount: number;
  readonly transactionCount: number;
  readonly rejectedRecords: number;
  readonly spans: readonly SpanRecord[];
  readonly edges: readonly Edge[];
  readonly communities: readonly { readonly tenant: string; readonly service: string; readonly community: string }[];
  readonly paths: readonly HeaviestPath[];
}
const FIGURES = ['calls', 'n', 'errors', 'minNs', 'p50Ns', 'p95Ns', 'p99Ns', 'maxNs', 'meanNs'] as const;
const named = (tenant: string, caller: string, callee: string) => `${tenant === '' ? '' : `${tenant}: `}${caller} -> ${callee}`;
/** Edges with their figures, in order; to the nanosecond, as sums are taken in another order. */
export const figures = (of: Readonly<Record<string, unknown>>) =>
  FIGURES.map((f) => (typeof of[f] === 'number' && Number.isFinite(of[f]) ? Math.round(of[f]) : null));
export const edgesOf = (s: Session) => {
  const { queries } = s.result!;
  const services = new Map(queries.services(scope(s)).map((n) => [n.id, n]));
  return queries
    .edges(scope(s))
    .map(({ from, to, latency }) => {
      const [caller, callee] = [services.get(from)!, services.get(to)!];
      return [named(callee.tenant, caller.name, callee.name), figures({ ...latency })] as const;
    })
    .sort();
};
export const jobEdges = (r: Pick<Result, 'edges'>) => r.edges.map((e) => [named(e.tenant, e.caller, e.callee), figures(e)] as const).sort();

/** Runs the job into the folder `out`. */
export async function batch(
  out: string,
  [kind, of]: readonly [kind: 'captures' | 'spans' | 'store', of: string],
  args: readonly string[] = [],
  options: Parameters<typeof runJob>[2] = {},
) {
  await runJob('batch.py', [`--${kind}`, of, '--out', out, '--engine', ENGINE, '--node', process.execPath, ...args], options);
  const file = path.join(out, 'result.tracenest.json');
  return { out, file, result: JSON.parse(readFileSync(file, 'utf8')) as Result };
}
