/**
 * Nesting over calls without end.
 *
 *                 |-- step --|------ ahead ------|
 *      settled    | settled  |  looked at, not   |   not yet looked at
 *                 | now      |  settled          |
 *   --------------^----------^-------------------^-----------> start of calls
 *              frontier                       newest end seen, less `lateUs`
 *
 * Calls are settled step by step, with all that are held in view: those before that may still have children, and those ahead. Links that are
 * settled stay as they are and are evidence for the next step. A call in progress is a possible parent, and is settled when it is over, or after
 * `longestUs`. A call is handed out when its transaction's root is settled, and let go when it can have no more children. What comes when the window
 * has passed its start is counted and left out. The first calls are waited for, learned from and settled together; then each step is a lesson about the
 * calls that it settles.
 */
import type { Nested, WindowCounts, WindowOptions, WindowState } from './api.ts';
import { type HeldCall, inOrder, type Root, restored, saved, type WindowCall } from './held.ts';
import { RunningModel } from './runningModel.ts';
import { SettledRows } from './settled.ts';

export type * from './api.ts';
export type { WindowCall } from './held.ts';

const MAX_CALLS = 200_000;
const LEARN_FIRST = 24_000;
/** Traffic so many times as long as what is looked ahead can spare its end when a first model is learned. */
const LONG = 4;
/** Deeper than any transaction: links that were settled in different steps can't lead round in a circle for ever. */
const MAX_DEPTH = 10_000;
/** A clock's rounding may let a child start or end this much outside its parent. */
const SLACK_US = 20_000;

export class NestingWindow<C> {
  readonly counts: WindowCounts = { calls: 0, late: 0, forced: 0 };
  readonly #options: WindowOptions<C>;
  readonly #model: RunningModel;
  #frontierUs = Number.NEGATIVE_INFINITY;
  #newestUs = Number.NEGATIVE_INFINITY;
  readonly #held = new Map<string, HeldCall<C>>();
  /** Of a state that was saved without calls: they are to come again. */
  readonly #expected = new Map<string, HeldCall<C | null>>();

  constructor(options: WindowOptions<C>, state?: WindowState<C>) {
    this.#options = options;
    this.#model = new RunningModel(options.model, state?.model);
    if (!state) return;
    this.#frontierUs = state.frontierUs ?? Number.NEGATIVE_INFINITY;
    this.#newestUs = state.newestUs ?? Number.NEGATIVE_INFINITY;
    Object.assign(this.counts, state.counts);
    for (const each of state.calls) {
      const call = restored(each);
      if (call.call === null) this.#expected.set(call.id, call);
      else this.#held.set(call.id, call as HeldCall<C>);
    }
  }

  /** `withCalls` false: all calls that are held will be given again (`again`), with those after them. */
  save(withCalls = true): WindowState<C> {
    const finite = (us: number) => (Number.isFinite(us) ? us : null);
    // What starts behind the frontier and comes again is as new.
    const calls = [...this.#held.values()].filter((c) => withCalls || c.startUs < this.#frontierUs);
    return {
      version: 2,
      frontierUs: finite(this.#frontierUs),
      newestUs: finite(this.#newestUs),
      model: this.#model.save(),
      counts: { ...this.counts },
      calls: [...calls.map((c) => saved(c, withCalls)), ...[...this.#expected.values()].map((c) => saved(c as HeldCall<C>, false))],
    };
  }

  /** What was learned so far; undefined before the first lesson. */
  get model(): unknown {
    return this.#model.save().model ?? undefined;
  }
  /** Calls held. */
  get size(): number {
    return this.#held.size;
  }

  /** Takes a call, in any order. `again`: it was given before the state was saved. */
  take(c: WindowCall<C>, again = false): void {
    const before = this.#held.get(c.id);
    if (before) {
      // The answer of one that was over when the state was saved.
      if (again && !c.open && !before.open && Number.isFinite(before.endUs)) before.call = c.call;
      if (!before.open || c.open) return; // published twice
      before.open = false;
      if (before.link !== null) {
        this.counts.late++;
        return;
      }
      before.endUs = c.endUs;
      before.call = c.call;
    } else if (this.#expected.has(c.id)) {
      const known = this.#expected.get(c.id)!;
      this.#expected.delete(c.id);
      const over = known.link === null && !c.open;
      this.#held.set(c.id, { ...known, call: c.call, ...(over && { open: false, endUs: c.endUs }) });
    } else if (c.startUs < this.#frontierUs) {
      if (!again && !c.open) this.counts.late++;
      return;
    } else this.#held.set(c.id, { ...c, link: null, root: null, told: false });
    if (again) return;
    this.counts.calls++;
    const reached = Number.isFinite(c.endUs) ? c.endUs : c.startUs;
    if (reached > this.#newestUs) this.#newestUs = reached;
  }

  /** The call was none: another record told of it. */
  forget(id: string): void {
    if (this.#held.get(id)?.link === null) this.#held.delete(id);
  }

  /** Ids of the calls held, those that are to come again included. */
  ids(): Iterable<string> {
    return [...this.#held.keys(), ...this.#expected.keys()];
  }

  /** When the first of the calls that wait to be settled, and are over, started; Infinity: none does. */
  get waitsFromUs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const c of this.#held.values()) if (c.link === null && !c.open && c.startUs < first) first = c.startUs;
    return first;
  }

  /** Takes a call and moves on as far as the calls' own clock allows; calls come in about the order in which they end. */
  push(call: WindowCall<C>): void {
    this.take(call);
    if (this.#begin(this.#newestUs - (this.#options.lateUs ?? 0), false))
      for (let toUs = this.#due(); toUs !== null; toUs = this.#due()) this.#settle(toUs, false);
    this.relieve();
  }

  /** When too many calls are held, everything that has come is settled without waiting. */
  relieve(): void {
    const most = this.#maxCalls;
    if (this.#held.size <= most) return;
    this.counts.forced++;
    this.#begin(this.#newestUs, true);
    this.#settle(this.#newestUs, true);
    // Room for more than the next call, or each would cost a step.
    for (const [id, c] of this.#held) if (this.#held.size > most / 2 && c.told) this.#held.delete(id);
  }

  /** Settles everything that starts before a time; all that starts before that and what lies ahead of it has come. */
  advance(toUs: number): void {
    const waited = this.#frontierUs === Number.NEGATIVE_INFINITY && this.#held.size > 0;
    if (toUs <= this.#frontierUs || !this.#begin(toUs, false)) return;
    const { stepUs } = this.#options;
    // After the wait for the first lesson there is more than one step to take.
    let steps = 0;
    if (waited && this.#held.size > 0) steps = Math.max(0, Math.ceil((toUs - Math.max(this.#frontierUs, this.#firstUs())) / stepUs) - 1);
    for (; steps >= 0; steps--) this.#settle(toUs - steps * stepUs, false);
  }

  /** False: more calls are waited for, to learn from. `ended`: no longer; `all`: because no more will come. */
  #begin(toUs: number, ended: boolean, all = false): boolean {
    if (this.#frontierUs !== Number.NEGATIVE_INFINITY || this.#model.trusted !== undefined || this.#held.size === 0) return true;
    const { learnFirst = LEARN_FIRST, longestUs } = this.#options;
    if (learnFirst === 0) return true;
    const firstUs = this.#firstUs();
    if (!ended && this.#held.size < Math.min(learnFirst, this.#maxCalls) && toUs - firstUs < longestUs) return false;
    // The last calls, whose callers may be unknown yet, would teach that calls have none; and requests that may still make calls, that they don't.
    const { aheadUs } = this.#options;
    const cutUs = Math.min(toUs, this.#newestUs) - aheadUs;
    const isLong = !all && cutUs - aheadUs - firstUs > LONG * aheadUs;
    const calls = [...this.#held.values()].filter((c) => !isLong || c.startUs < cutUs).sort(inOrder);
    const rows = new SettledRows(
      calls.map((c) => c.id),
      calls.map(() => null),
      calls.map((c) => c.open),
    );
    const nested = this.#options.nest(
      calls.map((c) => c.call),
      rows,
      { habits: this.#model.habits, learnFromUs: [firstUs, isLong ? cutUs - aheadUs : Number.POSITIVE_INFINITY] },
    );
    if (nested.links.model !== undefined) this.#model.learn([nested.links.model], calls.length);
    // What was learned from is placed already, better than by its model alone; but for its end, whose calls may not all have come.
    const doneUs = isLong ? cutUs - aheadUs : ended ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    if (doneUs <= firstUs) return true;
    this.#frontierUs = Math.min(doneUs, this.#newestUs);
    this.#place(calls, rows, nested, (c) => c.startUs < doneUs && (!c.open || ended));
    return true;
  }

  /** Settles calls that were looked at, those that are due, and hands out what can be told then. */
  #place(seen: readonly HeldCall<C>[], rows: SettledRows, nested: Nested, isDue: (c: HeldCall<C>) => boolean): void {
    seen.forEach((c, row) => {
      if (c.link === null && isDue(c)) c.link = rows.linkOf(row, nested.links);
    });
    this.#tell(seen, nested);
    this.#letGo();
  }

  #firstUs(): number {
    let first = Number.POSITIVE_INFINITY;
    for (const c of this.#held.values()) first = Math.min(first, c.startUs);
    return first;
  }
  get #maxCalls(): number {
    return this.#options.maxCalls ?? MAX_CALLS;
  }

  /** Nothing more will come: settles what is left. */
  end(): void {
    this.#begin(this.#newestUs, true, true);
    for (let toUs = this.#due(true); toUs !== null; toUs = this.#due(true)) this.#settle(toUs, true);
  }

  /** The end of the next step; null while more is to be waited for. A stretch without calls is passed over at once. */
  #due(ended = false): number | null {
    const { stepUs, aheadUs, lateUs = 0 } = this.#options;
    let first = Number.POSITIVE_INFINITY;
    for (const c of this.#held.values()) if (c.link === null && (ended || !c.open) && c.startUs < first) first = c.startUs;
    if (!Number.isFinite(first)) return null;
    const begin = first > this.#frontierUs + stepUs || !Number.isFinite(this.#frontierUs) ? first : this.#frontierUs;
    return ended || this.#newestUs - lateUs >= begin + stepUs + aheadUs ? begin + stepUs : null;
  }

  /** `giveUp`: calls in progress too. */
  #settle(toUs: number, giveUp: boolean): void {
    const { aheadUs, longestUs } = this.#options;
    const fromUs = this.#frontierUs;
    this.#frontierUs = Math.max(toUs, fromUs);
    const isDue = (c: HeldCall<C>) => c.link === null && c.startUs < toUs && (!c.open || giveUp || toUs - c.startUs >= longestUs);
    const seen = [...this.#held.values()].filter((c) => c.startUs < toUs + aheadUs).sort(inOrder);
    const due = seen.filter(isDue).length;
    if (due > 0) {
      const rows = new SettledRows(
        seen.map((c) => c.id),
        seen.map((c) => c.link),
        seen.map((c) => c.open),
      );
      const model = this.#model.trusted;
      const how = { ...(model !== undefined && { model }), habits: this.#model.habits, learnFromUs: [fromUs, toUs] as const };
      const nested = this.#options.nest(
        seen.map((c) => c.call),
        rows,
        how,
      );
      if (nested.links.model !== undefined) this.#model.learn([nested.links.model], due);
      this.#place(seen, rows, nested, isDue);
    } else this.#letGo();
  }

  /** Hands out settled calls whose transaction is known: parents first. */
  #tell(seen: readonly HeldCall<C>[], nested: Nested): void {
    seen.forEach((c, row) => {
      if (c.link === null || c.told || !this.#findRoot(c)) return;
      c.told = true;
      const { parent, confidence, candidates, reason } = c.link;
      nested.tell?.(row, { id: c.id, parent, root: c.root!.id, rootStart: c.root!.start, confidence, candidates, reason });
    });
  }

  /** False: not known yet. What was found on the way is remembered. */
  #findRoot(c: HeldCall<C>): boolean {
    const path: HeldCall<C | null>[] = [];
    let at: HeldCall<C | null> | undefined = c;
    while (at && at.root === null) {
      if (at.link === null) return false;
      path.push(at);
      if (at.link.parent === '' || path.length > MAX_DEPTH) break;
      at = this.#held.get(at.link.parent) ?? this.#expected.get(at.link.parent);
    }
    const last = path.at(-1);
    // A parent that was let go, for want of memory, stands as the root.
    const root: Root = at?.root ?? (at ? { id: at.id, start: at.start } : { id: last!.link!.parent, start: last!.start });
    for (const each of path) each.root = root;
    return true;
  }

  /** Calls that can have no more children, and are no evidence about a call that can. */
  #letGo(): void {
    const { longestUs } = this.#options;
    const needed = new Set<string>();
    for (const c of [...this.#held.values(), ...this.#expected.values()]) {
      const endUs = Number.isFinite(c.endUs) ? c.endUs : c.startUs + longestUs;
      if (c.link !== null && c.told && endUs + SLACK_US < this.#frontierUs) continue;
      needed.add(c.id);
      if (c.link !== null && !c.told) needed.add(c.link.parent);
    }
    // The others of a transaction that goes on tell a request's place in it.
    const aroundUs = this.#frontierUs - this.#options.aheadUs;
    const isBeside = (c: HeldCall<C | null>) => c.root !== null && needed.has(c.root.id) && c.endUs >= aroundUs;
    for (const calls of [this.#held, this.#expected])
      for (const [id, c] of calls) if (!needed.has(id) && !needed.has(c.link?.parent ?? '') && !isBeside(c)) calls.delete(id);
  }
}
