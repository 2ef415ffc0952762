/**
 * What the extraction stage hands on: flows and calls in columns (structure of arrays).
 *
 * Times are nanoseconds since `epochNs`, in doubles. A row number is valid for one extraction only; ids that
 * leave the process come from `callId`. A column may be longer than `count`: read the first `count` entries.
 */

/** Bits of `CallTable.flags`. A stamp that the capture can't prove is flagged, never silently guessed. */
export const CallFlag = {
  /** Request and response may not belong together. */
  pairUnsure: 1 << 0,
  requestFirstUnsure: 1 << 1,
  requestLastUnsure: 1 << 2,
  responseFirstUnsure: 1 << 3,
  responseLastUnsure: 1 << 4,
  /** The response fell into a capture gap or never came. */
  noResponse: 1 << 5,
  /** A head was cut by the snap length or a gap: fields are missing. */
  headCut: 1 << 6,
  /** Bytes inside a message are missing; its stamps are sure. */
  holed: 1 << 7,
  /** A last-byte stamp lies in a known interval at most 1 ms wide; the middle is given. */
  bounded: 1 << 8,
  /** Sent while an earlier request of the connection was unanswered. */
  pipelined: 1 << 9,
  /** Message of unknown length; the silence after it, until the capture's end, was taken as its end. */
  endsInSilence: 1 << 10,
  /** The protocol says that the call failed (HTTP 5xx, gRPC status other than 0, a database error). */
  failed: 1 << 11,
  /** Seen at more than one tap; recorded once. */
  seenTwice: 1 << 12,
  /** One-way or unsolicited message: there is no response to wait for. */
  oneWay: 1 << 13,
} as const;
/** Flags under which a latency doesn't count as measured. */
export const UNSURE =
  CallFlag.pairUnsure |
  CallFlag.requestFirstUnsure |
  CallFlag.requestLastUnsure |
  CallFlag.responseFirstUnsure |
  CallFlag.responseLastUnsure |
  CallFlag.noResponse;

export interface CallTable {
  readonly count: number;
  /** Row in the FlowTable. */
  readonly flow: Int32Array;
  /** First and last byte of the request and of the response. NaN: not seen. */
  readonly requestFirstNs: Float64Array;
  readonly requestLastNs: Float64Array;
  readonly responseFirstNs: Float64Array;
  readonly responseLastNs: Float64Array;
  /** Row of the capture (in the order given) and 1-based frame numbers in it, of the request's first and the response's last byte; 0: none. */
  readonly capture: Uint16Array;
  readonly requestFrame: Uint32Array;
  readonly responseFrame: Uint32Array;
  /** TCP sequence number of the request's first byte; part of the call's id. */
  readonly requestSequence: Uint32Array;
  /** Payload bytes on the wire, heads included. */
  readonly requestBytes: Float64Array;
  readonly responseBytes: Float64Array;
  /** Index into PROTOCOLS. */
  readonly protocol: Uint8Array;
  /** The protocol's status (HTTP status, gRPC status, ...); 0: none. */
  readonly status: Uint16Array;
  /** CallFlag bits. */
  readonly flags: Uint16Array;
  /** Ids in `strings`: method or command; authority (Host header, :authority, database); 0 is the empty string. */
  readonly method: Int32Array;
  readonly host: Int32Array;
  /**
   * Id of the trace id (see `traceId`) carried by the request in plaintext (with its system, e.g. "w3c:4bf92f..."), 0: none.
   * Equal keys: same trace.
   */
  readonly traceKey: Int32Array;
  /** The span that the request belongs to in its trace (spanKey.ts), and that one's parent, where its headers say so; 0: they don't. */
  readonly spanKey: Uint32Array;
  readonly parentSpanKey: Uint32Array;
  /**
   * Stamps of the request's first and the response's last byte at the callee's side, where a second tap (or a record) gives them; the
   * four stamps above are then the caller's. NaN in a row: that side wasn't seen. Omitted: nothing was seen from two sides.
   */
  readonly calleeFirstNs?: Float64Array;
  readonly calleeLastNs?: Float64Array;
  /** Segments of this call's messages that were sent again. Omitted: only known per flow. */
  readonly retransmissions?: Uint16Array;
  /** Raw target as sent: path and query of HTTP, the statement template or key-less command of a database. */
  target(row: number): string;
  /**
   * Hashes of a few values in the request's headers and body (protocols/contents.ts), valid until the table changes. No export and no
   * store has them; records only between stages, sealed (contentSeal.ts).
   */
  contents(row: number): Int32Array;
  /** Text of `traceKey`, "": none. */
  traceId(row: number): string;
}

export interface FlowTable {
  readonly count: number;
  /** Sums over the connections whose rows were given back; those rows hold nothing. Omitted: none are. */
  readonly released?: { readonly flows: number; readonly bytes: number; readonly tlsBytes: number };
  /** Id in `strings`: tenant ("" when none, else "vni:7", "vlan:12", or the name given by the tap). */
  readonly tenant: Int32Array;
  /** Id in `strings` of the textual address. "client" sent the requests. */
  readonly clientAddress: Int32Array;
  readonly serverAddress: Int32Array;
  readonly clientPort: Uint16Array;
  readonly serverPort: Uint16Array;
  /** 6 TCP, 17 UDP. */
  readonly transport: Uint8Array;
  /** Index into PROTOCOLS; what most of the flow speaks. */
  readonly protocol: Uint8Array;
  readonly packets: Uint32Array;
  readonly bytes: Float64Array;
  readonly retransmissions: Uint32Array;
  readonly gaps: Uint32Array;
  readonly zeroWindows: Uint32Array;
  /** Second copies of its packets, left out: from another tap, or from inside a tunnel. */
  readonly duplicates: Uint32Array;
  /** Packets whose payload the snap length cut. */
  readonly cutPackets: Uint32Array;
  /** Payload bytes in no message: between a gap, or the capture's start, and the next one. */
  readonly unreadBytes: Float64Array;
  /** Handshake round trip as seen at the tap, ns; NaN: handshake not seen. */
  readonly rttNs: Float64Array;
  /** 1 when only one direction was ever seen. */
  readonly oneSided: Uint8Array;
  /** Id in `strings` of the TLS server name; 0: none. */
  readonly serverName: Int32Array;
}

export interface StringTable {
  readonly count: number;
  /** Text of an id; id 0 is the empty string. */
  text(id: number): string;
  /** The id of a text, adding it when new. */
  intern(text: string): number;
}

/** Names learnt from traffic: an address answered for a name (DNS A/AAAA/CNAME chain). */
export interface NameFact {
  readonly tenant: string;
  readonly address: string;
  readonly name: string;
}

/** A capture fact with its effect on conclusions; shown in the quality view and printed by the command line. */
export interface QualityFact {
  /** Stable id, e.g. "cut-packets"; words for it live in the interface. */
  readonly id: string;
  readonly level: 'ok' | 'note' | 'warning';
  readonly count: number;
  /** Plain English sentence with figures: what was seen. */
  readonly text: string;
  /** What it does to the conclusions; "" when nothing. */
  readonly effect: string;
}

/** A problem in the input at a place. Everything before it was kept. */
export interface Warning {
  readonly capture: number;
  /** Byte offset in the (uncompressed) capture and 1-based frame; -1 / 0 when not applicable. */
  readonly offset: number;
  readonly frame: number;
  readonly text: string;
}

/** Names that came with the calls (call files, stores, Kafka) instead of being found from packets. Ids in `strings` by call row; 0: none. */
export interface GivenNames {
  readonly id: Int32Array;
  readonly caller: Int32Array;
  readonly callee: Int32Array;
  readonly callerInstance: Int32Array;
  readonly calleeInstance: Int32Array;
  readonly endpoint: Int32Array;
}

/** Result of the stage packets -> calls. Live while extraction runs: counts grow. */
export interface Extraction {
  /** Nanoseconds since 1970 of time 0. */
  readonly epochNs: bigint;
  /** Time of the last packet, ns since epochNs. */
  readonly endNs: number;
  readonly packets: number;
  readonly packetBytes: number;
  readonly calls: CallTable;
  readonly flows: FlowTable;
  readonly strings: StringTable;
  readonly names: readonly NameFact[];
  readonly warnings: readonly Warning[];
  /** Set when the calls were loaded as records. */
  readonly given?: GivenNames;
  /** Facts so far; cheap enough to ask once per partial result. */
  quality(): readonly QualityFact[];
}
