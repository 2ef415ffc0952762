/**
 * Calls that no request here caused: timers, or requests that weren't captured. What tells them is where they fall. A call that was made for a
 * request, and is outside it by a clock's rounding or because it came just after the answer, is close to it; one that nothing here caused falls as
 * near to requests as any time does, and into them as often. So calls are compared with themselves at other times of the capture.
 */
import type { Candidates } from './candidates.ts';
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

export interface Strays {
  /** Probability that nothing here caused a call, by child. */
  readonly probability: Float32Array;
  /** 1: outside all requests, and as far off as chance has it. */
  readonly outside: Uint8Array;
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

/** `c`: the candidates under strict nesting. O(calls outside all requests), and bounded trials for each kind. */
export function straysOf(p: Problem, c: Candidates): Strays {
  const probability = new Float32Array(p.children);
  const outside = new Uint8Array(p.children);
  const types = p.childTypes.length;
  const orphans: { readonly child: number; readonly offNs: number }[][] = Array.from({ length: types }, () => []);
  const placed = Array.from({ length: types }, () => [0, 0]);
  const timeline = p.parents > 0 && p.children > 0 ? new Timeline(p) : null;
  if (timeline === null) return { probability, outside };
  const open = (i: number) => p.settled === null || p.settled[i] === -2;
  const lies = new Uint8Array(p.children);
  for (let i = 0; i < p.children; i++) {
    const type = p.childType[i]!;
    lies[i] = c.offset[i + 1]! > c.offset[i]! ? Lies.enclosed : timeline.lies(i, p.sent[i]!);
    if (!open(i)) continue;
    if (lies[i] === Lies.outside) orphans[type]!.push({ child: i, offNs: timeline.offNs });
    else placed[type]![lies[i]!]!++;
  }
  orphans.forEach((list, type) => {
    if (list.length === 0) return;
    const chance = byChance(timeline, p, list);
    const idle = chance.offNs.length / chance.trials;
    if (idle === 0) return;
    const upTo = (ns: number) => countUpTo(chance.offNs, ns) / chance.offNs.length;
    const own = Float64Array.from(list, ({ offNs }) => offNs).sort();
    // Further off than half of what chance gives there are only strays.
    const half = chance.offNs[(chance.offNs.length - 1) >> 1]!;
    const beyond = own.length - countUpTo(own, half);
    const share = 1 - upTo(half);
    const far = share > 0 ? beyond / share : beyond;
    const strays = Math.min(own.length, share > 0 ? (beyond + PRIOR) / share : beyond + PRIOR);
    for (const { child, offNs } of list) {
      // Of those no further off than this one, the share that chance gives.
      const byChanceNearer = offNs < Number.POSITIVE_INFINITY ? Math.min(1, (strays * upTo(offNs)) / countUpTo(own, offNs)) : 1;
      probability[child] = byChanceNearer;
      outside[child] = byChanceNearer > 0.5 ? 1 : 0;
    }
    if (idle < LEAST_IDLE) return;
    // Strays fall into requests as they fall beside them.
    const among = [chance.enclosed, chance.within].map((many, k) => {
      const expected = (Math.min(own.length, far) * many) / chance.offNs.length;
      return Math.min(1, expected / Math.max(1, placed[type]![k]!));
    });
    for (let i = 0; i < p.children; i++)
      if (p.childType[i] === type && lies[i] !== Lies.outside && open(i)) probability[i] = among[lies[i]!]!;
  });
  return { probability, outside };
}

/** The same calls at other times: how many fall where, and how far off those outside are (ascending). */
function byChance(timeline: Timeline, p: Problem, list: readonly { readonly child: number }[]) {
  const shifts = Math.max(1, Math.min(MOST_SHIFTS, Math.ceil(TRIALS / list.length)));
  const each = Math.max(1, Math.floor((list.length * shifts) / TRIALS));
  const lengthNs = timeline.to - timeline.from;
  const offNs: number[] = [];
  let enclosed = 0;
  let within = 0;
  let trials = 0;
  for (let shift = 1; shift <= shifts; shift++) {
    for (let k = 0; k < list.length; k += each) {
      const i = list[k]!.child;
      trials++;
      const at = timeline.from + ((p.sent[i]! - timeline.from + ((trials * TURN) % 1) * lengthNs) % Math.max(1, lengthNs));
      const lies = timeline.lies(i, at);
      if (lies === Lies.enclosed) enclosed++;
      else if (lies === Lies.within) within++;
      else offNs.push(timeline.offNs);
    }
  }
  return { trials, enclosed, within, offNs: Float64Array.from(offNs).sort() };
}

/** Of ascending values, those no larger. */
function countUpTo(values: Float64Array, most: number): number {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= most) low = middle + 1;
    else high = middle;
  }
  return low;
}
