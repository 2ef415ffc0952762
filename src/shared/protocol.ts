/**
 * The only file that names a message between the webview, the extension host and the analysis worker.
 * Types and constants only. Everything is structured-clone safe; typed arrays are copies, never views of pools.
 */
import type {
  CallDetails,
  Comparison,
  Completion,
  DifferenceRow,
  FieldDifference,
  FilterCheck,
  LatencySample,
  PacketRef,
  PatternRow,
  Preset,
  Quality,
  Snapshot,
  ViewSettings,
} from './details.ts';
import type {
  CallRow,
  Edge,
  EdgeId,
  Graph,
  Heatmap,
  Histogram,
  Ns,
  ObservedEndpoint,
  Page,
  Paged,
  Scope,
  ServiceId,
  ServiceNode,
  StableId,
  Structure,
  Subject,
  SubjectDetails,
  Timeline,
  TimeRange,
  TraceRow,
  TransactionDetails,
  TransactionRow,
  TransactionSort,
  WaterfallSlice,
} from './lists.ts';
import type { AnalysisOptions, ExportFormat, SourceSpec } from './sources.ts';

export * from './details.ts';
export * from './lists.ts';
export * from './sources.ts';

export const PROTOCOL_VERSION = 1;

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
  structure(q: Scope): Structure;
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
    /** Width of the side panel; 0: never changed. */
    readonly panelPx: number;
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
export type PictureKind = 'svg' | 'png';
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
  saveFile(v: { readonly name: string; readonly content: string | Uint8Array }): void;
  /** Width the user gave the side panel: the next page has the same. */
  panelWidth(v: { readonly px: number }): void;
  /** Shown in the log channel only. */
  log(v: { readonly level: 'info' | 'warn' | 'error'; readonly text: string }): void;
}
/** What a command does in the view it is about, which is shown first. Acts with a switch take it back the second time. */
export type PageAct =
  | { readonly act: 'focus' | 'hide'; readonly service: ServiceId }
  | { readonly act: 'resetGraph' | 'asTable' | 'criticalOnly' | 'keys' }
  /** URI of the capture that is taken as before. */
  | { readonly act: 'compareWith'; readonly uri: string };

/** One-way, host to webview. */
export interface Events {
  snapshot(v: Snapshot): void;
  settings(v: ViewSettings): void;
  /** Shows the call graph and saves it as a picture. */
  savePicture(v: { readonly as: PictureKind }): void;
  act(v: PageAct): void;
  reveal(v: {
    readonly view: ViewKind;
    readonly service?: ServiceId;
    readonly edge?: EdgeId;
    readonly trace?: TraceRow;
    readonly call?: CallRow;
    readonly tab?: string;
    readonly filter?: string;
    readonly sort?: TransactionSort;
    readonly descending?: boolean;
    /** null: the whole time. */
    readonly range?: TimeRange | null;
    readonly tenant?: string;
    readonly measuredOnly?: boolean;
  }): void;
}
/** One-way, worker to host. */
export interface WorkerEvents {
  snapshot(v: Snapshot): void;
  log(v: { readonly level: 'info' | 'warn' | 'error'; readonly text: string }): void;
}

/** Everything the worker answers. */
export interface WorkerRequests extends AnalysisRequests {
  /** Starts (or restarts) the analysis; progress and results come as snapshots. Resolves when the final snapshot was sent. */
  analyse(q: { readonly sources: readonly SourceSpec[]; readonly options: AnalysisOptions }): void;
  cancel(q: Record<string, never>): void;
  /** Live analyses only. `from`: see SourceSpec. */
  live(q: { readonly do: 'pause' | 'resume' | 'rewind'; readonly from?: string }): void;
  /** Topics of a broker, to choose from. */
  topics(q: { readonly connection: Readonly<Record<string, unknown>>; readonly password: string }): readonly string[];
  /** What a trace store holds, to choose from. Times: ns since 1970, decimal; `interval` is null when it is empty. */
  storeContents(q: { readonly url: string; readonly secret?: string }): {
    readonly spans: number;
    readonly interval: { readonly fromNs: string; readonly toNs: string } | null;
    readonly tenants: readonly string[];
  };
  /** The packets of the live window as a capture file, in chunks. */
  freeze(q: Record<string, never>): readonly Uint8Array[];
  /** Latencies by edge, to compare another capture with. */
  edgeSamples(q: { readonly generation: number }): readonly LatencySample[];
  /** Endpoints of all services, busiest first. */
  endpoints(q: Scope): readonly ObservedEndpoint[];
  /** Latencies by edge, then (with `from` '') by service over all callers: what limits are checked against. */
  limitSamples(q: { readonly generation: number }): readonly LatencySample[];
  /** This capture as "after", compared with such latencies of another as "before". */
  compareWith(q: { readonly generation: number; readonly before: readonly LatencySample[] }): readonly DifferenceRow[];
  /** All packets of a transaction as a pcapng file, in chunks. */
  packetsFile(q: { readonly generation: number; readonly trace: TraceRow }): readonly Uint8Array[];
  /** The export as chunks of UTF-8 (or binary) bytes. */
  exportAs(q: Scope & { readonly format: ExportFormat; readonly redact?: boolean }): readonly Uint8Array[];
}
