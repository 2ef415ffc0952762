/**
 * Learns how far nesting is violated at a place (clocks truncated to milliseconds, taps that jitter, calls nobody waits for)
 * from the calls that strict nesting leaves without any parent.
 */
import { type Candidates, type Slack, strict, sweep } from './candidates.ts';
import { addTo, type Cell, type Counters, sumOf } from './counters.ts';
import { BINS, binOf, binRange } from './histogram.ts';
import type { Problem } from './problem.ts';
import { LIMIT_NS as LIMIT, type Strays, type StrayTally, saveStrays, straysOf } from './strays.ts';
import { TraceKeys } from './traceKeys.ts';

/** Calls further apart than this, ns, are not held together by a clock's rounding. */
const APART = 2e6;
/** Share of a type's calls that must be orphans before the whole type gets slack, and share that outlives before it counts as detached. */
const SLACK_SHARE = 0.004;
const DETACHED_SHARE = 0.2;
const LEAST = 3;
/** Parents looked at for one orphan, the latest to start: one that is open for ever must not make this quadratic. */
const MOST_NEAR = 4096;

interface Orphan {
  readonly child: number;
  /** Nearest parent by worst violation within LIMIT, -1: none; and its violations, ns. */
  readonly nearest: number;
  readonly before: number;
  readonly after: number;
  /** Parents open when the call was sent. */
  readonly open: readonly number[];
  /** Nearest parent by when the call was sent, however long it took; -1: none within LIMIT. */
  readonly beside: number;
}

/** `strays`: what falls beside requests by chance belongs to none of them. */
function orphansOf(p: Problem, c: Candidates, useKeys: boolean, strays: Strays): Orphan[] {
  const keys = useKeys ? TraceKeys.of(p) : null;
  const latest = new Float64Array(p.parents);
  for (let q = 0, most = Number.NEGATIVE_INFINITY; q < p.parents; q++) latest[q] = most = Math.max(most, p.end[q]!);
  const orphans: Orphan[] = [];
  let from = 0;
  let to = 0;
  for (let i = 0; i < p.children; i++) {
    if (c.offset[i + 1]! > c.offset[i]! || strays.outside[i] === 1) continue;
    while (from < p.parents && latest[from]! < p.sent[i]! - LIMIT) from++;
    const admitted = p.admits[p.childGroup[i]!]!;
    const open: number[] = [];
    let nearest = -1;
    let least = LIMIT;
    let beside = -1;
    let away = LIMIT;
    let before = 0;
    let after = 0;
    while (to < p.parents && p.start[to]! <= p.sent[i]! + LIMIT) to++;
    for (let q = Math.max(from, to - MOST_NEAR); q < to; q++) {
      if (!admitted.includes(p.parentGroup[q]!) || p.parentRow[q] === p.childRow[i]) continue;
      if (keys?.excludes(q, i)) continue;
      // Over before that request came: no clock's rounding makes a cause of it. (Begun after it was answered can be true: nobody waited.)
      if (p.done[i]! < p.start[q]! - APART) continue;
      const early = Math.max(0, p.start[q]! - p.sent[i]!);
      const late = Math.max(0, p.done[i]! - p.end[q]!);
      if (early === 0 && p.end[q]! >= p.sent[i]! && open.length < 64) open.push(q);
      const apart = Math.max(early, p.sent[i]! - p.end[q]!);
      if (apart < away || (apart === away && beside >= 0)) {
        beside = q;
        away = apart;
      }
      const violation = Math.max(early, late);
      // On equal violations the later start: it is the likelier cause.
      if (violation < least || (violation === least && nearest >= 0)) {
        nearest = q;
        least = violation;
        before = early;
        after = late;
      }
    }
    orphans.push({ child: i, nearest, before, after, open, beside });
  }
  return orphans;
}

/** Violations of nesting by the calls of one type; they add up. Violations are counted in the bins of delays. */
interface Violations {
  calls: number;
  outliving: number;
  before: Cell;
  after: Cell;
}
const noViolations = (): Violations => ({ calls: 0, outliving: 0, before: new Map(), after: new Map() });

function violationsOf(p: Problem, orphans: readonly Orphan[]): Violations[] {
  const of = p.childTypes.map(noViolations);
  for (const t of p.childType) of[t]!.calls++;
  for (const { child, nearest, before, after, open } of orphans) {
    const v = of[p.childType[child]!]!;
    if (nearest >= 0) {
      addTo(v.before, binOf(before));
      addTo(v.after, binOf(after));
    } else if (open.length > 0) v.outliving++;
  }
  return of;
}

/** Upper end of the bin in which the quantile lies; nothing when that is the bin of zero. */
function quantile(cell: Cell, share: number): number {
  const total = sumOf(cell);
  const rank = Math.min(total - 1, Math.floor(share * total));
  let seen = 0;
  for (const [bin, many] of [...cell].sort((a, b) => a[0] - b[0])) if ((seen += many) > rank) return bin <= binOf(0) ? 0 : binRange(bin)[1];
  return 0;
}

/** `doubt`: calls of which it is not known yet whether they are any. */
const isUsual = (near: number, calls: number, doubt = 0): boolean => near + doubt >= Math.max(LEAST, SLACK_SHARE * calls);

/** What all kinds of calls at a place have in common: the violations that a clock makes. */
function clockOf(types: readonly Violations[]): Violations {
  const clock = noViolations();
  for (const { calls, before, after } of types) {
    clock.calls += calls;
    for (const [bin, many] of before) if (bin <= binOf(APART)) addTo(clock.before, bin, many);
    for (const [bin, many] of after) if (bin <= binOf(APART)) addTo(clock.after, bin, many);
  }
  return clock;
}

function slackFrom(types: readonly Violations[]): Slack {
  const slack = strict(types.length);
  const clock = clockOf(types);
  const isClock = isUsual(sumOf(clock.before), clock.calls);
  types.forEach((own, t) => {
    const near = sumOf(own.before);
    // A kind with too few calls to tell has what the others of its place have.
    const shown = isUsual(near, own.calls) ? own : isClock && isUsual(near, own.calls, LEAST) ? clock : null;
    if (shown) {
      // 1.1: the tail beyond the observed 97 %.
      slack.before[t] = 1.1 * quantile(shown.before, 0.97);
      slack.after[t] = 1.1 * quantile(shown.after, 0.97);
    }
    if (own.outliving >= Math.max(LEAST, DETACHED_SHARE * own.calls)) slack.detached[t] = 1;
  });
  return slack;
}

/** Adds the violations of nesting at a place to counters. */
export function saveSlack(p: Problem, useKeys: boolean, into: Counters): void {
  const none = sweep(p, strict(p.childTypes.length), useKeys);
  const strays = straysOf(p, none);
  saveStrays(p, strays, into);
  const orphans = orphansOf(p, none, useKeys, strays);
  violationsOf(p, orphans).forEach(({ calls, outliving, before, after }, t) => {
    const type = p.childTypes[t]!;
    into.add(['slack', type, 'calls'], 0, calls);
    into.add(['slack', type, 'calls'], 1, outliving);
    for (const [bin, many] of before) into.add(['slack', type, 'before'], bin, many);
    for (const [bin, many] of after) into.add(['slack', type, 'after'], bin, many);
  });
}

/** A place's slack as last restored, by type: a model serves many steps of a stream. */
const restored = new WeakMap<Counters, { readonly types: readonly string[]; readonly slack: Slack }>();

/** What a damaged model counts elsewhere is no delay, and would allow any. */
const ofBins = (cell: Cell): Cell => new Map([...cell].filter(([bin]) => bin >= 0 && bin < BINS));

function restoredSlack(from: Counters) {
  let known = restored.get(from);
  if (known) return known;
  const of = new Map<string, Violations>();
  for (const [[type = '', what], cell] of from.of('slack')) {
    let v = of.get(type);
    if (!v) of.set(type, (v = noViolations()));
    if (what === 'calls') {
      v.calls = cell.get(0) ?? 0;
      v.outliving = cell.get(1) ?? 0;
    } else if (what === 'before') v.before = ofBins(cell);
    else v.after = ofBins(cell);
  }
  restored.set(from, (known = { types: [...of.keys()], slack: slackFrom([...of.values()]) }));
  return known;
}

/** Slack as saved, for the types of a problem. */
export function restoreSlack(from: Counters, p: Problem): Slack {
  const known = restoredSlack(from);
  const slack = strict(p.childTypes.length);
  p.childTypes.forEach((type, t) => {
    const at = known.types.indexOf(type);
    if (at < 0) return;
    slack.before[t] = known.slack.before[at]!;
    slack.after[t] = known.slack.after[at]!;
    slack.detached[t] = known.slack.detached[at]!;
  });
  return slack;
}

/** The candidate lists with the rows of some children replaced. */
function replace(p: Problem, c: Candidates, instead: ReadonlyMap<number, readonly number[]>): Candidates {
  const parent: number[] = [];
  const offset = new Int32Array(p.children + 1);
  for (let i = 0; i < p.children; i++) {
    const own = instead.get(i);
    if (own) for (const q of own) parent.push(q);
    else for (let k = c.offset[i]!; k < c.offset[i + 1]!; k++) parent.push(c.parent[k]!);
    offset[i + 1] = parent.length;
  }
  return { ...c, offset, parent: Int32Array.from(parent) };
}

/**
 * Candidates under learned slack (or the slack given). A call still without one gets the nearest parent within LIMIT, else those open when it was sent,
 * else the one that it was sent just beside.
 */
export function candidatesWithSlack(p: Problem, useKeys: boolean, known?: Slack, tallies?: readonly StrayTally[]): Candidates {
  const none = sweep(p, strict(p.childTypes.length), useKeys);
  const strays = straysOf(p, none, tallies);
  const orphans = orphansOf(p, none, useKeys, strays);
  const stray = strays.probability.some((share) => share > 0) ? strays.probability : undefined;
  if (orphans.length === 0 && !known && !p.settled) return { ...none, stray };
  const slack = known ?? slackFrom(violationsOf(p, orphans));
  const used = slack.before.some(Boolean) || slack.after.some(Boolean) || slack.detached.some(Boolean);
  const c: Candidates = { ...(used ? sweep(p, slack, useKeys) : none), slack, stray };
  const instead = new Map<number, readonly number[]>();
  for (const { child, nearest, open, beside } of orphans) {
    if (c.offset[child + 1]! > c.offset[child]!) continue;
    const own = nearest >= 0 ? [nearest] : open.length === 0 && beside >= 0 ? [beside] : open;
    if (own.length > 0) instead.set(child, own);
  }
  p.settled?.forEach((q, child) => {
    if (q !== -2) instead.set(child, q < 0 ? [] : [q]);
  });
  return instead.size > 0 ? replace(p, c, instead) : c;
}
