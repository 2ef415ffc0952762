/** What is analysed, and how. Types and constants only. */

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
      /** For an InfluxDB: a token, or user:password. */
      readonly secret?: string;
    }
  /** An analysis-result file (docs/analysis-result.md). */
  | { readonly kind: 'result'; readonly name: string; readonly path: string };
export interface AnalysisOptions {
  /** Name of a nesting algorithm; see engine/nesting. */
  readonly algorithm: string;
  readonly ignoreTraceIds: boolean;
  /** Values of requests that reappear in calls are not used as evidence. */
  readonly ignoreValues?: boolean;
  /** Those of headers and bodies aren't even looked at. */
  readonly ignoreContents?: boolean;
  /** Habits of connections are not used as evidence. */
  readonly ignoreConnections?: boolean;
  /** Header names (lower case) never used as evidence. */
  readonly ignoreHeaders: readonly string[];
  readonly maxMemoryMb: number;
  /** Path of a TLS key log (SSLKEYLOGFILE); those inside captures are used in any case. */
  readonly keyLog?: string;
  readonly minConfidence: number;
  /** "address" or "address:port" -> name, from names files. */
  readonly names: Readonly<Record<string, string>>;
  /** The same from the user, stronger than any other source of names. */
  readonly renames?: Readonly<Record<string, string>>;
  /** False: DNS answers, or Host headers, name nothing. */
  readonly useDns?: boolean;
  readonly useHostHeader?: boolean;
  /** A model learned before, used instead of learning (engine/nesting/learned.ts). */
  readonly model?: unknown;
  /** Keep what the calls teach. */
  readonly keepModel?: boolean;
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
