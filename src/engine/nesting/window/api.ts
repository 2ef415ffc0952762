/** What a sliding window is given, and what it gives back. */
import type { KnownHabits, NestingResult } from '../api.ts';
import type { SavedCall } from './held.ts';
import type { RunningModelState } from './runningModel.ts';
import type { SettledRows } from './settled.ts';

export interface WindowOptions<C> {
  readonly stepUs: number;
  /** How far ahead of a step is looked: about the longest that a call waits before it makes the next. */
  readonly aheadUs: number;
  /** Calls in progress are waited for as long. */
  readonly longestUs: number;
  /** How much later than calls that ended after it a call may come. */
  readonly lateUs?: number;
  /** Calls held at most; above that the window moves on without waiting. */
  readonly maxCalls?: number;
  /** A model learned before. */
  readonly model?: unknown;
  /** Without one, so many calls are waited for (but no longer than `longestUs`) and learned from before the first is settled; 0 where nothing learns. */
  readonly learnFirst?: number;
  /** Infers the links of the rows that are not settled. */
  nest(calls: readonly C[], settled: SettledRows, how: NestHow): Nested;
}
export interface NestHow {
  /** Set when there is one that is better than learning from these calls alone. */
  readonly model?: unknown;
  readonly habits: KnownHabits;
  /** What these calls are to teach: those that start in [from, to). */
  readonly learnFromUs: readonly [number, number];
}
export interface Nested {
  readonly links: NestingResult;
  /** Hears which of the calls, by row, are handed out now, and where they are. */
  tell?(row: number, place: Place): void;
}
/** Where a call is, by ids. */
export interface Place {
  readonly id: string;
  /** '' for a root. */
  readonly parent: string;
  /** Root of its transaction, and when that started (WindowCall.start). */
  readonly root: string;
  readonly rootStart: string;
  readonly confidence: number;
  readonly candidates: number;
  /** Bits of Reason. */
  readonly reason: number;
}
export interface WindowCounts {
  /** Calls taken; calls that came when the window had passed their start, or were answered after it gave them up. */
  calls: number;
  late: number;
  /** Steps taken early because too many calls were held. */
  forced: number;
}
/** Everything that the rest of a run depends on; plain JSON. */
export interface WindowState<C> {
  readonly version: 2;
  readonly frontierUs: number | null;
  readonly newestUs: number | null;
  readonly model: RunningModelState;
  readonly counts: WindowCounts;
  readonly calls: readonly SavedCall<C>[];
}
