/** What is known of one thing: a call with its candidates and packets, a pattern, a comparison, a whole analysis. Types only. */
import type { CallRow, LatencySummary, Ns, ServiceId, StableId, TimeSplit, TraceRow } from './lists.ts';

export interface Candidate {
  readonly call: CallRow;
  readonly trace: TraceRow;
  readonly service: ServiceId;
  readonly endpoint: string;
  readonly openSinceNs: Ns;
  readonly share: number;
  readonly chosen: boolean /** Reason bits of engine/nesting/api */;
  readonly reason: number;
}
export interface PacketRef {
  readonly capture: number;
  readonly frame: number;
  readonly fileOffset: number;
  readonly capturedBytes: number;
  readonly originalBytes: number;
  readonly timeNs: Ns;
  readonly direction: 'request' | 'response';
  /** LINKTYPE number of the frame (tcpdump.org/linktypes). Absent: not known. */
  readonly link?: number;
  /** Where the transport's payload starts in the frame, its bytes on the wire, and TCP's flag bits (RFC 9293 §3.1). Absent: not known. */
  readonly payloadAt?: number;
  readonly payloadBytes?: number;
  readonly tcpFlags?: number;
  /** Untimed: the packet has no time of its own, `timeNs` is that of the one before in the capture. */
  readonly note: '' | 'retransmission' | 'gap' | 'out-of-order' | 'untimed';
}
export interface CallDetails {
  readonly call: CallRow;
  readonly id: StableId;
  readonly trace: TraceRow;
  readonly traceId: StableId;
  readonly parent: CallRow;
  readonly service: ServiceId;
  readonly caller: ServiceId;
  readonly endpoint: string;
  readonly protocol: string;
  readonly method: string;
  readonly target: string;
  readonly host: string;
  readonly status: number;
  readonly failed: boolean;
  readonly flow: {
    readonly transport: string;
    readonly clientAddress: string;
    readonly clientPort: number;
    readonly serverAddress: string;
    readonly serverPort: number;
    readonly tenant: string;
    readonly rttNs: Ns;
    readonly retransmissions: number;
    readonly gaps: number;
    /** Times a receiver said it has no room. */
    readonly zeroWindows: number;
    /** Only one of its directions was captured. */
    readonly oneSided: boolean;
    /** Second copies of its packets (another tap, a tunnel), which were left out; packets that the snap length cut; bytes in no message. */
    readonly duplicates: number;
    readonly cutPackets: number;
    readonly unreadBytes: number;
  };
  readonly startNs: Ns;
  readonly requestEndNs: Ns;
  readonly responseStartNs: Ns;
  readonly endNs: Ns;
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly flags: number;
  readonly split: TimeSplit;
  readonly confidence: number;
  readonly candidateCount: number;
  readonly candidates: readonly Candidate[];
  readonly traceKey: string;
  /** First frame of the request, last of the response (1-based, per capture). */
  readonly capture: number;
  readonly requestFrame: number;
  readonly responseFrame: number;
}
export interface QualityRow {
  readonly id: string;
  readonly level: 'ok' | 'note' | 'warning';
  readonly text: string;
  readonly effect: string;
  readonly count: number;
}
export interface Problem {
  readonly capture: string;
  readonly offset: number;
  readonly frame: number;
  readonly text: string;
}
export interface Quality {
  readonly facts: readonly QualityRow[];
  readonly problems: readonly Problem[];
  readonly problemsTotal: number;
}
export interface PatternRow {
  readonly id: StableId;
  readonly entry: string;
  readonly count: number;
  readonly spans: number;
  readonly latency: LatencySummary;
  readonly repeats: readonly { readonly text: string; readonly times: number; readonly sequential: boolean }[];
  /** Depth-first: one node of the shape a row. */
  readonly nodes: readonly {
    readonly depth: number;
    readonly service: ServiceId;
    readonly endpoint: string;
    readonly times: number;
    readonly meanOffsetNs: Ns;
    readonly meanNs: Ns;
    readonly parallel: boolean;
  }[];
  readonly exampleTrace: TraceRow;
}
export interface DifferenceRow {
  readonly from: string;
  readonly to: string;
  readonly before?: LatencySummary;
  readonly after?: LatencySummary;
  readonly shiftP50Ns: Ns;
  readonly intervalP50Ns: readonly [Ns, Ns];
  readonly shiftP95Ns: Ns;
  readonly intervalP95Ns: readonly [Ns, Ns];
  readonly q: number;
  readonly verdict: 'slower' | 'faster' | 'same' | 'added' | 'removed' | 'too-few';
}
/** Measured latencies of one edge as a value that outlives its analysis, by names: ids mean nothing in another capture. */
export interface LatencySample {
  readonly tenant: string;
  readonly from: string;
  readonly to: string;
  readonly calls: number;
  readonly errors: number;
  /** How many calls have a measured latency. */
  readonly measured: number;
  /** ns, ascending; of many an even selection of ranks. */
  readonly sortedNs: Float64Array;
}
/** Call-path patterns of one side of a comparison, most frequent first. */
export interface PatternSide {
  readonly transactions: number;
  /** Shapes there are; `rows` holds the first of them. */
  readonly total: number;
  readonly rows: readonly PatternRow[];
  /** Names of the services the rows' nodes are of: ids mean nothing in another capture. */
  readonly services: readonly { readonly id: ServiceId; readonly name: string }[];
}
export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly rows: readonly DifferenceRow[];
  readonly patterns?: { readonly before: PatternSide; readonly after: PatternSide };
}
export interface FieldDifference {
  readonly field: string;
  readonly value: string;
  readonly selectedShare: number;
  readonly otherShare: number;
  readonly score: number;
}
/** Result of parsing filter text. `at` and `length` mark the error in the text. */
export interface FilterCheck {
  readonly error?: { readonly at: number; readonly length: number; readonly text: string };
  /** Where not everything was kept: of the uniform sample, and `sampled` says so. */
  readonly sampled?: boolean;
  readonly matchingTransactions: number;
  readonly transactions: number;
  readonly matchingCalls: number;
  readonly calls: number;
}
export interface Completion {
  readonly insert: string;
  readonly detail: string;
  readonly from: number;
  readonly to: number;
}
export interface Preset {
  readonly id: 'slow' | 'errors' | 'uncertain' | 'retransmits';
  readonly filter: string;
  readonly count: number;
}

export interface Summary {
  /** What was analysed: file names, or a topic or interval in words. */
  readonly title: string;
  readonly sources: readonly string[];
  /** Nanoseconds since 1970 of time 0, as decimal text. */
  readonly epochNs: string;
  readonly durationNs: Ns;
  /** Set when the source has windows of time, counted from 1970: their length. */
  readonly windowNs?: Ns;
  readonly packets: number;
  readonly bytes: number;
  readonly calls: number;
  readonly transactions: number;
  /**
   * Set when not all of them were kept in detail, for want of memory: how many are in the lists, and the share (0..1) of all transactions that
   * is a uniform sample: what is filtered, and distributions over time, count only that.
   */
  readonly kept?: { readonly calls: number; readonly transactions: number; readonly sample: number };
  readonly services: number;
  readonly edges: number;
  readonly errors: number;
  /** Calls by confidence class of their place; "roots" have no caller among the calls. */
  readonly placed: number;
  readonly roots: number;
  readonly guesses: number;
  readonly orphans: number;
  readonly tenants: readonly string[];
  readonly algorithm: string;
  readonly quality: 'good' | 'note' | 'warning';
  readonly clockSide: 'callee' | 'caller' | 'one tap';
  /** Calls with a trace id in a header, and the share of inferred links that agree; NaN: none. */
  readonly traceIdCalls: number;
}
export type Stage = 'read' | 'pair' | 'nest' | 'summarise';
export type Failure = {
  readonly what: string;
  readonly why: string;
  readonly next: string /** file offset, -1 none */;
  readonly offset: number;
};
export type Status =
  | { readonly kind: 'analysing'; readonly stage: Stage /** 0..1, NaN unknown */; readonly done: number; readonly text: string }
  | { readonly kind: 'ready' }
  /** Nothing to show, with the reason (only TLS, no requests). */
  | { readonly kind: 'empty'; readonly reason: Failure }
  /** Results, but not of everything: cut file, unsupported link, memory limit. */
  | { readonly kind: 'partial'; readonly reasons: readonly Failure[] }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly error: Failure }
  | {
      readonly kind: 'live';
      readonly paused: boolean;
      readonly text: string;
      readonly lagMs: number;
      /** Records not read yet. */
      readonly lag?: number;
      readonly late: number;
      readonly shed: number;
    };
export interface Snapshot {
  readonly generation: number;
  readonly status: Status;
  /** Links are from a quick pass while reading goes on. */
  readonly provisional: boolean;
  readonly summary: Summary | null;
  /** Shown above the view when the source changed since it was read. */
  readonly stale: string;
}
export interface ViewSettings {
  readonly percentile: 50 | 95 | 99;
  readonly minConfidence: number;
  readonly maxServices: number;
  readonly colorEdgesBy: 'none' | 'p95' | 'errors';
  readonly timeFormat: 'relative' | 'local' | 'utc';
  readonly reduceMotion: boolean;
  /** Headers (lower case) whose values the byte view hides until asked. */
  readonly redactHeaders: readonly string[];
}
