import type { AnalyseOptions } from '../engine/analysis.ts';
import type { Condensed } from '../engine/condense/condenser.ts';
import type { NameOptions } from '../engine/identity/names.ts';
import type { KnownHabits, NestingResult } from '../engine/nesting/api.ts';
import type { SettledRows } from '../engine/nesting/window/settled.ts';
import type { AnalysisOptions } from '../shared/protocol.ts';

/** How an analysis is run, besides the user's options. */
export interface How {
  readonly links?: NestingResult;
  readonly learnFromNs?: readonly [number, number];
  readonly condensed?: Condensed;
  /** Links that stay. */
  readonly settled?: SettledRows;
  /** Habits of connections that earlier analyses of the stream showed. */
  readonly habits?: KnownHabits;
  /** Provisional, in little time. */
  readonly quick?: boolean;
  /** No progress is told. */
  readonly quiet?: boolean;
  /** Called once, when it takes longer than one looks at an empty view gladly. */
  readonly meanwhile?: (() => Promise<void>) | false;
}

/** Both, as the engine takes them. */
export const engineOptions = (options: AnalysisOptions, how: How): Omit<AnalyseOptions, 'progress'> => ({
  algorithm: options.algorithm,
  ignoreTraceIds: options.ignoreTraceIds,
  ignoreValues: options.ignoreValues === true,
  ignoreContents: options.ignoreContents === true,
  ignoreConnections: options.ignoreConnections === true,
  ...nameOptions(options),
  model: options.model,
  keepModel: options.keepModel === true,
  ...(how.learnFromNs && { learnFromNs: how.learnFromNs }),
  ...(how.links && { links: how.links }),
  ...(how.condensed && { condensed: how.condensed }),
  ...(how.settled && { settled: how.settled }),
  ...(how.habits && { habits: how.habits }),
  quick: how.quick === true,
});

/** Where names may come from. */
const nameOptions = ({ names, renames, useDns = true, useHostHeader = true }: AnalysisOptions): NameOptions => ({
  names,
  ...(renames && { renames }),
  useDns,
  useHostHeader,
});
