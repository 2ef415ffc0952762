/**
 * How much longer requests take, for a while, than those of their type usually do: a fault or too much load. The model has learned from all times alike,
 * and is too sure about such a stretch.
 */
import { BINS, BINS_AN_OCTAVE, binOf } from './histogram.ts';
import type { Scene } from './scene.ts';

/** Requests looked at on either side of each. */
const NEAR = 20;
/** Octaves that are nothing unusual. */
const USUAL = 0.5;
/** Octaves beyond those that count at most: longer stretches of still slower requests are learned as a case of their own. */
const MOST = 1.5;

type Requests = Pick<Scene, 'parents' | 'parentType' | 'parentTypes' | 'start' | 'end' | 'answered'>;

/** Bin of the median latency of each type. */
function medians({ parents, parentType, parentTypes, start, end, answered }: Requests): number[] {
  const counts = parentTypes.map(() => new Uint32Array(BINS));
  const all = new Uint32Array(parentTypes.length);
  for (let q = 0; q < parents; q++) {
    if (answered[q] === 0) continue;
    const type = parentType[q]!;
    counts[type]![binOf(end[q]! - start[q]!)]!++;
    all[type]!++;
  }
  return counts.map((count, type) => {
    let bin = 0;
    for (let upTo = count[0]!; 2 * upTo < all[type]!; upTo += count[bin]!) bin++;
    return bin;
  });
}

/**
 * For each request the octaves (1: twice as long) by which those around it take longer than what is nothing unusual, 0 where they don't. Those without
 * an answer don't count: their ends are made up.
 */
export function slowdowns(requests: Requests): Float64Array {
  const { parents, parentType, start, end, answered } = requests;
  const usual = medians(requests);
  const upTo = new Float64Array(parents + 1);
  const known = new Uint32Array(parents + 1);
  for (let q = 0; q < parents; q++) {
    known[q + 1] = known[q]! + answered[q]!;
    upTo[q + 1] = upTo[q]! + (answered[q]! * (binOf(end[q]! - start[q]!) - usual[parentType[q]!]!)) / BINS_AN_OCTAVE;
  }
  return Float64Array.from({ length: parents }, (_, q) => {
    const from = Math.max(0, q - NEAR);
    const to = Math.min(parents, q + NEAR + 1);
    return Math.min(MOST, Math.max(0, (upTo[to]! - upTo[from]!) / Math.max(1, known[to]! - known[from]!) - USUAL));
  });
}
