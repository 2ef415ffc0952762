/** What a sliding window holds of a call. */
import type { Link } from './settled.ts';

/** A call as it comes. Times: microseconds since 1970. */
export interface WindowCall<C> {
  readonly id: string;
  readonly startUs: number;
  /** The same as exactly as it is known, in whatever form: it is handed back with all calls of a transaction that begins with this one. */
  readonly start: string;
  /** Infinity while unanswered. */
  readonly endUs: number;
  /** In progress: it comes again, under the same id, when it is over. */
  readonly open: boolean;
  readonly call: C;
}
export interface HeldCall<C> {
  readonly id: string;
  readonly startUs: number;
  readonly start: string;
  endUs: number;
  open: boolean;
  call: C;
  /** Null until it is settled. */
  link: Link | null;
  /** Root of its transaction, once that is known. */
  root: Root | null;
  /** It was handed out. */
  told: boolean;
}
export interface Root {
  readonly id: string;
  readonly start: string;
}

/** By start, then by id: the same order however the calls came. */
export const inOrder = <C>(a: HeldCall<C>, b: HeldCall<C>): number => a.startUs - b.startUs || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);

/** Plain JSON. `call`: null where it is to come again. */
export type SavedCall<C> = readonly [
  id: string,
  startUs: number,
  start: string,
  /** Null: unanswered. */
  endUs: number | null,
  open: boolean,
  link: readonly [parent: string, confidence: number, candidates: number, reason: number] | null,
  root: Root | null,
  told: boolean,
  call: C | null,
];

export function saved<C>(c: HeldCall<C>, withCall: boolean): SavedCall<C> {
  const link = c.link && ([c.link.parent, c.link.confidence, c.link.candidates, c.link.reason] as const);
  return [c.id, c.startUs, c.start, Number.isFinite(c.endUs) ? c.endUs : null, c.open, link, c.root, c.told, withCall ? c.call : null];
}

export function restored<C>([id, startUs, start, endUs, open, link, root, told, call]: SavedCall<C>): HeldCall<C | null> {
  const of = link && { parent: link[0], confidence: link[1], candidates: link[2], reason: link[3], alternatives: [] };
  return { id, startUs, start, endUs: endUs ?? Number.POSITIVE_INFINITY, open, link: of, root, told, call };
}
