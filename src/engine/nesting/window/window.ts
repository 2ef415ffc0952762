/**
 * Nesting over calls without end: what `watch`, an attached editor and jobs share.
 *
 *                 |-- step --|------ ahead ------|
 *      settled    | settled  |  looked at, not   |   not yet looked at
 *                 | now      |  settled          |
 *   --------------^----------^-------------------^-----------> start of calls
 *              frontier                       newest end seen, less `lateUs`
 *
 * A call is settled when the window (step and ahead) lies behind the newest end: every possible parent that takes less than `ahead` has come by
 * then. Links that are settled stay as they are and are evidence for the next step. A call is let go when it can have no more children. The model
 * is learned from the first calls, then from every block of settled ones, older blocks fading.
 */
import { algorithm, type CallLine, compileNestingInput } from '../index.ts';
import { fade } from '../learned.ts';
import { type HeldCall, held, inOrder } from './held.ts';

export interface WindowOptions {
  /** Packet time looked at together; transactions that take longer than nine tenths of it lose their beginning. */
  readonly windowUs: number;
  /** How much later than calls that ended after it a call may come. */
  readonly lateUs?: number;
  /** Calls held at most; above that the window moves on without waiting. */
  readonly maxCalls?: number;
  /** Calls that are waited for and learned from before the first is settled, where there is no model. */
  readonly learnFirst?: number;
  /** A model learned before. */
  readonly model?: unknown;
  readonly useTraceKeys?: boolean;
}
/** A call with its final place. */
export interface PlacedCall {
  readonly line: CallLine & { readonly id: string };
  /** '' for a root. */
  readonly parent: string;
  /** Root of its transaction, and when that started. */
  readonly trace: string;
  readonly traceStartUs: number;
  readonly confidence: number;
  readonly candidates: number;
}
export interface WindowCounts {
  /** Calls taken, without a start or id and left out, that came when the window had passed their start. */
  calls: number;
  rejected: number;
  late: number;
  /** Steps taken early because too many calls were held. */
  forced: number;
}
/** Everything that the rest of a run depends on; plain JSON. */
export interface WindowState {
  readonly version: 1;
  readonly frontierUs: number | null;
  readonly newestUs: number | null;
  readonly model: unknown;
  readonly counts: WindowCounts;
  readonly calls: readonly SavedCall[];
  /** Settled calls that are not learned from yet. */
  readonly block: readonly SavedCall[];
}
type SavedCall = readonly [
  line: HeldCall['line'],
  parent: string | null,
  confidence: number,
  candidates: number,
  root: HeldCall['root'],
  told: boolean,
];

const NAME = 'joint';
const STEP_SHARE = 0.4;
const MAX_CALLS = 200_000;
const LEARN_FIRST = 16_000;
/** Calls of a lesson, and calls that the model remembers. */
const BLOCK = 4_000;
const MEMORY = 80_000;
/** A clock's rounding may let a child start or end this much outside its parent. */
const SLACK_US = 20_000;
/** Traffic so many times as long as what is looked ahead can spare its end when a first model is learned. */
const LONG = 4;

export class NestingWindow {
  readonly counts: WindowCounts = { calls: 0, rejected: 0, late: 0, forced: 0 };
  readonly #options: WindowOptions;
  readonly #stepUs: number;
  readonly #aheadUs: number;
  readonly #lateUs: number;
  readonly #maxCalls: number;
  #model: unknown;
  #frontierUs: number | null = null;
  #newestUs = Number.NEGATIVE_INFINITY;
  #held: HeldCall[] = [];
  /** Settled calls whose root isn't known yet. */
  #untold: HeldCall[] = [];
  #block: HeldCall[] = [];

  constructor(options: WindowOptions, state?: WindowState) {
    this.#options = options;
    this.#stepUs = STEP_SHARE * options.windowUs;
    this.#aheadUs = options.windowUs - this.#stepUs;
    this.#lateUs = options.lateUs ?? 0;
    this.#maxCalls = options.maxCalls ?? MAX_CALLS;
    this.#model = state ? (state.model ?? undefined) : options.model;
    if (!state) return;
    this.#frontierUs = state.frontierUs;
    this.#newestUs = state.newestUs ?? Number.NEGATIVE_INFINITY;
    Object.assign(this.counts, state.counts);
    const byId = new Map<string, HeldCall>();
    const restore = ([line, parent, confidence, candidates, root]: SavedCall): HeldCall => {
      const call = byId.get(line.id) ?? { ...held(line)!, parent, confidence, candidates, root };
      byId.set(line.id, call);
      return call;
    };
    this.#held = state.calls.map(restore);
    this.#untold = state.calls.filter((saved) => saved[1] !== null && !saved[5]).map(restore);
    this.#block = state.block.map(restore);
  }

  save(): WindowState {
    const untold = new Set(this.#untold);
    const saved = (c: HeldCall): SavedCall => [c.line, c.parent, c.confidence, c.candidates, c.root, !untold.has(c)];
    return {
      version: 1,
      frontierUs: this.#frontierUs,
      newestUs: Number.isFinite(this.#newestUs) ? this.#newestUs : null,
      model: this.#model ?? null,
      counts: { ...this.counts },
      calls: this.#held.map(saved),
      block: this.#block.map(saved),
    };
  }

  /** What was learned so far; undefined before the first lesson. */
  get model(): unknown {
    return this.#model;
  }
  /** Calls held. */
  get size(): number {
    return this.#held.length;
  }

  /** Takes a call; calls come in about the order in which they ended. @returns calls that are placed now */
  push(line: CallLine): PlacedCall[] {
    const call = line.id === undefined || line.id === '' ? null : held({ ...line, id: String(line.id) });
    if (!call) {
      this.counts.rejected++;
      return [];
    }
    this.counts.calls++;
    if (this.#frontierUs !== null && call.startUs < this.#frontierUs) this.counts.late++;
    this.#held.push(call);
    const reached = Number.isFinite(call.endUs) ? call.endUs : call.startUs;
    if (reached > this.#newestUs) this.#newestUs = reached;
    return this.#advance(false);
  }

  /** Nothing more will come: places what is left. */
  end(): PlacedCall[] {
    return this.#advance(true);
  }

  #advance(ended: boolean): PlacedCall[] {
    const placed: PlacedCall[] = [];
    if (!this.#model) {
      if (!ended && this.#held.length < (this.#options.learnFirst ?? LEARN_FIRST)) return placed;
      if (this.#held.length === 0) return placed;
      this.#model = this.#firstModel();
    }
    this.#frontierUs ??= this.#held.reduce((first, c) => Math.min(first, c.startUs), Number.POSITIVE_INFINITY);
    for (;;) {
      const full = this.#held.length > this.#maxCalls;
      const complete = this.#newestUs - this.#lateUs >= this.#frontierUs + this.#options.windowUs;
      if (!complete && !full && !(ended && this.#held.some((c) => c.parent === null))) break;
      if (full && !complete) this.counts.forced++;
      // A stretch without calls is passed over at once.
      let first = Number.POSITIVE_INFINITY;
      for (const c of this.#held) if (c.parent === null && c.startUs < first) first = c.startUs;
      if (first > this.#frontierUs + this.#stepUs && Number.isFinite(first)) this.#frontierUs = first;
      else this.#step(this.#frontierUs, placed);
      if (!Number.isFinite(first) && !complete) break;
    }
    return placed;
  }

  /**
   * Learned from what is held, less the last calls: whose callers haven't ended yet they would teach that calls have none. Requests that may still
   * lack calls then are no lesson either.
   */
  #firstModel(): unknown {
    const first = this.#held.reduce((least, c) => Math.min(least, c.startUs), Number.POSITIVE_INFINITY);
    const cutUs = this.#newestUs - this.#aheadUs;
    const long = cutUs - this.#aheadUs - first > LONG * this.#aheadUs;
    const calls = this.#held.filter((c) => !long || c.startUs < cutUs);
    return algorithm(NAME)!.nest(compileNestingInput(calls.map((c) => c.line)), {
      keepModel: true,
      ...(long && { learnFromNs: [0, (cutUs - this.#aheadUs - first) * 1000] as const }),
      useTraceKeys: this.#options.useTraceKeys !== false,
    }).model;
  }

  /** Settles what starts before the end of the step. */
  #step(fromUs: number, placed: PlacedCall[]): void {
    const toUs = fromUs + this.#stepUs;
    const aheadUs = toUs + this.#aheadUs;
    this.#frontierUs = toUs;
    const seen = this.#held.filter((c) => c.startUs < aheadUs).sort(inOrder);
    if (seen.some((c) => c.parent === null && c.startUs < toUs)) {
      const rowOf = new Map(seen.map((c, row) => [c.line.id, row]));
      const result = this.#nest(seen, rowOf);
      seen.forEach((c, row) => {
        if (c.parent !== null || c.startUs >= toUs) return;
        const up = result.parent[row]!;
        c.parent = up < 0 ? '' : seen[up]!.line.id;
        c.confidence = result.confidence[row]!;
        c.candidates = result.candidates[row]!;
        this.#untold.push(c);
      });
      this.#tell(seen, rowOf, placed);
    }
    this.#letGo(toUs);
  }

  #nest(seen: readonly HeldCall[], rowOf: ReadonlyMap<string, number>) {
    return algorithm(NAME)!.nest(
      {
        ...compileNestingInput(seen.map((c) => c.line)),
        settledParent: Int32Array.from(seen, (c) => (c.parent === null ? -2 : (rowOf.get(c.parent) ?? -1))),
      },
      { model: this.#model, useTraceKeys: this.#options.useTraceKeys !== false },
    );
  }

  /** Hands out settled calls whose transaction is known: parents first. */
  #tell(seen: readonly HeldCall[], rowOf: ReadonlyMap<string, number>, placed: PlacedCall[]): void {
    const waiting: HeldCall[] = [];
    for (const c of this.#untold.sort(inOrder)) {
      const path: HeldCall[] = [];
      let at: HeldCall | undefined = c;
      // Parents are followed once: roots are remembered on the way back.
      while (at && at.root === null && at.parent !== null && at.parent !== '') {
        path.push(at);
        at = seen[rowOf.get(at.parent) ?? -1];
      }
      if (at && at.root === null && at.parent === null) {
        waiting.push(c);
        continue;
      }
      if (at && at.root === null) at.root = { id: at.line.id, startUs: at.startUs };
      const last = path.at(-1);
      const root = at?.root ?? { id: last!.parent!, startUs: last!.startUs };
      for (const each of path) each.root = root;
      placed.push({
        line: c.line,
        parent: c.parent ?? '',
        trace: c.root!.id,
        traceStartUs: c.root!.startUs,
        confidence: c.confidence,
        candidates: c.candidates,
      });
      this.#block.push(c);
    }
    this.#untold = waiting;
    this.#learn();
  }

  /** A lesson of transactions seen whole, when there are enough calls for one. */
  #learn(): void {
    if (this.#block.length < BLOCK) return;
    const wholeUs = (this.#frontierUs ?? 0) - this.#aheadUs;
    const calls = this.#block.filter((c) => c.root!.startUs < wholeUs).sort(inOrder);
    if (calls.length < BLOCK) return;
    this.#block = this.#block.filter((c) => c.root!.startUs >= wholeUs);
    const rowOf = new Map(calls.map((c, row) => [c.line.id, row]));
    const lesson = algorithm(NAME)!.nest(
      {
        ...compileNestingInput(calls.map((c) => c.line)),
        settledParent: Int32Array.from(calls, (c) => rowOf.get(c.parent ?? '') ?? -1),
      },
      { model: this.#model, keepModel: true, useTraceKeys: this.#options.useTraceKeys !== false },
    ).model;
    this.#model = fade(this.#model, Math.max(0, 1 - calls.length / MEMORY), lesson);
  }

  /** Calls that can have no more children, and are no evidence about a call that can. */
  #letGo(frontierUs: number): void {
    const open = new Set<string>();
    const untold = new Set(this.#untold);
    for (const c of this.#held) {
      const endUs = Number.isFinite(c.endUs) ? c.endUs : c.startUs + this.#options.windowUs;
      if (c.parent === null || untold.has(c) || endUs + SLACK_US >= frontierUs) open.add(c.line.id);
    }
    for (const c of this.#untold) if (c.parent) open.add(c.parent);
    // The others of a transaction that goes on tell a request's place in it.
    const beside = (c: HeldCall) => c.root !== null && open.has(c.root.id) && c.endUs >= frontierUs - this.#aheadUs;
    this.#held = this.#held.filter((c) => open.has(c.line.id) || (c.parent !== null && open.has(c.parent)) || beside(c));
  }
}
