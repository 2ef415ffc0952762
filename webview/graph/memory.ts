/** How the graph was left: kept while the page lives, by names, so that it outlives a new generation. */
import type { ColorBy } from './tones.ts';

export interface GraphMemory {
  /** null: as the settings say. */
  colorBy: ColorBy | null;
  /** All services as far as they can be drawn, instead of the busiest. */
  all: boolean;
  focus: string | null;
  hops: number;
  readonly hidden: Set<string>;
  table: boolean;
}
export const memory: GraphMemory = { colorBy: null, all: false, focus: null, hops: 1, hidden: new Set(), table: false };
