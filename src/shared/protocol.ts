/**
 * The only file that names a message between the webview, the extension host and the analysis worker.
 * Types and constants only. Everything is structured-clone safe; typed arrays are copies, never views of pools.
 */
export const PROTOCOL_VERSION = 1;

/** Nanoseconds since the first packet (`Summary.epochNs`). Exact in a double for captures up to 104 days. */
export type Ns = number;
/** Dense row numbers: valid for one `generation`, never stored. */
export type CallRow = number;
export type TraceRow = number;
export type ServiceId = number;
export type EdgeId = number;
/** Content-derived ids (hex): the same in every run. State that outlives a generation keeps these and service names. */
export type StableId = string;

export interface TimeRange {
  readonly fromNs: Ns;
  readonly toNs: Ns;
}
/** What every list, graph and chart is restricted to. `filter` is text of the filter language, parsed by the engine only. */
export interface Scope {
  readonly generation: number;
  readonly tenant?: string;
  readonly range?: TimeRange;
  readonly filter?: string;
  /** Only measured calls: leave out what rests on inferred links. */
  readonly measuredOnly?: boolean;
}
export interface Page {
  readonly offset: number /** <= 500 */;
  readonly limit: number;
}
export interface Paged<T> {
  readonly total: number;
  readonly rows: readonly T[];
}

/** n counts calls with a measured latency; calls counts all. Percentiles are NaN when n is too small (20; p99: 100). */
export interface LatencySummary {
  readonly calls: number;
  readonly n: number;
  readonly errors: number;
  readonly minNs: Ns;
  readonly p50Ns: Ns;
  readonly p95Ns: Ns;
  readonly p99Ns: Ns;
  readonly maxNs: Ns;
  readonly meanNs: Ns;
}
export type NamedBy = 'dns' | 'host-header' | 'sni' | 'names-file' | 'user' | 'address' | 'clients' | 'file';
export interface ServiceNode {
  readonly id: ServiceId;
  readonly name: string;
  readonly tenant: string;
  readonly namedBy: NamedBy;
  /** "address:port" of its instances, at most 8, and how many there are. */
  readonly addresses: readonly string[];
  readonly instances: number;
  readonly protocols: readonly string[];
  /** Only ever calls (outside clients folded into one node). */
  readonly isClients: boolean;
  /** Rounded mean observed depth, pushed right of every caller. */
  readonly rank: number;
  readonly inbound: LatencySummary;
  /** Share of the total self time, 0..1, and place in the list by it (colour: 0..11, then neutral = -1). */
  readonly selfShare: number;
  readonly swatch: number;
}
export interface Edge {
  readonly id: EdgeId;
  readonly from: ServiceId;
  readonly to: ServiceId;
  readonly latency: LatencySummary;
  readonly rttP50Ns: Ns;
  readonly retransmissions: number;
  /** Share of this edge's calls whose own place in a transaction is below the "likely" threshold, and the mean confidence. */
  readonly guessedShare: number;
  readonly confidence: number;
  /** Closes a cycle: drawn as a back edge. */
  readonly back: boolean;
}
export interface Graph {
  readonly services: readonly ServiceNode[];
  readonly edges: readonly Edge[];
  /** Services and edges not in the lists above (folded), with their calls. */
  readonly hiddenServices: number;
  readonly hiddenEdges: number;
  readonly hiddenCalls: number;
}
export type Subject = { readonly service: ServiceId } | { readonly edge: EdgeId };
/** Mean per call, ns. Parts add up to the whole. */
export interface TimeSplit {
  readonly totalNs: Ns;
  readonly selfNs: Ns;
  readonly networkNs: Ns;
  readonly unknownNs: Ns;
  readonly waiting: readonly { readonly service: ServiceId; readonly ns: Ns }[];
}
export interface EndpointRow {
  readonly endpoint: string;
  readonly protocol: string;
  readonly latency: LatencySummary;
}
export interface NeighbourRow {
  readonly edge: EdgeId;
  readonly service: ServiceId;
  readonly latency: LatencySummary;
  readonly rttP50Ns: Ns;
  readonly retransmissions: number;
  readonly confidence: number;
  readonly guessedShare: number /** median latency in 24 equal time slices, NaN where empty */;
  readonly trend: Float64Array;
}
export interface ExampleRow {
  readonly call: CallRow;
  readonly trace: TraceRow;
  readonly startNs: Ns;
  readonly endpoint: string;
  readonly entry: string;
  readonly durationNs: Ns;
  readonly traceDurationNs: Ns;
  readonly confidence: number;
  readonly failed: boolean;
}
/** The page of a service or an edge. */
export interface SubjectDetails {
  readonly title: string;
  readonly node?: ServiceNode;
  readonly edge?: Edge;
  readonly latency: LatencySummary;
  readonly split: TimeSplit;
  readonly splitP50: TimeSplit;
  readonly splitP95: TimeSplit;
  readonly callers: readonly NeighbourRow[];
  readonly callees: readonly NeighbourRow[];
  readonly endpoints: readonly EndpointRow[];
  readonly slowest: readonly ExampleRow[];
}
/** Bins of equal width in log(latency). edgesNs has counts.length + 1 entries. Empty: no measured call. */
export interface Histogram {
  readonly edgesNs: Float64Array;
  readonly counts: Uint32Array;
}
/** counts[row * columns + column]; row 0 is the fastest band. edgesNs has rows + 1 entries. */
export interface Heatmap {
  readonly columns: number;
  readonly rows: number;
  readonly range: TimeRange;
  readonly edgesNs: Float64Array;
  readonly counts: Uint32Array;
}
/** Calls per time bucket over the whole analysis and within the scope's filter. */
export interface Timeline {
  readonly range: TimeRange;
  readonly calls: Uint32Array;
  readonly errors: Uint32Array;
  readonly matching: Uint32Array;
}

export type TransactionSort = 'start' | 'duration' | 'spans' | 'errors' | 'confidence';
export interface TransactionRow {
  readonly trace: TraceRow;
  readonly id: StableId;
  readonly rootCall: CallRow;
  readonly service: ServiceId;
  readonly endpoint: string;
  readonly status: number;
  readonly startNs: Ns;
  readonly durationNs: Ns;
  readonly selfNs: Ns;
  readonly spans: number;
  readonly errors: number;
  readonly minConfidence: number;
  readonly guesses: number;
  /** Share of transactions with the same entry that are faster, 0..1. */
  readonly slowerThan: number;
  readonly complete: boolean;
}
/** One transaction summarised, for the panel beside the list. */
export interface TransactionDetails extends TransactionRow {
  readonly title: string;
  readonly tenant: string;
  readonly criticalPath: readonly { readonly service: ServiceId; readonly ns: Ns }[];
}
/** Rows of a waterfall in display order (depth first, children by start). Columns of equal length. */
export interface WaterfallSlice {
  readonly totalRows: number;
  readonly firstRow: number;
  readonly range: TimeRange;
  readonly call: Int32Array;
  readonly depth: Uint16Array;
  readonly service: Int32Array /** call row of the parent, -1 none */;
  readonly parent: Int32Array;
  readonly startNs: Float64Array;
  readonly endNs: Float64Array;
  /** End of the request's last byte and start of the response's first byte. */
  readonly requestEndNs: Float64Array;
  readonly responseStartNs: Float64Array;
  readonly confidence: Float32Array;
  readonly flags: Uint16Array /** WaterfallFlag bits */;
  readonly marks: Uint8Array;
  readonly childCount: Int32Array;
  readonly retransmissions: Uint16Array;
  readonly status: Uint16Array;
  readonly label: Int32Array;
  readonly strings: readonly string[];
  /** Critical path: pairs [startNs, endNs) for row i at criticalIndex[i] .. criticalIndex[i + 1], in `critical` as consecutive pairs. */
  readonly criticalIndex: Int32Array;
  readonly critical: Float64Array;
  /**
   * Time a row waits for its children, the same way: disjoint pairs in order for row i at waitingIndex[i] .. waitingIndex[i + 1]. Holds
   * also for collapsed rows, whose children are not sent. Absent: the view draws only what the rows it holds show.
   */
  readonly waitingIndex?: Int32Array;
  readonly waiting?: Float64Array;
  /** The whole transaction in few pixels; sent when `overviewColumns` was asked for. */
  readonly overview?: WaterfallOverview;
}
/**
 * One lane per depth (deeper calls share the last lane), `columns` pixels of equal time. Per pixel the longest call wins and the number
 * of calls is kept. Index: lane * columns + column.
 */
export interface WaterfallOverview {
  readonly columns: number;
  readonly lanes: number;
  /** Levels of the transaction, may be more than lanes. */
  readonly depth: number;
  /** -1: no call. */
  readonly service: Int32Array;
  readonly count: Uint32Array;
}
export const WaterfallFlag = { failed: 1, collapsed: 2, guess: 4, noResponse: 8, unsureTimes: 16, group: 32, onCriticalPath: 64 } as const;

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
  /** Where the transport's payload starts in the frame, its bytes on the wire, and TCP's flag bits (RFC 9293 §3.1). Absent: not known. */
  readonly payloadAt?: number;
  readonly payloadBytes?: number;
  readonly tcpFlags?: number;
  readonly note: '' | 'retransmission' | 'gap' | 'out-of-order';
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
export interface Comparison {
  readonly before: string;
  readonly after: string;
  readonly rows: readonly DifferenceRow[];
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
  readonly packets: number;
  readonly bytes: number;
  readonly calls: number;
  readonly transactions: number;
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
}

/**
 * Questions answered by the analysis worker (asked by the webview through the host, or by the host itself).
 * A stale generation is answered with an RpcError of code 'stale'; a question for a row that doesn't exist with 'not-found'.
 */
export interface AnalysisRequests {
  graph(
    q: Scope & { readonly maxServices: number; readonly focus?: ServiceId; readonly hops?: number; readonly hidden?: readonly ServiceId[] },
  ): Graph;
  services(q: Scope): readonly ServiceNode[];
  edges(q: Scope): readonly Edge[];
  subject(q: Scope & { readonly of: Subject }): SubjectDetails;
  histogram(q: Scope & { readonly of: Subject; readonly bins: number }): Histogram;
  heatmap(q: Scope & { readonly of: Subject; readonly columns: number; readonly rows: number }): Heatmap;
  timeline(q: Scope & { readonly buckets: number }): Timeline;
  transactions(
    q: Scope & Page & { readonly sort: TransactionSort; readonly descending: boolean; readonly entryService?: ServiceId },
  ): Paged<TransactionRow>;
  transaction(q: { readonly generation: number; readonly trace: TraceRow }): TransactionDetails;
  waterfall(q: {
    readonly generation: number;
    readonly trace: TraceRow;
    readonly firstRow: number;
    readonly rows: number;
    readonly collapsed: readonly CallRow[];
    readonly criticalOnly?: boolean;
    readonly measuredOnly?: boolean;
    /** Ask for `overview` with so many columns. */
    readonly overviewColumns?: number;
  }): WaterfallSlice;
  /** Rows in waterfall order that satisfy a test, to step through. */
  waterfallFind(q: {
    readonly generation: number;
    readonly trace: TraceRow;
    readonly what: 'error' | 'uncertain';
    readonly afterCall: CallRow;
  }): CallRow;
  call(q: { readonly generation: number; readonly call: CallRow }): CallDetails;
  packets(q: { readonly generation: number; readonly call: CallRow }): readonly PacketRef[];
  bytes(q: { readonly generation: number; readonly capture: number; readonly fileOffset: number; readonly length: number }): Uint8Array;
  quality(q: { readonly generation: number }): Quality;
  patterns(q: Scope & Page): Paged<PatternRow>;
  filterCheck(q: Scope): FilterCheck;
  complete(q: { readonly generation: number; readonly text: string; readonly caret: number }): readonly Completion[];
  presets(q: Scope): readonly Preset[];
  differences(q: Scope & { readonly of: Subject; readonly bandNs: readonly [Ns, Ns] }): readonly FieldDifference[];
  /** Finds rows again after a restart or a new generation. -1: gone. */
  find(q: { readonly generation: number; readonly trace?: StableId; readonly call?: StableId; readonly service?: string }): {
    readonly trace: TraceRow;
    readonly call: CallRow;
    readonly service: ServiceId;
  };
}
/** Questions of the webview that the host answers itself. */
export interface HostRequests {
  hello(q: { readonly protocol: number }): {
    readonly snapshot: Snapshot;
    readonly settings: ViewSettings;
    readonly strings: Readonly<Record<string, string>>;
    readonly state: ViewState | null;
  };
  compare(q: { readonly generation: number; readonly with: string }): Comparison;
  captures(q: Record<string, never>): readonly { readonly uri: string; readonly name: string }[];
}
export type Requests = AnalysisRequests & HostRequests;

/** What a panel restores after a restart: kept by URI in the workspace, small. */
export interface ViewState {
  readonly view: ViewKind;
  readonly service?: string;
  readonly edge?: readonly [string, string];
  readonly trace?: StableId;
  readonly call?: StableId;
  readonly filter?: string;
  readonly range?: TimeRange;
  readonly tenant?: string;
  readonly sort?: TransactionSort;
  readonly descending?: boolean;
  readonly tab?: string;
  readonly measuredOnly?: boolean;
}
export type ViewKind = 'graph' | 'service' | 'transactions' | 'waterfall' | 'patterns' | 'packets' | 'compare' | 'quality';

/** Commands a webview may ask the host to run: a closed list, checked again in the host. */
export const WEBVIEW_COMMANDS = [
  'tracenest.runAgain',
  'tracenest.cancel',
  'tracenest.showLog',
  'tracenest.nameService',
  'tracenest.export',
  'tracenest.openCapture',
  'tracenest.openSample',
  'tracenest.compare',
  'tracenest.selectTenant',
  'tracenest.pause',
  'tracenest.resume',
  'tracenest.savePackets',
] as const;
export type WebviewCommand = (typeof WEBVIEW_COMMANDS)[number];

/** One-way, webview to host. */
export interface Actions {
  state(v: ViewState): void;
  runCommand(v: { readonly command: WebviewCommand; readonly args?: { readonly service?: string; readonly trace?: StableId } }): void;
  copy(v: { readonly text: string }): void;
  /** What is selected now, for tree views and the status bar. */
  selected(v: { readonly service?: ServiceId; readonly trace?: TraceRow; readonly call?: CallRow }): void;
  saveFile(v: { readonly name: string; readonly content: string }): void;
  /** Shown in the log channel only. */
  log(v: { readonly level: 'info' | 'warn' | 'error'; readonly text: string }): void;
}
/** One-way, host to webview. */
export interface Events {
  snapshot(v: Snapshot): void;
  settings(v: ViewSettings): void;
  reveal(v: {
    readonly view: ViewKind;
    readonly service?: ServiceId;
    readonly edge?: EdgeId;
    readonly trace?: TraceRow;
    readonly call?: CallRow;
    readonly tab?: string;
    readonly filter?: string;
    readonly sort?: TransactionSort;
  }): void;
}
/** One-way, worker to host. */
export interface WorkerEvents {
  snapshot(v: Snapshot): void;
  log(v: { readonly level: 'info' | 'warn' | 'error'; readonly text: string }): void;
}

/** Where an analysis takes its packets or results from. */
export type SourceSpec =
  /** Capture files read in place (any number of them is one timeline). */
  | { readonly kind: 'file'; readonly path: string; readonly name: string }
  /** A capture from a file system the worker can't reach, read whole by the host. */
  | { readonly kind: 'bytes'; readonly name: string; readonly bytes: Uint8Array }
  /** Standard input of the process (command line only). */
  | { readonly kind: 'stdin'; readonly name: string }
  /** A Kafka topic, read without a consumer group. */
  | {
      readonly kind: 'kafka';
      readonly name: string;
      readonly connection: Readonly<Record<string, unknown>>;
      readonly topic: string;
      /** One of TOPIC_FORMATS in sources/kafka. */
      readonly format: string;
      /** "live", "earliest", "-10m", or a time. */
      readonly from: string;
      /** Length of the window, s (default 60). */
      readonly windowS?: number;
      /** From a secret store; never kept. */
      readonly password?: string;
    }
  /** An interval of a trace store. */
  | {
      readonly kind: 'store';
      readonly name: string;
      readonly url: string;
      readonly fromNs: string;
      readonly toNs: string;
      /** Left out: all tenants. */
      readonly tenant?: string;
    }
  /** An analysis-result file (docs/analysis-result.md). */
  | { readonly kind: 'result'; readonly name: string; readonly path: string };
export interface AnalysisOptions {
  /** Name of a nesting algorithm; see engine/nesting. */
  readonly algorithm: string;
  readonly ignoreTraceIds: boolean;
  /** Header names (lower case) never used as evidence. */
  readonly ignoreHeaders: readonly string[];
  readonly maxMemoryMb: number;
  readonly minConfidence: number;
  /** "address" or "address:port" -> name, from names files. */
  readonly names: Readonly<Record<string, string>>;
  /** The same from the user, stronger than any other source of names. */
  readonly renames?: Readonly<Record<string, string>>;
}
export const DEFAULT_ANALYSIS_OPTIONS: AnalysisOptions = {
  algorithm: 'default',
  ignoreTraceIds: false,
  ignoreHeaders: [],
  maxMemoryMb: 2048,
  minConfidence: 0.5,
  names: {},
};
export const EXPORT_FORMATS = ['otlp', 'zipkin', 'chrome', 'dot', 'gexf', 'graphml', 'csv', 'parquet', 'markdown', 'calls'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
/** Everything the worker answers. */
export interface WorkerRequests extends AnalysisRequests {
  /** Starts (or restarts) the analysis; progress and results come as snapshots. Resolves when the final snapshot was sent. */
  analyse(q: { readonly sources: readonly SourceSpec[]; readonly options: AnalysisOptions }): void;
  cancel(q: Record<string, never>): void;
  /** Live analyses only. `from`: see SourceSpec. */
  live(q: { readonly do: 'pause' | 'resume' | 'rewind'; readonly from?: string }): void;
  /** The packets of the live window as a capture file, in chunks. */
  freeze(q: Record<string, never>): readonly Uint8Array[];
  /** Latencies by edge, to compare another capture with. */
  edgeSamples(q: { readonly generation: number }): readonly LatencySample[];
  /** This capture as "after", compared with such latencies of another as "before". */
  compareWith(q: { readonly generation: number; readonly before: readonly LatencySample[] }): readonly DifferenceRow[];
  /** The export as chunks of UTF-8 (or binary) bytes. */
  exportAs(q: Scope & { readonly format: ExportFormat }): readonly Uint8Array[];
}
