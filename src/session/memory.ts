import type { Extraction } from '../engine/calls/callTable.ts';

/**
 * Bytes that a row costs by the end of the analysis, extraction and tables together, counted rather than measured so that the same
 * capture is cut at the same place on every machine. Columns of a call: 90 in the extraction with its target, 49 in the analysis,
 * 16 of its link, and at the peak some 250 of the nesting algorithm's.
 */
const CALL_BYTES = 400;
const FLOW_BYTES = 200;
const TEXT_BYTES = 100;
/** Everything that doesn't grow with the capture: code, buffers, the held segments. */
const BASE_BYTES = 80e6;

/** What the analysis of all that was read so far will hold at its peak. */
export function bytesHeld(x: Extraction): number {
  return BASE_BYTES + x.calls.count * CALL_BYTES + x.flows.count * FLOW_BYTES + x.strings.count * TEXT_BYTES;
}
