/**
 * What an attached editor knows from one analysis of its window to the next: a model, of which each is a lesson about the calls that are new in it, the habits
 * of connections, and the links of calls that the window has passed, which stay.
 */
import type { Analysis } from '../engine/analysis.ts';
import { callId } from '../engine/calls/callId.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import { CallFlag } from '../engine/calls/callTable.ts';
import type { KnownHabits } from '../engine/nesting/api.ts';
import { learns } from '../engine/nesting/index.ts';
import { RunningModel } from '../engine/nesting/window/runningModel.ts';
import type { SettledRows } from '../engine/nesting/window/settled.ts';
import { type ViewCall, ViewWindow } from '../engine/nesting/window/viewWindow.ts';
import type { AnalysisOptions } from '../shared/protocol.ts';

/** Requests that began so shortly before the end of the window may still be making calls. */
const UNFINISHED_NS = 1e9;
/** Calls are settled so much later. */
const AHEAD_US = 5e6;

export class LiveModel {
  private readonly model: RunningModel;
  private readonly view = new ViewWindow(AHEAD_US);
  /** Requests that began before, ns since 1970, were learned from. */
  private learnedNs = 0n;

  constructor(given: unknown) {
    this.model = new RunningModel(given);
  }

  /** How to analyse these calls: by what is known, and what to learn from. */
  options(
    x: Extraction,
    algorithm: string,
  ): { readonly model?: unknown; readonly keepModel: boolean; readonly learnFromNs: readonly [number, number] } {
    const { trusted } = this.model;
    const from = Math.max(0, Number(this.learnedNs - x.epochNs));
    const keepModel = learns(algorithm);
    return { ...(trusted !== undefined && { model: trusted }), keepModel, learnFromNs: [from, Math.max(from, x.endNs - UNFINISHED_NS)] };
  }

  /** Analyses the window by what is known, learns from it and settles what it has passed. */
  async analysis(
    x: Extraction,
    options: AnalysisOptions,
    analyse: (
      options: AnalysisOptions,
      part: { readonly learnFromNs: readonly [number, number]; readonly settled: SettledRows; readonly habits: KnownHabits },
    ) => Promise<Analysis>,
  ): Promise<Analysis> {
    const { learnFromNs, ...known } = this.options(x, options.algorithm);
    const calls = viewCalls(x);
    const settled = this.view.rows(calls);
    const analysis = await analyse({ ...options, ...known }, { learnFromNs, settled, habits: this.model.habits });
    this.learn(analysis, learnFromNs);
    // What is inferred while learning from little is not worth keeping.
    if (known.model !== undefined || !known.keepModel)
      this.view.settle(calls, settled, Number(x.epochNs) / 1000 + x.endNs / 1000, analysis.nesting);
    return analysis;
  }

  learn({ nesting, extraction: x, count }: Analysis, [fromNs, toNs]: readonly [number, number]): void {
    if (nesting.model === undefined || toNs <= fromNs) return;
    let calls = 0;
    for (let row = 0; row < count; row++) if (x.calls.requestFirstNs[row]! >= fromNs && x.calls.requestFirstNs[row]! < toNs) calls++;
    this.model.learn([nesting.model], calls);
    this.learnedNs = x.epochNs + BigInt(Math.round(toNs));
  }
}

function viewCalls(x: Extraction): ViewCall[] {
  const { calls } = x;
  const epochUs = Number(x.epochNs) / 1000;
  return Array.from({ length: calls.count }, (_, row) => ({
    id: callId(x, row),
    startUs: epochUs + (calls.requestFirstNs[row] || 0) / 1000,
    over: !Number.isNaN(calls.responseLastNs[row]!) || (calls.flags[row]! & CallFlag.oneWay) !== 0,
  }));
}
