/**
 * How much longer requests take, for a while, than those of their type usually do: a fault or too much load. The model has learned from all times alike,
 * and is too sure about such a stretch.
 */
import type { Cell, Counters } from './counters.ts';
import { BINS_AN_OCTAVE, binOf } from './histogram.ts';
import type { Scene } from './scene.ts';

/** Requests looked at on either side of each. */
const NEAR = 20;
/** Octaves that are nothing unusual. */
const USUAL = 0.5;
/** Octaves beyond those that count at most: longer stretches of still slower requests are learned as an own case. */
const MOST = 1.5;
const KIND = 'latency';

type Requests = Pick<Scene, 'parents' | 'parentType' | 'parentTypes' | 'start' | 'end'>;

/** Latencies of requests by type, as a histogram each. */
function latencies({ parents, parentType, parentTypes, start, end }: Requests, which?: readonly number[]): Cell[] {
  const cells = parentTypes.map((): Cell => new Map());
  const many = which ? which.length : parents;
  for (let z = 0; z < many; z++) {
    const q = which ? which[z]! : z;
    const cell = cells[parentType[q]!]!;
    const bin = binOf(end[q]! - start[q]!);
    cell.set(bin, (cell.get(bin) ?? 0) + 1);
  }
  return cells;
}

/** Of all requests, or of some; what is saved adds up with that of other calls. */
export function saveLatencies(scene: Requests, into: Counters, which?: readonly number[]): void {
  for (const [type, cell] of latencies(scene, which).entries())
    for (const [bin, many] of cell) into.add([KIND, scene.parentTypes[type]!], bin, many);
}

function saved(scene: Requests, from: Counters): Cell[] {
  const known = new Map([...from.of(KIND)].map(([[type = ''], cell]) => [type, cell]));
  return scene.parentTypes.map((name) => known.get(name) ?? new Map());
}

/** Bin of the median; NaN where nothing is known. */
function median(cell: Cell): number {
  const bins = [...cell].sort((a, b) => a[0] - b[0]);
  const half = bins.reduce((sum, [, many]) => sum + many, 0) / 2;
  let upTo = 0;
  for (const [bin, many] of bins) {
    upTo += many;
    if (upTo >= half) return bin;
  }
  return Number.NaN;
}

/**
 * For each request the octaves (1: twice as long) by which those around it take longer than what is nothing unusual, 0 where they don't.
 * `model`: tells what is usual; else all requests at hand do.
 */
export function slowdowns(scene: Requests, model: Counters | null): Float64Array {
  const { parents, parentType, start, end } = scene;
  const usual = (model ? saved(scene, model) : latencies(scene)).map(median);
  const upTo = new Float64Array(parents + 1);
  for (let q = 0; q < parents; q++) {
    const more = binOf(end[q]! - start[q]!) - usual[parentType[q]!]!;
    upTo[q + 1] = upTo[q]! + (Number.isNaN(more) ? 0 : more / BINS_AN_OCTAVE);
  }
  return Float64Array.from({ length: parents }, (_, q) => {
    const from = Math.max(0, q - NEAR);
    const to = Math.min(parents, q + NEAR + 1);
    return Math.min(MOST, Math.max(0, (upTo[to]! - upTo[from]!) / (to - from) - USUAL));
  });
}
