import type * as P from '../../shared/protocol.ts';
import type { Analysis } from '../analysis.ts';
import { communities } from '../graph/communities.ts';
import { pathRows } from '../traces/heaviest.ts';

const MAX_PATHS = 10;

/** Groups of services and heaviest paths. `traces`: those that count; `edges`: of the same scope. */
export function structureOf(a: Analysis, traces: Uint8Array, edges: readonly P.Edge[]): P.Structure {
  // Ids in place of names: services of two tenants may have the same name.
  const found = communities(edges.map((e) => ({ caller: String(e.from), callee: String(e.to), calls: e.latency.calls })));
  const groups = new Map<string, number[]>();
  for (const [id, group] of found) {
    const members = groups.get(group) ?? [];
    groups.set(group, members);
    members.push(Number(id));
  }
  const paths = pathRows(a, traces);
  return {
    groups: [...groups.values()].map((ids) => ids.sort((x, y) => x - y)).sort((x, y) => y.length - x.length || x[0]! - y[0]!),
    paths: paths.slice(0, MAX_PATHS),
    totalNs: paths.reduce((sum, p) => sum + p.totalNs, 0),
  };
}
