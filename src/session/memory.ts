import type { Extraction } from '../engine/calls/callTable.ts';

/**
 * Bytes that a row costs by the end of the analysis, extraction and tables together, counted rather than measured so that the same
 * capture is cut at the same place on every machine. The process itself and garbage not collected yet come on top (docs/architecture.md). Columns of a call: 90 in the extraction with its target, 49 in the analysis,
 * 16 of its link, and at the peak some 250 of the nesting algorithm's.
 */
const CALL_BYTES = 400;
const FLOW_BYTES = 250;
const TEXT_BYTES = 100;
/** Everything that doesn't grow with the capture: code, buffers, the held segments. */
const BASE_BYTES = 80e6;

/** Memory that statistics and lists of what was dropped, the kept calls and their details may take, as a share of the calls there is room for. */
const KEPT_SHARE = 1 / 4;

/** Calls kept in detail when there is room for no more than `x` holds. */
export const keptCalls = (x: Extraction): number => Math.floor(x.calls.count * KEPT_SHARE);

/** Connections and texts can't be given back, whatever calls are dropped: their share of the room that calls and they have. */
export const pinnedShare = (x: Extraction, limitBytes: number): number => pinnedBytes(x) / Math.max(1, limitBytes - BASE_BYTES);
const pinnedBytes = (x: Extraction): number => x.flows.count * FLOW_BYTES + x.strings.count * TEXT_BYTES;

/** What the analysis of all that was read so far will hold at its peak. */
export function bytesHeld(x: Extraction): number {
  return BASE_BYTES + pinnedBytes(x) + x.calls.count * CALL_BYTES;
}
