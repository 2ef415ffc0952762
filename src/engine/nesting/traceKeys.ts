/**
 * What trace ids say at a place. An equal id joins a call with the requests that carry it. Another id speaks against a request only where the
 * place hands ids on: proxies and libraries that give every request an id of its own, and services that begin a trace anew, are common. Whether
 * it does is counted for each kind of call. Ids of two systems are compared by value, and don't exclude each other.
 */
import type { Problem } from './problem.ts';
import { namesSpan } from './spans.ts';

/** Share of a kind's calls whose id some request here carries, at least, where ids are handed on. */
const HANDED_ON = 0.1;
/** Calls' worth of what the place as a whole does, beside what is counted for the kind; and of the benefit of the doubt. */
const LENT = 4;
const DOUBT = 1;
/** An id that more requests of a place have, and a larger share of them, names no transaction. */
const FEW = 16;
const FEW_SHARE = 0.01;
/** Requests of a call's trace that are kept where none of them was open. */
const MOST = 128;

const NONE: readonly number[] = [];
const hashOf = (key: number, span: number): number => (Math.imul(key, 0x9e3779b1) ^ span) >>> 0;

function add(to: Map<number, number[]>, key: number, q: number): void {
  const list = to.get(key);
  if (list) list.push(q);
  else to.set(key, [q]);
}

export class TraceKeys {
  private readonly p: Problem;
  private readonly parents = new Map<number, number[]>();
  /** Of a span in a trace, by their hash. */
  private readonly spans = new Map<number, number[]>();
  /** By system and kind of call. */
  private readonly handedOn = new Map<number, Uint8Array>();

  private constructor(p: Problem) {
    this.p = p;
    const systems = new Set<number>();
    for (let q = 0; q < p.parents; q++) {
      const key = p.parentKey![q]!;
      if (key === 0) continue;
      systems.add(p.parentSystem?.[q] ?? 0);
      add(this.parents, key, q);
      const span = p.parentSpan?.[q] ?? 0;
      if (span !== 0) add(this.spans, hashOf(key, span), q);
    }
    for (const system of systems) this.handedOn.set(system, this.countHandedOn(system));
  }

  /** null where no request or no call carries an id. */
  static of(p: Problem): TraceKeys | null {
    return p.parentKey?.some(Boolean) && p.childKey?.some(Boolean) ? new TraceKeys(p) : null;
  }

  private countHandedOn(system: number): Uint8Array {
    const { children, childTypes, childType, childKey, childSystem } = this.p;
    const seen = new Float64Array(childTypes.length);
    const kept = new Float64Array(childTypes.length);
    for (let i = 0; i < children; i++) {
      if (childKey![i] === 0 || (childSystem?.[i] ?? 0) !== system) continue;
      seen[childType[i]!]!++;
      if (this.parents.has(childKey![i]!)) kept[childType[i]!]!++;
    }
    const sum = (counts: Float64Array) => counts.reduce((a, b) => a + b, 0);
    const whole = (sum(kept) + DOUBT) / (sum(seen) + DOUBT);
    return Uint8Array.from(seen, (many, t) => ((kept[t]! + LENT * whole) / (many + LENT) >= HANDED_ON ? 1 : 0));
  }

  /** Whether the ids keep parent q and child i apart. */
  excludes(q: number, i: number): boolean {
    const { parentKey, childKey, parentSystem, childSystem, childType } = this.p;
    const own = childKey![i]!;
    const other = parentKey![q]!;
    if (own === 0 || other === 0 || own === other) return false;
    const system = childSystem?.[i] ?? 0;
    return system === (parentSystem?.[q] ?? 0) && this.handedOn.get(system)?.[childType[i]!] === 1;
  }

  /** Whether call i names the span of parent q in its trace. */
  sameSpan(q: number, i: number): boolean {
    const { parentKey, childKey, parentSpan, childSpan, childSpanParent } = this.p;
    return parentKey![q] === childKey![i] && namesSpan(parentSpan?.[q] ?? 0, childSpan?.[i] ?? 0, childSpanParent?.[i] ?? 0);
  }

  /** Requests whose span the call names: as ofTrace. */
  ofSpan(i: number): readonly number[] {
    const { childKey, childSpan, childSpanParent } = this.p;
    const named = (span = 0) => (span === 0 ? NONE : this.few(this.spans.get(hashOf(childKey![i]!, span))));
    const [own, above] = [named(childSpan?.[i]), named(childSpanParent?.[i])];
    if (own.length === 0 && above.length === 0) return NONE;
    return this.begun(
      [...new Set([...own, ...above])].sort((a, b) => a - b).filter((q) => this.sameSpan(q, i)),
      i,
    );
  }

  /** Requests of the call's trace that had begun when it was sent, the latest; else those that hadn't. None where the id names no transaction. */
  ofTrace(i: number): readonly number[] {
    return this.begun(this.few(this.parents.get(this.p.childKey![i]!)), i);
  }

  private few(list: readonly number[] = NONE): readonly number[] {
    return list.length > Math.max(FEW, FEW_SHARE * this.p.parents) ? NONE : list;
  }

  private begun(list: readonly number[], i: number): readonly number[] {
    const { p } = this;
    if (list.length === 0) return NONE;
    const admitted = p.admits[p.childGroup[i]!]!;
    const possible = list.filter((q) => admitted.includes(p.parentGroup[q]!) && p.parentRow[q] !== p.childRow[i]);
    const begun = possible.filter((q) => p.start[q]! <= p.sent[i]!);
    return begun.length > 0 ? begun.slice(-MOST) : possible.slice(0, MOST);
  }
}
