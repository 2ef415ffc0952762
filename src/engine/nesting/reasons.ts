/** Why a call has the parent it has, as data: what the model says of the delay and of the call at that point of the request. */
import { type NestingInput, Reason } from './api.ts';
import type { Assignment } from './assignment.ts';
import { type Links, plainReason } from './links.ts';
import { furtherCalls, MADE } from './order.ts';
import type { Scene } from './scene.ts';

/** Share of delays further out than this one: below the first it is unusual, from the second on typical. */
const UNUSUAL = 0.01;
const TYPICAL = 0.05;
/** Chance of a further such call of the request from which it is expected; below which the request has its calls; chance of the call at this point below which it is rare. */
const EXPECTED = 0.5;
const SERVED = 0.1;
const RARE = 0.02;
/** Requests with more calls than this are not gone through for a call that isn't theirs. */
const LONG = 200;
const ALTERNATIVES = 4;
/** Requests, or calls, between two ticks. */
const TICK = 2048;

export class Reasons {
  readonly #a: Assignment;
  readonly #more: Float64Array;
  /** Of each child with its chosen parent. */
  readonly #chosen: Uint16Array;

  /** Calls of each type so far, of the request that is gone through. */
  readonly #made: Uint16Array;

  constructor(a: Assignment) {
    this.#a = a;
    this.#made = new Uint16Array(a.model.types);
    const { reached, more } = furtherCalls(a);
    this.#more = more.map((value, k) => value / Math.max(1, reached[k]!));
    this.#chosen = new Uint16Array(a.scene.children);
    for (let q = 0; q < a.scene.parents; q++) {
      if (q % TICK === TICK - 1) a.scene.tick();
      this.#replay(q, a.children[q]!, -1, (i, bits) => (this.#chosen[i] = bits));
    }
  }

  /** Of child i with the parent that it has. */
  chosen(i: number): number {
    return this.#chosen[i]! | (this.#isNext(i) ? Reason.firstComeFirstServed : 0);
  }

  /** Of child i with another parent, which keeps the calls it has. */
  other(i: number, q: number): number {
    let result = 0;
    if (this.#a.children[q]!.length <= LONG)
      this.#replay(q, this.#a.children[q]!, i, (_, bits) => {
        result = bits;
      });
    return result;
  }

  /** `found`: told of `extra`, where that is >= 0, else of each child. */
  #replay(q: number, children: readonly number[], extra: number, found: (child: number, bits: number) => void): void {
    const { scene, model, events } = this.#a;
    const { types } = model;
    const made = this.#made.fill(0);
    const parentType = scene.parentType[q]!;
    const many = events.load(children, extra);
    let last = 0;
    let lastAt = scene.start[q]!;
    let state = scene.root[q]!;
    for (let k = 0; k < many; k++) {
      const code = events.code[k]!;
      const at = events.time[k]!;
      const child = events.child[k]!;
      if (code >= types) {
        const next = code - types;
        if (extra >= 0 && child !== extra) {
          made[next]!++;
          state = model.states.after(state, next);
          last = events.last[k]!;
          lastAt = at;
          continue;
        }
        const further = this.#more[(parentType * types + next) * MADE + Math.min(MADE - 1, made[next]!)]!;
        let bits = further >= EXPECTED ? Reason.expectedCall : 0;
        if (made[next]! > 0 && further < SERVED) bits |= Reason.alreadyServed;
        else if (Math.exp(model.logNext(parentType, last, state, next)) < RARE) bits |= Reason.rareCall;
        const tail = model.delayTail(parentType, last, next, at - lastAt, at - scene.start[q]!);
        if (tail >= TYPICAL) bits |= Reason.typicalDelay;
        else if (tail < UNUSUAL) bits |= Reason.unusualDelay;
        found(child, bits);
        if (extra >= 0) return;
        made[next]!++;
        state = model.states.after(state, next);
      }
      last = events.last[k]!;
      lastAt = at;
    }
  }

  /** Whether the place serves this kind of call in order of arrival, and no earlier request still lacks it. */
  #isNext(i: number): boolean {
    const { scene, toll, parent, children } = this.#a;
    const type = scene.childType[i]!;
    if (toll === null || toll.order.byStart[type] === 0 || toll.order.price[type] === 0) return false;
    const { offset, parent: candidate } = scene.c;
    for (let k = offset[i]!; k < offset[i + 1]!; k++) {
      const q = candidate[k]!;
      if (scene.start[q]! >= scene.start[parent[i]!]!) continue;
      if (children[q]!.length > LONG || !children[q]!.some((j) => scene.childType[j] === type && scene.sent[j]! <= scene.sent[i]!))
        return false;
    }
    return true;
  }
}

/** Writes those of [from, to) but `chosen` with the largest shares into `best`, largest first, equal ones in order. @returns how many */
function likeliest(shares: Float32Array, from: number, to: number, chosen: number, best: Int32Array): number {
  let many = 0;
  for (let k = from; k < to; k++) {
    if (k === chosen || (many === best.length && shares[k]! <= shares[best[many - 1]!]!)) continue;
    let at = many < best.length ? many++ : many - 1;
    for (; at > 0 && shares[best[at - 1]!]! < shares[k]!; at--) best[at] = best[at - 1]!;
    best[at] = k;
  }
  return many;
}

/** What may have ruled the others out. */
const BEYOND_TIMING = Reason.sharedValue | Reason.sharedContent | Reason.connectionHabit | Reason.sameTraceId;

const isOpen = ({ start, end, sent }: Scene, q: number, i: number): boolean => start[q]! <= sent[i]! && sent[i]! <= end[q]!;

/** Writes the links of a place. `shares`: of each candidate, aligned with scene.c.parent. */
export function writeLinks(
  input: NestingInput,
  a: Assignment,
  shares: Float32Array,
  links: Links,
  useKeys: boolean,
  habits: ReadonlyMap<number, number>,
): void {
  const { scene } = a;
  const { offset, parent } = scene.c;
  const reasons = new Reasons(a);
  const best = new Int32Array(ALTERNATIVES);
  for (let i = 0; i < scene.children; i++) {
    if (i % TICK === TICK - 1) scene.tick();
    const from = offset[i]!;
    const to = offset[i + 1]!;
    const row = scene.childRow[i]!;
    let q = a.parent[i]!;
    if (q < 0 && to - from === 1) q = parent[from]!;
    if (q < 0) {
      const stray = scene.c.stray?.[i] ?? 0;
      if (to > from) links.set(row, -1, 0.5, 0, to - from);
      else if (stray > 0) links.set(row, -1, stray, 0, 0);
      continue;
    }
    let chosen = from;
    while (parent[chosen] !== q) chosen++;
    const others = likeliest(shares, from, to, chosen, best);
    const habit = input.connection && habits.get(input.connection[row]!);
    const plain = (k: number) => {
      const up = scene.parentRow[parent[k]!]!;
      return plainReason(input, row, up, useKeys) | (habit !== undefined && input.connection![up] === habit ? Reason.connectionHabit : 0);
    };
    let reason = plain(chosen) | (a.parent[i] === q ? reasons.chosen(i) : 0);
    if (others === 0 && (reason & BEYOND_TIMING) === 0 && isOpen(scene, q, i)) reason |= Reason.onlyCandidate;
    if (others > 0 && shares[best[0]!]! > shares[chosen]!) reason |= Reason.jointChoice;
    // What more than timing speaks for is no stray.
    const none = (reason & BEYOND_TIMING) === 0 ? (scene.c.stray?.[i] ?? 0) : 0;
    const caused = 1 - none;
    const rejected = none > caused * shares[chosen]!;
    if (rejected) {
      links.set(row, -1, none, 0, to - from);
      links.also(row, scene.parentRow[q]!, caused * shares[chosen]!, reason);
    } else links.set(row, scene.parentRow[q]!, caused * shares[chosen]!, reason, to - from);
    for (let z = 0; z < others; z++) {
      const k = best[z]!;
      links.also(row, scene.parentRow[parent[k]!]!, caused * shares[k]!, plain(k) | reasons.other(i, parent[k]!));
    }
  }
}
