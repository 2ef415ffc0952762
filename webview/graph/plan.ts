/** Everything about a picture that doesn't depend on the size of its box, hover or selection; made again only when its sources change. */
import type { Edge, Graph } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import type { AppContext } from '../view.ts';
import { strokeScale } from './drawing.ts';
import { memory } from './memory.ts';
import type { NodeSize } from './node.ts';
import { FOLD_ABOVE, type Picture, picture } from './picture.ts';
import { type Box, sizeFor } from './sizes.ts';
import { type ColorBy, type Percentile, type Tones, tones } from './tones.ts';

export interface Planned {
  readonly picture: Picture;
  readonly size: NodeSize;
  readonly columns: number;
  readonly tones: Tones;
  readonly percentile: Percentile;
  readonly most: number;
  readonly strokePx: (calls: number) => number;
  /** Drawn as bars without a name. */
  readonly quiet: ReadonlySet<number>;
  /** Same key, same places. */
  readonly key: string;
}
const NAMED = 40;
/** More services than this are not read but looked over: only those with most own work keep their names. */
const NAMELESS_ABOVE = 80;
export const BAR_PX = 8;

export class Plan {
  private last: { readonly sources: readonly unknown[]; readonly planned: Planned } | null = null;

  of(context: AppContext, graph: Graph, edges: readonly Edge[], folding: boolean, box: Box): Planned {
    const { directory, settings, selection } = context;
    const by = memory.colorBy ?? settings.colorEdgesBy;
    // Which small edges are drawn depends on the selection, where small ones are left out at all.
    const selected = graph.services.length > FOLD_ABOVE - 1 ? selection.service : undefined;
    const sources = [graph, edges, directory, selected, folding, by, settings.percentile, box.widthPx, box.heightPx];
    if (this.last?.sources.every((s, k) => s === sources[k])) return this.last.planned;
    const planned = plan(graph, edges, directory, selected, folding, by, settings.percentile, box);
    this.last = { sources, planned };
    return planned;
  }
}

function plan(
  graph: Graph,
  edges: readonly Edge[],
  directory: Directory,
  selected: number | undefined,
  folding: boolean,
  by: ColorBy,
  percentile: Percentile,
  box: Box,
): Planned {
  const drawn = picture(graph, edges, directory, selected, folding);
  const most = Math.max(1, ...drawn.edges.map((e) => e.calls));
  const columns = new Map<number, number>();
  for (const { rank } of drawn.nodes) columns.set(rank, (columns.get(rank) ?? 0) + 1);
  const size = sizeFor(columns, box);
  const quiet = drawn.nodes.length > NAMELESS_ABOVE ? nameless(graph) : new Set<number>();
  return {
    picture: { ...drawn, nodes: drawn.nodes.map((n) => (quiet.has(n.id) ? { ...n, heightPx: BAR_PX } : n)) },
    size,
    columns: columns.size,
    tones: tones(
      by,
      drawn.edges.flatMap((e) => e.edge ?? []),
      percentile,
    ),
    percentile,
    most,
    strokePx: strokeScale(most, size === 'large' ? 6 : 5),
    quiet,
    key: JSON.stringify([drawn.nodes.map((n) => [n.id, n.rank]), drawn.edges.map((e) => e.id)]),
  };
}

function nameless(graph: Graph): Set<number> {
  const ranked = [...graph.services].sort((a, b) => b.selfShare - a.selfShare || a.id - b.id);
  return new Set(ranked.slice(NAMED).flatMap((s) => (s.isClients ? [] : s.id)));
}
