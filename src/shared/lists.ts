/** What views list and draw: scopes, services, edges, charts, transactions, waterfalls. Types and constants only. */
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
/** Which services belong together, and on which ways through them transactions spend their time. */
export interface Structure {
  /** Services that call one another more than others (Louvain method over calls); every service is in one, the largest group first. */
  readonly groups: readonly (readonly ServiceId[])[];
  /** The heaviest first; `services` from the caller of the entry call inwards, along the critical path. `totalNs`: durations together. */
  readonly paths: readonly { readonly services: readonly ServiceId[]; readonly transactions: number; readonly totalNs: Ns }[];
  /** Durations of all transactions together. */
  readonly totalNs: Ns;
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
export interface ObservedEndpoint extends EndpointRow {
  readonly service: ServiceId;
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
  /** Share of transactions with the same entry that are faster, 0..1; null: the root's duration was not measured. */
  readonly slowerThan: number | null;
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
