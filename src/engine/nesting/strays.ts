/**
 * Calls that no request here caused: timers, or requests that weren't captured. What tells them is where they fall. A call that was made for a
 * request, and is outside it by a clock's rounding or because it came just after the answer, is close to it; one that nothing here caused falls as
 * near to requests as any time does, and into them as often. So calls are compared with themselves at other times of the capture.
 */
import type { Candidates } from './candidates.ts';
import { addTo, type Cell, type Counters, sumOf } from './counters.ts';
import { BINS, binOf } from './histogram.ts';
import type { Problem } from './problem.ts';

/** Largest violation of nesting ever believed to be a clock's, ns. */
export const LIMIT_NS = 20e6;
/** Other times at which the calls of a kind are looked at, at least and for each call at most. */
const TRIALS = 512;
const MOST_SHIFTS = 64;
/** Requests looked at around one time. */
const SCAN = 256;
/** Strays taken for granted: so that a few calls are not believed to be caused only because none fell far away. */
const PRIOR = 0.5;
/** Shares of idle time below this say nothing about what falls into busy time. */
const LEAST_IDLE = 0.02;
/** Golden ratio: shifts that lie evenly however many there are. */
const TURN = 0.6180339887498949;

/** How a call at some time lies to the requests: enclosed by one, sent within one, or outside all, then how far off (Infinity: beyond the limit). */
const Lies = { enclosed: 0, within: 1, outside: 2 } as const;
type Lies = (typeof Lies)[keyof typeof Lies];

/** Of the calls of one kind; sums of parts are those of the whole. Distances in the bins of delays, and one bin for what is beyond the limit. */
export interface StrayTally {
  /** How far those outside all requests are from one, and how far they would be at other times. */
  readonly own: Cell;
  readonly chance: Cell;
  /** Of those outside, how many would be enclosed and within at other times; and the calls that are. */
  readonly among: Cell;
  readonly placed: Cell;
}
const BEYOND = BINS;
const noTally = (): StrayTally => ({ own: new Map(), chance: new Map(), among: new Map(), placed: new Map() });
const binOfOff = (ns: number): number => (ns < Number.POSITIVE_INFINITY ? binOf(ns) : BEYOND);

export interface Strays {
  /** Probability that nothing here caused a call, by child. */
  readonly probability: Float32Array;
  /** 1: outside all requests, and as far off as chance has it. */
  readonly outside: Uint8Array;
  /** By type, of these calls and others that were known. */
  readonly tallies: readonly StrayTally[];
}

class Timeline {
  readonly from: number;
  readonly to: number;
  /** How far from any request the last time asked about was. */
  offNs = 0;
  private readonly p: Problem;
  private readonly latest: Float64Array;

  constructor(p: Problem) {
    this.p = p;
    this.latest = new Float64Array(p.parents);
    let most = Number.NEGATIVE_INFINITY;
    for (let q = 0; q < p.parents; q++) this.latest[q] = most = Math.max(most, p.end[q]!);
    // Beyond the first and the last, too: of a few calls near few requests it would else be said that any time is near.
    this.from = Math.min(p.start[0]!, p.sent[0]!) - LIMIT_NS;
    this.to = Math.max(most, p.sent[p.children - 1]!) + LIMIT_NS;
  }

  /** Of child i if it had been sent at `at`. */
  lies(i: number, at: number): Lies {
    const { p, latest } = this;
    const done = at + p.done[i]! - p.sent[i]!;
    const admitted = p.admits[p.childGroup[i]!]!;
    let lies: Lies = Lies.outside;
    this.offNs = Number.POSITIVE_INFINITY;
    let q = this.startedBy(at + LIMIT_NS) - 1;
    for (let steps = 0; q >= 0 && steps < SCAN && latest[q]! >= at - LIMIT_NS; q--, steps++) {
      if (!admitted.includes(p.parentGroup[q]!) || p.parentRow[q] === p.childRow[i]) continue;
      const off = Math.max(p.start[q]! - at, at - p.end[q]!);
      if (off <= 0 && done <= p.end[q]!) return Lies.enclosed;
      if (off <= 0) lies = Lies.within;
      else if (off < LIMIT_NS) this.offNs = Math.min(this.offNs, off);
    }
    return lies;
  }

  private startedBy(at: number): number {
    const { start } = this.p;
    let low = 0;
    let high = start.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (start[middle]! <= at) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

interface Counted {
  readonly of: readonly StrayTally[];
  /** Of each child, Lies. */
  readonly lies: Uint8Array;
  /** Children outside, by type, and how far. */
  readonly outside: readonly (readonly { readonly child: number; readonly offNs: number }[])[];
}

const isOpen = (p: Problem, i: number): boolean => p.settled === null || p.settled[i] === -2;

/** `c`: the candidates under strict nesting. O(calls outside all requests), and bounded trials for each kind. */
function countStrays(p: Problem, c: Candidates): Counted {
  const of = p.childTypes.map(noTally);
  const lies = new Uint8Array(p.children);
  const outside: { readonly child: number; readonly offNs: number }[][] = p.childTypes.map(() => []);
  if (p.parents === 0 || p.children === 0) return { of, lies, outside };
  const timeline = new Timeline(p);
  for (let i = 0; i < p.children; i++) {
    const type = p.childType[i]!;
    lies[i] = c.offset[i + 1]! > c.offset[i]! ? Lies.enclosed : timeline.lies(i, p.sent[i]!);
    if (!isOpen(p, i)) continue;
    if (lies[i] !== Lies.outside) addTo(of[type]!.placed, lies[i]!);
    else {
      outside[type]!.push({ child: i, offNs: timeline.offNs });
      addTo(of[type]!.own, binOfOff(timeline.offNs));
    }
  }
  outside.forEach((list, type) => {
    byChance(timeline, p, list, of[type]!);
  });
  return { of, lies, outside };
}

/** Looks at the same calls at other times; all trials together count as much as the calls. */
function byChance(timeline: Timeline, p: Problem, list: readonly { readonly child: number }[], into: StrayTally): void {
  if (list.length === 0) return;
  const shifts = Math.max(1, Math.min(MOST_SHIFTS, Math.ceil(TRIALS / list.length)));
  const each = Math.max(1, Math.floor((list.length * shifts) / TRIALS));
  const weight = list.length / (shifts * Math.ceil(list.length / each));
  const lengthNs = timeline.to - timeline.from;
  let trials = 0;
  for (let shift = 1; shift <= shifts; shift++) {
    for (let k = 0; k < list.length; k += each) {
      const i = list[k]!.child;
      trials++;
      const at = timeline.from + ((p.sent[i]! - timeline.from + ((trials * TURN) % 1) * lengthNs) % Math.max(1, lengthNs));
      const lies = timeline.lies(i, at);
      if (lies === Lies.outside) addTo(into.chance, binOfOff(timeline.offNs), weight);
      else addTo(into.among, lies, weight);
    }
  }
}

/** `known`: what other calls showed (a model), by type. */
export function straysOf(p: Problem, c: Candidates, known?: readonly StrayTally[]): Strays {
  const probability = new Float32Array(p.children);
  const isOutside = new Uint8Array(p.children);
  const { of, lies, outside } = countStrays(p, c);
  known?.forEach((tally, type) => {
    addTally(of[type]!, tally);
  });
  of.forEach(({ own, chance, among, placed }, type) => {
    const idle = sumOf(chance);
    if (idle === 0) return;
    const many = sumOf(own);
    // Further off than half of what chance gives there are only strays.
    let half = 0;
    while (half < BEYOND - 1 && 2 * sumOf(chance, half + 1) < idle) half++;
    const beyond = many - sumOf(own, half + 1);
    const share = 1 - sumOf(chance, half + 1) / idle;
    const far = share > 0 ? Math.min(many, beyond / share) : beyond;
    const strays = share > 0 ? Math.min(many, (beyond + PRIOR) / share) : beyond + PRIOR;
    for (const { child, offNs } of outside[type]!) {
      // Of those no further off than this one, the share that chance gives.
      const to = binOfOff(offNs) + 1;
      const by = offNs < Number.POSITIVE_INFINITY ? Math.min(1, ((strays / idle) * sumOf(chance, to)) / sumOf(own, to)) : 1;
      probability[child] = by;
      isOutside[child] = by > 0.5 ? 1 : 0;
    }
    if (idle < LEAST_IDLE * (idle + sumOf(among))) return;
    // Strays fall into requests as they fall beside them.
    const hidden = [Lies.enclosed, Lies.within].map((k) =>
      Math.min(1, (far * (among.get(k) ?? 0)) / idle / Math.max(1, placed.get(k) ?? 0)),
    );
    for (let i = 0; i < p.children; i++)
      if (p.childType[i] === type && lies[i] !== Lies.outside && isOpen(p, i)) probability[i] = hidden[lies[i]!]!;
  });
  return { probability, outside: isOutside, tallies: of };
}

const COLUMNS = ['own', 'chance', 'among', 'placed'] as const;

function addTally(to: StrayTally, from: StrayTally): void {
  for (const column of COLUMNS) for (const [k, value] of from[column]) addTo(to[column], k, value);
}

/** Adds what a place shows of strays to counters. */
export function saveStrays(p: Problem, { tallies }: Strays, into: Counters): void {
  tallies.forEach((tally, type) => {
    for (const column of COLUMNS) for (const [k, value] of tally[column]) into.add(['strays', p.childTypes[type]!, column], k, value);
  });
}

const NO_CELL: Cell = new Map();

/** What was saved, for the types of a problem. */
export function restoreStrays(from: Counters, p: Problem): StrayTally[] {
  return p.childTypes.map((type) => {
    const column = (name: (typeof COLUMNS)[number]) => from.cell(['strays', type, name]) ?? NO_CELL;
    return { own: column('own'), chance: column('chance'), among: column('among'), placed: column('placed') };
  });
}
