/** The ways through services on which most of the transactions' time was waited for. */
import type { Analysis } from '../analysis.ts';
import { compareText } from '../graph/callGraph.ts';
import { eachChild, rootOf } from './forest.ts';

export interface HeaviestPath {
  readonly tenant: string;
  /** From the caller of the entry call inwards. */
  readonly services: readonly string[];
  readonly transactions: number;
  /** Their durations together. */
  readonly totalNs: number;
}

/** By service ids. */
export interface PathRow {
  readonly services: readonly number[];
  readonly transactions: number;
  readonly totalNs: number;
}

/**
 * One path a transaction: from the root always to the call below which most of the critical path lies (ties: the earlier one), until none
 * lies below. Paths over the same services are added up; so those of parts add up to those of the whole. The heaviest first.
 * `traces`: 1 for each transaction that counts; all, without.
 */
export function pathRows(a: Analysis, traces?: Uint8Array): PathRow[] {
  const { forest, criticalNs } = a;
  const paths = new Map<string, { readonly services: number[]; transactions: number; totalNs: number }>();
  for (let t = 0; t < forest.traces; t++) {
    if (traces !== undefined && traces[t] === 0) continue;
    const root = rootOf(forest, t);
    const services = [a.caller[root]!];
    for (let row = root; row >= 0; ) {
      services.push(a.callee[row]!);
      let heaviest = -1;
      eachChild(forest, row, (child) => {
        if (criticalNs[child]! > 0 && (heaviest < 0 || criticalNs[child]! > criticalNs[heaviest]!)) heaviest = child;
      });
      row = heaviest;
    }
    const key = services.join();
    const path = paths.get(key) ?? { services, transactions: 0, totalNs: 0 };
    paths.set(key, path);
    path.transactions++;
    path.totalNs += a.traces.durationNs[t]!;
  }
  const name = (p: PathRow) => p.services.map((id) => a.services[id]!.name).join('\0');
  return [...paths.values()].sort((x, y) => y.totalNs - x.totalNs || compareText(name(x), name(y)));
}

/** The same with names. */
export const heaviestPaths = (a: Analysis): HeaviestPath[] =>
  pathRows(a).map(({ services, ...sums }) => ({
    tenant: a.services[services[1]!]!.tenant,
    services: services.map((id) => a.services[id]!.name),
    ...sums,
  }));
