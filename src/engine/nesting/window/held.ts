/** What a sliding window holds of a call. */
import type { CallLine } from '../callLines.ts';

export interface HeldCall {
  readonly line: CallLine & { readonly id: string };
  readonly startUs: number;
  /** Infinity while unanswered. */
  readonly endUs: number;
  /** Id of the chosen parent once that is settled, '' for a root; null before. */
  parent: string | null;
  confidence: number;
  candidates: number;
  /** Root of its transaction, once that is known. */
  root: { readonly id: string; readonly startUs: number } | null;
}

const least = (a: number | null | undefined, b: number | null | undefined): number => {
  const given = [a, b].filter((us): us is number => typeof us === 'number' && Number.isFinite(us));
  return given.length > 0 ? Math.min(...given) : Number.NaN;
};
const most = (a: number | null | undefined, b: number | null | undefined): number => {
  const given = [a, b].filter((us): us is number => typeof us === 'number' && Number.isFinite(us));
  return given.length > 0 ? Math.max(...given) : Number.POSITIVE_INFINITY;
};

/** Null when the line has no start. */
export function held(line: CallLine & { readonly id: string }): HeldCall | null {
  const startUs = least(line.callerStartUs, line.calleeStartUs);
  if (Number.isNaN(startUs)) return null;
  const endUs = Math.max(startUs, most(line.callerEndUs, line.calleeEndUs));
  return { line, startUs, endUs, parent: null, confidence: 0, candidates: 0, root: null };
}

/** By start, then by id: the same order however the calls came. */
export const inOrder = (a: HeldCall, b: HeldCall): number =>
  a.startUs - b.startUs || (a.line.id < b.line.id ? -1 : a.line.id > b.line.id ? 1 : 0);
