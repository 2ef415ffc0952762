/** Captures to their calls and nothing else: what is complete is handed over and given back when memory is full, so reading always goes on. */
import { analyse } from '../engine/analysis.ts';
import type { Extraction } from '../engine/calls/callTable.ts';
import type { CallsSource } from '../engine/export/source.ts';
import type { Extractor } from '../engine/extractor.ts';
import type { AnalysisOptions, Failure, SourceSpec, Status } from '../shared/protocol.ts';
import { callsSource } from './exportSource.ts';
import { extract } from './extracting.ts';
import { identified } from './identified.ts';
import type { Freed } from './memory.ts';

export interface CallPartsHooks {
  progress(text: string): void;
  /** Some calls, in order of their start; those of the next part may begin before the last of these. Good only until it resolves. */
  part(calls: CallsSource): Promise<void>;
}

/** Names are those known when a part is handed over. Returns how the captures were read, or why nothing could be opened. */
export async function callParts(
  sources: readonly SourceSpec[],
  options: AnalysisOptions,
  hooks: CallPartsHooks,
): Promise<Status | Failure> {
  let x: Extractor | undefined;
  const handOver = (calls: Extraction) =>
    // Who sent a call is told by its addresses, else by what caused it.
    hooks.part(callsSource(identified(calls, options) ?? analyse(calls, { ...options, progress: (stage) => hooks.progress(stage) })));
  const extracted = await extract(sources, options, {
    check: () => {},
    opened: (_, extractor) => {
      x = extractor;
    },
    progress: (_, text) => hooks.progress(text),
    condense: () => giveBackComplete(x!, handOver),
  });
  if ('what' in extracted) return extracted;
  if (extracted.extractor.freeRows > 0) extracted.extractor.compact();
  if (extracted.extractor.calls.count > 0) await handOver(extracted.extractor);
  return extracted.status;
}

async function giveBackComplete(x: Extractor, handOver: (calls: Extraction) => Promise<void>): Promise<Freed> {
  const over = x.endIdleFlows();
  // Else calls have room, connections alone have not.
  const calls = x.freeRows > 0 ? 0 : await giveBackCalls(x, handOver);
  const flows = x.releasableFlows(over, new Uint8Array(x.flows.count));
  x.releaseFlows(flows);
  return { calls, flows: flows.reduce((sum, is) => sum + is, 0) };
}

async function giveBackCalls(x: Extractor, handOver: (calls: Extraction) => Promise<void>): Promise<number> {
  const open = new Uint8Array(x.calls.count);
  x.markInUse(open);
  const complete = open.map((is) => 1 - is);
  const rows = Int32Array.from([...complete.keys()].filter((row) => complete[row] === 1));
  if (rows.length === 0) return 0;
  await handOver(x.excerpt(rows));
  x.release(complete);
  return rows.length;
}
