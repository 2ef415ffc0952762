/**
 * The border of the nesting room: calls in columns in, a parent for each call out.
 * Pure and deterministic: the order of rows must not influence the result (ties are broken by time, then by content, never by row).
 */

import type { Values } from './values.ts';

/** Calls as the algorithms see them. Times in ns (doubles). Ids are dense small integers. */
export interface NestingInput {
  readonly count: number;
  /** Service (or, where instances are told apart, instance) that sent the call, and that answered it. -1: unknown caller. */
  readonly caller: Int32Array;
  readonly callee: Int32Array;
  /** Instances (address and port); equal to caller/callee when there is one per service. A parent's calleeInstance must equal the child's callerInstance when both are >= 0. */
  readonly callerInstance: Int32Array;
  readonly calleeInstance: Int32Array;
  /** Endpoint template id. */
  readonly endpoint: Int32Array;
  /** Client-side stamps (request's first byte, response's last byte) and server-side ones; equal with one tap. An unanswered call ends at +Infinity. */
  readonly callerStartNs: Float64Array;
  readonly callerEndNs: Float64Array;
  readonly calleeStartNs: Float64Array;
  readonly calleeEndNs: Float64Array;
  /** Trace id seen in the request's header; 0: none. Equal and non-zero: same trace. Omitted: not used. */
  readonly traceKey?: Int32Array;
  /** In which system's header it came (small numbers). Omitted: all in one's. */
  readonly traceSystem?: Uint8Array | undefined;
  /** The span of that trace that the request belongs to, and that one's parent, as its header says; 0: not said. Omitted: no header does. */
  readonly spanKey?: Uint32Array | undefined;
  readonly parentSpanKey?: Uint32Array | undefined;
  /**
   * Addresses (without port) of the two ends, -1: unknown. Only needed where several services share one: a call whose caller is unknown (-1)
   * may then come from any service that answers at its callerAddress.
   */
  readonly callerAddress?: Int32Array;
  readonly calleeAddress?: Int32Array;
  /** Calls whose parent is settled: its row, or -1 for none; -2: to be inferred. Omitted: all are to be inferred. */
  readonly settledParent?: Int32Array;
  /** 1: an unanswered call of which it is known that it is not over. Omitted: none. */
  readonly inProgress?: Uint8Array;
  /** Values in requests' targets that may reappear in calls made on their behalf, hashed. Omitted: not used. */
  readonly values?: Values | undefined;
  /** The same of their headers and bodies. */
  readonly contents?: Values | undefined;
  /** The connection that a call is made on, as a dense number; -1: unknown. Omitted: not used. */
  readonly connection?: Int32Array | undefined;
  /** Its name, which means the same in another step of a stream. */
  connectionName?(connection: number): string;
  /** Names that mean the same in another run; a learned model is keyed by them. Omitted: the numbers are the names. */
  serviceName?(service: number): string;
  endpointName?(endpoint: number): string;
  /** Tie-breaker from content (e.g. hash of five-tuple and sequence); omitted: endpoint and times decide. */
  readonly contentKey?: Float64Array;
}

/** Reasons as data; the interface words them. Bits of `reason`/`alternativeReason`. */
export const Reason = {
  /** Inside the parent's interval. */
  nested: 1 << 0,
  /** It was the only call open at the caller. */
  onlyCandidate: 1 << 1,
  /** The delay after the parent's request (or the previous child) is typical for this pair. */
  typicalDelay: 1 << 2,
  /** The delay is unusual. */
  unusualDelay: 1 << 3,
  /** The parent's endpoint usually makes this call. */
  expectedCall: 1 << 4,
  /** The parent's endpoint rarely makes this call (here). */
  rareCall: 1 << 5,
  /** The parent already has its call of this kind. */
  alreadyServed: 1 << 6,
  /** Same trace id in both requests' headers. */
  sameTraceId: 1 << 7,
  /** Different trace ids in headers of one system; ruled out where they are handed on. */
  otherTraceId: 1 << 8,
  /** The service answers in order of arrival. */
  firstComeFirstServed: 1 << 9,
  /** Ends after the parent's answer (allowed slack, or fire-and-forget). */
  outlivesParent: 1 << 10,
  /** A value of the parent's target reappears in this call's. */
  sharedValue: 1 << 11,
  /** Taken alone, another parent would be likelier (its share says so); all calls together fit best so. */
  jointChoice: 1 << 12,
  /** A value of the parent's request reappears in this call, and headers or bodies are needed to see it. */
  sharedContent: 1 << 13,
  /** Calls on this connection are made for requests on that one. */
  connectionHabit: 1 << 14,
  /** Same trace, and the call names the parent's span as its own or as its own's parent. */
  sameSpan: 1 << 15,
} as const;

export const MAX_ALTERNATIVES = 4;

export interface NestingResult {
  /** Row of the parent, -1 for a root or when there is no possible parent. Always the best guess. */
  readonly parent: Int32Array;
  /** Probability that `parent` is right, 0..1. For parent -1: that there is none among the calls given. */
  readonly confidence: Float32Array;
  readonly reason: Uint16Array;
  /** How many calls could have been the parent, the chosen one included. */
  readonly candidates: Uint16Array;
  /** Up to MAX_ALTERNATIVES other parents of one call, likeliest first; share is the probability mass on it. Computed on demand or kept. */
  alternatives(row: number): readonly Alternative[];
  /** What was learned, when asked for and the algorithm learns: a plain JSON value that can be saved, merged and given back. */
  readonly model?: unknown;
}
export interface Alternative {
  readonly parent: number;
  readonly share: number;
  readonly reason: number;
}

/** Habits of connections that earlier steps of a stream showed: on which connection the requests come that a kind of call on a connection is made for. */
export interface KnownHabits {
  get(kind: string, connection: string): string | undefined;
  set(kind: string, connection: string, of: string): void;
  delete(kind: string, connection: string): void;
}

export interface NestingOptions {
  /** Use traceKey (default true when present): equal ids are hard evidence, others where ids are handed on. */
  readonly useTraceKeys?: boolean;
  /** Use values that reappear (default true when present). */
  readonly useValues?: boolean;
  /** Use values in headers and bodies too (default true when present). */
  readonly useContents?: boolean;
  /** Use habits of connections (default true when present). */
  readonly useConnections?: boolean;
  /** What is known of them; hears of those that these calls show, and of those that they contradict. */
  readonly habits?: KnownHabits;
  /** A model learned before (same algorithm); used instead of learning, except at places of which these calls teach more. ModelError when it is none. */
  readonly model?: unknown;
  /** Give back what these calls teach, as `NestingResult.model`. */
  readonly keepModel?: boolean;
  /** Requests that start outside [from, to) ns are context: nothing is learned from them. */
  readonly learnFromNs?: readonly [from: number, to: number];
  /** Called between bounded pieces of work, with a share 0..1 done; throwing from it cancels. */
  readonly progress?: (done: number) => void;
}

export interface NestingAlgorithm {
  readonly name: string;
  /** One line for settings and --help. */
  readonly description: string;
  nest(calls: NestingInput, options?: NestingOptions): NestingResult;
}
