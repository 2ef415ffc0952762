import type { Condensed } from '../engine/condense/condenser.ts';
import type { NestingResult } from '../engine/nesting/api.ts';

/** How an analysis is run, besides the user's options. */
export interface How {
  readonly links?: NestingResult;
  readonly learnFromNs?: readonly [number, number];
  readonly condensed?: Condensed;
  /** Provisional, in little time. */
  readonly quick?: boolean;
  /** No progress is told. */
  readonly quiet?: boolean;
}
