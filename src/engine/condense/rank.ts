import type { LatencySketch } from '../stats/sketch.ts';
import { type Forest, rootOf } from '../traces/forest.ts';
import type { TraceSummaries } from '../traces/summaries.ts';

/** `slowerThan` of kept transactions was counted among the kept: corrects it to all there were, within the error of the sketch. */
export function rankAmongAll(
  traces: TraceSummaries,
  forest: Forest,
  entries: ReadonlyMap<string, LatencySketch>,
  entryOf: (root: number) => string,
): void {
  const held = new Map<string, number>();
  for (let t = 0; t < forest.traces; t++) {
    if (Number.isNaN(traces.slowerThan[t])) continue;
    const key = entryOf(rootOf(forest, t));
    held.set(key, (held.get(key) ?? 0) + 1);
  }
  for (let t = 0; t < forest.traces; t++) {
    const key = entryOf(rootOf(forest, t));
    const others = entries.get(key);
    if (others === undefined || Number.isNaN(traces.slowerThan[t])) continue;
    const here = held.get(key)!;
    traces.slowerThan[t] = (traces.slowerThan[t]! * here + others.countBelow(traces.durationNs[t]!)) / (here + others.count);
  }
}
