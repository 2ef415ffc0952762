import { NONE } from '../streams/connections.ts';
import type { Wire } from './wire.ts';

/** A response that has not been given to a request: order alone does not prove whose it is, or its request comes later in the file. */
export interface PendingResponse {
  readonly d: number;
  /** Sequence number of its first byte (of the interim response before it, if any), ACK on that segment, end of its head. */
  readonly at: number;
  readonly ack: number;
  readonly headEnd: number;
  readonly firstNs: number;
  /** Flags for the call it is given to. */
  flags: number;
  /** Direction.hole before it. */
  readonly hole: number;
  status: number;
  /** Index into PROTOCOLS; 0: that of the request. */
  protocol: number;
  bytes: number;
  /** Set when it is over: last stamp, and the interval of the last byte where that stamp is not proved. */
  done: boolean;
  lastNs: number;
  lastFrame: number;
  lastCapture: number;
  range: readonly [number, number] | undefined;
  /** The call it was given to; NONE: none (yet). */
  row: number;
}

/** The response of direction d that begins with the piece being read. */
export function newPending({ first }: Wire, d: number, at: number, headEnd: number, flags: number, hole: number): PendingResponse {
  return {
    d,
    at,
    ack: first.ack,
    headEnd,
    firstNs: first.timeNs,
    flags,
    hole,
    status: 0,
    protocol: 0,
    bytes: 0,
    done: false,
    lastNs: Number.NaN,
    lastFrame: 0,
    lastCapture: 0,
    range: undefined,
    row: NONE,
  };
}
