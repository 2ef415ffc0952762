import type { Extractor } from '../engine/extractor.ts';

/**
 * Bytes that a row costs by the end of the analysis, extraction and tables together, counted rather than measured so that the same
 * capture is cut at the same place on every machine. Of a call: 90 in the extraction with its target, 49 in the analysis, 16 of its
 * link, at the peak some 250 of the nesting algorithm's, and half as much again that is garbage not collected yet. Of a flow: 112 in
 * its table and its place in the index, 184 in its two directions, 44 in the analysis, the rest garbage. The process itself comes on top.
 */
const CALL_BYTES = 600;
const FLOW_BYTES = 400;
const TEXT_BYTES = 100;
/** Everything that doesn't grow with the capture: code, buffers, the held segments. */
const BASE_BYTES = 80e6;

/** Room that the calls kept in detail, with a connection each at most, may take; statistics and lists of the others need some too. */
const KEPT_SHARE = 1 / 4;

/** Calls kept in detail when there is no room for what `x` holds. */
export function keptCalls(x: Extractor, limitBytes: number): number {
  const flowsOfCall = Math.min(1, x.flows.count / Math.max(1, x.calls.count));
  return Math.floor((Math.max(0, limitBytes - BASE_BYTES) * KEPT_SHARE) / (CALL_BYTES + flowsOfCall * FLOW_BYTES));
}

/** Rows given back. */
export interface Freed {
  readonly calls: number;
  readonly flows: number;
}

/** Reading goes on only while calls have some of the memory, and condensing gives back some of what there is. */
const MOST_PINNED = 0.75;
const LEAST_FREED = 0.1;
/** Once there is no room for more calls, connections and texts may still grow by this share of the limit, in steps. */
const MOST_OVER = 0.1;
const STEP = 0.01;

/** The room that calls, connections and texts have: when something must be given back, and whether that is enough to go on. */
export class Room {
  private readonly x: Extractor;
  private readonly limitBytes: number;
  private enoughBytes: number;
  /** Giving back is worth while: what is full next is looked at again when no row of it is free. */
  private callsReturn = false;
  private flowsReturn = false;

  constructor(x: Extractor, limitBytes: number) {
    this.x = x;
    this.limitBytes = limitBytes;
    this.enoughBytes = limitBytes;
  }

  get isFull(): boolean {
    const { x } = this;
    return bytesHeld(x) > this.enoughBytes || (this.callsReturn && x.freeRows === 0) || (this.flowsReturn && x.freeFlows === 0);
  }

  /** After rows were given back. False: too little for reading to go on. */
  goesOn(freed: Freed): boolean {
    const { x, limitBytes } = this;
    const held = bytesHeld(x);
    const enough = (rows: number, of: number) => rows > 0 && rows >= of * LEAST_FREED;
    if (freed.calls > 0 || x.freeRows === 0) this.callsReturn = enough(freed.calls, x.calls.count);
    this.flowsReturn = enough(freed.flows, x.flows.count);
    this.enoughBytes = Math.max(limitBytes, held) + limitBytes * STEP;
    if (held > limitBytes * (1 + MOST_OVER) || pinnedBytes(x) > (limitBytes - BASE_BYTES) * MOST_PINNED) return false;
    return this.callsReturn || this.flowsReturn;
  }
}

/** Connections in progress or with calls in detail, and texts: they stay, whatever calls are dropped. */
const pinnedBytes = (x: Extractor): number => (x.flows.count - x.freeFlows) * FLOW_BYTES + x.strings.count * TEXT_BYTES;

/** What the analysis of all that was read so far will hold at its peak. */
function bytesHeld(x: Extractor): number {
  return BASE_BYTES + x.flows.count * FLOW_BYTES + (x.strings.count + x.traceIds) * TEXT_BYTES + x.calls.count * CALL_BYTES;
}
