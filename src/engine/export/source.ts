/** What every export reads: calls with their place, and the finished graph and lists. Formats know nothing else of the engine. */
import type { Edge, Quality, ServiceNode, Summary, TransactionRow } from '../../shared/protocol.ts';

/** One call. Times in ns since `Summary.epochNs`; NaN: not seen. Ids are content-derived (hex). */
export interface CallFacts {
  readonly id: string;
  readonly tenant: string;
  readonly caller: string;
  readonly callee: string;
  /** "address:port" of the callee, the caller's address (and port where it is told apart). */
  readonly callerInstance: string;
  readonly calleeInstance: string;
  readonly endpoint: string;
  /** One of PROTOCOLS. */
  readonly protocol: string;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly status: number;
  /** CallFlag bits. */
  readonly flags: number;
  /** Request's first and last byte, response's first and last, at the callee's side; the caller's first and last where it was seen apart. */
  readonly startNs: number;
  readonly requestEndNs: number;
  readonly responseStartNs: number;
  readonly endNs: number;
  readonly callerStartNs: number;
  readonly callerEndNs: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly transport: 'tcp' | 'udp';
  readonly clientAddress: string;
  readonly clientPort: number;
  readonly serverAddress: string;
  readonly serverPort: number;
  /** Of the TLS connection; '': none, or it was not opened. */
  readonly serverName: string;
  readonly traceKey: string;
  /** The span that its request belongs to, and that one's parent (calls/spanKey.ts); 0: its headers don't say. */
  readonly spanKey: number;
  readonly parentSpanKey: number;
  /** Row in `Summary.sources`, and 1-based frames in it; 0: none. */
  readonly capture: number;
  readonly requestFrame: number;
  readonly responseFrame: number;
}

/** A call with its place in a transaction. */
export interface ExportCall extends CallFacts {
  readonly traceId: string;
  /** '' for a root. Always the best guess; `confidence` says how sure. */
  readonly parentId: string;
  readonly confidence: number;
}

/** Calls without their places. Rows 0 .. callCount - 1 in order of start. Made anew on each call: keep none. */
export interface CallsSource {
  readonly epochNs: string;
  readonly callCount: number;
  call(row: number): CallFacts;
  /** Hashes of what the request says; for `calls` alone, which seals them. */
  contents?(row: number): Int32Array;
}

export interface ExportSource {
  readonly summary: Summary;
  readonly services: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  /** The slowest transactions, slowest first; at most 20. */
  readonly slowest: readonly TransactionRow[];
  readonly quality: Quality;
  readonly callCount: number;
  /** Rows 0 .. callCount - 1 in order of start. Made anew on each call: keep none. */
  call(row: number): ExportCall;
  /** Index into `services` of the row's callee. */
  calleeOf(row: number): number;
  /** Row of the parent, -1 for a root. */
  parentOf(row: number): number;
}

/** Pieces of a file. Text is to be written as UTF-8. */
export type Pieces = Generator<string | Uint8Array, void, void>;
