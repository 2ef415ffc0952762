/** What an attached editor learns of the traffic: each analysis of the window is a lesson about the calls that are new in it. */
import type { Analysis } from '../engine/analysis.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import { learns } from '../engine/nesting/index.ts';
import { RunningModel } from '../engine/nesting/window/runningModel.ts';
import type { AnalysisOptions } from '../shared/protocol.ts';

/** Requests that began so shortly before the end of the window may still be making calls. */
const UNFINISHED_NS = 1e9;

export class LiveModel {
  private readonly model: RunningModel;
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

  /** Analyses the window by what is known, and learns from it. */
  async analysis(
    x: Extraction,
    options: AnalysisOptions,
    analyse: (options: AnalysisOptions, part: { readonly learnFromNs: readonly [number, number] }) => Promise<Analysis>,
  ): Promise<Analysis> {
    const { learnFromNs, ...known } = this.options(x, options.algorithm);
    const analysis = await analyse({ ...options, ...known }, { learnFromNs });
    this.learn(analysis, learnFromNs);
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
