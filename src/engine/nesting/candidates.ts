/** Who may be whose parent: nesting in time (Aguilera et al., SOSP 2003, section 5.1), restricted by instance and by trace keys. */
import type { Problem } from './problem.ts';
import { TraceKeys } from './traceKeys.ts';

/** Allowed violations of nesting in ns, by child type. */
export interface Slack {
  /** A child may start this much before its parent's request was complete at the tap. */
  readonly before: Float64Array;
  /** A child may end this much after its parent's answer. */
  readonly after: Float64Array;
  /** 1: the parent doesn't wait for calls of this type (fire-and-forget); only their start has to lie inside. */
  readonly detached: Uint8Array;
}

/** Compressed rows: the candidates of child i are parent[offset[i] .. offset[i + 1]), ascending, i.e. in order of start. */
export interface Candidates {
  readonly offset: Int32Array;
  readonly parent: Int32Array;
  readonly slack: Slack;
  /** Probability that a child has no parent here (strays.ts). Omitted: nothing speaks for it. */
  readonly stray?: Float32Array | undefined;
}

/** More candidates than this are never kept for one call (the latest starts are), so that time stays O(n w). */
export const MAX_CANDIDATES = 128;
/** At most so many calls are held open per group of parents; a capture that leaks open calls must not make the sweep quadratic. */
const MAX_OPEN = 2048;

export const strict = (types: number): Slack => ({
  before: new Float64Array(types),
  after: new Float64Array(types),
  detached: new Uint8Array(types),
});

export function fits(p: Problem, slack: Slack, q: number, i: number): boolean {
  const t = p.childType[i]!;
  const end = p.end[q]! + slack.after[t]!;
  const from = slack.detached[t] ? p.sent[i]! : p.done[i]!;
  return p.start[q]! - slack.before[t]! <= p.sent[i]! && from <= end && p.parentRow[q] !== p.childRow[i];
}

/** Growing list of numbers. */
class Numbers {
  values = new Int32Array(1024);
  length = 0;
  push(value: number): void {
    if (this.length === this.values.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.values);
      this.values = grown;
    }
    this.values[this.length++] = value;
  }

  /** Leaves those from there on that are such, if any are. */
  keep(from: number, isSuch: (value: number) => boolean): boolean {
    let kept = from;
    for (let k = from; k < this.length; k++) if (isSuch(this.values[k]!)) this.values[kept++] = this.values[k]!;
    if (kept === from) return false;
    this.length = kept;
    return true;
  }

  /** Puts others there, if there are any. */
  replace(from: number, others: readonly number[]): boolean {
    if (others.length === 0) return false;
    this.length = from;
    for (const value of others) this.push(value);
    return true;
  }
}

/**
 * One pass in order of start. O(children * open parents) time, at most MAX_OPEN held open per group.
 * `useKeys`: a child with a trace id goes to a parent with the same id where there is one, and to none with another where ids are handed on.
 */
export function sweep(p: Problem, slack: Slack, useKeys: boolean): Candidates {
  let before = 0;
  let after = 0;
  for (let t = 0; t < p.childTypes.length; t++) {
    before = Math.max(before, slack.before[t]!);
    after = Math.max(after, slack.after[t]!);
  }
  const open = Array.from({ length: p.parentGroup.reduce((most, g) => Math.max(most, g + 1), 0) }, () => new Numbers());
  const keys = useKeys ? TraceKeys.of(p) : null;
  const found = new Numbers();
  const offset = new Int32Array(p.children + 1);
  let next = 0;
  for (let i = 0; i < p.children; i++) {
    const at = p.sent[i]!;
    while (next < p.parents && p.start[next]! - before <= at) {
      const list = open[p.parentGroup[next]!]!;
      if (list.length >= MAX_OPEN) {
        list.values.copyWithin(0, MAX_OPEN >> 1, MAX_OPEN);
        list.length -= MAX_OPEN >> 1;
      }
      list.push(next++);
    }
    const from = found.length;
    const admitted = p.admits[p.childGroup[i]!]!;
    for (let g = 0; g < admitted.length; g++) {
      const list = open[admitted[g]!]!;
      let kept = 0;
      for (let k = 0; k < list.length; k++) {
        const q = list.values[k]!;
        if (p.end[q]! + after < at) continue;
        list.values[kept++] = q;
        if (fits(p, slack, q, i)) found.push(q);
      }
      list.length = kept;
    }
    if (admitted.length > 1) found.values.subarray(from, found.length).sort();
    if (keys) restrict(p, keys, i, found, from);
    if (found.length - from > MAX_CANDIDATES) {
      found.values.copyWithin(from, found.length - MAX_CANDIDATES, found.length);
      found.length = from + MAX_CANDIDATES;
    }
    offset[i + 1] = found.length;
  }
  return { offset, parent: found.values.slice(0, found.length), slack };
}

/** Applies trace ids to the candidates of child i, which are found.values[from .. found.length). */
function restrict(p: Problem, keys: TraceKeys, i: number, found: Numbers, from: number): void {
  const key = p.childKey![i]!;
  if (key === 0) return;
  // Of the span that the call names, else of its trace: those that enclose the call; else those that had begun (the parent answered early).
  if (found.keep(from, (q) => keys.sameSpan(q, i)) || found.replace(from, keys.ofSpan(i))) return;
  if (found.keep(from, (q) => p.parentKey![q] === key) || found.replace(from, keys.ofTrace(i))) return;
  if (!found.keep(from, (q) => !keys.excludes(q, i))) found.length = from;
}
