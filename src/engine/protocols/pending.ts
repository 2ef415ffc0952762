/** A response that has not been given to a request (order alone does not prove whose it is). */
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
