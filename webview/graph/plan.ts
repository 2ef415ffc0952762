/** Everything about a picture that doesn't depend on the size of its box, hover or selection; made again only when its sources change. */
import type { Edge, Graph } from '../../src/shared/protocol.ts';
import type { Directory } from '../directory.ts';
import type { AppContext } from '../view.ts';
import { strokeScale } from './drawing.ts';
import { memory } from './memory.ts';
import type { NodeSize } from './node.ts';
import { type Picture, picture } from './picture.ts';
import { sizeFor } from './sizes.ts';
import { type ColorBy, type Percentile, type Tones, tones } from './tones.ts';

export interface Planned {
  readonly picture: Picture;
  readonly size: NodeSize;
  readonly columns: number;
  readonly tones: Tones;
  readonly percentile: Percentile;
  readonly most: number;
  readonly strokePx: (calls: number) => number;
  /** Names that stay hidden while the picture is small. */
  readonly quiet: ReadonlySet<number>;
  /** Same key, same places. */
  readonly key: string;
}
const NAMED = 40;

export class Plan {
  private last: { readonly sources: readonly unknown[]; readonly planned: Planned } | null = null;

  of(context: AppContext, graph: Graph, edges: readonly Edge[], folding: boolean): Planned {
    const { directory, settings, selection } = context;
    const by = memory.colorBy ?? settings.colorEdgesBy;
    // Which small edges are drawn depends on the selection, where small ones are left out at all.
    const selected = sizeFor(graph.services.length) === 'large' ? undefined : selection.service;
    const sources = [graph, edges, directory, selected, folding, by, settings.percentile];
    if (this.last?.sources.every((s, k) => s === sources[k])) return this.last.planned;
    const planned = plan(graph, edges, directory, selected, folding, by, settings.percentile);
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
): Planned {
  const drawn = picture(graph, edges, directory, selected, folding);
  const most = Math.max(1, ...drawn.edges.map((e) => e.calls));
  const size = sizeFor(drawn.nodes.length);
  const near = new Set<number>();
  if (selected !== undefined) for (const e of drawn.edges) if (e.from === selected || e.to === selected) near.add(e.from).add(e.to);
  const named = [...graph.services].sort((a, b) => b.selfShare - a.selfShare || a.id - b.id).slice(0, NAMED);
  const loud = new Set([...named.map((s) => s.id), ...graph.services.filter((s) => s.isClients).map((s) => s.id), ...near]);
  return {
    picture: drawn,
    size,
    columns: new Set(drawn.nodes.map((n) => n.rank)).size,
    tones: tones(
      by,
      drawn.edges.flatMap((e) => e.edge ?? []),
      percentile,
    ),
    percentile,
    most,
    strokePx: strokeScale(most, size === 'large' ? 6 : 5),
    quiet: size === 'line' ? new Set(graph.services.filter((s) => !loud.has(s.id)).map((s) => s.id)) : new Set(),
    key: JSON.stringify([drawn.nodes.map((n) => [n.id, n.rank]), drawn.edges.map((e) => e.id)]),
  };
}
